/** Loads what stands beside the conversation, when the call has settled or somebody wants it; a curtain that is drawn, at once. */

import { reveal } from "../dom.js";
import { channel } from "../wire.js";
import { keep, reached } from "./late.js";

const CURTAIN = "curtain"; // in localStorage, "<call> <until>": neither a reload nor another tab lifts it

/** @import {Scene} from "./features.js" */

/** @param {Scene} scene */
export async function wireStation(scene) {
  const { call, side, root, media, settled, load } = scene;
  if (side !== "worker") return;
  const kept = curtainOf(call), turn = keep(root, "[data-curtain-turn]");
  // The camera stays shut until the curtain hangs.
  media.isCurtained = kept.read() > 0;
  void turn.wanted.then(() => dim(media.track("video")));
  if (!media.isCurtained) await Promise.race([settled, turn.wanted]);
  const { wireStation: wire } = await load(() => import("./station.js"));
  wire(scene, kept);
  turn.release();
}

/** Nobody is seen while what hangs the curtain is still on its way. @param {MediaStreamTrack | null} camera */
function dim(camera) {
  if (camera) camera.enabled = false;
}

/** @param {Scene} scene */
export async function wireAside(scene) {
  const { call, root, settled, load, signal } = scene;
  const tools = keep(root, "[data-devices-open], [data-voice-open], form[data-say]"), spoken = reached(root, "spoken");
  signal.addEventListener("abort", channel.on("voice-note", (message) => { if (message.call === call) root.dispatchEvent(new Event("spoken")); }));
  /** @type {Promise<void>} */
  const said = new Promise((resolve) => signal.addEventListener("abort", channel.on("chat", (message) => { if (message.call === call) resolve(); })));
  await Promise.race([settled, tools.wanted, spoken, said]);
  const { wireBeside } = await load(() => import("./beside.js"));
  wireBeside(scene);
  tools.release();
  void spoken.then(() => root.dispatchEvent(new Event("spoken")));
}

/** The note beside the doctor's call. @param {Scene} scene */
export async function wireNote({ root, known, settled, load }) {
  const panel = root.querySelector("#note");
  if (!(panel instanceof HTMLElement) || panel.childElementCount === 0) return;
  const review = keep(panel, "form[data-note-form]"), wanted = reached(panel, "pointerdown", "focusin");
  reveal(panel, "save", "loading");
  const { encounter } = await known;
  await Promise.race([settled, wanted]);
  const { openNote } = await load(() => import(/** @type {any} */ ("../note.js")));
  await openNote({ encounter, root: panel });
  review.release();
}

/** @param {string} call @returns {import("./curtain.js").Kept} */
function curtainOf(call) {
  return {
    read: () => {
      const [of, until] = (localStorage.getItem(CURTAIN) ?? "").split(" ");
      return of === call ? Number(until) : 0;
    },
    write: (until) => until ? localStorage.setItem(CURTAIN, `${call} ${until}`) : localStorage.removeItem(CURTAIN),
  };
}
