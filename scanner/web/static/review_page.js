// The page around a number, with all that was read on it; a box is drawn where a number was missed or lies wrongly.

import { pageName, placeIn, shownText } from "./review_panel.js";

const $ = (id) => document.getElementById(id);
// What stands below a box that has no text: there is no room for words.
const SHORT = { Unreadable: "?", "Not read": "?", "What stands here?": "?", "No number": "–", Empty: "–" };
const ZOOM_STEP = 1.3;
// Height on the screen, in pixels, that the box of a number has at least when a page is opened.
const LEAST_HEIGHT = 26;
// Least side of a box that is drawn, in pixels of the page: less is a click.
const LEAST_SIDE = 4;
// Size of a box that appears, if the page has none to take it from, as a share of the page's width.
const NEW_BOX_SHARE = 0.05;

export class PageView {
  draft = null; // { item, box, isDrawn }: a box that is drawn; item is null if it is of a new number
  #review;
  #page = null;
  #scale = 1;
  #start = null; // where the pointer went down, in pixels of the page

  constructor(review) {
    this.#review = review;
    $("add").addEventListener("click", () => this.#toggleDraft(false));
    $("move").addEventListener("click", () => this.#toggleDraft(true));
    $("zoom-in").addEventListener("click", () => this.#zoom(this.#scale * ZOOM_STEP));
    $("zoom-out").addEventListener("click", () => this.#zoom(this.#scale / ZOOM_STEP));
    $("page-back").addEventListener("click", () => this.#turnTo(this.#page - 1));
    $("page-on").addEventListener("click", () => this.#turnTo(this.#page + 1));
    $("pages").addEventListener("change", () => this.#turnTo(Number($("pages").value)));
    const sheet = $("sheet");
    sheet.addEventListener("pointerdown", (event) => this.#penDown(event));
    sheet.addEventListener("pointermove", (event) => this.#penMoves(event));
    sheet.addEventListener("pointerup", (event) => this.#penUp(event));
    sheet.addEventListener("pointercancel", () => (this.#start = null));
    $("page-picture").addEventListener("error", () => this.#review.notice("This page cannot be shown; is its file still there?"));
  }

  get #size() {
    return this.#review.stack.pages[this.#page];
  }

  fillPages() {
    $("pages").replaceChildren(...this.#review.stack.pages.map((page, index) => new Option(pageName(page), index)));
  }

  show(item) {
    if (this.#review.view !== "page") {
      return;
    }
    const page = item?.page ?? this.#page ?? 0;
    if (page !== this.#page) {
      this.#page = page;
      this.stopDrawing();
      $("pages").value = String(page);
      $("page-picture").alt = pageName(this.#size);
      $("page-picture").src = `page/${page}.jpg`;
      this.#zoom(this.#openingScale());
    }
    this.refresh();
    if (item) {
      this.#scrollTo(item.box);
    }
  }

  refresh() {
    if (this.#review.view !== "page" || this.#page === null) {
      return;
    }
    const size = [0, 0, this.#size.width, this.#size.height];
    const boxes = this.#review.stack.ofPage(this.#page).map((item) => {
      const box = document.createElement("button");
      box.type = "button";
      box.tabIndex = -1;
      box.className = ["box", item.decided ? "known" : item.doubtful ? "doubtful" : "", item.id === this.#review.current ? "current" : ""].join(" ");
      const text = document.createElement("span");
      text.textContent = SHORT[shownText(item)] ?? shownText(item);
      box.append(text);
      box.setAttribute("aria-label", `${shownText(item)}${item.decided ? ", decided" : item.doubtful ? ", doubtful" : ""}`);
      placeIn(box, item.box, size);
      box.addEventListener("click", () => this.draft === null && this.#review.show(item.id));
      return box;
    });
    $("boxes").replaceChildren(...boxes);
    $("page-back").disabled = this.#page === 0;
    $("page-on").disabled = this.#page === this.#review.stack.pages.length - 1;
    $("move").disabled = this.#review.current === null;
    $("sheet").classList.toggle("drawing", this.draft !== null);
    $("add").setAttribute("aria-pressed", String(this.draft?.item === null));
    $("move").setAttribute("aria-pressed", String(Boolean(this.draft?.item)));
    $("drawing").textContent = this.draft === null ? "" : "Draw the box, or move it with the arrow keys; with Shift they size it. Enter takes it, Esc gives it up.";
    $("draft").hidden = this.draft === null;
    if (this.draft !== null) {
      placeIn($("draft"), this.draft.box, size);
    }
  }

  // Begin to add a number, or to move the one that is shown.
  beginDraft(isMove) {
    const item = this.#review.stack.item(this.#review.current);
    if (this.#review.stack.audit || (isMove && item === undefined)) {
      return;
    }
    if (this.#review.view !== "page") {
      this.#review.setView("page");
    }
    this.draft = { item: isMove ? item.id : null, box: isMove ? [...item.box] : this.#newBox(item) };
    this.#review.refresh();
    $("scroll").focus({ preventScroll: true });
  }

  stopDrawing() {
    this.draft = this.#start = null;
    this.refresh();
  }

  // Take the box; a new number needs a text as well.
  async finishDraft(text) {
    const { item, box } = this.draft;
    if (item === null && !text) {
      $("typed").focus();
      return;
    }
    const decision = item === null ? { verdict: "added", page: this.#page, box, text } : { verdict: "moved", item, box };
    this.draft = null;
    this.#review.panel.clearText();
    const changed = await this.#review.stack.decide([decision]);
    this.#review.show(changed.find(({ gone }) => !gone)?.id ?? this.#review.current);
  }

  onDraftKey({ key, shiftKey, target }) {
    if (this.draft === null || target === $("typed")) {
      return false;
    }
    const step = Math.max(1, Math.round(this.draft.box[3] / 8));
    const [dx, dy] = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] }[key] ?? [0, 0];
    if (dx !== 0 || dy !== 0) {
      const [x, y, width, height] = this.draft.box;
      this.draft.box = this.#onPage(shiftKey ? [x, y, width + dx, height + dy] : [x + dx, y + dy, width, height]);
      this.refresh();
      this.#scrollTo(this.draft.box);
    } else if (key === "Enter") {
      this.finishDraft("");
    } else if (key === "Escape") {
      this.stopDrawing();
      this.#review.refresh();
    } else {
      return false;
    }
    return true;
  }

  #toggleDraft(isMove) {
    const isOn = this.draft !== null && (this.draft.item !== null) === isMove;
    if (isOn) {
      this.stopDrawing();
      this.#review.refresh();
    } else {
      this.beginDraft(isMove);
    }
  }

  #turnTo(page) {
    const numbers = this.#review.stack.ofPage(page);
    const open = numbers.find(({ decided }) => !decided) ?? numbers[0];
    if (open) {
      this.#review.show(open.id);
    } else {
      this.#review.current = null;
      this.#page = null;
      this.show({ page, box: [0, 0, 1, 1] });
      this.#review.refresh();
    }
  }

  #newBox(item) {
    const side = Math.round(this.#size.width * NEW_BOX_SHARE);
    const [, , width, height] = item?.page === this.#page ? item.box : [0, 0, side, side / 2];
    const view = $("scroll");
    const middle = [view.scrollLeft + view.clientWidth / 2, view.scrollTop + view.clientHeight / 2];
    const [x, y] = middle.map((value) => value / this.#scale);
    return this.#onPage([x - width / 2, y - height / 2, width, height]);
  }

  #onPage([x, y, width, height]) {
    const { width: right, height: bottom } = this.#size;
    const [w, h] = [Math.min(Math.max(LEAST_SIDE, width), right), Math.min(Math.max(LEAST_SIDE, height), bottom)];
    return [Math.min(Math.max(0, x), right - w), Math.min(Math.max(0, y), bottom - h), w, h].map(Math.round);
  }

  #openingScale() {
    const heights = this.#review.stack.ofPage(this.#page).map(({ box }) => box[3]).sort((a, b) => a - b);
    const least = heights.length > 0 ? LEAST_HEIGHT / heights[heights.length >> 1] : 0;
    return Math.max($("scroll").clientWidth / this.#size.width, Math.min(1, least));
  }

  #zoom(scale) {
    const view = $("scroll");
    const middle = [(view.scrollLeft + view.clientWidth / 2) / this.#scale, (view.scrollTop + view.clientHeight / 2) / this.#scale];
    this.#scale = Math.min(4, Math.max(0.05, scale));
    $("sheet").style.width = `${this.#size.width * this.#scale}px`;
    $("sheet").style.height = `${this.#size.height * this.#scale}px`;
    view.scrollTo(middle[0] * this.#scale - view.clientWidth / 2, middle[1] * this.#scale - view.clientHeight / 2);
  }

  #scrollTo([x, y, width, height]) {
    const view = $("scroll");
    const [left, top] = [(x + width / 2) * this.#scale, (y + height / 2) * this.#scale];
    const isSeen = left > view.scrollLeft + 40 && left < view.scrollLeft + view.clientWidth - 40 && top > view.scrollTop + 40 && top < view.scrollTop + view.clientHeight - 40;
    if (!isSeen) {
      view.scrollTo(left - view.clientWidth / 2, top - view.clientHeight / 2);
    }
  }

  #at({ clientX, clientY }) {
    const frame = $("sheet").getBoundingClientRect();
    return [(clientX - frame.left) / this.#scale, (clientY - frame.top) / this.#scale];
  }

  #penDown(event) {
    if (this.draft !== null && event.isPrimary && event.button === 0) {
      event.preventDefault();
      $("sheet").setPointerCapture(event.pointerId);
      this.#start = this.#at(event);
    }
  }

  #penMoves(event) {
    if (this.#start === null || this.draft === null) {
      return;
    }
    const [x0, y0] = this.#start;
    const [x1, y1] = this.#at(event);
    if (Math.abs(x1 - x0) >= LEAST_SIDE && Math.abs(y1 - y0) >= LEAST_SIDE) {
      this.draft.box = this.#onPage([Math.min(x0, x1), Math.min(y0, y1), Math.abs(x1 - x0), Math.abs(y1 - y0)]);
      this.draft.isDrawn = true;
      this.refresh();
    }
  }

  #penUp(event) {
    const isDrawn = this.#start !== null && this.draft?.isDrawn;
    this.#start = null;
    if (isDrawn) {
      event.preventDefault();
      this.#review.refresh();
      (this.draft.item === null ? $("typed") : $("scroll")).focus({ preventScroll: true });
    }
  }
}
