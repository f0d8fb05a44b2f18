/** The call's page as elements: fills in names and numbers, reveals the words the server wrote. Knows no connection. */

import { fill, filled, find } from "../dom.js";
import { timeOfDay } from "../time.js";
import { phoneRow, photoRow, signRow } from "./case.js";
import { Loudspeaker } from "./loudspeaker.js";
import { height, rungShown } from "./rungs.js";

const TICK = 1_000; // milliseconds

/**
 * @typedef {"opening" | "alone" | "connecting" | "connected" | "reconnecting" | "not-connected" | "empty" | "left" |
 *   "elsewhere" | "moved" | "over"} Line
 * @typedef {{label: string, value: string, unit: string, level: string, word: string, direction: string}} Sign
 * @typedef {{
 *   patient: string, patientShort: string, about: string, complaint: string, station: string, emergency: boolean, practice: boolean,
 *   signs: Sign[], photos: {address: string, caption: string}[], medications: string, allergies: string, problems: string,
 *   last: string, lastDay: string, phones: {name: string, number: string}[], visit: string,
 * }} Case
 * @typedef {{name: string, organization: string}} Person
 */

export class View {
  /** @type {Line} */ line = "opening";
  since = performance.now();   // when `line` began
  /** @type {import("./rungs.js").Rung} the rung that the page names */ picture = "voice";
  /** @type {import("./rungs.js").Rung} */ #seen = "voice";
  /** @type {Parameters<typeof rungShown>[0]} */ #said = { rung: "", camera: true, curtain: false };
  #cutSince = 0;
  #startedAt = 0;
  #finishAt = 0;
  #over = false;
  #loudspeaker = new Loudspeaker();
  #timer;

  /** @param {HTMLElement} root the copy of the template */
  constructor(root) {
    this.root = root;
    this.remote = find(root, "[data-remote]", HTMLVideoElement);
    this.own = find(root, "[data-own]", HTMLVideoElement);
    this.#timer = setInterval(() => this.#tick(), TICK);
    for (const tab of root.querySelectorAll("[data-tab-of]")) tab.addEventListener("click", (event) => this.#turn(event, tab));
    this.show("finish", "none");
    this.show("advice", "waiting");
    this.#nameRung();
  }

  close() {
    clearInterval(this.#timer);
    this.#loudspeaker.close();
  }

  /** Of everything that carries `data-<name>`, shows what lists `value` and hides the rest. @param {string} name @param {string} value */
  show(name, value) {
    for (const element of this.root.querySelectorAll(`[data-${name}]`)) {
      const states = element.getAttribute(`data-${name}`)?.split(" ") ?? [];
      if (element instanceof HTMLElement) element.hidden = !states.includes(value);
    }
  }

  /** @param {Line} line */
  setLine(line) {
    const isCut = line === "reconnecting" || line === "not-connected";
    const wasCut = this.line === "reconnecting" || this.line === "not-connected";
    if (isCut && !wasCut) this.#cut();
    if (line !== this.line) this.since = performance.now();
    this.line = line;
    this.root.dataset.state = line;
    this.show("line", line);
    find(this.root, ".stage", HTMLElement).classList.toggle("is-stale", !["connected", "connecting", "opening"].includes(line));
    this.#tick();
  }

  /** @param {Case} given */
  fillCase(given) {
    const { signs, photos, phones, emergency, practice, visit, ...texts } = given;
    fill(this.root, texts);
    for (const name of /** @type {const} */ (["medications", "allergies", "problems", "last"])) this.#toggle(`[data-has="${name}"]`, texts[name] !== "");
    this.#toggle("[data-emergency-chip]", emergency);
    this.#toggle("[data-practice]", practice);
    this.#toggle("[data-real]", !practice);
    this.#rows("[data-signs]", signs.map(signRow));
    this.#toggle("[data-no-signs]", signs.length === 0);
    this.#rows("[data-photos]", photos.map(photoRow));
    for (const place of this.root.querySelectorAll("[data-phones]")) place.replaceChildren(...phones.map(phoneRow));
    for (const link of this.root.querySelectorAll("[data-visit-link]")) link.setAttribute("href", visit);
  }

  /** Everybody who is here: those on the other side, then this side. @param {Person[]} people @param {Person | null} me */
  fillPeople(people, me) {
    const all = me ? [...people, me] : people;
    this.#rows("[data-present]", all.map(({ name, organization }) => filled("call-present", { name, organization })));
    const names = this.root.querySelector("[data-names]");
    if (names instanceof HTMLElement) {
      names.textContent = people.map(({ name }) => name).join(" · ");
      names.hidden = people.length === 0;
    }
  }

  /** Shows the other side and lets it be heard. Where the browser wants a click before sound, a button asks for it. @param {MediaStream} stream */
  async play(stream) {
    if (this.remote.srcObject !== stream) this.remote.srcObject = stream;
    const unlock = find(this.root, "[data-unlock]", HTMLButtonElement);
    try {
      await this.#loudspeaker.play(stream);
      unlock.hidden = true;
    } catch (fault) {
      unlock.hidden = !(fault instanceof DOMException && fault.name === "NotAllowedError");
    }
  }

  /** @param {number} number of messages that nobody here has seen */
  unread(number) {
    fill(this.root, { unread: number || "" });
  }

  /** @param {number} elapsed milliseconds that the call has lasted */
  startedAgo(elapsed) {
    this.#startedAt = performance.now() - elapsed;
    this.#tick();
  }

  /** @param {{picture: import("./stats.js").Picture, kbps: number}} look */
  looks({ picture, kbps }) {
    this.#seen = picture;
    this.#nameRung();
    fill(this.root, { kbps: Math.round(kbps) });
  }

  /** @param {number} within milliseconds until an armed finish is final, or -1 */
  finishIn(within) {
    this.#finishAt = within >= 0 ? performance.now() + within : 0;
    if (!this.#over) this.show("finish", within >= 0 ? "armed" : "none");
    this.#tick();
  }

  /** @param {string} reason */
  over(reason) {
    this.#over = true;
    this.#finishAt = 0;
    this.show("finish", "over");
    this.show("reason", reason);
    this.setLine("over");
  }

  /** @param {string} address of the advice that was signed */
  advice(address) {
    this.show("advice", "signed");
    for (const link of this.root.querySelectorAll("[data-advice-link]")) link.setAttribute("href", address);
  }

  /** @param {import("../protocol.js").Peer} other what the other side says of itself */
  theirs(other) {
    const { microphone, camera } = other;
    this.#said = other;
    this.#nameRung();
    this.show("theirs", microphone && camera ? "" : !microphone && !camera ? "both-off" : camera ? "microphone-off" : "camera-off");
  }

  /** @param {"audio" | "video"} kind @param {boolean} on @param {string} fault */
  ours(kind, on, fault) {
    const button = find(this.root, `[data-toggle="${kind}"]`, HTMLButtonElement);
    button.setAttribute("aria-pressed", String(on));
    button.classList.toggle("is-off", !on);
    this.show(kind === "video" ? "camera" : "microphone", fault);
  }

  #nameRung() {
    this.picture = rungShown(this.#said, this.#seen);
    this.show("picture", this.picture);
    // The last frame of a film that stopped is not how the patient is now.
    find(this.root, ".stage", HTMLElement).classList.toggle("is-still", this.#said.camera && !this.#said.curtain && height(this.picture) < height("small"));
    find(this.root, "meter.steps", HTMLMeterElement).value = height(this.picture);
  }

  #cut() {
    this.#cutSince = performance.now();
    fill(this.root, { cutAt: timeOfDay(new Date()) });
  }

  #tick() {
    const now = performance.now();
    fill(this.root, { cut: Math.max(0, Math.round((now - this.#cutSince) / 1000)) });
    if (this.#startedAt && !this.#over) fill(this.root, { length: minutes(now - this.#startedAt) });
    if (this.#finishAt) fill(this.root, { finish: Math.max(0, Math.ceil((this.#finishAt - now) / 1000)) });
  }

  /** @param {Event} event @param {Element} tab */
  #turn(event, tab) {
    event.preventDefault();
    for (const other of this.root.querySelectorAll("[data-tab-of]")) other.removeAttribute("aria-current");
    tab.setAttribute("aria-current", "true");
    this.root.dataset.tab = tab.getAttribute("data-tab-of") ?? "case";
    this.root.dispatchEvent(new CustomEvent("turned"));
  }

  /** @param {string} selector @param {boolean} shown */
  #toggle(selector, shown) {
    for (const element of this.root.querySelectorAll(selector)) if (element instanceof HTMLElement) element.hidden = !shown;
  }

  /** @param {string} selector @param {HTMLElement[]} rows */
  #rows(selector, rows) {
    const place = this.root.querySelector(selector);
    if (!(place instanceof HTMLElement)) return;
    place.replaceChildren(...rows);
    place.hidden = rows.length === 0;
  }
}

/** "12:40", or "1:02:07". @param {number} span in milliseconds */
function minutes(span) {
  const seconds = Math.max(0, Math.floor(span / 1000));
  const parts = [Math.floor(seconds / 60) % 60, seconds % 60].map((part) => String(part).padStart(2, "0"));
  const hours = Math.floor(seconds / 3600);
  return hours ? [hours, ...parts].join(":") : parts.join(":");
}
