/** "Ca đang chờ": the list lives by itself, from what rings at this doctor. */

import { clone, fill, find } from "../dom.js";
import "../duty.js";
import { accept, mark, rings, tellLine } from "../ring.js";
import { figure } from "../time.js";

/** @import {Ring} from "../rings.js" */

const page = document;
const list = find(page, "[data-waiting]", HTMLElement);
const nobody = find(page, "[data-nobody]", HTMLElement);
const count = find(page, "[data-count]", HTMLElement);
let onDuty = find(page, "[data-duty=off]", HTMLElement).hidden;

function draw() {
  const all = rings.all;
  list.replaceChildren(...all.map(row));
  count.textContent = String(all.length);
  list.hidden = all.length === 0;
  nobody.hidden = all.length > 0 || !onDuty;
  tick();
}

/** @param {Ring} ring */
function row(ring) {
  const made = clone("waiting-row");
  made.dataset.row = ring.request;
  fill(made, { station: ring.station, who: ring.who, complaint: ring.complaint });
  find(made, "[data-emergency]", HTMLElement).hidden = !ring.emergency;
  mark(find(made, "[data-marks]", HTMLElement), ring);
  tellLine(made, ring);
  const button = find(made, "[data-accept]", HTMLButtonElement);
  button.addEventListener("click", () => {
    button.disabled = true;
    void accept(ring.request).finally(() => { button.disabled = false; });
  });
  return made;
}

function tick() {
  for (const ring of rings.all) {
    const place = list.querySelector(`[data-row="${ring.request}"] [data-elapsed]`);
    if (place) place.textContent = figure(ring.elapsedMs + performance.now() - ring.readAt);
  }
}

document.addEventListener("duty", (event) => {
  onDuty = /** @type {CustomEvent<boolean>} */ (event).detail;
  nobody.hidden = rings.all.length > 0 || !onDuty;
});
rings.addEventListener("changed", draw);
setInterval(tick, 500);
