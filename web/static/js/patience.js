/** How long this page waits: for an answer before it doubts the line, and before it comes back. Pure but for chance. */

const RETRY_FIRST = 300; // milliseconds, doubling
const RETRY_AT_MOST = 8_000; // milliseconds
const RETRY_AT_MOST_BUSY = 2_000; // milliseconds: somebody is waiting for somebody
const ACK = 3_000; // milliseconds without an answer to a command
const ACK_AT_MOST = 15_000; // milliseconds, on a line that has shown to be slow
const SWIFT = 2_000; // milliseconds in which a line that is not slow brings a fresh socket
const RUDE = [4429, 4430, 4440, 4445]; // coming back at once would end the same way

export class Patience {
  /** Milliseconds without an answer after which a fresh socket is tried. */
  answer = ACK;
  #tries = 0;

  /** The old socket spoke while a fresh one was being tried in its place: the line is slow, and the trying makes it slower. */
  slow() {
    this.answer = Math.min(ACK_AT_MOST, 2 * this.answer);
  }

  /** @param {number} took milliseconds from the attempt to the welcome */
  welcomed(took) {
    this.#tries = 0;
    if (took < SWIFT) this.answer = ACK;
  }

  /** Milliseconds until the next attempt. @param {number} code why the last one ended @param {boolean} isBusy @param {number} chance from 0 to 1 */
  retry(code, isBusy, chance) {
    if (RUDE.includes(code)) this.#tries = 5;
    return chance * Math.min(isBusy ? RETRY_AT_MOST_BUSY : RETRY_AT_MOST, RETRY_FIRST * 2 ** this.#tries++);
  }
}
