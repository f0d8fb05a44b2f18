/**
 * How long a socket is waited for: on 12 kbit/s a handshake takes twelve seconds, and every one that is dropped is paid for. In a call the
 * line is felt for beside it (`Feeler`), so an attempt may take its time.
 */

const LONGEST = 4;      // times the usual waits

export class Patience {
  /** A call speaks in clips, since the line carries no voice: handshakes would only make its queue longer. */
  isThin = false;
  #times = 1;

  /** Times the usual waits. */
  get times() {
    return this.isThin ? LONGEST : this.#times;
  }

  /** An attempt came to nothing: the line may be long rather than gone. */
  dropped() {
    this.#times = Math.min(LONGEST, 2 * this.#times);
  }

  /** The line is there, as long as it may be. */
  found() {
    this.#times = Math.max(1, this.#times / 2);
  }

  /** The server was heard. */
  heard() {
    this.#times = 1;
  }
}
