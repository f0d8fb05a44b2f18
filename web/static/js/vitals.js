/** One vital sign as it is typed: what the server understood is shown under the field. The numbers are judged there, not here. */

import { clone, fill, find } from "./dom.js";
import { Draft } from "./draft.js";

const CORRECTION = 120_000; // milliseconds: what is changed sooner corrects a slip, later it is a new measurement

/** @typedef {{id: string, version: number, typed: string, state: string, mark: string, offer: string, at: string}} Answer */

export class Vital {
  /** @type {Draft} */
  draft;
  #root;
  #input;
  #hidden;
  #code;
  #version;
  /** @type {string | null} the measurement that was shown before this one */
  #after = null;
  #savedAt = 0;

  /**
   * @param {HTMLElement} root  `<div data-vital>`
   * @param {string} address
   */
  constructor(root, address) {
    this.#root = root;
    this.#code = root.dataset.vital ?? "";
    this.#input = find(root, "input:not([type=hidden])", HTMLInputElement);
    this.#hidden = find(root, "input[type=hidden]", HTMLInputElement);
    this.#version = Number(this.#hidden.dataset.version);
    this.draft = new Draft(address, () => this.#content());
    this.draft.addEventListener("saved", (event) => this.#show(/** @type {CustomEvent} */ (event).detail));
    this.draft.addEventListener("refused", (event) => this.#refused(/** @type {CustomEvent} */ (event).detail));
    this.#input.addEventListener("input", () => this.#typed());
    this.#input.addEventListener("change", () => void this.draft.flush());
    root.addEventListener("click", (event) => this.#pressed(event));
  }

  #content() {
    const version = this.#version;
    return { id: this.#hidden.value, code: this.#code, typed: this.#input.value.trim(), version, after: this.#after };
  }

  #typed() {
    const settled = this.#version > 0 && this.draft.state === "saved";
    if (settled && Date.now() - this.#savedAt > CORRECTION) this.#measureAgain();
    this.draft.changed();
  }

  #measureAgain() {
    if (this.#version > 0) this.#after = this.#hidden.value;
    this.#hidden.value = crypto.randomUUID();
    this.#version = 0;
  }

  /** @param {Event} event */
  #pressed(event) {
    const button = event.target instanceof Element ? event.target.closest("button") : null;
    if (!button) return;
    event.preventDefault();
    if (button.name === "use") this.#input.value = find(button, "[data-fill=offer]", HTMLElement).textContent ?? "";
    else if (button.name === "again") this.#measureAgain();
    else if (button.dataset.do === "take") this.#take();
    else if (button.dataset.do === "keep") this.#keep();
    this.#input.focus();
    if (button.dataset.do === "take") return;
    this.draft.changed();
    void this.draft.flush();
  }

  /** @param {Answer} answer */
  #show(answer) {
    this.#version = answer.version;
    this.#savedAt = Date.now();
    this.#say(answer.state, answer.mark, { offer: answer.offer, at: answer.at });
  }

  /** @type {Answer | null} what another page wrote */
  #theirs = null;

  /** @param {import("./http.js").HttpError} error */
  #refused(error) {
    if (!error.current?.id) return this.#say("unreadable", "red", {});
    this.#theirs = error.current;
    this.#say("conflict", "red", { theirs: error.current.typed });
  }

  #take() {
    if (!this.#theirs) return;
    this.#input.value = this.#theirs.typed;
    this.#hidden.value = this.#theirs.id;
    this.#show(this.#theirs);
    this.draft.settle();
  }

  #keep() {
    this.#after = this.#theirs?.id ?? null;
    this.#hidden.value = crypto.randomUUID();
    this.#version = 0;
  }

  /**
   * @param {string} state
   * @param {string} mark
   * @param {Record<string, string>} values
   */
  #say(state, mark, values) {
    this.#root.classList.toggle("is-red", mark === "red");
    this.#root.classList.toggle("is-look", mark === "look");
    const place = find(this.#root, ".state", HTMLElement);
    if (place.dataset.shown === state + JSON.stringify(values)) return;
    place.dataset.shown = state + JSON.stringify(values);
    place.replaceChildren(...(state ? [clone(`vital-${state}`)] : []));
    fill(place, values);
  }
}
