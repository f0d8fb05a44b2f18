/** The case beside a call: its rows; and what the station writes while they talk shows a moment later, all at once. */

import { filled, find } from "../dom.js";
import { get, pause } from "../http.js";

/** @import {Sign} from "./view.js" */

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

/** @param {Sign} sign */
export function signRow({ label, value, unit, level, word, direction }) {
  const row = filled("call-sign", { label, value, unit: level ? "" : unit, word });
  if (level) row.classList.add(level === "red" ? "is-red" : "is-look");
  find(row, "[data-word]", HTMLElement).hidden = !level;
  for (const arrow of row.querySelectorAll("[data-direction]")) {
    if (arrow instanceof HTMLElement) arrow.hidden = arrow.dataset.direction !== direction;
  }
  return row;
}

/** @param {{address: string, caption: string}} photo */
export function photoRow({ address, caption }) {
  const row = filled("call-photo", { caption });
  show(find(row, "img", HTMLImageElement), address);
  find(row, "a", HTMLAnchorElement).href = address;
  return row;
}

/** A photo that did not arrive is asked for again while it stands on the page. @param {HTMLImageElement} picture @param {string} address */
function show(picture, address, attempt = 0) {
  picture.onerror = () => void pause(attempt).then(() => { if (picture.isConnected) show(picture, address, attempt + 1); });
  picture.src = address;
}

/** @param {{name: string, number: string}} phone */
export function phoneRow({ name, number }) {
  const row = filled("call-phone", { name, number });
  find(row, "a", HTMLAnchorElement).href = `tel:${number.replaceAll(" ", "")}`;
  return row;
}
