// The pictures of numbers: asked for many at once, and kept.

import { postJson } from "./server.js";

// Pictures in one request; the first are shown while the others come.
const AT_ONCE = 100;
// Pictures that are kept, each about 10 kB.
const KEPT = 4000;

export class Pictures {
  #kept = new Map(); // key to promise of { url, frame }
  #asked = new Map(); // id to { key, resolve, reject }
  #timer = null;

  // The address of a number's picture, and the part of the page that it shows.
  get(item) {
    const key = `${item.id} ${item.box}`;
    let picture = this.#kept.get(key);
    if (picture === undefined) {
      picture = new Promise((resolve, reject) => this.#asked.set(item.id, { key, resolve, reject }));
      picture.catch(() => this.#kept.delete(key));
      this.#kept.set(key, picture);
      this.#forgetOldest();
      this.#timer ??= setTimeout(() => this.#ask());
    }
    return picture;
  }

  #ask() {
    this.#timer = null;
    const asked = [...this.#asked];
    this.#asked.clear();
    for (let start = 0; start < asked.length; start += AT_ONCE) {
      this.#fetch(new Map(asked.slice(start, start + AT_ONCE)));
    }
  }

  async #fetch(asked) {
    try {
      const { crops, failed } = await postJson("crops", { items: [...asked.keys()] });
      Object.entries(crops).forEach(([id, picture]) => asked.get(id).resolve(picture));
      Object.entries(failed).forEach(([id, message]) => asked.get(id).reject(new Error(message)));
    } catch (error) {
      asked.forEach(({ reject }) => reject(error));
    }
  }

  #forgetOldest() {
    if (this.#kept.size > KEPT) {
      this.#kept.delete(this.#kept.keys().next().value);
    }
  }
}
