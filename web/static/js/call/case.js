/** The station goes on writing while they talk: what it wrote shows a moment later, all at once. */

import { get } from "../http.js";

const MOMENT = 2_000; // milliseconds: several fields in a row are read, and audited, once

/**
 * Gives what to call when the station wrote something.
 * @param {string} call @param {(given: import("./view.js").Case) => void} fill @param {AbortSignal} signal
 */
export function rereadCase(call, fill, signal) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      // Missed on a bad line, it comes with what is written next, or with a reload.
      if (!signal.aborted) get(`/calls/${call}/state`, { signal }).then((state) => fill(state.case), () => {});
    }, MOMENT);
  };
}
