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
   * @param {{root: HTMLElement, form: NoteForm, done: () => void, signal: AbortSignal}} parts
   *   `done`: a choice was made; what the form says now is to be saved
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
    this.remember(plain(theirs, this.#form));
    this.#form.id = theirs.id;
    this.#form.version = theirs.version;
    this.#close();
  }

  #take() {
    const theirs = this.#theirs;
    if (!theirs) return;
    this.remember();
    this.#form.show(theirs);
    this.#close();
  }

  /** The words that were not kept, this page's own if left out, stay readable until the page closes. @param {string} [text] */
  remember(text = plain(this.#form.words, this.#form)) {
    this.#text("[data-mine-text]", text);
    find(this.#root, "[data-mine]", HTMLElement).hidden = text === "";
  }

  #close() {
    this.#theirs = null;
    find(this.#root, "[data-conflict]", HTMLElement).hidden = true;
    this.#done();
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
