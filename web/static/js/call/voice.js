/** The quiet beginning of voice notes: a button, and an eye on the line. What records and plays is loaded when it is wanted. */

import { channel } from "../wire.js";
import { isVoiceLive, isWithoutMedia, needOf } from "./voice_need.js";

/** @import {VoiceNotes} from "./voice_notes.js" */

const LOOK = 1_000;     // milliseconds between two looks at the line
const SOON = 15_000;    // milliseconds of a settled call: the line may still be good

/** @param {import("./features.js").Scene} scene */
export function wireVoice(scene) {
  const { root, load, signal } = scene;
  const watch = new Watch(scene);
  /** @type {Promise<VoiceNotes> | null} */ let wanted = null;
  const fetched = () => import(/** @type {any} */ ("./voice_notes.js"));
  /** @param {(notes: VoiceNotes) => void} deed */
  const use = async (deed) => {
    wanted ??= load(fetched).then(({ VoiceNotes: Loaded }) => new Loaded(scene, () => watch.isVoiceLive));
    const notes = await wanted;
    if (!signal.aborted) deed(notes);
  };
  for (const button of root.querySelectorAll("[data-voice-open]")) button.addEventListener("click", () => void use((notes) => notes.turn()), { signal });
  watch.onNeed = (why) => void use((notes) => notes.need(why));
  root.addEventListener("spoken", () => void use(() => {}), { signal });
  setTimeout(() => { if (!signal.aborted) fetched().catch(() => {}); }, SOON);
}

/** What the line says: whether one should speak in clips, and whether the other side is heard live. */
class Watch {
  /** @type {(why: "rung" | "text" | "cut" | "back" | "") => void} */ onNeed = () => {};
  #scene;
  /** @type {string} */ #rung;
  /** @type {string} */ #theirs;
  /** @type {string} */ #line;
  /** @type {number} */ #since;
  /** @type {ReturnType<typeof needOf>} */ #need = "";

  /** @param {import("./features.js").Scene} scene */
  constructor(scene) {
    this.#scene = scene;
    const { link, view, signal } = scene;
    [this.#rung, this.#theirs, this.#line, this.#since] = [link.rung, link.other?.rung ?? "", view.line, view.since];
    link.addEventListener("rung", (event) => { this.#rung = /** @type {CustomEvent<string>} */ (event).detail; this.#look(); }, { signal });
    link.addEventListener("other", (event) => { this.#theirs = /** @type {CustomEvent} */ (event).detail.rung ?? ""; this.#look(); }, { signal });
    const timer = setInterval(() => this.#look(), LOOK);
    signal.addEventListener("abort", () => clearInterval(timer));
  }

  get isVoiceLive() {
    return isVoiceLive({ line: this.#scene.view.line, theirs: this.#theirs });
  }

  #look() {
    const now = performance.now(), { line } = this.#scene.view;
    if (isWithoutMedia(line) !== isWithoutMedia(this.#line)) this.#since = now;
    this.#line = line;
    const need = needOf({ line, lineMs: now - this.#since, rung: this.#rung, isReachable: channel.state.state === "open" });
    if (need === this.#need) return;
    const isBack = need === "" && line === "connected";
    this.#need = need;
    this.onNeed(isBack ? "back" : need);
  }
}
