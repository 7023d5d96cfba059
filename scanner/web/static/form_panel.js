// The side panel: all that is known of the field, or table, that is chosen.

import {
  KINDS,
  addColumn,
  isNumeric,
  removeColumn,
  reorderColumn,
  setBox,
  setKind,
  setRows,
  withinPage,
} from "./form_model.js";

const SIDES = ["x", "y", "width", "height"];
const REVIEW_WORDS = { blank: "empty", unread: "could not be read" };

// listeners: change(mutate, key), select(selection), act(name)
export class EntryPanel {
  constructor(container, size, listeners) {
    Object.assign(this, { container, size, listeners });
    this.key = "";
    this.controls = [];
  }

  // Show an entry; what is being typed stays as it is.  mistakes: those of the entry, places without its own.
  show(form, selection, mistakes, readings) {
    const entry = selection && form[selection.kind][selection.index];
    const content = entry?.columns ? entry.columns[selection.column ?? 0] : entry;
    const key = entry ? [selection.kind, selection.index, selection.column, content.kind, entry.columns?.length].join() : "";
    Object.assign(this, { entry, content, selection });
    if (key !== this.key) {
      this.key = key;
      this.controls = [];
      this.container.replaceChildren(...(entry ? this.parts() : []));
    }
    if (!entry) {
      return;
    }
    for (const control of this.controls) {
      control.update(mistakes);
    }
    this.showReading(readings);
    for (const button of this.container.querySelectorAll("[data-column]")) {
      const index = Number(button.dataset.column);
      button.textContent = entry.columns[index].name || "(no name)";
    }
  }

  showReading(readings) {
    const reading = this.container.querySelector(".entry-reading");
    const found = this.entry.columns ? undefined : readings[this.entry.name];
    reading.hidden = !found;
    if (found) {
      const sure = found.level === "unread" ? "" : ` – ${Math.floor(found.confidence * 100 + 1e-9)}% sure`;
      const text = found.kind === "picture" ? "a picture, which is not read" : found.text || REVIEW_WORDS[found.level] || "";
      const review = found.review ? `; ${found.review}` : "";
      const suggested = found.suggested ? `; the rules suggest ${found.suggested}` : "";
      reading.textContent = `Read: ${text}${found.kind === "picture" ? "" : sure}${review}${suggested}`;
    }
  }

  // The index of the column that is chosen; null for a field.
  get column() {
    return this.entry.columns ? (this.selection.column ?? 0) : null;
  }

  parts() {
    const reading = element("p", { className: "entry-reading" });
    if (this.entry.columns) {
      return [reading, this.tableFields(), ...this.columnParts(), this.placeFields(), this.actions()];
    }
    return [reading, this.contentFields([]), this.placeFields(), this.actions()];
  }

  tableFields() {
    const list = grid();
    list.append(...this.textControl("Table", ["name"], () => this.entry, "name", "entry-name"));
    list.append(
      ...this.numberControl("Rows", ["rows"], () => this.entry.rows, (value) => setRows(this.entry, value), 1),
    );
    return list;
  }

  columnParts() {
    const names = element("div", { className: "columns" });
    names.setAttribute("role", "group");
    names.setAttribute("aria-label", "Columns");
    for (const index of this.entry.columns.keys()) {
      const button = this.button("", () => this.listeners.select({ ...this.selection, column: index }));
      button.dataset.column = String(index);
      button.setAttribute("aria-pressed", String(index === this.column));
      names.append(button);
    }
    const [last, only] = [this.entry.columns.length - 1, this.entry.columns.length === 1];
    const row = element("div", { className: "row" });
    row.append(
      this.columnButton("Add a column", addColumn),
      this.columnButton("Delete column", removeColumn, only),
      this.columnButton("←", (table, index) => reorderColumn(table, index, -1), this.column === 0, "Move the column left"),
      this.columnButton("→", (table, index) => reorderColumn(table, index, 1), this.column === last, "Move the column right"),
    );
    return [element("h3", { textContent: "Columns" }), names, this.contentFields(["columns", this.column]), row];
  }

  columnButton(text, act, isDisabled = false, label = "") {
    const button = this.button(text, () => {
      this.listeners.change(() => ({ ...this.selection, column: act(this.entry, this.column) }));
    });
    button.disabled = isDisabled;
    if (label) {
      button.title = label;
      button.setAttribute("aria-label", label);
    }
    return button;
  }

  // Name, kind and what may be written; the content is a field, or the column that is chosen.
  contentFields(path) {
    const list = grid();
    const content = () => this.content;
    const label = this.entry.columns ? "Column" : "Name";
    list.append(...this.textControl(label, [...path, "name"], content, "name", this.entry.columns ? "" : "entry-name"));
    list.append(...this.kindControl([...path, "kind"]));
    if (this.content.kind === "comb") {
      list.append(
        ...this.numberControl("Cells", [...path, "cells"], () => this.content.cells, (value) => {
          this.content.cells = value;
        }, 1),
      );
    }
    if (isNumeric(this.content.kind)) {
      list.append(...this.textControl("At least", [...path, "min"], content, "min", "", "decimal"));
      list.append(...this.textControl("At most", [...path, "max"], content, "max", "", "decimal"));
      list.append(...this.checks("Means nothing", [...path, "blank_marks"], [["x", "a cross"], ["-", "a dash"]]));
    }
    list.append(...this.requiredControl([...path, "required"]));
    return list;
  }

  kindControl(path) {
    const select = element("select");
    select.append(...KINDS.map(([kind, words]) => new Option(words, kind)));
    select.addEventListener("change", () => {
      this.listeners.change(() => setKind(this.content, select.value, this.contentBox()));
    });
    return this.labelled("Kind", path, select, () => {
      select.value = this.content.kind;
    });
  }

  // The room of a field of this content.
  contentBox() {
    const [x, y, width, height] = this.entry.box;
    return this.entry.columns ? [x, y, width / this.entry.columns.length, height / this.entry.rows] : this.entry.box;
  }

  requiredControl(path) {
    const box = element("input", { type: "checkbox" });
    box.addEventListener("change", () => {
      this.listeners.change(() => {
        this.content.required = box.checked;
      });
    });
    const label = element("label", { className: "check" });
    const words = this.content.kind === "tick" ? "has to be ticked" : "has to be filled in";
    label.append(box, ` ${words}`);
    return this.labelled("Required", path, label, () => {
      box.checked = this.content.required;
    });
  }

  checks(words, path, marks) {
    const group = element("div", { className: "checks" });
    group.setAttribute("role", "group");
    const boxes = marks.map(([mark, text]) => {
      const box = element("input", { type: "checkbox" });
      box.addEventListener("change", () => {
        this.listeners.change(() => {
          const others = this.content.blank_marks.filter((each) => each !== mark);
          this.content.blank_marks = box.checked ? [...others, mark] : others;
        });
      });
      const label = element("label", { className: "check" });
      label.append(box, ` ${text}`);
      group.append(label);
      return [mark, box];
    });
    return this.labelled(words, path, group, () => {
      for (const [mark, box] of boxes) {
        box.checked = this.content.blank_marks.includes(mark);
      }
    });
  }

  textControl(words, path, owner, name, id = "", inputMode = "text") {
    const input = element("input", { type: "text", id, inputMode, spellcheck: false, autocomplete: "off" });
    input.setAttribute("autocapitalize", "off");
    const isLimit = inputMode === "decimal";
    input.addEventListener("input", () => {
      const value = input.value.trim();
      this.listeners.change(() => {
        if (isLimit && !value) {
          delete owner()[name];
        } else {
          owner()[name] = value;
        }
      }, path.join());
    });
    return this.labelled(words, path, input, () => {
      if (document.activeElement !== input || (owner()[name] ?? "") !== input.value.trim()) {
        input.value = owner()[name] ?? "";
      }
    });
  }

  numberControl(words, path, get, set, min) {
    const input = this.numberInput(get, set, min, path.join());
    return this.labelled(words, path, input, input.update);
  }

  numberInput(get, set, min, key) {
    const input = element("input", { type: "number", min: String(min), step: "1" });
    input.addEventListener("input", () => {
      const value = input.valueAsNumber;
      if (Number.isFinite(value)) {
        this.listeners.change(() => set(Math.max(min, Math.round(value))), key);
      }
    });
    input.update = () => {
      if (document.activeElement !== input || input.validity.valid) {
        input.value = String(get());
      }
    };
    return input;
  }

  placeFields() {
    const details = element("details", { className: "place" });
    details.append(element("summary", { textContent: "Place in pixels" }));
    const list = grid();
    for (const [index, side] of SIDES.entries()) {
      const set = (value) => {
        const box = [...this.entry.box];
        box[index] = value;
        setBox(this.entry, withinPage(box, this.size));
      };
      const input = this.numberInput(() => this.entry.box[index], set, index < 2 ? 0 : 1, `box ${side}`);
      list.append(...this.labelled(side, index === 0 ? ["box"] : ["box", side], input, input.update));
    }
    details.append(list);
    return details;
  }

  actions() {
    const row = element("div", { className: "row" });
    const act = (text, name) => this.button(text, () => this.listeners.act(name));
    row.append(act("Copy", "copy"), act("Earlier", "earlier"), act("Later", "later"), act("Delete", "remove"));
    row.lastChild.className = "danger";
    row.children[1].title = "Columns of results are in the order of fields";
    row.children[2].title = row.children[1].title;
    if (this.entry.columns) {
      const equal = this.button("Equal rows", () => this.listeners.change(() => setRows(this.entry, this.entry.rows)));
      row.prepend(equal);
    }
    return row;
  }

  button(text, act) {
    const button = element("button", { type: "button", textContent: text });
    button.addEventListener("click", act);
    return button;
  }

  // A control with its label, and its mistakes below; update(mistakes) shows the value.
  labelled(words, path, control, show) {
    const id = control.id || `control-${path.join("-")}`;
    const isSimple = ["INPUT", "SELECT"].includes(control.tagName);
    const label = element(isSimple ? "label" : "span", { textContent: words, className: "words" });
    if (isSimple) {
      control.id = id;
      label.htmlFor = id;
    }
    const message = element("p", { className: "error", id: `${id}-mistake` });
    const cell = element("div");
    cell.append(control, message);
    if (isSimple) {
      control.setAttribute("aria-describedby", message.id);
    }
    this.controls.push({
      update: (mistakes) => {
        show();
        const found = mistakes.filter(({ place }) => path.every((key, index) => place[index] === key));
        message.textContent = found.map((mistake) => mistake.message).join("\n");
        control.setAttribute("aria-invalid", String(found.length > 0));
      },
    });
    return [label, cell];
  }
}

function element(tag, properties = {}) {
  const made = Object.assign(document.createElement(tag), properties);
  if (!made.id) {
    made.removeAttribute("id");
  }
  return made;
}

const grid = () => element("div", { className: "fields" });
