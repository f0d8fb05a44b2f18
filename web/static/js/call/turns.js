/** One step after the other: none begins while another waits. A step that fails is told, and does not hold up the next. */
export class Turns {
  #fault;
  /** @type {Promise<void>} */ #line = Promise.resolve();

  /** @param {(fault: unknown) => void} fault */
  constructor(fault) {
    this.#fault = fault;
  }

  /** @param {() => Promise<void>} step @returns {Promise<void>} when it is done, never broken */
  take(step) {
    this.#line = this.#line.then(step).catch(this.#fault);
    return this.#line;
  }
}
