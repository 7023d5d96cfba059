// Look through numbers: which is shown, what the keys do, and what is decided.

import { PageView } from "./review_page.js";
import { Panel } from "./review_panel.js";
import { Pictures } from "./review_pictures.js";
import { Stack } from "./review_stack.js";
import { Wall } from "./review_wall.js";

const $ = (id) => document.getElementById(id);
// Numbers whose pictures are fetched before they are shown.
const AHEAD = 12;
const KEY_VERDICTS = { u: "unreadable", n: "no number", s: "skipped" };
const BEGINS_TEXT = /^[0-9.,+\-−/]$/;

class Review {
  stack = new Stack();
  pictures = new Pictures();
  current = null; // name of the number that is shown; null when all is done
  route = null; // names of the numbers that are gone through; null for all
  view = "one";

  async begin() {
    this.panel = new Panel(this);
    this.page = new PageView(this);
    this.wall = new Wall(this);
    await this.stack.load();
    document.body.classList.toggle("audit", this.stack.audit);
    this.page.fillPages();
    for (const type of ["change", "saved"]) {
      this.stack.addEventListener(type, () => this.#goOn());
    }
    this.stack.addEventListener("trouble", ({ detail }) => {
      this.refresh();
      this.notice(`Not saved: ${detail.message}`, "Try again", () => this.stack.retry());
    });
    this.stack.addEventListener("refused", ({ detail }) => {
      this.refresh();
      this.notice(detail.message, detail.item && "Look at it", () => this.show(detail.item));
    });
    if (this.stack.unplaced > 0) {
      this.notice(`Of ${this.stack.unplaced} earlier decisions the place is not read any more; they are kept in the file.`);
    }
    this.show(this.openAfter(null));
  }

  // When all is typed, it may turn out that some of it has still to be decided.
  #goOn() {
    this.refresh();
    if (this.stack.audit && this.current === null) {
      this.show(this.openAfter(null));
    }
  }

  names() {
    return this.route ?? (this.view === "page" ? this.stack.byPage() : this.stack.present()).map(({ id }) => id);
  }

  // The next number that nobody has decided; those that were skipped come last.
  openAfter(id) {
    const names = this.names();
    const start = names.indexOf(id) + 1;
    const others = [...names.slice(start), ...names.slice(0, start)].map((name) => this.stack.item(name));
    const open = others.filter((item) => !item.decided && !item.gone && item.id !== id);
    return (open.find(({ verdict }) => verdict !== "skipped") ?? open[0])?.id ?? null;
  }

  show(id) {
    const item = id === null ? null : this.stack.item(id);
    this.current = item?.gone ? null : id;
    if (this.view === "wall") {
      this.setView("one");
      return;
    }
    this.panel.show(item);
    this.panel.showReport(this.stack.audit && this.current === null && this.stack.unsaved === 0);
    this.page.show(item);
    this.refresh();
    this.fetchAhead();
    if (document.activeElement instanceof HTMLButtonElement || document.activeElement === document.body) {
      // Enter is to confirm the number, not to press the button that was clicked last.
      $("stage").focus({ preventScroll: true });
    }
  }

  fetchAhead() {
    const names = this.names();
    const start = Math.max(0, names.indexOf(this.current) - 1);
    const next = names.slice(start, start + AHEAD);
    const open = this.openAfter(this.current);
    [...next, ...(open === null ? [] : [open])].forEach((id) => this.pictures.get(this.stack.item(id)).catch(() => {}));
  }

  step(by) {
    const names = this.names();
    const place = names.indexOf(this.current);
    this.show(names[(place + by + names.length) % names.length] ?? null);
  }

  decide(verdict, text = "") {
    const item = this.stack.item(this.current);
    if (item === undefined) {
      return;
    }
    if (this.stack.stuck) {
      this.notice("What you decided is not saved yet.", "Try again", () => this.stack.retry());
      return;
    }
    if (verdict === "confirmed" && item.blind) {
      this.notice("Type what stands here, or press U if it is unreadable, N if it is no number. What was read is shown later.");
      return;
    }
    if (verdict === "confirmed" && !item.text && !item.empty && !item.decided && !item.disputed) {
      this.notice("Nothing was read here. Type what stands there, or press U if it is unreadable, N if it is no number.");
      return;
    }
    this.closeNotice();
    // Who goes past what is decided does not take it back.
    if (!item.decided || !["confirmed", "skipped"].includes(verdict)) {
      this.stack.decide([{ item: item.id, verdict, text }]);
    }
    this.panel.clearText();
    this.leave(item.id);
  }

  // Go on from a number; from the last of a few that were picked, back to the wall.
  leave(id) {
    const next = this.openAfter(id);
    if (next === null && this.route !== null) {
      this.route = null;
      this.setView("wall");
      return;
    }
    this.show(next);
  }

  async undo() {
    try {
      const id = await this.stack.undo();
      if (!id) {
        this.notice("There is nothing to undo.");
      } else if (this.view === "wall") {
        this.wall.open();
      } else if (this.stack.item(id).gone) {
        this.notice("The number that you added is taken away.");
      } else {
        this.closeNotice();
        this.show(id);
      }
    } catch (error) {
      this.notice(`Not undone: ${error.message}`);
    }
  }

  setView(view) {
    if (view === "wall" && this.stack.audit) {
      return;
    }
    this.view = view;
    document.body.dataset.view = view;
    for (const each of ["one", "page", "wall"]) {
      $(`view-${each}`).setAttribute("aria-pressed", String(each === view));
    }
    this.page.stopDrawing();
    if (view === "wall") {
      this.wall.open();
      this.refresh();
    } else {
      this.show(this.current ?? this.openAfter(null));
    }
  }

  refresh() {
    const { total, left } = this.stack.left;
    $("progress").max = Math.max(1, total);
    $("progress").value = total - left;
    $("left").textContent = left === 0 ? `All ${total.toLocaleString("en")} are decided` : leftText(this.stack);
    const { unsaved, stuck } = this.stack;
    $("saved").textContent = stuck ? "Not saved" : unsaved > 0 ? "Saving…" : "Saved";
    $("saved").classList.toggle("error", stuck);
    if (this.view === "wall") {
      this.wall.refresh();
      return;
    }
    this.panel.refresh();
    this.page.refresh();
  }

  notice(text, action = "", act = () => {}) {
    $("notice-text").textContent = text;
    $("notice-act").hidden = !action;
    $("notice-act").textContent = action;
    $("notice-act").onclick = () => {
      this.closeNotice();
      act();
    };
    $("notice").hidden = false;
  }

  closeNotice() {
    $("notice").hidden = true;
  }

  // Gone through in this order, one by one.
  goThrough(names) {
    this.route = names;
    this.current = names[0];
    this.setView("one");
  }

  onKey(event) {
    const { key, ctrlKey, metaKey, altKey, target } = event;
    if ($("keys").open || event.isComposing) {
      return;
    }
    const isTyping = target === $("typed");
    const inOtherControl = !isTyping && target.matches("input, select, textarea, dialog *");
    const letter = key.length === 1 ? key.toLowerCase() : key;
    if ((ctrlKey || metaKey) && !altKey) {
      if (letter === "z" && !inOtherControl && !(isTyping && target.value)) {
        event.preventDefault();
        this.undo();
      } else if (key === "Enter" && this.view === "wall") {
        this.wall.confirmRest();
      }
      return;
    }
    if (inOtherControl || ctrlKey || metaKey || (key === "Enter" && target.matches("button, a"))) {
      return;
    }
    if (this.view === "wall" ? this.onWallKey(letter, event) : this.onNumberKey(letter, event, isTyping)) {
      event.preventDefault();
    }
  }

  onWallKey(letter, event) {
    if (letter === "w" || letter === "o" || letter === "Escape") {
      this.setView("one");
    } else if (letter === "z") {
      this.undo();
    } else if (letter === "?") {
      $("keys").showModal();
    } else {
      return this.wall.onKey(event);
    }
    return true;
  }

  onNumberKey(letter, event, isTyping) {
    if (event.altKey) {
      // With letters it is for the browser: Alt and D is its address bar.
      return event.code.startsWith("Digit") && this.panel.takeAlternative(Number(event.code.slice(5)) - 1);
    }
    if (this.page.onDraftKey(event) || this.panel.onTextKey(event, isTyping)) {
      return true;
    }
    if (isTyping) {
      return false;
    }
    if (BEGINS_TEXT.test(event.key) && !(event.key === "+")) {
      return this.panel.beginText(event.key);
    }
    if (this.page.draft !== null) {
      // A key is not to decide the number beside the box that is drawn.
      return false;
    }
    if (letter in KEY_VERDICTS) {
      this.decide(KEY_VERDICTS[letter]);
      return true;
    }
    const commands = {
      Enter: () => this.decide("confirmed"),
      ArrowLeft: () => this.step(-1),
      ArrowRight: () => this.step(1),
      F2: () => this.panel.beginText(this.stack.item(this.current)?.text ?? ""),
      Escape: () => this.setView("one"),
      Backspace: () => this.undo(),
      z: () => this.undo(),
      o: () => this.setView("one"),
      p: () => this.setView(this.view === "page" ? "one" : "page"),
      w: () => this.setView("wall"),
      "+": () => this.page.beginDraft(false),
      m: () => this.page.beginDraft(true),
      "?": () => $("keys").showModal(),
    };
    if (letter.length === 1 && "abcde".includes(letter)) {
      return this.panel.takeAlternative("abcde".indexOf(letter));
    }
    commands[letter]?.();
    return letter in commands;
  }
}

function leftText({ audit, left }) {
  if (audit) {
    const differing = left.disputed > 0 ? ` · ${left.disputed.toLocaleString("en")} to decide, typed otherwise than read` : "";
    return `${left.typing.toLocaleString("en")} of ${left.total.toLocaleString("en")} to type${differing}`;
  }
  const doubt = left.doubtful > 0 ? `${left.doubtful.toLocaleString("en")} of them doubtful` : "none of them doubtful";
  return `${left.left.toLocaleString("en")} left, ${doubt} · about ${left.expected.toFixed(1)} errors expected`;
}

const review = new Review();
for (const view of ["one", "page", "wall"]) {
  $(`view-${view}`).addEventListener("click", () => review.setView(view));
}
$("undo").addEventListener("click", () => review.undo());
$("help").addEventListener("click", () => $("keys").showModal());
$("notice-close").addEventListener("click", () => review.closeNotice());
$("before").addEventListener("click", () => review.step(-1));
$("next").addEventListener("click", () => review.step(1));
$("all").addEventListener("click", () => {
  review.route = null;
  review.show(review.current);
});
for (const [id, verdict] of [["unreadable", "unreadable"], ["no-number", "no number"], ["skip", "skipped"]]) {
  $(id).addEventListener("click", () => review.decide(verdict));
}
document.addEventListener("keydown", (event) => review.onKey(event));
window.addEventListener("beforeunload", (event) => {
  if (review.stack.unsaved > 0) {
    event.preventDefault();
  }
});
review.begin().catch((error) => review.notice(error.message));
