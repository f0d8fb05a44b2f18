/** This page's seat in the call: asks for it, asks again where the server could not write it down, gives it back. */

import { channel } from "../wire.js";
import { keepAwake } from "./room.js";

/** @import {Commands} from "./commands.js" */

const AGAIN = 2_000;  // milliseconds until a seat is asked for again
const FRESH = 4_000;  // milliseconds for which a seat just taken needs no second look

export class Seat extends EventTarget {
  /** Whether this page wants the seat: not after leaving, being moved away, or the end. */
  wanted = true;
  /** Whether it was ever taken here. */
  taken = false;
  #say;
  #peer;
  #at = 0;
  /** @type {(() => void) | null} */ #sleep = null;

  /** Emits `elsewhere` (another page holds it) and `over`. @param {Commands} say @param {() => string} peer our present peer id */
  constructor(say, peer) {
    super();
    this.#say = say;
    this.#peer = peer;
  }

  /** @param {boolean} takeOver */
  async take(takeOver) {
    this.wanted = true;
    try {
      await this.#say.enter(this.#peer(), takeOver);
      if (!this.wanted) return;
      channel.busy = true;
      this.#sleep ??= keepAwake();
    } catch (refusal) {
      this.#refused(/** @type {{code?: string}} */ (refusal).code ?? "");
    }
  }

  /** The server said that it is ours. True when it was before. */
  seated() {
    const again = this.taken;
    this.taken = true;
    this.#at = performance.now();
    return again;
  }

  /** A new session should have brought the seat back by now. */
  missed() {
    if (this.taken && this.wanted && performance.now() - this.#at > FRESH) void this.take(false);
  }

  giveUp() {
    this.wanted = false;
    channel.busy = false;
    this.#sleep?.();
    this.#sleep = null;
  }

  /** @param {string} code */
  #refused(code) {
    if (code === "call-elsewhere") this.dispatchEvent(new Event("elsewhere"));
    else if (code === "call-over" || code === "no-such-call") this.dispatchEvent(new Event("over"));
    // The records could not write it down: media that flows goes on flowing, and we ask again.
    else setTimeout(() => { if (this.wanted) void this.take(false); }, AGAIN);
  }
}
