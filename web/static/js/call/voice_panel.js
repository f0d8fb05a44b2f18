/** The panel over the picture: why one speaks in clips now, the button, the seconds left, and what became of the last clip. */

import { fill, find, reveal } from "../dom.js";
import { hide, show } from "../strips.js";
import { wireHold } from "./hold.js";
import { percentOf } from "./voice_rows.js";

/** @import {Clip} from "./voice_outbox.js" */
/** @import {Held} from "./voice_inbox.js" */

const SAY_BACK_FOR = 8_000; // milliseconds

/** @typedef {"asked" | "rung" | "text" | "cut" | "new" | "back"} Why */

export class Panel {
  #root;
  #panel;
  /** @type {Why | ""} */ #why = "";
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #timer;

  /** @param {HTMLElement} root @param {import("./hold.js").Deeds & {hear: () => void, closed: () => void}} deeds @param {AbortSignal} signal */
  constructor(root, deeds, signal) {
    this.#root = root;
    this.#panel = find(root, "[data-voice-panel]", HTMLElement);
    wireHold(find(this.#panel, "[data-hold]", HTMLButtonElement), deeds, signal);
    find(this.#panel, "[data-voice-cancel]", HTMLButtonElement).addEventListener("click", deeds.cancel, { signal });
    find(this.#panel, "[data-voice-hear]", HTMLButtonElement).addEventListener("click", deeds.hear, { signal });
    find(this.#panel, "[data-voice-close]", HTMLButtonElement).addEventListener("click", () => { this.close(); deeds.closed(); }, { signal });
    this.speaking(false);
  }

  get isOpen() {
    return this.#why !== "";
  }

  /** @param {Why} why */
  open(why) {
    clearTimeout(this.#timer);
    this.#why = why;
    reveal(this.#panel, "voice-why", why);
    find(this.#panel, "[data-hold]", HTMLElement).hidden = why === "back";
    find(this.#panel, "[data-voice-hear]", HTMLElement).hidden = why !== "new";
    find(this.#panel, "[data-voice-close]", HTMLElement).hidden = why === "rung" || why === "text" || why === "cut";
    this.#turn(true);
    if (why === "back") this.#timer = setTimeout(() => this.close(), SAY_BACK_FOR);
  }

  close() {
    clearTimeout(this.#timer);
    this.#why = "";
    this.#turn(false);
  }

  /** Where the keyboard goes on after the quiet button. */
  focus() {
    find(this.#panel, "[data-hold]", HTMLElement).focus();
  }

  /** @param {boolean} isOn */
  speaking(isOn) {
    reveal(this.#panel, "voice-now", isOn ? "speaking" : "idle");
    this.#panel.classList.toggle("is-on", isOn);
  }

  /** @param {number} seconds */
  left(seconds) {
    fill(this.#panel, { secondsLeft: seconds });
  }

  /** What kept somebody from speaking: "short", or no microphone. @param {"" | "short" | "deaf"} fault */
  fault(fault) {
    reveal(this.#panel, "voice-fault", fault);
  }

  /** @param {Clip} clip @param {number} unsent */
  clip(clip, unsent) {
    if (clip.state !== "recording") this.#own(clip.state === "kept" ? "sent" : clip.state, percentOf(clip));
    const isStuck = unsent > 0 && clip.state === "waiting";
    for (const strip of document.querySelectorAll("[data-strip=voice-unsent]")) fill(strip, { unsentClips: unsent });
    if (isStuck) show("voice-unsent");
    else if (unsent === 0) hide("voice-unsent");
  }

  /** @param {Held} held @param {number} unheard */
  note(held, unheard) {
    if (held.mine && held.mark !== "sent") this.#own(held.mark);
    if (!held.mine) reveal(this.#panel, "voice-theirs", held.state === "playing" ? "playing" : "");
    if (this.#why === "new" && unheard === 0) this.close();
  }

  /** @param {string} word @param {number} [percent] */
  #own(word, percent = 0) {
    fill(this.#panel, { spokenPart: percent });
    reveal(this.#panel, "voice-own", word);
  }

  /** @param {boolean} isOpen */
  #turn(isOpen) {
    this.#panel.hidden = !isOpen;
    this.#root.toggleAttribute("data-voice-shown", isOpen);
    for (const button of this.#root.querySelectorAll("[data-voice-open]")) button.setAttribute("aria-expanded", String(isOpen));
  }
}
