/** The line's part of the check page: measures, keeps the result, shows its words. */

import { fill, find } from "../dom.js";
import { HttpError } from "../http.js";
import { checkLine } from "../line_check.js";
import { keepResult } from "../line_result.js";
import { say } from "./words.js";

/** @import {Result} from "../line_check.js" */
/** @import {Path} from "../line_paths.js" */
/** @import {Told} from "../line_result.js" */

export class LinePart {
  #test;
  #again;

  /** @param {HTMLElement} test */
  constructor(test) {
    this.#test = test;
    this.#again = find(test, "[data-measure]", HTMLButtonElement);
    this.#again.addEventListener("click", () => void this.measure());
  }

  async measure() {
    this.#again.disabled = true;
    say(this.#test, "measuring");
    await this.#measure();
    this.#again.disabled = false;
    find(this.#test, "[data-again]", HTMLElement).hidden = false;
  }

  async #measure() {
    try {
      const result = await checkLine({ signal: new AbortController().signal });
      this.#show(result, await keepResult(result));
    } catch (error) {
      if (!(error instanceof HttpError)) throw error;
      say(this.#test, error.code === "check-busy" ? "busy" : "unreachable");
    }
  }

  /** @param {Result} result @param {Told} told */
  #show(result, told) {
    say(this.#test, result.connected ? "done" : "unmeasured");
    const { words, up, down, roundTrip, lostUp, lostDown, jitterUp, jitterDown } = told;
    fill(this.#test, { words, up, down, roundTrip, lostUp, lostDown, jitterUp, jitterDown });
    find(this.#test, "[data-steps]", HTMLMeterElement).value = told.steps;
    find(this.#test, "[data-figures]", HTMLElement).hidden = false;
    const when = this.#test.querySelector("[data-when]");
    if (when instanceof HTMLElement) when.hidden = true;
    this.#ways(result);
    this.#advise(result, told.weak);
  }

  /** @param {Result} result */
  #ways({ paths, tried }) {
    for (const way of this.#test.querySelectorAll("[data-path]")) {
      if (!(way instanceof HTMLElement)) continue;
      const path = /** @type {Path} */ (way.dataset.path);
      way.hidden = path !== "direct" && !tried.includes(path);
      for (const word of way.querySelectorAll("[data-open]")) {
        if (word instanceof HTMLElement) word.hidden = (word.dataset.open === "yes") !== paths.includes(path);
      }
    }
  }

  /** @param {Result} result @param {boolean} weak */
  #advise({ paths, hasRelay, connected }, weak) {
    const relayed = paths.filter((path) => path !== "direct");
    const wanted = {
      weak: connected && weak, "no-relay": !hasRelay, "only-tls": paths.join() === "tls",
      "only-relay": relayed.length > 0 && !paths.includes("direct") && paths.join() !== "tls",
    };
    for (const [name, shown] of Object.entries(wanted)) {
      const advice = this.#test.querySelector(`[data-advice="${name}"]`);
      if (advice instanceof HTMLElement) advice.hidden = !shown;
    }
  }
}
