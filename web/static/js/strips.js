/** The line under the bar. The server wrote its sentences; this reveals them without moving the page under a finger. */

import { maybe } from "./dom.js";

let fingers = 0;
/** @type {(() => void)[]} */
let waiting = [];

addEventListener("pointerdown", () => { fingers += 1; }, { capture: true });
for (const type of ["pointerup", "pointercancel"]) addEventListener(type, settle, { capture: true });

/**
 * Shows the strip `data-strip=name`.
 * @param {string} name
 * @param {boolean} [shown]
 */
export function show(name, shown = true) {
  const strip = maybe("strips", HTMLElement)?.querySelector(`[data-strip="${name}"]`);
  if (!(strip instanceof HTMLElement) || strip.hidden !== shown) return;
  whenNothingIsPressed(() => turn(strip, shown));
}

/** @param {string} name */
export function hide(name) {
  show(name, false);
}

/**
 * What is being read stays where it is: the page scrolls by as much as the strip took.
 * @param {HTMLElement} strip
 * @param {boolean} shown
 */
function turn(strip, shown) {
  const main = maybe("main", HTMLElement);
  const before = main?.getBoundingClientRect().top ?? 0;
  strip.hidden = !shown;
  const moved = (main?.getBoundingClientRect().top ?? 0) - before;
  if (moved !== 0) scrollBy({ top: moved, behavior: "instant" });
}

/** @param {() => void} change */
function whenNothingIsPressed(change) {
  if (fingers > 0) waiting.push(change);
  else change();
}

function settle() {
  fingers = Math.max(0, fingers - 1);
  if (fingers > 0) return;
  const changes = waiting;
  waiting = [];
  // After the click that belongs to this release has found its button.
  setTimeout(() => { for (const change of changes) change(); });
}
