/** The other side's socket is gone: whether it is still there all the same. Knows no connection. */

const GONE = 90_000;          // milliseconds without a socket and without media: nobody is coming back

export class Absence {
  is = false;
  #comes;
  #left;
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #timer;

  /** @param {() => boolean} comes whether something still comes from there @param {() => void} left nothing does any more */
  constructor(comes, left) {
    this.#comes = comes;
    this.#left = left;
  }

  /** Its socket is gone for the moment: its media may well go on. */
  begin() {
    this.is = true;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.judge(), GONE);
  }

  /** The server has not heard of it for long. What comes from there still comes: on the thinnest line words do, and no socket. */
  judge() {
    if (this.#comes()) this.begin();
    else this.#left();
  }

  end() {
    this.is = false;
    clearTimeout(this.#timer);
  }
}
