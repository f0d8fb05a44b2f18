/** Tells the server that somebody is at this computer, so that reading and thinking do not lock it. At most once a minute. */

import { post } from "./http.js";

const TELL_EVERY = 60_000; // milliseconds: as often as the server writes it down
const SIGNS = ["pointerdown", "keydown", "scroll", "touchstart"];

let told = performance.now(); // the page itself was a sign

export function watchActivity() {
  for (const sign of SIGNS) addEventListener(sign, tell, { capture: true, passive: true });
}

function tell() {
  if (performance.now() - told < TELL_EVERY) return;
  told = performance.now();
  // A sign that is lost is followed by the next; the channel says so if the login is over.
  post("/me/here").catch(() => {});
}
