/**
 * Voice notes of both sides as the server has them: fetched once, played in order, the missing one waited for. Knows no DOM and
 * no wire. Emits `change` with the note, and `gap` when the server has to be asked for a note that was announced to nobody here.
 */

/**
 * @typedef {{id: string, number: number, participant: string, mine: boolean, name: string, lengthMs: number, spokenAt: string, mark: "sent" | "arrived" | "heard"}} Note
 * @typedef {Note & {state: "away" | "coming" | "waiting" | "ready" | "playing" | "failed", percent: number, sound: Blob | null, isLeft: boolean}} Held `isLeft`: stopped by hand, so it does not begin by itself again
 */
/**
 * `play` tells how it ended. `mayPlay`: whether a sound may begin by itself now. `tell`: the other side hears of it.
 * @typedef {{
 *   download: (id: string, options: {signal: AbortSignal, onProgress: (percent: number) => void, onWait: () => void}) => Promise<Blob>,
 *   play: (sound: Blob) => Promise<"ended" | "stopped" | "blocked">, stop: () => void, mayPlay: () => boolean,
 *   tell: (id: string, heard: boolean) => void,
 * }} Options
 */

const MARKS = ["sent", "arrived", "heard"];

export class Inbox extends EventTarget {
  #options;
  /** @type {Map<string, Held>} */ #notes = new Map();
  /** @type {Held[]} */ #wanted = [];       // to be fetched, in this order
  /** @type {Held | null} */ #coming = null;
  /** @type {Held | null} */ #playing = null;
  /** @type {Held | null} */ #asked = null; // somebody wants to hear this one as soon as it is here
  /** @type {Map<string, Blob>} */ #here = new Map();   // our own clips, and what came from page to page: nobody has to fetch them
  #isBlocked = false;                       // the browser wants a click first
  #closed = new AbortController();

  /** @param {Options} options */
  constructor(options) {
    super();
    this.#options = options;
  }

  /** Every note, in the order of speaking. */
  get notes() {
    return [...this.#notes.values()].sort((one, other) => one.spokenAt.localeCompare(other.spokenAt) || one.number - other.number);
  }

  /** Whether something of the other side waits to be heard. */
  get unheard() {
    return this.notes.filter(isUnheard).length;
  }

  /** A note as the server has it: new here, or known with another mark. @param {Note} note */
  take(note) {
    const known = this.#notes.get(note.id);
    if (known) return this.mark(note.id, note.mark);
    /** @type {Held} */
    const held = { ...note, state: "away", percent: 0, sound: null, isLeft: false };
    this.#notes.set(note.id, held);
    this.#change(held);
    const here = this.#here.get(note.id);
    if (here) this.here(note.id, here);
    else if (isUnheard(held)) this.#want(held);
  }

  /** Marks only rise. @param {string} id @param {Note["mark"]} mark */
  mark(id, mark) {
    const held = this.#notes.get(id);
    if (!held || MARKS.indexOf(mark) <= MARKS.indexOf(held.mark)) return;
    held.mark = mark;
    this.#change(held);
  }

  /** A sound that is here, perhaps before the server has announced its note. @param {string} id @param {Blob} sound */
  here(id, sound) {
    this.#here.set(id, sound);
    const held = this.#notes.get(id);
    if (!held || held.sound) return;
    this.#ready(held, sound);
    this.#arrived(held);
    this.wake();
  }

  /** Somebody wants to hear this note now. @param {string} id */
  hear(id) {
    const held = this.#notes.get(id);
    if (!held) return;
    this.#isBlocked = false;
    held.isLeft = held === this.#playing;
    if (held.isLeft) return this.#options.stop();
    this.#asked = held;
    if (this.#playing) this.#options.stop();
    else if (held.sound) void this.#play(held);
    else this.#want(held, true);
  }

  /** The first one that was not heard yet. */
  hearNext() {
    const next = this.notes.find((held) => isUnheard(held) && held.state !== "failed");
    if (next) this.hear(next.id);
  }

  /** Voice came or went, somebody clicked, a recording ended: what waits may perhaps be played now. @param {{clicked?: boolean}} [how] */
  wake({ clicked = false } = {}) {
    if (clicked) this.#isBlocked = false;
    if (this.#playing || this.#closed.signal.aborted) return;
    if (this.#asked?.sound) return void this.#play(this.#asked);
    if (this.#isBlocked || !this.#options.mayPlay()) return;
    const next = this.notes.find((held) => isUnheard(held) && !held.isLeft && held.state !== "failed");
    if (next && !this.#follows(next)) this.dispatchEvent(new Event("gap"));
    else if (next?.sound) void this.#play(next);
  }

  close() {
    this.#closed.abort();
    this.#options.stop();
  }

  /** Whether the author's note before this one is known here. @param {Held} held */
  #follows({ participant, number }) {
    return number <= 1 || this.notes.some((one) => one.participant === participant && one.number === number - 1);
  }

  /** @param {Held} held */
  #want(held, first = false) {
    if (held.sound || held === this.#coming || (this.#wanted.includes(held) && !first)) return;
    this.#wanted = this.#wanted.filter((one) => one !== held);
    if (first) this.#wanted.unshift(held);
    else this.#wanted.push(held);
    if (!this.#coming) void this.#fetch();
  }

  async #fetch() {
    for (let held = this.#wanted.shift(); held && !this.#closed.signal.aborted; held = this.#wanted.shift()) {
      this.#coming = held;
      await this.#fetchOne(held);
    }
    this.#coming = null;
  }

  /** @param {Held} held */
  async #fetchOne(held) {
    this.#set(held, "coming");
    try {
      this.#ready(held, await this.#options.download(held.id, {
        signal: this.#closed.signal, onWait: () => this.#set(held, "waiting"),
        onProgress: (percent) => { held.percent = percent; this.#set(held, "coming"); },
      }));
      this.#arrived(held);
    } catch {
      if (!this.#closed.signal.aborted) this.#set(held, "failed");
      if (this.#asked === held) this.#asked = null;
    }
    this.wake();
  }

  /** @param {Held} held @param {Blob} sound */
  #ready(held, sound) {
    held.sound = sound;
    this.#set(held, "ready");
  }

  /** @param {Held} held */
  async #play(held) {
    if (!held.sound) return;
    this.#playing = held;
    if (this.#asked === held) this.#asked = null;
    this.#set(held, "playing");
    const end = await this.#options.play(held.sound);
    this.#playing = null;
    if (end === "blocked") this.#isBlocked = true;
    if (end === "ended" && !held.mine && held.mark !== "heard") this.#reach(held, "heard");
    this.#set(held, "ready");
    this.wake();
  }

  /** @param {Held} held */
  #arrived(held) {
    if (!held.mine && held.mark === "sent") this.#reach(held, "arrived");
  }

  /** @param {Held} held @param {"arrived" | "heard"} mark */
  #reach(held, mark) {
    held.mark = mark;
    this.#options.tell(held.id, mark === "heard");
  }

  /** @param {Held} held @param {Held["state"]} state */
  #set(held, state) {
    held.state = state;
    this.#change(held);
  }

  /** @param {Held} held */
  #change(held) {
    this.dispatchEvent(new CustomEvent("change", { detail: held }));
  }
}

/** @param {Held} held */
function isUnheard({ mine, mark }) {
  return !mine && mark !== "heard";
}
