/**
 * Who comes in is said aloud, for whoever cannot read the card: by a voice of this very device, never by one that sends the
 * name to a foreign service. Without such a voice the chime says it alone.
 */

import { clone, fill, find } from "../dom.js";

const KEPT = "spoken";        // in localStorage: "off" where somebody wants it quiet
const AWAY = 10_000;          // milliseconds: whoever was gone for less has not come in anew

/** @param {import("./features.js").Scene} scene */
export function wireSpoken({ root, link, signal }) {
  const speech = globalThis.speechSynthesis;
  if (!speech) return;
  const choice = find(root, "[data-spoken]", HTMLInputElement);
  const row = /** @type {HTMLElement} */ (choice.closest("label"));
  const guests = new Guests();
  const offer = () => { row.hidden = !localVoice(speech.getVoices(), document.documentElement.lang); };
  const hear = () => { if (guests.see(link.other?.participant ?? "", performance.now())) speak(); };
  choice.checked = localStorage.getItem(KEPT) !== "off";
  choice.addEventListener("change", () => {
    localStorage.setItem(KEPT, choice.checked ? "on" : "off");
    if (!choice.checked) speech.cancel();
  }, { signal });
  speech.addEventListener("voiceschanged", offer, { signal });
  link.addEventListener("people", hear, { signal });
  offer();
  hear();

  function speak() {
    const voice = localVoice(speech.getVoices(), document.documentElement.lang);
    if (!voice || !choice.checked || !link.other) return;
    const sentence = clone("call-comer");
    fill(sentence, { name: link.other.name, organization: link.other.organization });
    const said = new SpeechSynthesisUtterance(sentence.textContent ?? "");
    Object.assign(said, { voice, lang: voice.lang });
    speech.speak(said);
  }
}

/** A voice of the page's language that speaks on this device. @param {SpeechSynthesisVoice[]} voices @param {string} language */
export function localVoice(voices, language) {
  return voices.find(({ localService, lang }) => localService && lang.split(/[-_]/)[0]?.toLowerCase() === language) ?? null;
}

/** Who has been said already. */
export class Guests {
  #here = "";
  #last = "";
  #leftAt = 0;

  /** Whether `participant` ("" for nobody) has come in anew. @param {string} participant @param {number} now milliseconds */
  see(participant, now) {
    const came = participant !== "" && this.#here !== participant
      && (this.#last !== participant || now - this.#leftAt > AWAY);
    if (this.#here && !participant) this.#leftAt = now;
    this.#here = participant;
    if (participant) this.#last = participant;
    return came;
  }
}
