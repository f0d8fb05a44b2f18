/** The fields of a note as one value: reads them, writes them, shows faults beside them. Sends nothing. */

import { find, reveal } from "./dom.js";

const TEXTS = /** @type {const} */ (["assessment", "finding", "advice", "danger_signs"]);

/** @typedef {{id: string, version: number, diagnoses: string[], assessment: string, finding: string, advice: string, follow_up: string, danger_signs: string}} Words */
/** @typedef {{code: string, name: string}} Chosen */

export class NoteForm extends EventTarget {
  id = "";
  version = 0;
  #root;
  #chosen;
  /** @type {(code: string) => string} */
  #nameOf;

  /**
   * @param {HTMLElement} root
   * @param {(code: string) => string} nameOf  the name of a condition in the reader's language
   * @param {AbortSignal} signal
   */
  constructor(root, nameOf, signal) {
    super();
    this.#root = root;
    this.#nameOf = nameOf;
    this.form = find(root, "form[data-note-form]", HTMLFormElement);
    this.#chosen = find(root, "[data-chosen]", HTMLElement);
    this.form.addEventListener("input", (event) => {
      if (event.target instanceof HTMLElement && !("picker" in event.target.dataset)) this.#changed();
    }, { signal });
    this.#chosen.addEventListener("click", (event) => this.#press(event), { signal });
  }

  /** @returns {Words} */
  get words() {
    const text = /** @param {string} name */ (name) => this.#area(name).value;
    return {
      id: this.id, version: this.version, diagnoses: this.codes, assessment: text("assessment"), finding: text("finding"),
      advice: text("advice"), follow_up: this.#followUp, danger_signs: text("danger_signs"),
    };
  }

  get codes() {
    return [...this.#chosen.children].flatMap((row) => (row instanceof HTMLElement && row.dataset.code ? [row.dataset.code] : []));
  }

  /** What was chosen, as people read it. */
  get chosen() {
    return this.codes.map((code) => this.called(code));
  }

  /** @param {string} code */
  called(code) {
    return `${code} ${this.#nameOf(code)}`.trim();
  }

  /** The words on the button of the day to come again. */
  get followUpText() {
    return this.#radios.find((radio) => radio.checked)?.closest("label")?.textContent?.trim() ?? "";
  }

  get isEmpty() {
    const { id: _id, version: _version, diagnoses, ...texts } = this.words;
    return diagnoses.length === 0 && Object.values(texts).every((text) => text === "");
  }

  /** @param {Words} words */
  show(words) {
    this.id = words.id;
    this.version = words.version;
    for (const name of TEXTS) this.#area(name).value = words[name];
    for (const radio of this.#radios) radio.checked = radio.value === words.follow_up;
    this.#chosen.replaceChildren(...words.diagnoses.map((code) => this.#row(code)));
    this.#mark();
  }

  /** What was written before the draft came stands behind what the draft says. @param {Words} early */
  addBehind(early) {
    const now = this.words;
    for (const name of TEXTS) if (early[name] !== now[name]) this.#area(name).value = [now[name], early[name]].filter(Boolean).join("\n");
    for (const radio of this.#radios) if (radio.value === early.follow_up) radio.checked = true;
    if (TEXTS.some((name) => early[name]) || early.follow_up) this.#changed();
  }

  /** Adds a diagnosis behind the others; the first one is the main one. @param {string} code */
  add(code) {
    if (this.codes.includes(code)) return;
    this.#chosen.append(this.#row(code));
    this.#changed();
  }

  /** Names that were not known when the rows were made. */
  rename() {
    for (const row of this.#chosen.children) {
      if (row instanceof HTMLElement) this.#name(row, row.dataset.code ?? "");
    }
  }

  /** A sentence beside each field named; the others lose theirs. @param {Record<string, string>} faults */
  blame(faults) {
    for (const error of this.#root.querySelectorAll("[data-error]")) {
      if (!(error instanceof HTMLElement)) continue;
      const text = faults[error.dataset.error ?? ""] ?? "";
      error.hidden = text === "";
      find(error, "span", HTMLElement).textContent = text;
      error.closest("[data-field]")?.classList.toggle("is-red", text !== "");
    }
    const first = Object.keys(faults).map((name) => this.#root.querySelector(`[data-field="${name}"] :is(textarea, input:not([type=hidden]))`))
      .find((element) => element instanceof HTMLElement);
    if (first instanceof HTMLElement) first.focus();
  }

  /** @param {string} state  loading, saved, waiting, sending, stuck, refused or "" */
  tell(state) {
    reveal(this.#root, "save", state);
  }

  /** @param {string} name */
  #area(name) {
    return find(this.form, `textarea[name="${name}"]`, HTMLTextAreaElement);
  }

  get #radios() {
    return /** @type {HTMLInputElement[]} */ ([...this.form.querySelectorAll('input[name="follow_up"]')]);
  }

  get #followUp() {
    return this.#radios.find((radio) => radio.checked)?.value ?? "";
  }

  /** @param {string} code */
  #row(code) {
    const copy = find(this.#root, "template[data-chosen-row]", HTMLTemplateElement).content.firstElementChild?.cloneNode(true);
    if (!(copy instanceof HTMLElement)) throw new Error("the row of a diagnosis is missing");
    copy.dataset.code = code;
    for (const element of copy.querySelectorAll("input, button")) element.setAttribute("value", code);
    find(copy, "[data-code-text]", HTMLElement).textContent = code;
    this.#name(copy, code);
    return copy;
  }

  /** @param {HTMLElement} row @param {string} code */
  #name(row, code) {
    for (const element of row.querySelectorAll("[data-name]")) element.textContent = ` ${this.#nameOf(code)}`;
  }

  /** @param {MouseEvent} event */
  #press(event) {
    const button = event.target instanceof Element ? event.target.closest("button") : null;
    const row = button?.closest("li");
    if (!button || !row) return;
    event.preventDefault();
    if ("remove" in button.dataset) row.remove();
    else this.#chosen.prepend(row);
    find(this.#root, "[data-picker]", HTMLInputElement).focus();
    this.#changed();
  }

  #changed() {
    this.#mark();
    this.dispatchEvent(new Event("change"));
  }

  /** Only the first diagnosis is called the main one; alone it needs no word. */
  #mark() {
    for (const [place, row] of [...this.#chosen.children].entries()) {
      find(row, "[data-main-word]", HTMLElement).hidden = place > 0 || this.#chosen.childElementCount < 2;
      find(row, "[data-main]", HTMLElement).hidden = place === 0;
    }
  }
}
