// The numbers of a stack, and what is decided about them; a decision counts when the server says it is on the disk.

import { getJson, postJson } from "./server.js";

// Milliseconds between two questions whether others have decided something.
const POLL = 3000;

export class Stack extends EventTarget {
  items = new Map();
  order = []; // names, the doubtful first; those that are added come last
  pages = [];
  left = { total: 0, left: 0, doubtful: 0, expected: 0 };
  by = "";
  unplaced = 0;
  audit = false; // whether a sample is typed without seeing what was read
  #changes = 0;
  #waiting = []; // decisions that are not on the disk yet, in order: { decisions, before, sent }
  #sending = false;
  #stuck = false;

  async load() {
    const loaded = await getJson("stack.json");
    this.pages = loaded.pages;
    this.by = loaded.by;
    this.unplaced = loaded.unplaced;
    this.audit = loaded.audit;
    this.items = new Map(loaded.items.map((item) => [item.id, item]));
    this.order = loaded.items.map((item) => item.id);
    this.left = loaded.left;
    this.#changes = loaded.changes;
    setInterval(() => this.#poll(), POLL);
  }

  get unsaved() {
    return this.#waiting.length;
  }

  get stuck() {
    return this.#stuck;
  }

  item(id) {
    return this.items.get(id);
  }

  // Numbers that are there, in order.
  present() {
    return this.order.map((id) => this.items.get(id)).filter((item) => !item.gone);
  }

  ofPage(page) {
    return this.present().filter((item) => item.page === page).sort(byReading);
  }

  // As they stand on the pages, one page after the other.
  byPage() {
    return this.present().sort((first, second) => first.page - second.page || byReading(first, second));
  }

  // Decide in one go; resolves when it is kept, or refused.
  decide(decisions) {
    const before = decisions.map(({ item }) => this.items.get(item)).filter(Boolean);
    for (const item of before) {
      const { verdict, text } = decisions.find((decision) => decision.item === item.id);
      const kept = verdict === "confirmed" || verdict === "moved" ? item.text : (text ?? "");
      const decided = verdict !== "skipped";
      this.items.set(item.id, { ...item, decided, verdict, text: decided ? kept : item.text, blind: item.blind && !decided, disputed: false });
    }
    const sent = decisions.map((decision) => ({ seen: this.#seen(decision.item), ...decision }));
    return new Promise((resolve) => {
      this.#waiting.push({ decisions: sent, before, resolve });
      this.#tell("change");
      this.#send();
    });
  }

  // Undo what was decided last.  Returns the name of the number, empty if there is none.
  async undo() {
    if (this.#waiting.length > 0) {
      await new Promise((resolve) => this.addEventListener("saved", resolve, { once: true }));
    }
    const answer = await postJson("undo", { since: this.#changes });
    this.#take(answer);
    return answer.item;
  }

  retry() {
    this.#stuck = false;
    this.#send();
  }

  #seen(id) {
    return this.items.get(id)?.seen ?? "";
  }

  async #send() {
    if (this.#sending || this.#stuck) {
      return;
    }
    this.#sending = true;
    while (this.#waiting.length > 0 && !this.#stuck) {
      await this.#sendFirst(this.#waiting[0]);
    }
    this.#sending = false;
    if (this.#waiting.length === 0) {
      this.#tell("saved");
    }
  }

  async #sendFirst(lot) {
    try {
      const answer = await postJson("decide", { since: this.#changes, decisions: lot.decisions });
      this.#waiting.shift();
      this.#take(answer);
      lot.resolve(answer.items);
    } catch (error) {
      if (error.status === undefined || error.status >= 500) {
        // Nothing is given up: it is sent again when the person says so.
        this.#stuck = true;
        this.#tell("trouble", error.message);
        return;
      }
      this.#waiting.shift();
      lot.before.forEach((item) => this.items.set(item.id, item));
      if (error.body?.items) {
        this.#take(error.body);
      }
      this.#tell("refused", error.message, lot.decisions[0].item);
      lot.resolve([]);
    }
  }

  async #poll() {
    if (document.hidden || this.#sending || this.#stuck) {
      return;
    }
    try {
      const answer = await postJson("changes", { since: this.#changes });
      if (!this.#sending && answer.changes >= this.#changes) {
        this.#take(answer);
      }
    } catch {
      // Who decides something next is told.
    }
  }

  #take(answer) {
    if (answer.changes === this.#changes && answer.items.length === 0) {
      return;
    }
    this.#changes = answer.changes;
    this.left = answer.left;
    const waiting = this.#waiting.flatMap(({ decisions }) => decisions);
    for (const item of answer.items) {
      if (!this.items.has(item.id)) {
        this.order.push(item.id);
      }
      const own = waiting.filter((decision) => decision.item === item.id);
      // What was decided since then about the same number is still shown, and follows on our own decision.
      own.filter(() => item.by === this.by).forEach((decision) => (decision.seen = item.seen));
      const shown = own.length > 0 ? this.items.get(item.id) : item;
      this.items.set(item.id, { ...shown, seen: item.seen });
    }
    this.#tell("change");
  }

  #tell(type, message = "", item = "") {
    this.dispatchEvent(new CustomEvent(type, { detail: { message, item } }));
  }
}

// As they were read, and then those that were added.
function byReading(first, second) {
  return first.added - second.added || Number(first.id.slice(1)) - Number(second.id.slice(1)) || 0;
}
