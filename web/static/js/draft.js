/** Saves what is typed a moment after typing stops, in order, until the server has it. Knows no page and no words. */

import { HttpError, put } from "./http.js";

const PAUSE = 600; // milliseconds after the last key

/** @typedef {"saved" | "waiting" | "sending" | "stuck" | "refused"} State */

/**
 * One thing that is saved as a whole: a field, or a few that belong together.
 * `send` may read what the last answer said (versions) just before it goes out.
 * Events: `state` after every change of `state`; `saved` (detail: the answer); `refused` (detail: HttpError).
 */
export class Draft extends EventTarget {
  /** @type {State} */
  state = "saved";
  #address;
  #content;
  #pause;
  #dirty = false;
  #stop = new AbortController();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  /** @type {Promise<void> | null} */
  #running = null;

  /**
   * @param {string} address  takes PUT; the same content twice has one effect
   * @param {() => unknown} content  what to send now
   * @param {{pause?: number}} [options]
   */
  constructor(address, content, { pause = PAUSE } = {}) {
    super();
    this.#address = address;
    this.#content = content;
    this.#pause = pause;
  }

  /** Something was typed. */
  changed() {
    this.#dirty = true;
    if (this.state !== "sending" && this.state !== "stuck") this.#move("waiting");
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.flush(), this.#pause);
  }

  /** Sends at once what waits. Resolves when the server has everything, or has refused it. */
  async flush() {
    clearTimeout(this.#timer);
    this.#running ??= this.#run().finally(() => { this.#running = null; });
    await this.#running;
  }

  /** What the server has is what stands here: nothing is left to send. */
  settle() {
    clearTimeout(this.#timer);
    this.#dirty = false;
    this.#move("saved");
  }

  /** Nothing is sent any more. */
  close() {
    clearTimeout(this.#timer);
    this.#stop.abort();
  }

  async #run() {
    while (this.#dirty && !this.#stop.signal.aborted) {
      this.#dirty = false;
      this.#move("sending");
      try {
        const signal = this.#stop.signal;
        const answer = await put(this.#address, this.#content(), { signal, onWait: () => this.#move("stuck") });
        this.dispatchEvent(new CustomEvent("saved", { detail: answer }));
        if (!this.#dirty) this.#move("saved");
      } catch (error) {
        this.#refuse(error);
      }
    }
  }

  /** @param {unknown} error */
  #refuse(error) {
    if (this.#stop.signal.aborted) return;
    if (!(error instanceof HttpError)) throw error;
    this.dispatchEvent(new CustomEvent("refused", { detail: error }));
    if (!this.#dirty) this.#move("refused");
  }

  /** @param {State} state */
  #move(state) {
    if (this.state === state) return;
    this.state = state;
    this.dispatchEvent(new Event("state"));
  }
}

/** All drafts of a page: how many the server does not have yet, and the browser's question before they are lost. */
export class Unsent extends EventTarget {
  /** @type {Set<Draft>} */
  #drafts = new Set();

  constructor() {
    super();
    addEventListener("beforeunload", (event) => {
      if (this.count > 0) event.preventDefault();
    });
    addEventListener("pagehide", () => { for (const draft of this.#drafts) if (draft.state === "waiting") void draft.flush(); });
  }

  /**
   * @template {Draft} T
   * @param {T} draft
   * @returns {T}
   */
  add(draft) {
    this.#drafts.add(draft);
    draft.addEventListener("state", () => this.dispatchEvent(new Event("change")));
    return draft;
  }

  /** Drafts that the server does not have. */
  get count() {
    return [...this.#drafts].filter((draft) => draft.state !== "saved" && draft.state !== "refused").length;
  }

  /** Drafts that were tried and wait for the line. */
  get stuck() {
    return [...this.#drafts].filter((draft) => draft.state === "stuck").length;
  }

  /** Drafts that the server refused. */
  get refused() {
    return [...this.#drafts].filter((draft) => draft.state === "refused").length;
  }

  /** Sends everything now. */
  async flush() {
    await Promise.all([...this.#drafts].map((draft) => draft.flush()));
  }
}
