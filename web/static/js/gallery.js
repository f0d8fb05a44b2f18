/** The photos of a visit: each with its own state, from the camera to the server. */

import { Camera } from "./camera.js";
import { byId, clone, fill, find, reveal } from "./dom.js";
import { HttpError, postUntilAnswered } from "./http.js";
import { send, shrink } from "./photo.js";

export class Gallery extends EventTarget {
  #address;
  #file = byId("photo-file", HTMLInputElement);
  #camera = new Camera();
  /** @type {Promise<void>} photos go one after another: the line is thin */
  #queue = Promise.resolve();
  /** How many are not at the server yet. Event `change` when it changes. */
  count = 0;

  /** @param {string} address */
  constructor(address) {
    super();
    this.#address = address;
    this.#file.addEventListener("change", () => {
      for (const file of this.#file.files ?? []) this.#add(file);
      this.#file.value = "";
    });
    this.#file.addEventListener("click", (event) => {
      if (!event.isTrusted || !Camera.isWanted) return;
      event.preventDefault();
      void this.#camera.open();
    });
    this.#camera.addEventListener("taken", (event) => this.#add(/** @type {CustomEvent} */ (event).detail));
    this.#camera.addEventListener("file", () => this.#file.click());
  }

  /** The doctor opened it: it can no longer be taken out. @param {string} id */
  seen(id) {
    const figure = byId("gallery", HTMLElement).querySelector(`[data-photo="${CSS.escape(id)}"]`);
    if (!figure) return;
    reveal(figure, "state", "seen");
    figure.querySelector("[data-removal]")?.remove();
  }

  /** @param {Blob} original */
  #add(original) {
    const figure = clone("photo-new");
    const address = URL.createObjectURL(original);
    find(figure, "img", HTMLImageElement).src = address;
    byId("gallery", HTMLElement).append(figure);
    this.#move(1);
    this.#queue = this.#queue.then(() => this.#bring(figure, original)).finally(() => this.#move(-1));
  }

  /**
   * @param {HTMLElement} figure
   * @param {Blob} original
   */
  async #bring(figure, original) {
    const id = crypto.randomUUID();
    const removal = find(figure, "[data-do=remove]", HTMLButtonElement);
    try {
      const small = await shrink(original);
      reveal(figure, "state", "sending");
      await send(`${this.#address}/photos`, id, small, {
        signal: new AbortController().signal,
        onProgress: (percent) => {
          reveal(figure, "state", "sending");
          fill(figure, { percent });
          find(figure, "progress", HTMLProgressElement).value = percent;
        },
        onWait: () => reveal(figure, "state", "waiting"),
      });
      figure.dataset.photo = id;
      reveal(figure, "state", "arrived");
      removal.addEventListener("click", () => void this.#remove(figure, id));
    } catch (error) {
      reveal(figure, "state", "failed");
      if (error instanceof HttpError && error.fields.photo) fill(figure, { why: error.fields.photo });
      removal.addEventListener("click", () => figure.remove());
    }
    removal.hidden = false;
  }

  /**
   * @param {HTMLElement} figure
   * @param {string} id
   */
  async #remove(figure, id) {
    await postUntilAnswered(`/photos/${id}/remove`, {}, { onWait: () => reveal(figure, "state", "waiting") });
    figure.remove();
  }

  /** @param {number} by */
  #move(by) {
    this.count += by;
    this.dispatchEvent(new Event("change"));
  }
}
