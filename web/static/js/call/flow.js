/**
 * Whether the other side's media arrives. Pure: sums of bytes go in, looked at a few times a second. Where only voice and picture
 * stopped and the connection goes on carrying words, as on the rung of voice notes, nothing is lost.
 */

const SILENT = 3_000;     // milliseconds without a byte of media, and of anything else: lost
const QUIET = 1_500;      // milliseconds by which other bytes outlive the media: it was given up, not cut off
const SILENT_QUIET = 12_000;  // milliseconds without any byte then: words are rare there, and some are lost
const SURE = 2;           // looks with words alone, until a connection that was lost is believed to carry them

export class Flow {
  /** @type {"" | "connected" | "lost"} */ state = "";
  /** @type {{media: number, all: number} | null} */ #last = null;
  #heardAt = 0;
  #aliveAt = 0;
  #words = 0;               // looks at which something came since it was lost

  /** @param {{media: number, all: number, at: number}} sums bytes since the beginning: of voice and picture, of everything; `at` in milliseconds */
  take({ media, all, at }) {
    const last = this.#last;
    this.#last = { media, all };
    if (!last) return this.state;
    if (all > last.all) this.#aliveAt = at;
    if (media > last.media) {
      this.#heardAt = at;
      this.state = "connected";
    } else if (this.state === "connected" && this.#isOver(at)) this.#lose();
    else if (this.state === "lost" && all > last.all && ++this.#words >= SURE) this.state = "connected";
    return this.state;
  }

  #lose() {
    this.state = "lost";
    this.#words = 0;
  }

  /** @param {number} at */
  #isOver(at) {
    return this.#aliveAt - this.#heardAt > QUIET ? at - this.#aliveAt >= SILENT_QUIET : at - this.#heardAt >= SILENT;
  }
}
