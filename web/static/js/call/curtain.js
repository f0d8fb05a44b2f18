/**
 * The curtain's time: drawn for three minutes, fifteen seconds' warning, longer on one tap, lifted by itself. It outlives a
 * reload: `kept` holds until when, and whatever is left then, nobody is uncovered without the warning. Knows no camera.
 */

const SPAN = 180_000;    // milliseconds (product.md, N12)
const WARNING = 15_000;  // milliseconds before it is lifted by itself

/** @typedef {"open" | "drawn" | "ending"} State */
/** @typedef {{read: () => number, write: (until: number) => void}} Kept instants of the wall clock in milliseconds; 0: not drawn */

export class Curtain extends EventTarget {
  /** @type {State} */ state = "open";
  #kept;
  #now;
  #endsAt = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #timer;

  /** Emits `change`. @param {Kept} kept @param {() => number} now milliseconds that no clock setting moves */
  constructor(kept, now = () => performance.now()) {
    super();
    this.#kept = kept;
    this.#now = now;
  }

  /** Milliseconds until it is lifted. */
  get left() {
    return Math.max(0, this.#endsAt - this.#now());
  }

  /** Drawn before a reload: it is drawn still. */
  restore() {
    const until = this.#kept.read();
    if (until) this.#for(Math.min(SPAN, Math.max(WARNING, until - Date.now())));
  }

  /** Draws it, or keeps it drawn for the whole span from now. */
  draw() {
    this.#for(SPAN);
  }

  lift() {
    clearTimeout(this.#timer);
    this.#endsAt = 0;
    this.#kept.write(0);
    this.#turn("open");
  }

  /** The page goes; what is kept stays. */
  close() {
    clearTimeout(this.#timer);
  }

  /** @param {number} span */
  #for(span) {
    this.#endsAt = this.#now() + span;
    this.#kept.write(Date.now() + span);
    this.#step();
  }

  #step() {
    clearTimeout(this.#timer);
    const { left } = this;
    if (left <= 0) return this.lift();
    const isEnding = left <= WARNING;
    this.#timer = setTimeout(() => this.#step(), isEnding ? left : left - WARNING);
    this.#turn(isEnding ? "ending" : "drawn");
  }

  /** @param {State} state */
  #turn(state) {
    if (state === this.state) return;
    this.state = state;
    this.dispatchEvent(new Event("change"));
  }
}
