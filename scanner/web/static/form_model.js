// A form as the server sends it, and what is done to it: fields and tables are moved, resized, added and deleted.
// All places are whole pixels of the reference.

export const KINDS = [
  ["number", "number"],
  ["decimal", "decimal number"],
  ["comb", "comb, digits in cells"],
  ["tick", "tick"],
  ["text_image", "picture, not read"],
];
const NUMERIC = ["number", "decimal", "comb"];
const MAX_CELLS = 100;
const MAX_ROWS = 20000;
const MIN_SIDE = 4; // of a box that is drawn or resized, so that it can be seen and grasped

export const isNumeric = (kind) => NUMERIC.includes(kind);
const clamp = (value, least, most) => Math.max(least, Math.min(value, most));
const rounded = (numerator, denominator) => Math.floor((2 * numerator + denominator) / (2 * denominator));

// Left edges of the columns of a table, and the right edge of the last one, as the program places them.
export function columnEdges(table) {
  const [x, , width] = table.box;
  const sharing = table.columns.filter((column) => column.width === undefined).length;
  const given = table.columns.reduce((sum, column) => sum + (column.width ?? 0), 0);
  const edges = [x];
  let fixed = 0;
  let shares = 0;
  for (const column of table.columns) {
    if (column.width === undefined) {
      shares += 1;
    } else {
      fixed += column.width;
    }
    edges.push(x + fixed + (sharing ? rounded((width - given) * shares, sharing) : 0));
  }
  return edges;
}

// Upper edges of the rows, and the lower edge of the last one.
export function rowEdges(table) {
  const [, y, , height] = table.box;
  if (table.row_heights.length > 0) {
    const edges = [y];
    for (const each of table.row_heights) {
      edges.push(edges.at(-1) + each);
    }
    return edges;
  }
  return Array.from({ length: table.rows + 1 }, (_, row) => y + rounded(height * row, table.rows));
}

// The fields of a table: name, box and column of each.
export function cellsOf(table) {
  const [lefts, tops] = [columnEdges(table), rowEdges(table)];
  const cells = [];
  for (let row = 0; row + 1 < tops.length; row += 1) {
    for (const [index, column] of table.columns.entries()) {
      cells.push({
        name: `${table.name}.${row + 1}.${column.name}`,
        box: [lefts[index], tops[row], lefts[index + 1] - lefts[index], tops[row + 1] - tops[row]],
        column,
      });
    }
  }
  return cells;
}

// A box of at least the least size that lies within a page of this size.
export function withinPage([x, y, width, height], [pageWidth, pageHeight]) {
  const [w, h] = [clamp(Math.round(width), MIN_SIDE, pageWidth), clamp(Math.round(height), MIN_SIDE, pageHeight)];
  return [clamp(Math.round(x), 0, pageWidth - w), clamp(Math.round(y), 0, pageHeight - h), w, h];
}

// The box with a side or a corner moved, held at the others: handle is one or two of the letters n, s, w, e.
export function draggedBox([x, y, width, height], handle, dx, dy, [pageWidth, pageHeight]) {
  let [left, top, right, bottom] = [x, y, x + width, y + height];
  if (handle.includes("w")) {
    left = clamp(Math.round(left + dx), 0, right - MIN_SIDE);
  }
  if (handle.includes("e")) {
    right = clamp(Math.round(right + dx), left + MIN_SIDE, pageWidth);
  }
  if (handle.includes("n")) {
    top = clamp(Math.round(top + dy), 0, bottom - MIN_SIDE);
  }
  if (handle.includes("s")) {
    bottom = clamp(Math.round(bottom + dy), top + MIN_SIDE, pageHeight);
  }
  return [left, top, right - left, bottom - top];
}

// Whole parts of a total, each at least 1, in the proportions of those given.
function scaledParts(parts, total) {
  const sum = parts.reduce((a, b) => a + b, 0);
  let [before, done] = [0, 0];
  return parts.map((part, index) => {
    before += part;
    const end = clamp(rounded(total * before, sum), done + 1, total - (parts.length - 1 - index));
    const size = end - done;
    done = end;
    return size;
  });
}

// Give an entry a box; the columns and rows of a table keep their proportions.
export function setBox(entry, box) {
  const [, , width, height] = entry.box;
  if (entry.columns && box[2] !== width && entry.columns.some((column) => column.width !== undefined)) {
    const edges = columnEdges(entry);
    setWidths(entry, scaledParts(edges.slice(1).map((edge, index) => Math.max(1, edge - edges[index])), box[2]));
  }
  if (entry.columns && box[3] !== height && entry.row_heights.length > 0) {
    entry.row_heights = scaledParts(entry.row_heights, box[3]);
  }
  entry.box = box;
}

// Widths of all columns; that of the last one follows from the box.
function setWidths(table, widths) {
  for (const [index, column] of table.columns.entries()) {
    column.width = widths[index];
  }
  delete table.columns.at(-1).width;
}

// Move the edge between two columns, or two rows, of a table as far as there is room.
export function setColumnEdge(table, index, x) {
  const edges = columnEdges(table);
  edges[index] = clamp(Math.round(x), edges[index - 1] + 1, edges[index + 1] - 1);
  setWidths(table, edges.slice(1).map((edge, i) => edge - edges[i]));
}

export function setRowEdge(table, index, y) {
  const edges = rowEdges(table);
  edges[index] = clamp(Math.round(y), edges[index - 1] + 1, edges[index + 1] - 1);
  table.row_heights = edges.slice(1).map((edge, i) => edge - edges[i]);
}

export function setRows(table, rows) {
  table.rows = clamp(Math.round(rows) || 1, 1, MAX_ROWS);
  table.row_heights = [];
}

// Names of fields and tables; a column has them among the columns of its table.
export function freeName(base, names) {
  const taken = new Set(names.map((name) => name.toLowerCase()));
  const [, stem, digits] = /^(.*?)(\d*)$/u.exec(base);
  for (let number = digits ? Number(digits) : 1; ; number += 1) {
    const name = `${stem}${String(number).padStart(digits.length, "0")}`;
    if (!taken.has(name.toLowerCase())) {
      return name;
    }
  }
}

const namesOf = (form) => [...form.field, ...form.table].map((entry) => entry.name);

const emptyContent = (kind) => ({ kind, blank_marks: [], required: false });

export function addField(form, box) {
  form.field.push({ name: freeName("field_1", namesOf(form)), box, ...emptyContent("number") });
  return { kind: "field", index: form.field.length - 1 };
}

// A table of this many rows and columns, all alike.
export function addTable(form, box, rows = 3, columns = 2) {
  form.table.push({
    name: freeName("table_1", namesOf(form)),
    box,
    columns: Array.from({ length: columns }, (_, i) => ({ name: `c${i + 1}`, ...emptyContent("number") })),
    rows: Math.min(rows, box[3]),
    row_heights: [],
  });
  return { kind: "table", index: form.table.length - 1, column: 0 };
}

// A copy below the original, or above it if there is no room.
export function copyEntry(form, selection, [pageWidth, pageHeight]) {
  const entries = form[selection.kind];
  const copy = structuredClone(entries[selection.index]);
  copy.name = freeName(copy.name, namesOf(form));
  const [x, y, width, height] = copy.box;
  const below = y + height;
  copy.box = withinPage([x, below + height <= pageHeight ? below : y - height, width, height], [pageWidth, pageHeight]);
  entries.splice(selection.index + 1, 0, copy);
  return { ...selection, index: selection.index + 1 };
}

// Change the place of an item among the others by one.
function swap(items, index, by) {
  [items[index], items[index + by]] = [items[index + by], items[index]];
}

export function reorderEntry(form, selection, by) {
  const entries = form[selection.kind];
  if (entries[selection.index + by] === undefined) {
    return selection;
  }
  swap(entries, selection.index, by);
  return { ...selection, index: selection.index + by };
}

// Another column beside one, with half of its room.
export function addColumn(table, index) {
  const edges = columnEdges(table);
  const widths = edges.slice(1).map((edge, i) => edge - edges[i]);
  if (widths[index] < 2) {
    return index;
  }
  const half = Math.floor(widths[index] / 2);
  widths.splice(index, 1, widths[index] - half, half);
  const name = freeName(table.columns[index].name, table.columns.map((column) => column.name));
  table.columns.splice(index + 1, 0, { ...structuredClone(table.columns[index]), name });
  setWidths(table, widths);
  return index + 1;
}

export function removeColumn(table, index) {
  const edges = columnEdges(table);
  edges.splice(index === 0 ? 1 : index, 1);
  table.columns.splice(index, 1);
  setWidths(table, edges.slice(1).map((edge, i) => edge - edges[i]));
  return Math.max(0, index - 1);
}

// Columns change places with their widths.
export function reorderColumn(table, index, by) {
  if (table.columns[index + by] === undefined) {
    return index;
  }
  const edges = columnEdges(table);
  const widths = edges.slice(1).map((edge, i) => edge - edges[i]);
  swap(table.columns, index, by);
  swap(widths, index, by);
  setWidths(table, widths);
  return index + by;
}

// Change what is written in a field or column; what the new kind does not have is left out.
export function setKind(content, kind, [, , width, height]) {
  content.kind = kind;
  if (kind === "comb") {
    content.cells ??= clamp(Math.round((1.3 * width) / height), 1, MAX_CELLS);
  } else {
    delete content.cells;
  }
  if (!isNumeric(kind)) {
    content.blank_marks = [];
    delete content.min;
    delete content.max;
  }
}

// The form as the server takes it: rules are lines there, and one text here.
export function forServer(form) {
  return { ...form, rules: ruleLines(form).map(({ text }) => text) };
}

// Rules with the number of their line, from 0; lines without text are none.
export function ruleLines(form) {
  return form.rules
    .split("\n")
    .map((text, line) => ({ text: text.trim(), line }))
    .filter(({ text }) => text);
}
