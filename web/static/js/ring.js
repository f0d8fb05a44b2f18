/** The ring on whatever page a doctor has open: panel, sound, title and notification. Starts when it is imported. */

import { LocalMedia } from "./call/media.js";
import { Legs, openCall } from "./call/open.js";
import { attention } from "./attention.js";
import { clone, fill, find, maybe } from "./dom.js";
import { HttpError } from "./http.js";
import { ACCEPTED, Rings } from "./rings.js";
import * as sound from "./sound.js";
import * as strips from "./strips.js";
import { figure } from "./time.js";
import { channel } from "./wire.js";

/** @import {End, Ring} from "./rings.js" */

const SAID_FOR = 12_000; // milliseconds that a strip stays which says who took it

export const rings = new Rings();
/** @type {Map<string, HTMLDialogElement>} */
const panels = new Map();
/** @type {Map<string, Legs>} made ready while it rings, by request */
const legs = new Map();
let onDuty = false;

/** Takes the request and opens its call in this page; camera and microphone open meanwhile. @param {string} request */
export async function accept(request) {
  const panel = panels.get(request), media = new LocalMedia(), mine = legs.get(request);
  press(panel, true);
  void media.open();
  try {
    const call = await rings.accept(request, { leg: mine?.peer, onWait: () => panel && show(panel, "unreachable") });
    if (!call) return media.close(); // pressed twice
    const opening = openCall({ call, side: "doctor", media, leg: mine?.take() });
    for (const about of ["ring-silent", "ring-notifications"]) strips.hide(about); // the call needs the room
    await opening;
  } catch (error) {
    media.close();
    if (!(error instanceof HttpError)) throw error;
    press(panel, false);
    lose(request, error);
  }
}

/** @param {Ring} ring */
function open(ring) {
  if (isInCall() || ring.busy) return busy(ring);
  const panel = clone("ring-panel");
  if (!(panel instanceof HTMLDialogElement)) return;
  fill(panel, { from: ring.from, line: ring.line });
  panel.setAttribute("aria-label", ring.from);
  panel.classList.toggle("is-emergency", ring.emergency);
  mark(find(panel, "[data-marks]", HTMLElement), ring);
  tellLine(panel, ring);
  find(panel, "[data-accept]", HTMLButtonElement).addEventListener("click", () => void accept(ring.request));
  find(panel, "[data-decline]", HTMLButtonElement).addEventListener("click", () => void decline(ring.request));
  maybe("rings", HTMLElement)?.append(panel);
  panels.set(ring.request, panel);
  const typing = document.activeElement;
  panel.show();
  // Beside the work: what is being typed keeps the focus.
  if (typing instanceof HTMLElement && typing.matches("input, textarea, select, [contenteditable]")) typing.focus();
  tick();
  call(ring);
  void channel.send({ type: "ring-shown", request: ring.request }).catch(() => {});
  legs.set(ring.request, new Legs({ request: ring.request, channel }));
}

/** An emergency while the doctor is in a call: said in the strip, without a sound. @param {Ring} ring */
function busy(ring) {
  if (!ring.emergency) return;
  say("emergency", { from: ring.from, line: ring.line }, false);
  void channel.send({ type: "ring-shown", request: ring.request }).catch(() => {});
}

/** @param {string} request */
async function decline(request) {
  const panel = panels.get(request);
  press(panel, true);
  await rings.decline(request, () => panel && show(panel, "unreachable")).catch((error) => lose(request, error));
}

/** Somebody was faster, or it is over: the server's sentence says it. @param {string} request @param {HttpError} error */
function lose(request, error) {
  rings.end({ request, by: "", reason: "said", mine: false });
  say("lost", { message: error.message });
}

/** @param {{ring: Ring, end: End}} detail */
function close({ ring, end }) {
  panels.get(ring.request)?.remove();
  const wasShown = panels.delete(ring.request);
  if (end.reason !== ACCEPTED) legs.get(ring.request)?.close();
  legs.delete(ring.request);
  strips.hide("ring-emergency");
  if (panels.size === 0) quiet();
  if (!wasShown) return;
  if (end.mine && end.reason === "accepted") say("mine", {});
  else if (end.by && !end.mine) say("taken", { by: end.by });
  else if (!end.mine && end.reason !== "said") say("over", {});
}

/** @param {Ring} ring */
function call(ring) {
  sound.ring();
  attention.begin(ring.from, ring.request);
  listen();
}

function quiet() {
  sound.stop();
  attention.end();
}

/** Whether this page shows a call: then nothing rings over it. */
function isInCall() {
  return document.querySelector("[data-call-root]") !== null;
}

/** A sound that the browser blocks is said in the strip. */
function listen() {
  strips.show("ring-silent", onDuty && !sound.isAllowed() && !isInCall());
}

/** @param {HTMLElement} place @param {Ring} ring */
export function mark(place, ring) {
  place.replaceChildren(...ring.marks.map((one) => {
    const chip = clone("ring-mark");
    fill(chip, { text: one.text });
    chip.classList.add(one.level === "red" ? "is-red" : "is-look");
    for (const sign of chip.querySelectorAll("[data-sign]")) {
      if (sign instanceof HTMLElement) sign.hidden = sign.dataset.sign !== one.direction;
    }
    return chip;
  }));
}

/** @param {Ring} ring */
function renew(ring) {
  const panel = panels.get(ring.request);
  if (panel) tellLine(panel, ring);
}

/** What the station's line carries, where that was measured. @param {HTMLElement} place @param {Ring} ring */
export function tellLine(place, ring) {
  fill(place, { carries: ring.carries });
  const chip = find(place, "[data-line]", HTMLElement);
  chip.hidden = ring.carries === "";
  chip.classList.toggle("is-look", ring.weak);
}

/** @param {HTMLElement} panel @param {string} notice */
function show(panel, notice) {
  find(panel, `[data-ring="${notice}"]`, HTMLElement).hidden = false;
}

/** @param {HTMLElement | undefined} panel @param {boolean} pressed */
function press(panel, pressed) {
  for (const button of panel?.querySelectorAll("button") ?? []) button.disabled = pressed;
}

/** @param {string} name @param {Record<string, string>} values @param {boolean} [passing] */
function say(name, values, passing = true) {
  const strip = maybe("strips", HTMLElement)?.querySelector(`[data-strip="ring-${name}"]`);
  if (!(strip instanceof HTMLElement)) return;
  fill(strip, values);
  strips.show(`ring-${name}`);
  if (passing) setTimeout(() => strips.hide(`ring-${name}`), SAID_FOR);
}

function tick() {
  for (const ring of rings.all) {
    const panel = panels.get(ring.request);
    if (!panel) continue;
    const passed = performance.now() - ring.readAt;
    find(panel, "[data-elapsed]", HTMLElement).textContent = figure(ring.elapsedMs + passed);
    find(panel, "[data-left]", HTMLElement).textContent = figure(ring.leftMs - passed);
    const progress = find(panel, "[data-progress]", HTMLProgressElement);
    progress.max = Math.max(1, ring.totalMs);
    progress.value = ring.elapsedMs + passed;
  }
}

maybe("strips", HTMLElement)?.append(maybe("ring-strips", HTMLTemplateElement)?.content ?? "");
rings.addEventListener("added", (event) => open(/** @type {CustomEvent<Ring>} */ (event).detail));
rings.addEventListener("renewed", (event) => renew(/** @type {CustomEvent<Ring>} */ (event).detail));
rings.addEventListener("removed", (event) => close(/** @type {CustomEvent<{ring: Ring, end: End}>} */ (event).detail));
channel.on("ring", ({ request }) => void rings.add(request));
channel.on("taken", (end) => rings.end(end));
channel.on("snapshot", ({ duty, ringing }) => {
  onDuty = duty;
  rings.replace(ringing.map(({ request }) => request));
  listen();
});
channel.on("duty-changed", ({ duty }) => {
  onDuty = duty;
  listen();
});
for (const type of ["pointerdown", "keydown"]) {
  addEventListener(type, () => void sound.unlock().then(listen), { capture: true, passive: true });
}
setInterval(tick, 500);
