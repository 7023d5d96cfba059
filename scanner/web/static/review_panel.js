// One number: its picture, what was read, and what else it may be.

import { asPercent } from "./percent.js";
import { postJson } from "./server.js";

const $ = (id) => document.getElementById(id);
// The largest that a pixel of a page is shown, in pixels of the screen.
const MAX_ENLARGED = 6;
const VERDICT_WORDS = {
  confirmed: "Confirmed",
  corrected: "Corrected",
  unreadable: "Unreadable",
  "no number": "No number",
  added: "Added",
  moved: "Moved",
  skipped: "Skipped",
};

export class Panel {
  #review;
  #shown = null; // key of the picture that is shown

  constructor(review) {
    this.#review = review;
    $("confirm").addEventListener("click", () => this.commit());
    $("typed").addEventListener("input", () => this.refresh());
    // Also when it is shown again after the window has changed behind another view.
    new ResizeObserver(() => this.#fit()).observe($("crop"));
  }

  get #item() {
    return this.#review.stack.item(this.#review.current);
  }

  show(item) {
    if (this.#review.page.draft === null) {
      this.clearText();
    }
    this.refresh();
    if (item) {
      $("status").textContent = [$("reading").textContent, $("sure").textContent, $("place").textContent].join(", ");
    }
  }

  refresh() {
    const item = this.#item;
    const draft = this.#review.page.draft;
    $("panel").classList.toggle("done", !item && !draft);
    $("reading").textContent = draft?.item === null ? "New number" : item ? shownText(item) : "All looked through";
    $("reading").className = item && !draft && item.text ? "text" : "words";
    $("place").textContent = item ? this.#placeText(item) : "";
    $("sure").textContent = item && draft?.item !== null ? sureText(item) : "";
    $("decided").textContent = item ? decidedText(item, this.#review.stack.by) : "";
    $("decided").hidden = !item?.verdict || item.disputed;
    this.#showAlternatives(draft ? [] : (item?.alternatives ?? []));
    const typed = $("typed").value.trim();
    $("typed-label").textContent = draft?.item === null ? "New number: type what stands there" : item?.blind ? "Just type what stands there" : "Correction: just type it";
    $("confirm").replaceChildren(enterWord(item, draft, typed), " ", keyCap("Enter"));
    const names = this.#review.names();
    const place = names.indexOf(this.#review.current);
    $("position").textContent = place < 0 ? "" : `${(place + 1).toLocaleString("en")} of ${names.length.toLocaleString("en")}`;
    $("all").hidden = this.#review.route === null;
    $("no-number").replaceChildren(item?.added ? "Take it away" : item?.field ? "Empty" : "No number", " ", keyCap("N"));
    for (const id of ["unreadable", "no-number", "skip"]) {
      $(id).disabled = draft !== null;
    }
    this.#showPicture(item);
  }

  // What an audit has found, when all of it is typed and decided.
  async showReport(isDue) {
    $("report").hidden = true;
    if (!isDue) {
      return;
    }
    try {
      const { lines } = await postJson("audit", {});
      if (this.#review.current !== null) {
        return;
      }
      $("report-lines").replaceChildren(
        ...lines.map((line) => {
          const paragraph = document.createElement("p");
          paragraph.textContent = line;
          return paragraph;
        }),
      );
      $("report").hidden = false;
    } catch (error) {
      this.#review.notice(error.message);
    }
  }

  clearText() {
    $("typed").value = "";
    if (document.activeElement === $("typed")) {
      $("stage").focus({ preventScroll: true });
    }
  }

  beginText(text) {
    $("typed").value = text;
    $("typed").focus();
    this.refresh();
    return true;
  }

  // What Enter does: a draft on the page first, then what was typed, and else the reading is right.
  commit() {
    const typed = $("typed").value.trim();
    if (this.#review.page.draft !== null) {
      this.#review.page.finishDraft(typed);
    } else if (typed && typed !== this.#item?.text) {
      this.#review.decide("corrected", typed);
    } else {
      this.#review.decide("confirmed");
    }
  }

  takeAlternative(index) {
    const text = this.#item?.alternatives[index];
    if (text === undefined) {
      return false;
    }
    this.#review.decide("corrected", text);
    return true;
  }

  onTextKey({ key }, isTyping) {
    if (!isTyping) {
      return false;
    }
    if (key === "Enter") {
      this.commit();
      return true;
    }
    if (key === "Escape") {
      this.#review.page.stopDrawing();
      this.clearText();
      this.refresh();
      return true;
    }
    return false;
  }

  #placeText(item) {
    const page = this.#review.stack.pages[item.page];
    const field = item.field ? ` · ${item.field}` : "";
    return `${pageName(page)}${field}`;
  }

  #showAlternatives(texts) {
    $("alternatives").hidden = texts.length === 0;
    $("alternatives").replaceChildren(
      ...texts.map((text, index) => {
        const button = document.createElement("button");
        button.type = "button";
        const name = document.createElement("b");
        name.textContent = text;
        button.append(keyCap("ABCDE"[index]), name);
        button.addEventListener("click", () => this.takeAlternative(index));
        const entry = document.createElement("li");
        entry.append(button);
        return entry;
      }),
    );
  }

  async #showPicture(item) {
    const key = item ? `${item.id} ${item.box}` : null;
    if (key === this.#shown) {
      return;
    }
    this.#shown = key;
    $("no-picture").textContent = "";
    if (!item) {
      $("picture").hidden = $("mark").hidden = true;
      return;
    }
    try {
      const { url, frame } = await this.#review.pictures.get(item);
      if (key !== this.#shown) {
        return;
      }
      $("picture").src = url;
      $("picture").alt = `The number in its place: ${this.#placeText(item)}`;
      $("cut").dataset.frame = JSON.stringify(frame);
      $("picture").hidden = $("mark").hidden = false;
      placeIn($("mark"), item.box, frame);
      this.#fit();
    } catch (error) {
      if (key === this.#shown) {
        $("picture").hidden = $("mark").hidden = true;
        $("no-picture").textContent = error.message;
      }
    }
  }

  // As large as there is room for.
  #fit() {
    if (!$("cut").dataset.frame) {
      return;
    }
    const [, , width, height] = JSON.parse($("cut").dataset.frame);
    const room = $("crop").getBoundingClientRect();
    const scale = Math.min(MAX_ENLARGED, (room.width - 24) / width, (room.height - 24) / height);
    if (scale > 0) {
      $("cut").style.width = `${width * scale}px`;
      $("cut").style.height = `${height * scale}px`;
    }
  }
}

// A page as messages name it; page 0 is a file that could not be opened.
export function pageName({ file, page }) {
  return page > 0 ? `${file}, page ${page}` : file;
}

// Place an element on a picture that shows a part of the page.
export function placeIn(element, [x, y, width, height], [left, top, frameWidth, frameHeight]) {
  element.style.left = `${((x - left) / frameWidth) * 100}%`;
  element.style.top = `${((y - top) / frameHeight) * 100}%`;
  element.style.width = `${(width / frameWidth) * 100}%`;
  element.style.height = `${(height / frameHeight) * 100}%`;
}

export function shownText(item) {
  if (item.blind) {
    return "What stands here?";
  }
  if (item.verdict === "no number" && item.field) {
    return "Empty";
  }
  if (item.verdict === "unreadable" || item.verdict === "no number") {
    return VERDICT_WORDS[item.verdict];
  }
  return item.text || (item.empty ? "Empty" : "Not read");
}

function sureText(item) {
  if (item.added || item.blind) {
    return "";
  }
  if (item.disputed) {
    return `Typed so, but read as ${item.read}. Which is right?`;
  }
  const reason = item.reason || "";
  if (!item.read && !item.empty) {
    return reason || "something is written here";
  }
  return [`${asPercent(item.confidence)} sure`, reason].filter(Boolean).join(" · ");
}

// What Enter does now.
function enterWord(item, draft, typed) {
  if (draft) {
    return draft.item === null ? (typed ? "Add" : "Draw it, then type") : "Take this place";
  }
  if (item?.blind) {
    return typed ? "Next" : "Type it, then";
  }
  if (item?.disputed) {
    return typed ? "Correct" : "What was typed";
  }
  return typed ? "Correct" : item?.decided ? "Next" : "Right";
}

function decidedText(item, by) {
  const who = item.by && item.by !== by ? ` by ${item.by}` : "";
  const was = item.read && item.text !== item.read ? `, read as ${item.read}` : "";
  return item.verdict ? `${VERDICT_WORDS[item.verdict]}${who}${was}` : "";
}

function keyCap(text) {
  const cap = document.createElement("kbd");
  cap.textContent = text;
  return cap;
}
