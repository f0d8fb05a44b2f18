/** Two pages wrote different words: shows the other text beside one's own; whoever chooses loses neither. */

import { find } from "./dom.js";

/** @import {NoteForm, Words} from "./note_form.js" */

export class NoteConflict {
  #root;
  #form;
  #done;
  /** @type {Words | null} */
  #theirs = null;

  /**
   * @param {{root: HTMLElement, form: NoteForm, done: (send: boolean) => void, signal: AbortSignal}} parts
   *   `done`: a choice was made; `send`: this page's words are to be saved over the others
   */
  constructor({ root, form, done, signal }) {
    this.#root = root;
    this.#form = form;
    this.#done = done;
    find(root, "[data-keep-mine]", HTMLElement).addEventListener("click", () => this.#keep(), { signal });
    find(root, "[data-take-theirs]", HTMLElement).addEventListener("click", () => this.#take(), { signal });
  }

  get isOpen() {
    return this.#theirs !== null;
  }

  /** @param {Words & {savedAt: string}} theirs */
  show(theirs) {
    this.#theirs = theirs;
    this.#text("[data-theirs]", plain(theirs, this.#form));
    this.#text("[data-theirs-at]", theirs.savedAt);
    find(this.#root, "[data-conflict]", HTMLElement).hidden = false;
  }

  #keep() {
    const theirs = this.#theirs;
    if (!theirs) return;
    this.#remember(plain(theirs, this.#form));
    this.#form.id = theirs.id;
    this.#form.version = theirs.version;
    this.#close(true);
  }

  #take() {
    const theirs = this.#theirs;
    if (!theirs) return;
    this.#remember(plain(this.#form.words, this.#form));
    this.#form.show(theirs);
    this.#close(false);
  }

  /** The words that were not chosen stay readable until the page closes. @param {string} text */
  #remember(text) {
    this.#text("[data-mine-text]", text);
    find(this.#root, "[data-mine]", HTMLElement).hidden = text === "";
  }

  /** @param {boolean} send */
  #close(send) {
    this.#theirs = null;
    find(this.#root, "[data-conflict]", HTMLElement).hidden = true;
    this.#done(send);
  }

  /** @param {string} selector @param {string} text */
  #text(selector, text) {
    find(this.#root, selector, HTMLElement).textContent = text;
  }
}

/** @param {Words} words @param {NoteForm} form */
function plain(words, form) {
  return [words.diagnoses.map((code) => form.called(code)).join("\n"), words.assessment, words.finding, words.advice, words.danger_signs]
    .filter((text) => text !== "").join("\n");
}
