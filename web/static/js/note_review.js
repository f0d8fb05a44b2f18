/** Everything once more before signing, then the one button that locks the note. */

import { fill, find, reveal } from "./dom.js";
import { HttpError, postUntilAnswered } from "./http.js";

/** @import {NoteForm} from "./note_form.js" */

export class NoteReview {
  #root;
  #form;
  #address;
  #told;
  #signed;
  #dialog;
  #busy = false;
  #trying = new AbortController();

  /**
   * @param {{root: HTMLElement, form: NoteForm, address: string, told: (code: string) => string, signed: (answer: any) => void,
   *   signal: AbortSignal}} parts  `told`: the name of a diagnosis as the paper prints it
   */
  constructor({ root, form, address, told, signed, signal }) {
    this.#root = root;
    this.#form = form;
    this.#address = address;
    this.#told = told;
    this.#signed = signed;
    this.#dialog = find(root, "dialog[data-review]", HTMLDialogElement);
    find(root, "[data-review-close]", HTMLElement).addEventListener("click", () => this.#dialog.close(), { signal });
    // Whoever goes on writing does not want it signed by itself a minute later.
    this.#dialog.addEventListener("close", () => this.#trying.abort(), { signal });
    find(root, "[data-sign]", HTMLElement).addEventListener("click", () => void this.#sign(), { signal });
  }

  open() {
    const { assessment, finding, advice, danger_signs, diagnoses } = this.#form.words;
    this.#write("diagnoses", this.#form.chosen);
    this.#write("assessment", [assessment]);
    this.#write("finding", [finding || (diagnoses[0] ? this.#told(diagnoses[0]) : "")]);
    this.#write("advice", advice.split("\n"));
    this.#write("danger_signs", danger_signs.split("\n"));
    this.#write("follow_up", [this.#form.followUpText]);
    this.#blame("");
    this.#dialog.showModal();
    find(this.#root, "[data-sign]", HTMLElement).focus();
  }

  /** One line each; an empty field says so with a dash. @param {string} name @param {string[]} lines */
  #write(name, lines) {
    const said = lines.map((line) => line.trim()).filter((line) => line !== "");
    const place = find(this.#root, `[data-review-of="${name}"]`, HTMLElement);
    place.replaceChildren(...(said.length > 0 ? said : ["–"]).map((line) => {
      const paragraph = document.createElement("p");
      paragraph.textContent = line;
      return paragraph;
    }));
  }

  async #sign() {
    // A second click finds the first still under way; the server would sign once all the same.
    if (this.#busy) return;
    this.#busy = true;
    this.#trying = new AbortController();
    this.#blame("");
    try {
      const answer = await postUntilAnswered(this.#address, { id: this.#form.id, version: this.#form.version }, {
        signal: this.#trying.signal, onWait: () => reveal(this.#dialog, "sign-error", "waiting"),
      });
      this.#dialog.close();
      this.#signed(answer);
    } catch (error) {
      if (this.#trying.signal.aborted) return; // closed while the line was down: nothing more is sent
      if (!(error instanceof HttpError)) throw error;
      this.#refused(error);
    } finally {
      this.#busy = false;
    }
  }

  /** @param {HttpError} error */
  #refused(error) {
    if (Object.keys(error.fields).length === 0) {
      this.#blame(error.sentence ? "said" : "fault", error.sentence);
      return;
    }
    this.#dialog.close();
    this.#form.blame(error.fields);
  }

  /** @param {"" | "said" | "fault"} kind @param {string} [text] what the server said */
  #blame(kind, text = "") {
    find(this.#root, "[data-sign-error-text]", HTMLElement).textContent = text;
    reveal(this.#dialog, "sign-error", kind);
  }
}

/** The last line of the panel once it is signed. @param {HTMLElement} root @param {{text: string, advice: string, note: string}} answer */
export function showSigned(root, answer) {
  find(root, "form[data-note-form]", HTMLElement).hidden = true;
  find(root, "[data-signed]", HTMLElement).hidden = false;
  fill(find(root, "[data-signed]", HTMLElement), { signed: answer.text });
  find(root, "[data-advice-link]", HTMLAnchorElement).href = answer.advice;
  find(root, "[data-note-link]", HTMLAnchorElement).href = answer.note;
}
