// The wall: many pictures of what was read alike, the least certain first; wrong ones are pressed and mended in one go.

import { makeTile } from "./review_tile.js";
import { getJson } from "./server.js";

const $ = (id) => document.getElementById(id);
// Pictures on one sheet.
const SHEET = 1000;

export class Wall {
  #review;
  #tiles = []; // { id, box, confidence } of the whole group
  #sheet = 0;
  #marked = new Set();
  #asked = 0;
  #group = null;

  constructor(review) {
    this.#review = review;
    $("group").addEventListener("change", () => this.#choose());
    $("undecided").addEventListener("change", () => this.#choose());
    $("sheet-back").addEventListener("click", () => this.#turn(-1));
    $("sheet-on").addEventListener("click", () => this.#turn(1));
    $("mend-set").addEventListener("click", () => this.#mend("corrected", $("mended").value.trim()));
    $("mend-unreadable").addEventListener("click", () => this.#mend("unreadable"));
    $("mend-none").addEventListener("click", () => this.#mend("no number"));
    $("mend-each").addEventListener("click", () => this.#oneByOne());
    $("confirm-rest").addEventListener("click", () => this.confirmRest());
    $("mended").addEventListener("keydown", (event) => event.key === "Enter" && this.#mend("corrected", $("mended").value.trim()));
  }

  open() {
    const before = $("group").value;
    $("group").replaceChildren(...this.#groups());
    const options = [...$("group").options];
    $("group").value = options.some(({ value }) => value === before) ? before : (options[0]?.value ?? "");
    this.#choose();
    this.#focusTile(0);
  }

  refresh() {
    this.#showMending();
    const decided = new Set(this.#shownTiles().filter(({ id }) => this.#review.stack.item(id).decided).map(({ id }) => id));
    for (const tile of $("tiles").children) {
      tile.classList.toggle("known", decided.has(tile.dataset.id));
    }
  }

  onKey(event) {
    const tiles = [...$("tiles").children];
    const place = tiles.indexOf(event.target);
    if (/^[0-9]$/.test(event.key) && this.#marked.size > 0 && !event.altKey && !$("mended").disabled) {
      $("mended").focus();
      return false;
    }
    if (place < 0) {
      return false;
    }
    const row = tiles.filter(({ offsetTop }) => offsetTop === tiles[place].offsetTop).length;
    const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -row, ArrowDown: row }[event.key];
    if (step === undefined) {
      return false;
    }
    this.#focusTile(Math.min(tiles.length - 1, Math.max(0, place + step)));
    return true;
  }

  // All that is on this sheet and not marked is right.
  confirmRest() {
    const names = this.#rest();
    if (this.#group?.kind === "digit" || names.length === 0 || this.#review.stack.stuck) {
      return;
    }
    this.#review.stack.decide(names.map((item) => ({ item, verdict: "confirmed" })));
    if (this.#marked.size === 0) {
      this.#choose();
    } else {
      this.#showMending();
    }
    $("wall-note").textContent = `${names.length} confirmed.`;
  }

  #rest() {
    const items = this.#shownTiles().map(({ id }) => this.#review.stack.item(id));
    return items.filter(({ id, decided, text, empty }) => !this.#marked.has(id) && !decided && (text || empty)).map(({ id }) => id);
  }

  #groups() {
    const items = this.#review.stack.present();
    const texts = new Map();
    const fields = new Map();
    for (const { text, field } of items.filter((item) => !item.gone)) {
      text && texts.set(text, (texts.get(text) ?? 0) + 1);
      const column = field && field.replace(/\.\d+(?=\.|$)/g, ".*");
      column && fields.set(column, (fields.get(column) ?? 0) + 1);
    }
    const often = [...texts].filter(([, count]) => count > 1).sort((a, b) => b[1] - a[1]);
    const listed = (label, entries) => {
      const group = document.createElement("optgroup");
      group.label = label;
      group.append(...entries);
      return group;
    };
    const option = (text, kind, value) => new Option(text, JSON.stringify({ kind, value }));
    return [
      listed("Whole numbers", [option(`all numbers (${items.length})`, "all", ""), ...often.map(([text, count]) => option(`${text} (${count})`, "text", text))]),
      ...(fields.size > 0 ? [listed("Fields", [...fields].map(([field, count]) => option(`${field} (${count})`, "field", field)))] : []),
      listed("Single digits", [..."0123456789"].map((digit) => option(`digit ${digit}`, "digit", digit))),
    ];
  }

  async #choose() {
    const asked = ++this.#asked;
    this.#group = $("group").value ? JSON.parse($("group").value) : null;
    this.#marked.clear();
    this.#sheet = 0;
    $("wall-note").textContent = "";
    let tiles = [];
    try {
      tiles = await this.#tilesOf(this.#group);
    } catch (error) {
      this.#review.notice(error.message);
    }
    if (asked === this.#asked) {
      this.#tiles = tiles;
      this.#draw();
    }
  }

  async #tilesOf({ kind, value }) {
    const { stack } = this.#review;
    const isOpen = ({ decided, gone }) => !gone && !($("undecided").checked && decided);
    if (kind === "digit") {
      const { tiles } = await getJson(`digits/${value}.json`);
      return tiles.filter(({ id }) => stack.items.has(id) && isOpen(stack.item(id)));
    }
    const matches = {
      all: ({ text, empty }) => text || empty,
      text: ({ text }) => text === value,
      field: ({ field }) => field.replace(/\.\d+(?=\.|$)/g, ".*") === value,
    }[kind];
    return stack.present().filter((item) => isOpen(item) && matches(item)).sort((a, b) => a.confidence - b.confidence);
  }

  #shownTiles() {
    return this.#tiles.slice(this.#sheet * SHEET, (this.#sheet + 1) * SHEET);
  }

  #turn(by) {
    this.#sheet += by;
    this.#marked.clear();
    this.#draw();
    $("tiles").scrollTop = 0;
  }

  #draw() {
    const tiles = this.#shownTiles();
    const sheets = Math.max(1, Math.ceil(this.#tiles.length / SHEET));
    $("sheet-number").textContent = sheets > 1 ? `sheet ${this.#sheet + 1} of ${sheets}` : "";
    $("sheet-back").hidden = $("sheet-on").hidden = sheets === 1;
    $("sheet-back").disabled = this.#sheet === 0;
    $("sheet-on").disabled = this.#sheet === sheets - 1;
    if (tiles.length === 0 && !$("wall-note").textContent) {
      $("wall-note").textContent = "Nothing is left of these.";
    }
    const hasCaption = this.#group && ["all", "field"].includes(this.#group.kind);
    $("tiles").replaceChildren(
      ...tiles.map((tile, index) => {
        const button = makeTile(tile, this.#review.stack.item(tile.id), this.#review.pictures, hasCaption);
        button.tabIndex = index === 0 ? 0 : -1;
        button.addEventListener("click", () => this.#mark(button));
        return button;
      }),
    );
    this.refresh();
  }

  #mark(button) {
    const { id } = button.dataset;
    if (!this.#marked.delete(id)) {
      this.#marked.add(id);
    }
    for (const tile of $("tiles").children) {
      if (tile.dataset.id === id) {
        tile.setAttribute("aria-pressed", String(this.#marked.has(id)));
      }
    }
    this.#showMending();
  }

  #showMending() {
    const count = this.#marked.size;
    const isDigit = this.#group?.kind === "digit";
    const rest = isDigit ? 0 : this.#rest().length;
    $("mend").hidden = count === 0 && rest === 0;
    $("marked").textContent = count > 0 ? `${count} marked as wrong` : isDigit ? "" : "Press those that are wrong.";
    $("mend-label").hidden = $("mend-set").hidden = count === 0 || isDigit;
    $("mend-unreadable").hidden = $("mend-none").hidden = count === 0 || isDigit;
    $("mend-each").hidden = count === 0;
    $("confirm-rest").hidden = isDigit || rest === 0;
    $("confirm-rest").textContent = count > 0 ? `The other ${rest} are right` : `All ${rest} are right`;
  }

  #mend(verdict, text = "") {
    if (this.#marked.size === 0 || this.#review.stack.stuck || (verdict === "corrected" && !text)) {
      return;
    }
    const count = this.#marked.size;
    this.#review.stack.decide([...this.#marked].map((item) => ({ item, verdict, text })));
    $("mended").value = "";
    this.#marked.forEach((id) => [...$("tiles").children].filter((tile) => tile.dataset.id === id).forEach((tile) => tile.setAttribute("aria-pressed", "false")));
    this.#marked.clear();
    $("wall-note").textContent = `${count} mended.`;
    this.refresh();
    this.#focusTile(0);
  }

  #oneByOne() {
    const names = [...this.#marked];
    this.#marked.clear();
    this.#review.goThrough(names);
  }

  #focusTile(index) {
    const tiles = [...$("tiles").children];
    tiles.forEach((tile, place) => (tile.tabIndex = place === index ? 0 : -1));
    tiles[index]?.focus();
  }
}
