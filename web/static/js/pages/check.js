/** The check of machine and line: one click opens camera and microphone and measures the line; the rest is pressed and heard. */

import { LocalMedia } from "../call/media.js";
import { LinePart } from "../check/line.js";
import { Loudspeaker } from "../check/loudspeaker.js";
import { Microphone } from "../check/microphone.js";
import { say } from "../check/words.js";
import { find, option } from "../dom.js";

/** @import {Fault, Kind} from "../call/media.js" */

const KINDS = /** @type {Kind[]} */ (["video", "audio"]);
const root = find(document, "main", HTMLElement);
const start = find(root, "[data-start]", HTMLButtonElement);
const [camera, sound] = ["camera", "microphone"].map((name) => find(root, `[data-test=${name}]`, HTMLElement));
const media = new LocalMedia();
const microphone = new Microphone(/** @type {HTMLElement} */ (sound));
const line = new LinePart(find(root, "[data-test=line]", HTMLElement));
new Loudspeaker(find(root, "[data-test=loudspeaker]", HTMLElement));

start.addEventListener("click", () => void check());
find(root, "[data-reload]", HTMLButtonElement).addEventListener("click", () => location.reload());
for (const select of root.querySelectorAll("select")) {
  select.addEventListener("change", () => void media.choose(kindOf(select), select.value));
}
media.addEventListener("change", (event) => show(/** @type {CustomEvent<Kind>} */ (event).detail));
addEventListener("pagehide", () => media.close());
void foresee();

async function check() {
  start.disabled = true;
  for (const kind of KINDS) if (!media.track(kind)) tell(kind, "opening");
  await Promise.all([open(), line.measure()]);
  start.disabled = false;
}

async function open() {
  await media.open();
  for (const select of root.querySelectorAll("select")) {
    const current = media.track(kindOf(select))?.getSettings().deviceId;
    const found = await media.devices(kindOf(select));
    select.replaceChildren(...found.map((one, number) => option(one.deviceId, one.label || String(number + 1), one.deviceId === current)));
    const field = select.closest("[data-devices]");
    if (field instanceof HTMLElement) field.hidden = found.length < 2 || !current;
  }
}

/** @param {Kind} kind */
function show(kind) {
  const track = media.track(kind);
  if (kind === "audio") microphone.take(track);
  else picture(track);
  tell(kind, track ? (kind === "audio" ? "ready" : "good") : media.faults[kind] || "waiting");
}

/** @param {MediaStreamTrack | null} track */
function picture(track) {
  const place = find(root, "[data-picture]", HTMLElement);
  place.hidden = track === null;
  find(place, "video", HTMLVideoElement).srcObject = track && new MediaStream([track]);
}

/** @param {Kind} kind @param {Fault | "opening" | "waiting" | "ready" | "good"} state */
function tell(kind, state) {
  say(/** @type {HTMLElement} */ (kind === "video" ? camera : sound), state);
  find(root, "[data-help]", HTMLElement).hidden = !KINDS.some((one) => stateOf(one) === "blocked");
}

/** @param {Kind} kind */
function stateOf(kind) {
  return (kind === "video" ? camera : sound)?.dataset.state;
}

/** What the browser refuses is said before anybody asks for it, and taken back when it is allowed. */
async function foresee() {
  find(root, "[data-insecure]", HTMLElement).hidden = Boolean(navigator.mediaDevices);
  if (!navigator.mediaDevices) for (const kind of KINDS) tell(kind, "insecure");
  for (const kind of KINDS) {
    const name = /** @type {PermissionName} */ (kind === "video" ? "camera" : "microphone");
    // A browser that does not know these names tells at the click.
    const permission = await navigator.permissions?.query({ name }).catch(() => null);
    const look = () => {
      if (permission?.state === "denied") tell(kind, "blocked");
      else if (stateOf(kind) === "blocked") tell(kind, "waiting");
    };
    permission?.addEventListener("change", look);
    if (permission?.state === "denied") look();
  }
}

/** @param {HTMLSelectElement} select @returns {Kind} */
function kindOf(select) {
  return select.dataset.choose === "video" ? "video" : "audio";
}
