/**
 * Voice notes from page to page, for lines on which nothing reaches the server any more: what is lost on the `pieces` channel is sent
 * again within three seconds, while TCP doubles its wait each time. The page at which a clip arrives brings it to the record under
 * its speaker's name, and says so. Knows no record.
 *
 * Events on the call's root: `clip` (Carried; whoever takes it prevents its default), `clip-kept` (the id of a note of ours that lies
 * in the record). Heard there: `clips-wanted`, from now on somebody takes them.
 */

import { uuid, uuidBytes } from "./pieces.js";

/** @import {Announced} from "./receiving.js" */
/** @import {Transfer} from "./transfer.js" */

const CLIP = 4, KEPT = 5;           // kinds of blobs: a piece of a clip, and the word that one is in the record
export const LIMITS = { [CLIP]: 3_000, [KEPT]: 1 };     // bytes
const FIRST = 4;                    // priority: before every picture
const ABOUT = 26;                   // bytes: note, offset, total (0 while more follows), length and age in milliseconds
const ROOMY = ["clear", "medium", "small"];     // rungs on which the way to the server is as good, and shorter

/**
 * A piece of a clip as it came: `total`, `length` and `age` are 0 while more follows; times in milliseconds.
 * @typedef {{note: string, offset: number, content: Blob, total: number, length: number, age: number, speaker: string}} Carried
 */

export class Courier {
  #link;
  #root;
  #transfer;
  /** @type {Carried[]} */ #early = [];
  /** @type {Map<string, string>} notes by the blob that carries a piece of them, on its way from here */ #under = new Map();

  /** @param {import("./features.js").Scene} scene @param {Transfer} transfer */
  constructor({ root, link, signal }, transfer) {
    this.#root = root;
    this.#link = link;
    this.#transfer = transfer;
    transfer.incoming.addEventListener("whole", (event) => {
      const { blob, parts } = /** @type {CustomEvent<{blob: Announced, parts: Uint8Array<ArrayBuffer>[]}>} */ (event).detail;
      if (blob.kind === CLIP) this.#came(blob, parts[0]);
      if (blob.kind === KEPT) this.#tell("clip-kept", uuid(blob.about));
    }, { signal });
    root.addEventListener("clips-wanted", () => { for (const clip of this.#early.splice(0)) this.#tell("clip", clip); }, { signal });
  }

  /** Whether the other page is reached this way, and better than the server is. */
  get isBetter() {
    const { other, steering, rung } = this.#link;
    return other !== null && !steering.isCut && !ROOMY.includes(rung);
  }

  /**
   * Resolves with true when the other page has the piece.
   * @param {import("./voice_wire.js").Piece} piece @param {() => void} moved more of it is there
   */
  async carry({ note, offset, content, last }, moved) {
    const about = new Uint8Array(ABOUT), view = new DataView(about.buffer);
    about.set(uuidBytes(note));
    [offset, last?.total ?? 0, last?.length ?? 0].forEach((value, place) => view.setUint16(16 + 2 * place, value));
    view.setUint32(22, last?.age ?? 0);
    const id = crypto.randomUUID();
    this.#under.set(id, note);
    const bytes = new Uint8Array(await content.arrayBuffer());
    if (!this.#under.has(id)) return false;
    const outcome = await this.#transfer.send({ kind: CLIP, id, about, parts: [bytes], priority: FIRST },
      (out) => out.addEventListener("progress", moved));
    this.#under.delete(id);
    return outcome === "taken";
  }

  /** Nothing more of this note is carried. @param {string} note */
  drop(note) {
    for (const [id, one] of this.#under) {
      if (one !== note) continue;
      this.#under.delete(id);
      this.#transfer.cancel(id);
    }
  }

  /** A clip that was carried here lies in the record: its speaker need not keep it any longer. @param {string} note */
  kept(note) {
    const word = { kind: KEPT, id: crypto.randomUUID(), about: Uint8Array.from(uuidBytes(note)), parts: [new Uint8Array(1)], priority: FIRST };
    this.#transfer.send(word).catch(() => {});          // the server says so as well
  }

  /** @param {Announced} blob @param {Uint8Array<ArrayBuffer>} bytes */
  #came({ about }, bytes) {
    const speaker = this.#link.other?.participant;
    if (about.length !== ABOUT || !speaker) return;     // nobody to bring it for: its speaker will
    const view = new DataView(about.buffer, about.byteOffset);
    const [offset, total, length] = [16, 18, 20].map((place) => view.getUint16(place));
    this.#tell("clip", {
      note: uuid(about.slice(0, 16)), offset, content: new Blob([bytes]), total, length, age: view.getUint32(22), speaker,
    });
  }

  /** @param {string} name @param {any} detail */
  #tell(name, detail) {
    if (!this.#root.dispatchEvent(new CustomEvent(name, { detail, cancelable: true })) || name !== "clip") return;
    this.#early.push(detail);
    this.#root.dispatchEvent(new Event("spoken"));
  }
}
