/** The note beside the call and on its own page: opens the draft, saves it as typed, offers diagnoses, signs. */

import { find } from "./dom.js";
import { Draft, Unsent } from "./draft.js";
import { HttpError, get, pause } from "./http.js";
import { NoteConflict } from "./note_conflict.js";
import { NoteForm } from "./note_form.js";
import { NoteReview, showSigned } from "./note_review.js";
import * as strips from "./strips.js";

const STATION_EVERY = 15_000; // milliseconds: what the station measures meanwhile appears beside the editor

/** @typedef {import("./conditions.js").Entry} Entry */

/**
 * Fills the panel in `root` and keeps it: call once for each panel.
 * @param {{encounter: string, root: HTMLElement}} where
 * @returns {Promise<{close: () => void}>}
 */
export async function openNote({ encounter, root }) {
  const panel = new Panel(`/encounters/${encounter}/note`, root);
  await panel.open();
  return panel;
}

class Panel {
  #address;
  #root;
  #stop = new AbortController();
  /** @type {typeof import("./codes.js") | null} */ #codes = null;
  /** @type {Entry[]} */
  #entries = [];
  /** @type {Map<string, string>} */
  #names = new Map();
  /** @type {Map<string, string>} the paper is Vietnamese, whatever the reader's language */
  #printed = new Map();
  #unsent = new Unsent();

  /** @param {string} address @param {HTMLElement} root */
  constructor(address, root) {
    const signal = this.#stop.signal;
    this.#address = address;
    this.#root = root;
    this.form = new NoteForm(root, (code) => this.#names.get(code) ?? "", signal);
    this.draft = this.#unsent.add(new Draft(`${address}/draft`, () => this.form.words));
    this.conflict = new NoteConflict({ root, form: this.form, done: () => this.draft.changed(), signal });
    this.review = new NoteReview({
      root, form: this.form, address: `${address}/sign`, told: (code) => this.#printed.get(code) ?? code,
      signed: (answer) => this.#signed(answer), signal,
    });
    this.form.addEventListener("change", () => this.#typed(), { signal });
    this.form.form.addEventListener("submit", (event) => { event.preventDefault(); void this.#openReview(); }, { signal });
    this.draft.addEventListener("state", () => this.#tell(), { signal });
    this.draft.addEventListener("saved", (event) => this.#saved(/** @type {CustomEvent} */ (event).detail), { signal });
    this.draft.addEventListener("refused", (event) => void this.#refused(/** @type {CustomEvent} */ (event).detail), { signal });
  }

  async open() {
    this.form.tell("loading");
    const found = await this.#fetch();
    this.form.tell("");
    if (!found) return;
    const early = this.form.words;
    if (found.draft) this.#show(found.draft);
    else this.form.id = this.form.id || found.newId;
    if (isBesideCall()) this.form.addBehind(early);
    this.#station(found.station);
    find(this.#root, "[data-licence]", HTMLElement).hidden = found.maySign;
    if (found.signed && !found.draft) showSigned(this.#root, found.signed);
    void this.#touched().then(() => this.#offer(found.conditions));
    this.#follow();
  }

  close() {
    this.draft.close();
    this.#stop.abort();
  }

  /** Everything the panel needs, however long the line is down. */
  async #fetch() {
    for (let attempt = 0; !this.#stop.signal.aborted; attempt++) {
      try {
        return await get(`${this.#address}/draft`, { signal: this.#stop.signal });
      } catch (error) {
        if (!(error instanceof HttpError) || !error.mayPass) throw error;
        await pause(attempt, this.#stop.signal);
      }
    }
    return null;
  }

  /** Until the note is touched, or has codes to name: beside a call, the line is the voice's first. @returns {Promise<unknown>} */
  async #touched() {
    const { signal } = this.#stop;
    if (!isBesideCall() || this.form.codes.length > 0 || this.#root.contains(document.activeElement)) return;
    await new Promise((resolve) => this.#root.addEventListener("focusin", resolve, { once: true, signal }));
  }

  /** The list of conditions, and the field that offers them. @param {string} address */
  async #offer(address) {
    const [input, list] = [find(this.#root, "[data-picker]", HTMLInputElement), find(this.#root, "[data-found]", HTMLElement)];
    const broken = find(this.#root, "[data-picker-broken]", HTMLElement);
    for (let attempt = 0; this.#entries.length === 0 && !this.#stop.signal.aborted; attempt++) {
      this.#entries = await this.#load(address).catch(() => []);
      broken.hidden = this.#entries.length > 0;
      if (!broken.hidden) await pause(attempt, this.#stop.signal);
    }
    if (!this.#codes) return;
    const picker = new this.#codes.Picker({
      input, list, signal: this.#stop.signal, find: (query) => this.#find(query), draw: (item) => this.#option(item.code),
      pick: (item) => this.form.add(item.code),
    });
    const english = document.documentElement.lang === "en";
    for (const { condition } of this.#entries) {
      this.#names.set(condition.code, english ? condition.en : condition.vi);
      this.#printed.set(condition.code, condition.vi);
    }
    this.form.rename();
    if (input.value && document.activeElement === input) picker.refresh();
  }

  /** @param {string} address */
  async #load(address) {
    this.#codes = await import("./codes.js");
    return this.#codes.load(address);
  }

  /** @param {string} query */
  #find(query) {
    const found = this.#codes?.search(this.#entries, query) ?? [];
    find(this.#root, "[data-nothing]", HTMLElement).hidden = query.trim() === "" || found.length > 0 || this.#entries.length === 0;
    return found;
  }

  /** @param {string} code */
  #option(code) {
    const copy = find(this.#root, "template[data-found-row]", HTMLTemplateElement).content.firstElementChild?.cloneNode(true);
    if (!(copy instanceof HTMLElement)) throw new Error("the row of a condition is missing");
    find(copy, "[data-code-text]", HTMLElement).textContent = code;
    find(copy, "[data-name]", HTMLElement).textContent = this.#names.get(code) ?? "";
    return copy;
  }

  #typed() {
    find(this.#root, "[data-refused]", HTMLElement).hidden = true;
    // While two texts differ nothing is sent: it would be refused again.
    if (!this.conflict.isOpen) this.draft.changed();
  }

  /** @param {any} answer */
  #saved(answer) {
    this.form.id = answer.id;
    this.form.version = answer.version;
    this.form.blame({});
    find(this.#root, "[data-saved-at]", HTMLElement).textContent = answer.savedAt;
  }

  /** @param {HttpError} error */
  async #refused(error) {
    if (error.code === "changed") {
      const found = await this.#fetch();
      if (found?.draft) this.conflict.show(found.draft);
      return;
    }
    if (error.code === "signed") {
      // Signed in another page: never a reload here, it would cut the call beside us.
      const found = await this.#fetch();
      this.conflict.remember();
      if (found?.signed) showSigned(this.#root, found.signed);
      return;
    }
    this.form.blame(error.fields);
    find(this.#root, "[data-refused]", HTMLElement).hidden = false;
    find(this.#root, "[data-refused-text]", HTMLElement).textContent = Object.values(error.fields).join(" ") || error.message;
  }

  async #openReview() {
    if (this.form.version === 0 && this.form.isEmpty) this.draft.changed();
    await this.draft.flush();
    if (this.draft.state === "saved" && !this.conflict.isOpen) this.review.open();
  }

  /** @param {any} answer */
  #signed(answer) {
    this.draft.close();
    showSigned(this.#root, answer);
    this.#root.dispatchEvent(new CustomEvent("note-signed", { bubbles: true, detail: answer }));
  }

  #tell() {
    this.form.tell(this.draft.state);
    strips.show("unsent", this.#unsent.stuck > 0);
  }

  /** @param {any} draft */
  #show(draft) {
    this.form.show(draft);
    find(this.#root, "[data-saved-at]", HTMLElement).textContent = draft.savedAt;
    find(this.#root, "[data-addendum]", HTMLElement).hidden = !draft.addendum;
    this.form.tell("saved");
  }

  /** S and O again every few seconds while somebody looks. */
  #follow() {
    const timer = setInterval(async () => {
      if (document.hidden) return;
      const rows = await get(`${this.#address}/station`, { signal: this.#stop.signal }).catch(() => null);
      if (rows) this.#station(rows);
    }, STATION_EVERY);
    this.#stop.signal.addEventListener("abort", () => clearInterval(timer));
  }

  /** @param {{subjective: string[], background: string[], objective: {text: string, word: string, again: string, level: string}[], by: string}} rows */
  #station(rows) {
    const said = find(this.#root, "[data-subjective]", HTMLElement);
    const background = document.createElement("span");
    background.className = "label";
    background.dataset.background = "";
    background.append(document.createElement("br"), rows.background.join(" · "));
    said.replaceChildren(rows.subjective.join(". "), background);
    const measured = rows.objective.map((one, place, all) => {
      const piece = document.createElement("span");
      piece.className = one.level ? `measured is-${one.level}` : "measured";
      piece.textContent = `${one.text}${one.word ? ` ${one.word}` : ""}${one.again ? ` (${one.again})` : ""}${place < all.length - 1 ? "," : ""}`;
      return piece;
    });
    find(this.#root, "[data-objective]", HTMLElement).replaceChildren(...measured.flatMap((piece) => [piece, " "]));
    find(this.#root, "[data-by]", HTMLElement).hidden = rows.by === "" || rows.objective.length === 0;
    find(this.#root, "[data-fill=by]", HTMLElement).textContent = rows.by;
  }
}

/** There the panel may be written in before this script is there; on the note's own page the server has filled it. */
function isBesideCall() {
  return "inCall" in document.body.dataset;
}
