/** /encounters/{id}/advice: prints the paper; before it is signed, waits and then shows it by itself. */

import { byId } from "../dom.js";
import { get } from "../http.js";
import { channel } from "../wire.js";

const LOOK_EVERY = 10_000; // milliseconds: the channel tells at once; this is for a page whose channel is lost

const main = byId("main", HTMLElement);
const encounter = main.dataset.encounter ?? "";
const print = document.querySelector("[data-print]");

if (print instanceof HTMLElement) {
  print.hidden = false;
  print.addEventListener("click", () => window.print());
}
// An addendum while the paper is on the screen: the page shows the newest.
channel.on("note-changed", (message) => { if (message.encounter === encounter) location.reload(); });
if ("waiting" in main.dataset) setInterval(look, LOOK_EVERY);

async function look() {
  const found = await get(`/encounters/${encounter}/advice/state`).catch(() => null);
  if (found?.state === "signed") location.reload();
}
