/** The loudspeaker: the two tones of our ring, and whether somebody heard them. */

import { find } from "../dom.js";
import * as sound from "../sound.js";
import { say } from "./words.js";

export class Loudspeaker {
  #test;
  #asked;

  /** @param {HTMLElement} test */
  constructor(test) {
    this.#test = test;
    this.#asked = find(test, "[data-heard]", HTMLElement);
    find(test, "[data-play]", HTMLButtonElement).addEventListener("click", () => void this.#play());
    find(test, "[data-yes]", HTMLButtonElement).addEventListener("click", () => this.#answer("good"));
    find(test, "[data-no]", HTMLButtonElement).addEventListener("click", () => this.#answer("silent"));
  }

  async #play() {
    await sound.unlock();
    if (!sound.isAllowed()) return say(this.#test, "blocked");
    sound.once();
    say(this.#test, "playing");
    this.#asked.hidden = false;
  }

  /** @param {"good" | "silent"} state */
  #answer(state) {
    this.#asked.hidden = true;
    say(this.#test, state);
  }
}
