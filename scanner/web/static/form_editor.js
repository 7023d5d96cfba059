// The page on which a form is edited: its state, undo, and what the server is asked.

import {
  addField,
  addTable,
  copyEntry,
  draggedBox,
  forServer,
  reorderEntry,
  ruleLines,
  setBox,
  setColumnEdge,
  setRowEdge,
  withinPage,
} from "./form_model.js";
import { FormPage } from "./form_page.js";
import { EntryPanel } from "./form_panel.js";
import { asUpload, getJson, post, postFile, postJson } from "./server.js";

const CHECK_DELAY = 200; // milliseconds without a change before the form is checked
const READ_DELAY = 700;
const MAX_UNDO = 200;
const DRAWN_WITH_KEYS = { field: [0.25, 0.06], table: [0.5, 0.3] }; // sides as shares of what is seen

const byId = (id) => document.getElementById(id);
const { file, maxBytes, downloadedForm } = document.body.dataset;

const state = {
  form: null,
  selection: null, // {kind: "field" or "table", index, column}
  undo: [],
  redo: [],
  mergeKey: "", // what the last change was to, so that letters typed one after the other are undone together
  version: 0, // grows with each change
  checked: -1, // version that the mistakes are of
  mistakes: [],
  readings: {}, // what the server read, by name of field
  readFrom: new Map(), // the entry, as text, that each reading was made with
  saved: "", // the form as text when it was saved
  isReference: true, // whether the reference is looked at, and no page
};
let page;
let panel;
let checkTimer = 0;
let readTimer = 0;
let isReading = false;
let readAgain = false;
let pictures = 0;

// Changes

function remember() {
  state.undo.push({ form: JSON.stringify(state.form), selection: state.selection });
  state.undo.splice(0, Math.max(0, state.undo.length - MAX_UNDO));
  state.redo = [];
}

// Change the form; changes with the same key in a row are one to undo.  What mutate returns, if anything, is chosen then.
function change(mutate, key = "") {
  const mergeKey = key && `${state.selection?.kind}:${state.selection?.index}:${state.selection?.column}:${key}`;
  if (!mergeKey || mergeKey !== state.mergeKey) {
    remember();
  }
  state.mergeKey = mergeKey;
  const selection = mutate();
  if (selection !== undefined) {
    state.selection = selection;
  }
  changed();
}

function changed() {
  state.version += 1;
  show();
  clearTimeout(checkTimer);
  clearTimeout(readTimer);
  checkTimer = setTimeout(check, CHECK_DELAY);
}

// Whether the form is known to be without mistakes, as it is now.
const isFaultless = () => state.checked === state.version && state.mistakes.length === 0;

function travel(from, to) {
  const last = from.pop();
  if (last) {
    to.push({ form: JSON.stringify(state.form), selection: state.selection });
    state.form = JSON.parse(last.form);
    state.selection = last.selection;
    state.mergeKey = "";
    byId("rules").value = state.form.rules;
    changed();
  }
}

const undo = () => travel(state.undo, state.redo);
const redo = () => travel(state.redo, state.undo);

const chosen = () => state.selection && state.form[state.selection.kind][state.selection.index];

function select(selection, element = null) {
  state.selection = selection;
  state.mergeKey = "";
  show();
  element?.focus({ preventScroll: true });
}

function add(kind, box) {
  remember();
  state.mergeKey = "";
  state.selection = kind === "table" ? addTable(state.form, box) : addField(state.form, box);
  changed();
  nameChosen();
}

function nameChosen() {
  const input = byId("entry-name");
  input?.focus();
  input?.select();
}

function remove() {
  if (!chosen()) {
    return;
  }
  change(() => {
    const { kind, index } = state.selection;
    state.form[kind].splice(index, 1);
    return null;
  });
  byId("view").focus({ preventScroll: true });
}

function act(name) {
  if (name === "remove") {
    remove();
    return;
  }
  const { form, selection } = state;
  change(() =>
    name === "copy" ? copyEntry(form, selection, page.size) : reorderEntry(form, selection, name === "later" ? 1 : -1),
  );
}

function drag(moved) {
  const entry = chosen();
  if (moved.box) {
    setBox(entry, moved.box);
  } else if (moved.direction === "column") {
    setColumnEdge(entry, moved.index, moved.at);
  } else {
    setRowEdge(entry, moved.index, moved.at);
  }
  show();
}

function nudge(dx, dy, isResized) {
  const entry = chosen();
  const [x, y, width, height] = entry.box;
  const box = isResized
    ? draggedBox(entry.box, "se", dx, dy, page.size)
    : withinPage([x + dx, y + dy, width, height], page.size);
  change(() => setBox(entry, box), isResized ? "resize" : "move");
}

// What is shown

function show() {
  const shown = readingsShown();
  page.show(state.form, state.selection, shown, mistakenEntries());
  panel.show(state.form, state.selection, mistakesOf(state.selection), shown);
  showEntries();
  byId("undo").disabled = state.undo.length === 0;
  byId("redo").disabled = state.redo.length === 0;
  byId("form-name").value = state.form.name;
  byId("reference-is").value = state.form.reference_is;
  byId("how").hidden = state.selection !== null;
  byId("key").hidden = Object.keys(shown).length === 0;
  showSaving();
}

// Readings of entries that are as they were when they were read.
function readingsShown() {
  const shown = {};
  const entries = [...state.form.field, ...state.form.table];
  const isRead = new Set(entries.filter((each) => state.readFrom.get(each.name) === JSON.stringify(each)).map((e) => e.name));
  for (const [name, reading] of Object.entries(state.readings)) {
    if (isRead.has(name.split(".")[0])) {
      shown[name] = reading;
    }
  }
  return shown;
}

function mistakenEntries() {
  return new Set(state.mistakes.map(({ place }) => `${place[0]}:${place[1]}`));
}

function mistakesOf(selection) {
  return state.mistakes
    .filter(({ place }) => selection && place[0] === selection.kind && place[1] === selection.index)
    .map((mistake) => ({ ...mistake, place: mistake.place.slice(2) }));
}

function showEntries() {
  const list = byId("entries");
  const mistaken = mistakenEntries();
  const option = (kind) => (entry, index) => {
    const value = `${kind}:${index}`;
    return [`${mistaken.has(value) ? "⚠ " : ""}${entry.name || "(no name)"}${entry.columns ? " (table)" : ""}`, value];
  };
  const options = [...state.form.field.map(option("field")), ...state.form.table.map(option("table"))];
  options.unshift([options.length > 0 ? "choose one …" : "none yet", ""]);
  // A list that somebody has opened stays as it is, unless there is something new.
  if (options.join() !== [...list.options].map(({ text, value }) => [text, value]).join()) {
    list.replaceChildren(...options.map(([text, value]) => new Option(text, value)));
  }
  list.value = state.selection ? `${state.selection.kind}:${state.selection.index}` : "";
}

function showMistakes() {
  byId("mistakes-section").hidden = state.mistakes.length === 0;
  byId("mistakes").replaceChildren(
    ...state.mistakes.map((mistake) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "mistake";
      button.textContent = `${mistake.where ? `${mistake.where}: ` : ""}${mistake.message}`;
      button.addEventListener("click", () => goTo(mistake.place));
      const item = document.createElement("li");
      item.append(button);
      return item;
    }),
  );
  const lines = ruleLines(state.form);
  byId("rules-mistakes").replaceChildren(
    ...state.mistakes
      .filter(({ place }) => place[0] === "rule" && lines[place[1]])
      .map(({ place, message }) => {
        const item = document.createElement("li");
        item.textContent = `Line ${lines[place[1]].line + 1}: ${message}`;
        return item;
      }),
  );
  byId("rules").setAttribute("aria-invalid", String(state.mistakes.some(({ place }) => place[0] === "rule")));
}

// Choose what a mistake is about.
function goTo([kind, index, key, column]) {
  if (kind === "field" || kind === "table") {
    select({ kind, index, ...(kind === "table" ? { column: key === "columns" && column ? column : 0 } : {}) });
    page.reveal(chosen().box);
    (document.querySelector('#entry [aria-invalid="true"]') ?? page.element(state.selection)).focus({ preventScroll: true });
  } else if (kind === "rule") {
    const area = byId("rules");
    const before = area.value.split("\n").slice(0, ruleLines(state.form)[index]?.line ?? 0);
    const start = before.reduce((sum, line) => sum + line.length + 1, 0);
    area.focus();
    area.setSelectionRange(start, (area.value + "\n").indexOf("\n", start));
  } else if (kind === "name") {
    byId("form-name").focus();
  }
}

function showSaving() {
  const count = state.mistakes.length;
  byId("save").disabled = !isFaultless();
  byId("read").disabled = !isFaultless();
  byId("save").title = count > 0 ? `${count} to mend first` : "";
  const isSaved = JSON.stringify(state.form) === state.saved;
  document.title = `${isSaved ? "" : "* "}${file || "Edit a form"} – digitscan`;
}

function fail(error) {
  byId("error").textContent = error.message;
}

// What the server is asked

async function check() {
  const { version } = state;
  try {
    const { mistakes } = await postJson("check", forServer(state.form));
    if (version !== state.version) {
      return;
    }
    byId("error").textContent = "";
    state.mistakes = mistakes;
    state.checked = version;
    showMistakes();
    show();
    clearTimeout(readTimer);
    readTimer = setTimeout(readIfWanted, READ_DELAY);
  } catch (error) {
    if (version === state.version) {
      fail(error);
    }
  }
}

function readIfWanted() {
  if (isFaultless() && byId("read-always").checked) {
    read();
  }
}

// Whether there can be nothing to read: all that is on a blank reference is print.
function isBlank() {
  return state.isReference && state.form.reference_is === "blank";
}

async function read() {
  if (isReading) {
    readAgain = true;
    return;
  }
  if (isBlank()) {
    state.readings = {};
    byId("broken").replaceChildren();
    byId("reading").textContent = "All that is on a blank reference is print. To see what is read, look at a page.";
    show();
    return;
  }
  isReading = true;
  readAgain = false;
  byId("reading").textContent = "Reading …";
  const { form } = state;
  const entries = [...form.field, ...form.table].map((entry) => [entry.name, JSON.stringify(entry)]);
  try {
    const result = await postJson("read", forServer(form));
    state.readings = result.fields;
    state.readFrom = new Map(entries);
    showReading(result);
  } catch (error) {
    state.readings = {};
    byId("reading").textContent = error.message;
    byId("broken").replaceChildren();
  }
  isReading = false;
  show();
  if (readAgain && isFaultless()) {
    read();
  }
}

function showReading({ fields, broken_rules: broken }) {
  const all = Object.values(fields);
  const count = (condition) => all.filter(condition).length;
  const toReview = count((each) => each.review !== "");
  byId("reading").textContent =
    `${all.length} ${all.length === 1 ? "field" : "fields"}, ${count((each) => each.level === "blank")} of them empty, ` +
    `${toReview || "none"} to look at.`;
  byId("broken").replaceChildren(
    ...broken.map(({ rule, fields: names, measured }) => {
      const item = document.createElement("li");
      item.textContent = `${rule}: ${measured} (${names.join(", ")})`;
      return item;
    }),
  );
}

async function save() {
  byId("message").textContent = "";
  byId("error").textContent = "";
  const text = JSON.stringify(state.form);
  try {
    if (file) {
      const { saved } = await postJson("save", forServer(state.form));
      byId("message").textContent = `Saved: ${saved}`;
      byId("comments").hidden = true;
    } else {
      const response = await post("toml", forServer(state.form));
      download(await response.blob());
      byId("message").textContent = `Downloaded as ${downloadedForm}. Its reference belongs beside it.`;
    }
    state.saved = text;
    showSaving();
  } catch (error) {
    fail(error);
  }
}

function download(blob) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = downloadedForm;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

// Look at a page, or with null at the reference.
async function lookAt(upload) {
  byId("reading").textContent = upload ? `Laying ${upload.name} on the form …` : "";
  try {
    const body = upload ? asUpload(upload, Number(maxBytes)) : new Blob();
    const looked = await postFile("page", body, { name: upload?.name ?? "" });
    state.readings = {};
    byId("broken").replaceChildren();
    byId("reading").textContent = "";
    showPage(looked.page);
    show();
    readIfWanted();
  } catch (error) {
    byId("reading").textContent = error.message;
  }
}

function showPage(name) {
  pictures += 1; // another address, so that the browser does not show the page before
  byId("picture").src = `${name ? "page" : "reference"}.png?${pictures}`;
  byId("picture").alt = name ? `The page ${name}, laid on the form` : "The reference of the form";
  state.isReference = !name;
  byId("page-name").textContent = name.split("/").at(-1) || "the reference";
  byId("page-reference").hidden = !name;
}

// Events

function listen() {
  const on = (id, type, act) => byId(id).addEventListener(type, act);
  on("undo", "click", undo);
  on("redo", "click", redo);
  on("zoom-in", "click", () => page.step(1));
  on("zoom-out", "click", () => page.step(-1));
  on("zoom-fit", "click", () => page.fit());
  for (const [id, shown] of [["names", "named"], ["readings", "read"]]) {
    on(id, "click", () => {
      byId(id).setAttribute("aria-pressed", String(byId("view").classList.toggle(shown)));
    });
  }
  on("save", "click", save);
  on("read", "click", read);
  on("read-always", "change", readIfWanted);
  on("page-reference", "click", () => lookAt(null));
  on("page-file", "change", ({ target }) => {
    if (target.files.length > 0) {
      lookAt(target.files[0]);
      target.value = "";
    }
  });
  on("entries", "change", ({ target }) => {
    const [kind, index] = target.value.split(":");
    select(kind ? { kind, index: Number(index), ...(kind === "table" ? { column: 0 } : {}) } : null);
    if (kind) {
      page.reveal(chosen().box);
    }
  });
  on("rules", "input", ({ target }) => change(() => {
    state.form.rules = target.value;
  }, "rules"));
  on("form-name", "input", ({ target }) => change(() => {
    state.form.name = target.value;
  }, "name"));
  on("reference-is", "change", ({ target }) => change(() => {
    state.form.reference_is = target.value;
  }));
  for (const kind of ["field", "table"]) {
    on(`draw-${kind}`, "click", (event) => startDrawing(kind, event.detail === 0));
  }
  document.addEventListener("keydown", keyed);
  window.addEventListener("beforeunload", (event) => {
    if (JSON.stringify(state.form) !== state.saved) {
      event.preventDefault();
    }
  });
}

// With a pointer the next drag draws; who pressed a key gets a box to be moved with keys.
function startDrawing(kind, isByKey) {
  if (isByKey) {
    add(kind, page.middleBox(...DRAWN_WITH_KEYS[kind]));
  } else {
    page.setTool(page.tool === kind ? "select" : kind);
  }
}

function keyed(event) {
  const isTyping = event.target.closest("input:not([type=checkbox]), textarea, select") !== null;
  const key = event.key.toLowerCase();
  if (event.ctrlKey || event.metaKey) {
    if (key === "s") {
      event.preventDefault();
      if (!byId("save").disabled) {
        save();
      }
    } else if (key === "z" && !isTyping) {
      event.preventDefault();
      (event.shiftKey ? redo : undo)();
    } else if (key === "y" && !isTyping) {
      event.preventDefault();
      redo();
    }
  } else if (key === "escape") {
    page.setTool("select");
    page.finish();
  } else if (!isTyping && !event.altKey) {
    shortcut(key, event);
  }
}

function shortcut(key, event) {
  const acts = {
    f: () => page.setTool("field"),
    t: () => page.setTool("table"),
    "+": () => page.step(1),
    "-": () => page.step(-1),
    0: () => page.fit(),
  };
  if (acts[key]) {
    event.preventDefault();
    acts[key]();
  }
}

async function begin() {
  const begun = await getJson("form.json");
  state.form = { ...begun.form, rules: begun.form.rules.join("\n") };
  state.saved = begun.is_saved ? JSON.stringify(state.form) : "";
  byId("rules").value = state.form.rules;
  byId("comments").hidden = !begun.loses_comments;
  const size = [begun.width, begun.height];
  page = new FormPage(byId("view"), byId("sheet"), byId("boxes"), size, {
    select,
    drag,
    nudge,
    remove,
    begin: remember,
    end: () => {
      state.mergeKey = "";
      changed();
    },
    edit: nameChosen,
    draw: add,
    tool: (tool) => {
      for (const kind of ["field", "table"]) {
        byId(`draw-${kind}`).setAttribute("aria-pressed", String(tool === kind));
      }
    },
    zoom: (zoom) => {
      byId("zoom").textContent = `${Math.round(zoom * 100)}%`;
    },
  });
  panel = new EntryPanel(byId("entry"), size, { change, select, act });
  listen();
  showPage(begun.page);
  page.fit();
  show();
  await check();
}

begin().catch(fail);
