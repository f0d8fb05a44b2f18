/**
 * Clips of the other side that came from page to page, on to the record: put in order, brought under the speaker's name, one after the
 * other. Knows no DOM and no wire. Emits `kept` with {note, sound}.
 */

import { Outbox } from "./voice_outbox.js";

/** @import {Carried} from "./courier.js" */
/** @import {Clip, Options} from "./voice_outbox.js" */

/** @type {Record<number, string>} by the first byte (RFC 8794, RFC 3533) */
const TYPES = { 0x1a: "audio/webm", 0x4f: "audio/ogg" };

/** @typedef {{clip: Clip, speaker: string, early: Map<number, Carried>}} Coming `early`: pieces by offset whose predecessor is not here yet */

export class Forward extends EventTarget {
  #outbox;
  #now;
  /** @type {Map<string, Coming>} by note */ #coming = new Map();
  /** @type {Set<string>} notes that are done with */ #past = new Set();

  /** @param {Options} options */
  constructor({ put, ...options }) {
    super();
    this.#now = options.now;
    this.#outbox = new Outbox({ ...options, put: (piece, signal) => put({ ...piece, speaker: this.#coming.get(piece.note)?.speaker }, signal) });
    this.#outbox.addEventListener("change", (event) => this.#changed(/** @type {CustomEvent<Clip>} */ (event).detail));
  }

  /** @param {Carried} piece */
  take(piece) {
    if (this.#past.has(piece.note)) return;
    const coming = this.#coming.get(piece.note) ?? this.#begin(piece);
    coming.early.set(piece.offset, piece);
    for (let next = coming.early.get(coming.clip.size); next; next = coming.early.get(coming.clip.size)) this.#append(coming, next);
  }

  close() {
    this.#outbox.close();
  }

  /** One clip follows the other: whatever is still incomplete went another way. @param {Carried} piece */
  #begin({ note, speaker }) {
    for (const [other, { clip }] of this.#coming) if (clip.lengthMs === null) this.#forget(other, clip);
    const coming = { clip: this.#outbox.begin({ id: note, startedAt: this.#now() }), speaker, early: new Map() };
    this.#coming.set(note, coming);
    return coming;
  }

  /** @param {Coming} coming @param {Carried} piece */
  #append({ clip, early }, { offset, content, total, length, age }) {
    early.delete(offset);
    if (total) clip.startedAt = this.#now() - age;
    this.#outbox.append(clip, content);
    if (total === clip.size) this.#outbox.end(clip, length);
  }

  /** @param {string} note @param {Clip} clip */
  #forget(note, clip) {
    this.#outbox.cancel(clip);
    this.#coming.delete(note);
  }

  /** What is refused is refused to its speaker as well, whose page says so. @param {Clip} clip */
  #changed({ id, state, parts }) {
    if (state !== "kept" && state !== "refused") return;
    this.#past.add(id);
    this.#coming.delete(id);
    if (state === "kept") void this.#tell(id, parts);
  }

  /** @param {string} note @param {Blob[]} parts */
  async #tell(note, parts) {
    const [first] = new Uint8Array(await parts[0].slice(0, 1).arrayBuffer());
    const sound = new Blob(parts, { type: TYPES[first] ?? "audio/mp4" });
    this.dispatchEvent(new CustomEvent("kept", { detail: { note, sound } }));
  }
}
