/** Voice notes as rows among the lines of the chat, each with its state in words. The words are the server's. */

import { clone, fill, find, reveal } from "../dom.js";
import { timeOfDay } from "../time.js";
import { inTime } from "./lines.js";

/** @import {Clip} from "./voice_outbox.js" */
/** @import {Held} from "./voice_inbox.js" */

/** @typedef {{hear: (id: string) => void, again: (clip: Clip) => void}} Deeds */

export class Rows {
  #list;
  #deeds;
  /** @type {Map<string, HTMLElement>} */ #rows = new Map();

  /** @param {HTMLElement} list @param {Deeds} deeds */
  constructor(list, deeds) {
    this.#list = list;
    this.#deeds = deeds;
  }

  /** Our own clip, on its way. @param {Clip} clip */
  clip(clip) {
    const row = this.#row(clip.id);
    fill(row, { spokenLength: clip.lengthMs === null ? "" : length(clip.lengthMs), spokenPart: percentOf(clip) });
    reveal(row, "word", clip.state === "kept" ? "sent" : clip.state);
    find(row, "[data-again]", HTMLElement).onclick = () => this.#deeds.again(clip);
    this.#place(row);
  }

  /** A note that the server has. @param {Held} held */
  note(held) {
    const row = this.#row(held.id);
    row.dataset.at = String(Date.parse(held.spokenAt));
    fill(row, {
      name: held.mine ? "" : `${held.name}:`, spokenLength: length(held.lengthMs), spokenPart: held.percent,
      time: `${timeOfDay(new Date(held.spokenAt))} · `,
    });
    reveal(row, "word", wordOf(held));
    const button = find(row, "[data-hear]", HTMLElement);
    button.hidden = held.state === "coming" || held.state === "waiting";
    button.onclick = () => this.#deeds.hear(held.id);
    reveal(button, "deed", held.state === "playing" ? "stop" : "hear");
    this.#place(row);
  }

  /** @param {string} id */
  remove(id) {
    this.#rows.get(id)?.remove();
    this.#rows.delete(id);
  }

  /** @param {string} id */
  #row(id) {
    const known = this.#rows.get(id);
    if (known) return known;
    const row = clone("call-spoken");
    this.#rows.set(id, row);
    return row;
  }

  /** A row that is new is brought into view. @param {HTMLElement} row */
  #place(row) {
    const isNew = row.parentElement !== this.#list;
    if (isNew) this.#list.append(row);
    inTime(this.#list);
    if (isNew) this.#list.scrollTop = this.#list.scrollHeight;
  }
}

/** Of what the server can have by now. @param {Clip} clip */
export function percentOf({ sent, size }) {
  return size > 0 ? Math.floor((100 * sent) / size) : 0;
}

/** What a note's row says of it. @param {Held} held */
function wordOf({ mine, mark, state }) {
  if (state === "coming" || state === "waiting" || state === "playing" || state === "failed") return `${state}-here`;
  return mine || mark === "heard" ? mark : "unheard";
}

/** "0:07". @param {number} ms */
export function length(ms) {
  const seconds = Math.max(1, Math.round(ms / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
