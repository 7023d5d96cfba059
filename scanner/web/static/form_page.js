// The page with the boxes of its fields: drawn, chosen, moved and resized by mouse, pen, touch and keys, and zoomed.

import { cellsOf, columnEdges, draggedBox, rowEdges, withinPage } from "./form_model.js";

const HANDLES = ["nw", "n", "ne", "e", "se", "s", "sw", "w"];
const HANDLE_ROOM = 44; // least side of a box on the screen that has handles in the middle of its sides, too
const DRAG_START = { mouse: 3, pen: 5, touch: 8 }; // pixels on the screen before a press becomes a drag
const ZOOM_STEP = 1.25;
const MIN_ZOOM = 0.05;
const MAX_ZOOM = 8;
const CELL_LABEL_SHARE = 0.4; // of what is read in a field of a table, of its height
const MAX_LABEL_HEIGHT = 15; // of the text in a box, pixels on the screen
const MIN_LABEL_HEIGHT = 8;
const TAG_HEIGHT = 14; // of names, pixels of the reference, as far as that is legible
const MAX_TAG_HEIGHT = 12;
const TAG_ROOM = 90; // least width of a box on the screen above which there is room for name and reading
const RIGHT_SHARE = 0.8; // of the page, from which tags end where their boxes do
const KEY_STEP = 10; // pixels with Ctrl
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

const clamp = (value, least, most) => Math.max(least, Math.min(value, most));
const sameEntry = (a, b) => a !== null && b !== null && a.kind === b.kind && a.index === b.index;

// listeners: select(selection), begin(), drag(change), end(), draw(kind, box), remove(), tool(name), zoom(factor)
export class FormPage {
  constructor(view, sheet, boxes, size, listeners) {
    Object.assign(this, { view, sheet, boxes, size, listeners });
    this.tool = "select";
    this.zoom = 1;
    this.elements = new Map();
    this.pointers = new Map();
    this.gesture = null;
    this.form = null;
    this.selection = null;
    for (const [type, handler] of [
      ["pointerdown", this.pressed],
      ["pointermove", this.moved],
      ["pointerup", this.released],
      ["pointercancel", this.cancelled],
      ["keydown", this.keyed],
      ["focusin", this.focused],
    ]) {
      view.addEventListener(type, handler.bind(this));
    }
    view.addEventListener("wheel", this.wheeled.bind(this), { passive: false });
  }

  // Drawing

  // Show a form; labels of fields by name, mistaken: keys "field:3" of entries with mistakes.
  show(form, selection, labels, mistaken) {
    Object.assign(this, { form, selection, labels, mistaken });
    const keep = new Set();
    for (const kind of ["field", "table"]) {
      for (const index of form[kind].keys()) {
        const key = `${kind}:${index}`;
        keep.add(key);
        this.showEntry(key, { kind, index });
      }
    }
    for (const [key, element] of this.elements) {
      if (!keep.has(key)) {
        element.remove();
        this.elements.delete(key);
      }
    }
    this.sizeLabels();
  }

  showEntry(key, place) {
    const entry = this.form[place.kind][place.index];
    let element = this.elements.get(key);
    if (!element) {
      element = document.createElement("div");
      element.dataset.kind = place.kind;
      element.dataset.index = String(place.index);
      element.tabIndex = 0;
      element.setAttribute("role", "button");
      this.boxes.append(element);
      this.elements.set(key, element);
    }
    const isChosen = sameEntry(place, this.selection);
    const content = entry.columns ? "table" : entry.kind;
    element.className = `box kind-${content}${isChosen ? " chosen" : ""}${this.mistaken.has(key) ? " mistaken" : ""}`;
    element.setAttribute("aria-pressed", String(isChosen));
    element.setAttribute("aria-label", this.description(entry));
    this.place(element, entry.box, [0, 0, ...this.size]);
    const children = entry.columns ? this.tableParts(entry, isChosen) : this.fieldParts(entry);
    children.push(...this.tags(entry));
    if (isChosen) {
      children.push(...this.handles(entry.box));
    }
    element.replaceChildren(...children);
  }

  description(entry) {
    if (entry.columns) {
      return `Table ${entry.name}, ${entry.rows} rows, ${entry.columns.length} columns`;
    }
    const label = this.labels[entry.name];
    return `Field ${entry.name}, ${entry.kind}${label ? `, read: ${label.text || label.level}` : ""}`;
  }

  fieldParts(entry) {
    const parts = [];
    for (let cell = 1; cell < (entry.cells ?? 1); cell += 1) {
      parts.push(this.line("column", cell / entry.cells));
    }
    return parts;
  }

  // The name above the box, so that what is written in it is seen, and what is read beside that, or below.
  tags(entry) {
    const [x, , width] = entry.box;
    const isRight = x + width / 2 > RIGHT_SHARE * this.size[0];
    const isNarrow = width * this.zoom < TAG_ROOM;
    const above = named("span", `tag${isRight ? " right" : ""}${isNarrow ? " narrow" : ""}`);
    above.append(named("span", "name", entry.name));
    const reading = entry.columns ? undefined : this.labels[entry.name];
    if (!reading) {
      return [above];
    }
    const beside = isNarrow ? named("span", `tag below${isRight ? " right" : ""}`) : above;
    beside.append(...this.reading(reading, isNarrow ? "–" : "empty"));
    return [above, beside];
  }

  tableParts(table, isChosen) {
    const [x, y, width, height] = table.box;
    const [lefts, tops] = [columnEdges(table), rowEdges(table)];
    const parts = [];
    for (const [index, edge] of lefts.slice(1, -1).entries()) {
      parts.push(this.line("column", (edge - x) / width, isChosen ? index + 1 : 0));
    }
    for (const [index, edge] of tops.slice(1, -1).entries()) {
      parts.push(this.line("row", (edge - y) / height, isChosen ? index + 1 : 0));
    }
    for (const [index, column] of table.columns.entries()) {
      const name = named("span", "name column-name", column.name);
      name.style.left = `${(100 * (lefts[index] - x)) / width}%`;
      name.style.maxWidth = `${(100 * (lefts[index + 1] - lefts[index])) / width}%`;
      parts.push(name);
    }
    if (isChosen) {
      const column = this.selection.column ?? 0;
      const mark = named("span", "column-mark");
      this.place(mark, [lefts[column], y, (lefts[column + 1] ?? x + width) - lefts[column], height], table.box);
      parts.unshift(mark);
    }
    for (const cell of Object.keys(this.labels).length > 0 ? cellsOf(table) : []) {
      parts.push(...this.label(cell.name, cell.box, table.box));
    }
    return parts;
  }

  // A line between cells; with an edge's number it can be dragged.
  line(direction, share, edge = 0) {
    const line = named("span", `line ${direction}${edge ? " edge" : ""}`);
    line.style[direction === "column" ? "left" : "top"] = `${100 * share}%`;
    if (edge) {
      line.dataset.edge = `${direction}:${edge}`;
    }
    return line;
  }

  // What is read in a field of a table, inside of it.
  label(name, box, within) {
    const reading = this.labels[name];
    if (!reading) {
      return [];
    }
    const place = named("span", "cell");
    this.place(place, box, within);
    place.dataset.height = String(box[3]);
    place.append(...this.reading(reading, "–"));
    return [place];
  }

  // The label of what is read, with a word for nothing.
  reading({ level, text, review, kind }, nothing) {
    if (kind === "picture" && !review) {
      return [];
    }
    const isEmpty = level === "blank" && !text;
    return [named("span", `reading ${level}`, isEmpty ? nothing : `${text}${review ? "?" : ""}`)];
  }

  handles([, , width, height]) {
    const isWide = width * this.zoom >= HANDLE_ROOM;
    const isHigh = height * this.zoom >= HANDLE_ROOM;
    const shown = HANDLES.filter((each) => each.length > 1 || (/[ns]/.test(each) ? isWide : isHigh));
    return shown.map((each) => {
      const handle = named("span", `handle ${each}`);
      handle.dataset.handle = each;
      return handle;
    });
  }

  place(element, [x, y, width, height], [left, top, wide, high]) {
    element.style.left = `${(100 * (x - left)) / wide}%`;
    element.style.top = `${(100 * (y - top)) / high}%`;
    element.style.width = `${(100 * width) / wide}%`;
    element.style.height = `${(100 * height) / high}%`;
  }

  sizeLabels() {
    this.boxes.style.fontSize = `${clamp(TAG_HEIGHT * this.zoom, MIN_LABEL_HEIGHT, MAX_TAG_HEIGHT)}px`;
    for (const cell of this.boxes.querySelectorAll(".cell")) {
      const height = clamp(CELL_LABEL_SHARE * Number(cell.dataset.height) * this.zoom, MIN_LABEL_HEIGHT, MAX_LABEL_HEIGHT);
      cell.style.fontSize = `${height}px`;
    }
  }

  setTool(tool) {
    this.tool = tool;
    this.view.classList.toggle("drawing", tool !== "select");
    this.listeners.tool(tool);
  }

  // The element of an entry, for the focus.
  element(selection) {
    return this.elements.get(`${selection.kind}:${selection.index}`);
  }

  // Scroll so that a box is seen.
  reveal([x, y, width, height]) {
    const { view, zoom } = this;
    const origin = this.origin();
    const seen = (start, length, room, scroll) => {
      const [from, to] = [start * zoom, (start + length) * zoom];
      return from >= scroll && to <= scroll + room ? scroll : (from + to - room) / 2;
    };
    view.scrollLeft = seen(x, width, view.clientWidth, view.scrollLeft - origin[0]) + origin[0];
    view.scrollTop = seen(y, height, view.clientHeight, view.scrollTop - origin[1]) + origin[1];
  }

  // Where the sheet begins in what is scrolled.
  origin() {
    return [this.sheet.offsetLeft, this.sheet.offsetTop];
  }

  // A box in the middle of what is seen, for who draws with keys.
  middleBox(widthShare, heightShare) {
    const { view, zoom } = this;
    const [left, top] = this.origin();
    const seen = [view.clientWidth / zoom, view.clientHeight / zoom];
    const [width, height] = [Math.min(seen[0], this.size[0]) * widthShare, Math.min(seen[1], this.size[1]) * heightShare];
    const x = (view.scrollLeft - left) / zoom + (seen[0] - width) / 2;
    const y = (view.scrollTop - top) / zoom + (seen[1] - height) / 2;
    return withinPage([x, y, width, height], this.size);
  }

  // Zoom

  fit() {
    const room = this.view.clientWidth - 2 * this.origin()[0];
    this.setZoom(room / this.size[0]);
  }

  zoomBy(factor) {
    const rectangle = this.view.getBoundingClientRect();
    this.setZoom(this.zoom * factor, [rectangle.x + rectangle.width / 2, rectangle.y + rectangle.height / 2]);
  }

  step(direction) {
    this.zoomBy(ZOOM_STEP ** direction);
  }

  // Zoom, and keep what is at a place of the screen there.
  setZoom(zoom, at = null) {
    const before = at ? this.toPage(at) : null;
    this.zoom = clamp(zoom, MIN_ZOOM, MAX_ZOOM);
    this.sheet.style.width = `${this.size[0] * this.zoom}px`;
    this.sheet.style.height = `${this.size[1] * this.zoom}px`;
    if (before) {
      const now = this.toPage(at);
      this.view.scrollLeft += (before[0] - now[0]) * this.zoom;
      this.view.scrollTop += (before[1] - now[1]) * this.zoom;
    }
    if (this.form) {
      this.show(this.form, this.selection, this.labels, this.mistaken);
    }
    this.listeners.zoom(this.zoom);
  }

  toPage([x, y]) {
    const rectangle = this.sheet.getBoundingClientRect();
    return [(x - rectangle.x) / this.zoom, (y - rectangle.y) / this.zoom];
  }

  wheeled(event) {
    if (!event.ctrlKey && !event.metaKey) {
      return; // it scrolls
    }
    event.preventDefault();
    this.setZoom(this.zoom * Math.exp(-clamp(event.deltaY, -100, 100) / 300), [event.clientX, event.clientY]);
  }

  // Pointers

  pressed(event) {
    if (event.button !== 0 || onScrollbar(event, this.view)) {
      return;
    }
    this.pointers.set(event.pointerId, [event.clientX, event.clientY]);
    this.view.setPointerCapture(event.pointerId);
    if (this.pointers.size === 2) {
      this.finish();
      this.gesture = { kind: "pinch", before: this.spread() };
    } else if (this.pointers.size === 1) {
      this.gesture = { ...this.gestureAt(event), id: event.pointerId, from: [event.clientX, event.clientY] };
      this.gesture.slack = DRAG_START[event.pointerType] ?? DRAG_START.mouse;
    }
  }

  // What a press begins.
  gestureAt(event) {
    const scroll = [this.view.scrollLeft, this.view.scrollTop];
    if (this.tool !== "select") {
      return { kind: "draw", start: this.toPage([event.clientX, event.clientY]) };
    }
    const element = event.target.closest(".box");
    const place = element ? { kind: element.dataset.kind, index: Number(element.dataset.index) } : null;
    const { handle, edge } = event.target.dataset;
    if (place && (handle || edge)) {
      return { kind: handle ? "resize" : "edge", handle, edge, box: this.boxOf(place), place };
    }
    if (!place) {
      return { kind: "pan", scroll, tap: null };
    }
    const tap = this.withColumn(place, this.toPage([event.clientX, event.clientY])[0]);
    // A finger scrolls the page wherever it is put down, unless it is on the box that is chosen.
    if (event.pointerType === "touch" && !sameEntry(place, this.selection)) {
      return { kind: "pan", scroll, tap };
    }
    this.listeners.select(tap, element);
    return { kind: "move", box: this.boxOf(place), place };
  }

  withColumn(place, x) {
    if (place.kind !== "table") {
      return place;
    }
    const edges = columnEdges(this.form.table[place.index]);
    const column = edges.findIndex((edge, index) => index > 0 && x < edge) - 1;
    return { ...place, column: column < 0 ? edges.length - 2 : column };
  }

  boxOf(place) {
    return this.form[place.kind][place.index].box;
  }

  spread() {
    const [a, b] = [...this.pointers.values()];
    return { length: Math.hypot(a[0] - b[0], a[1] - b[1]), middle: [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2] };
  }

  moved(event) {
    if (!this.pointers.has(event.pointerId) || !this.gesture) {
      return;
    }
    this.pointers.set(event.pointerId, [event.clientX, event.clientY]);
    const { gesture } = this;
    if (gesture.kind === "pinch") {
      this.pinched();
      return;
    }
    const [dx, dy] = [event.clientX - gesture.from[0], event.clientY - gesture.from[1]];
    if (!gesture.isDrag && Math.hypot(dx, dy) < gesture.slack) {
      return;
    }
    if (!gesture.isDrag) {
      gesture.isDrag = true;
      if (["move", "resize", "edge"].includes(gesture.kind)) {
        this.listeners.begin();
      }
    }
    this.dragged(gesture, dx, dy, event);
  }

  dragged(gesture, dx, dy, event) {
    const [x, y] = [dx / this.zoom, dy / this.zoom];
    switch (gesture.kind) {
      case "pan":
        this.view.scrollLeft = gesture.scroll[0] - dx;
        this.view.scrollTop = gesture.scroll[1] - dy;
        break;
      case "move": {
        const [left, top, width, height] = gesture.box;
        this.listeners.drag({ box: withinPage([left + x, top + y, width, height], this.size) });
        break;
      }
      case "resize":
        this.listeners.drag({ box: draggedBox(gesture.box, gesture.handle, x, y, this.size) });
        break;
      case "edge": {
        const [direction, index] = gesture.edge.split(":");
        const at = this.toPage([event.clientX, event.clientY]);
        this.listeners.drag({ direction, index: Number(index), at: direction === "column" ? at[0] : at[1] });
        break;
      }
      case "draw":
        this.showDraft(this.drawnBox(gesture, event));
        break;
    }
  }

  drawnBox(gesture, event) {
    const end = this.toPage([event.clientX, event.clientY]);
    const corner = (axis, choose) => clamp(choose(gesture.start[axis], end[axis]), 0, this.size[axis]);
    const [left, top] = [corner(0, Math.min), corner(1, Math.min)];
    return withinPage([left, top, corner(0, Math.max) - left, corner(1, Math.max) - top], this.size);
  }

  showDraft(box) {
    this.draft ??= this.boxes.appendChild(named("div", "box draft"));
    this.place(this.draft, box, [0, 0, ...this.size]);
  }

  pinched() {
    const now = this.spread();
    const { before } = this.gesture;
    this.view.scrollLeft -= now.middle[0] - before.middle[0];
    this.view.scrollTop -= now.middle[1] - before.middle[1];
    this.setZoom((this.zoom * now.length) / Math.max(before.length, 1), now.middle);
    this.gesture.before = now;
  }

  released(event) {
    const { gesture } = this;
    if (gesture && gesture.id === event.pointerId) {
      if (gesture.kind === "draw" && gesture.isDrag) {
        const { tool } = this;
        const box = this.drawnBox(gesture, event);
        this.setTool("select");
        this.finish();
        this.listeners.draw(tool, box);
      } else if (gesture.kind === "pan" && !gesture.isDrag) {
        this.listeners.select(gesture.tap, gesture.tap && this.element(gesture.tap));
      }
    }
    this.cancelled(event);
  }

  cancelled(event) {
    this.pointers.delete(event.pointerId);
    this.finish();
  }

  // End what is being dragged, as it is.
  finish() {
    if (this.gesture?.isDrag && ["move", "resize", "edge"].includes(this.gesture.kind)) {
      this.listeners.end();
    }
    this.draft?.remove();
    this.draft = null;
    this.gesture = null;
  }

  // Keys

  focused(event) {
    const element = event.target.closest(".box");
    const place = element && { kind: element.dataset.kind, index: Number(element.dataset.index) };
    if (place && !sameEntry(place, this.selection)) {
      this.listeners.select(this.withColumn(place, -1), null);
    }
  }

  keyed(event) {
    if (event.target.closest(".box") === null || this.selection === null || event.altKey) {
      return;
    }
    const arrow = ARROWS[event.key];
    if (arrow) {
      const step = event.ctrlKey || event.metaKey ? KEY_STEP : 1;
      this.listeners.nudge(arrow[0] * step, arrow[1] * step, event.shiftKey);
    } else if (event.key === "Delete" || event.key === "Backspace") {
      this.listeners.remove();
    } else if (event.key === "Enter") {
      this.listeners.edit();
    } else {
      return;
    }
    event.preventDefault();
  }
}

function named(tag, className, text = "") {
  const element = document.createElement(tag);
  element.className = className;
  element.textContent = text;
  return element;
}

// Whether a press is on a scrollbar of an element, and not on what it shows.
function onScrollbar(event, element) {
  const rectangle = element.getBoundingClientRect();
  return event.clientX >= rectangle.x + element.clientWidth || event.clientY >= rectangle.y + element.clientHeight;
}
