/** Which of a test's sentences stands there. The server wrote them all. */

import { reveal } from "../dom.js";

/** @param {HTMLElement} test @param {string} state one of the test's `data-word` */
export function say(test, state) {
  test.dataset.state = state;
  reveal(test, "word", state);
}
