/** The worker waits for a doctor: how it stands, live; camera and microphone meanwhile; then the call in this very page. */

import { Legs, openCall, prepareStills } from "../call/open.js";
import { clone, fill, find, maybe } from "../dom.js";
import { get, HttpError } from "../http.js";
import * as start from "../line_start.js";
import { Preview } from "../preview.js";
import { figure } from "../time.js";
import { channel } from "../wire.js";

/**
 * @typedef {{id: string, name: string, place: string, words: string, now: boolean}} Rung
 * @typedef {{
 *   status: string, phase: string, title: string, lead: string, seen: string, isSeen: boolean, elapsedMs: number,
 *   leftMs: number, totalMs: number, until: string, rung: Rung[], call: string, line: string,
 *   start: {rung: import("../call/limits.js").Rung, kbpsUp: number | null} | null,
 * }} State
 */

const LOOK_AGAIN = 10_000; // milliseconds: in case a message was missed
const TICK = 500; // milliseconds
const PREPARE_AFTER = 3_000; // milliseconds of ringing: the line has nothing better to do, and in the call it has
const MEASURE_AFTER = 8_000; // milliseconds of ringing: first the line belongs to whoever connects meanwhile

const main = find(document, "main", HTMLElement);
const root = find(document, "#request", HTMLElement);
const request = main.dataset.request ?? "";
const preview = new Preview(find(root, "[data-preview]", HTMLElement));
const place = document.title.split(" · ").slice(1);
let phase = "";
let readAt = performance.now();
let elapsedMs = Number(main.dataset.elapsed);
let leftMs = Number(main.dataset.left);
let inCall = false;
const measuring = new AbortController();
/** @type {Legs | null} */
let legs = null;
/** @type {WakeLockSentinel | null} */
let wake = null;

async function look() {
  try {
    await draw(await get(`/requests/${request}/state`));
  } catch (error) {
    if (!(error instanceof HttpError)) throw error;
  }
}

/** @param {State} state */
async function draw(state) {
  if (inCall) return back(state);
  readAt = performance.now();
  ({ elapsedMs, leftMs } = state);
  fill(root, { title: state.title, lead: state.lead, seen: state.seen, until: state.until, line: state.line });
  if (state.start) start.keep({ ...state.start, at: Date.now() });
  find(root, "[data-seen]", HTMLElement).classList.toggle("is-go", state.isSeen);
  find(root, "[data-progress]", HTMLProgressElement).max = Math.max(1, state.totalMs);
  document.title = [state.title, ...place].join(" · ");
  list(state.rung);
  tick();
  if (state.phase !== phase) await turn(state);
}

/** They did not meet and it rings again: the page begins anew. @param {State} state */
function back(state) {
  if (state.phase === "ringing") location.assign(`/requests/${request}`);
}

/** @param {State} state */
async function turn(state) {
  phase = state.phase;
  channel.busy = phase === "ringing" || phase === "taken";
  for (const element of root.querySelectorAll("[data-phase]")) {
    if (element instanceof HTMLElement) element.hidden = !element.dataset.phase?.split(" ").includes(phase);
  }
  void stayAwake(channel.busy);
  if (phase !== "ringing") measuring.abort();
  if (phase === "taken" && state.call) return enter(state.call);
  if (phase !== "ringing") {
    legs?.close();
    preview.close();
  }
  if (phase === "failed") find(root, "[data-again]", HTMLButtonElement).focus();
}

/** A browser that says it is on a bad or dear line. */
function savesData() {
  const line = /** @type {{saveData?: boolean, effectiveType?: string} | undefined} */ (/** @type {any} */ (navigator).connection);
  return line?.saveData === true || /2g$/.test(line?.effectiveType ?? "");
}

/** @param {string} call @param {string} [other] the peer whose connection with us stands */
async function enter(call, other = "") {
  if (inCall) return;
  inCall = true;
  measuring.abort();
  const opening = openCall({ call, side: "worker", stream: preview.release(), leg: legs?.take(other) });
  find(root, "[data-open-call]", HTMLAnchorElement).href = `/calls/${call}`;
  await opening;
}

/** @param {{status: string, call: string, leg: string}} news */
function moved({ status, call, leg }) {
  // Not read first: the picture waits for nothing that is only words.
  if (status === "accepted" && call) void enter(call, leg);
  else void look();
}

/** @param {Rung[]} rung */
function list(rung) {
  const ringing = find(root, "[data-rung]", HTMLElement);
  ringing.replaceChildren(...rung.map(row), find(ringing, "[data-last]", HTMLElement));
  find(root, "[data-rung-after]", HTMLElement).replaceChildren(...rung.map(row));
}

/** @param {Rung} one */
function row(one) {
  const made = clone("rung-row");
  made.classList.toggle("is-now", one.now);
  fill(made, { name: one.name, place: one.place, words: one.words });
  return made;
}

function tick() {
  const passed = performance.now() - readAt;
  find(root, "[data-elapsed]", HTMLElement).textContent = figure(elapsedMs + passed);
  find(root, "[data-left]", HTMLElement).textContent = figure(leftMs - passed);
  find(root, "[data-progress]", HTMLProgressElement).value = elapsedMs + passed;
}

/** What the call may want at once, and can begin without: the curtain before the stills. */
function prepare() {
  if (inCall) return;
  import("../call/station.js").catch(() => {});     // asked for again when it is needed
  prepareStills();
  import("../call/beside.js").catch(() => {});
  import("../call/voice_notes.js").catch(() => {}); // once they are needed, the line may carry nothing any more
}

/** The doctor sees before joining what the line carries, also when nobody had checked it. */
async function measure() {
  if (measuring.signal.aborted || start.known()) return;
  const { measureQuietly } = await import("../line_quiet.js");
  await measureQuietly(measuring.signal);
  if (!measuring.signal.aborted) await look();
}

/** @param {boolean} wanted */
async function stayAwake(wanted) {
  if (wanted) wake ??= (await navigator.wakeLock?.request("screen").catch(() => null)) ?? null;
  else {
    await wake?.release().catch(() => {});
    wake = null;
  }
}

channel.on("request-changed", (message) => { if (message.request === request) moved(message); });
channel.on("snapshot", () => void look());
if (maybe("request", HTMLElement)) {
  setInterval(tick, TICK);
  setInterval(() => { if (channel.busy && !inCall) void look(); }, LOOK_AGAIN);
}
if (["requested", "received", "accepted", "in-progress"].includes(main.dataset.status ?? "")) {
  channel.busy = true;
  void preview.open();
  setTimeout(prepare, PREPARE_AFTER);
  setTimeout(() => void measure(), MEASURE_AFTER);
}
if (["requested", "received"].includes(main.dataset.status ?? "")) legs = new Legs({ request, channel, thin: savesData() });
void look();
