/** The visit: everything is saved as typed; the button calls when the patient agreed and the line is there. */

import { byId, fill, find, reveal } from "../dom.js";
import { Draft, Unsent } from "../draft.js";
import { Gallery } from "../gallery.js";
import * as strips from "../strips.js";
import { Vital } from "../vitals.js";
import { channel } from "../wire.js";

const main = byId("main", HTMLElement);
if (!("closed" in main.dataset)) start(`/encounters/${main.dataset.encounter}`);

/** @param {string} address */
function start(address) {
  const form = byId("visit", HTMLFormElement);
  const unsent = new Unsent();
  const gallery = new Gallery(address);
  for (const root of form.querySelectorAll("[data-vital]")) {
    if (root instanceof HTMLElement) watch(new Vital(root, `${address}/observations`).draft);
  }
  watch(intake(form, address));
  /** @type {Set<string>} boxes changed here: what was agreed to on another page meanwhile stays */
  const touched = new Set();
  const consents = watch(new Draft(`${address}/consents`, () => ({ ...agreed(form), touched: [...touched] }), { pause: 200 }));
  byId("consents", HTMLElement).addEventListener("change", ({ target }) => {
    if (target instanceof HTMLInputElement) touched.add(target.name === "share" ? target.value : target.name);
    consents.changed();
    why(form);
  });
  channel.on("case-changed", ({ encounter, photo }) => { if (photo && encounter === main.dataset.encounter) gallery.seen(photo); });
  for (const source of [unsent, gallery]) source.addEventListener("change", () => tell(unsent, gallery));
  addEventListener("beforeunload", (event) => { if (gallery.count > 0) event.preventDefault(); });
  form.addEventListener("submit", (event) => void submit(event, form, unsent));
  form.addEventListener("keydown", stay);
  laterReasons();
  laterVitals();
  why(form);

  /** @param {Draft} draft */
  function watch(draft) {
    draft.addEventListener("saved", (event) => fill(main, { clock: /** @type {CustomEvent} */ (event).detail.clock }));
    return unsent.add(draft);
  }
}

/**
 * @param {HTMLFormElement} form
 * @param {string} address
 */
function intake(form, address) {
  const part = byId("intake", HTMLElement);
  const text = find(part, "textarea", HTMLTextAreaElement);
  const conflict = byId("intake-conflict", HTMLElement);
  let version = Number(part.dataset.version);
  /** @type {{complaints: string[], text: string, version: number} | null} */
  let theirs = null;
  const draft = new Draft(`${address}/intake`, () => ({ complaints: ticked(form, "reason"), text: text.value.trim(), version }));
  part.addEventListener("input", () => draft.changed());
  draft.addEventListener("saved", (event) => { version = /** @type {CustomEvent} */ (event).detail.version; });
  draft.addEventListener("refused", (event) => {
    theirs = /** @type {CustomEvent} */ (event).detail.current;
    conflict.hidden = !theirs;
    fill(conflict, { theirs: theirs?.text ?? "" });
  });
  conflict.addEventListener("click", (event) => {
    const button = event.target instanceof HTMLButtonElement ? event.target : null;
    if (!button || !theirs) return;
    version = theirs.version;
    if (button.dataset.do === "take") {
      const { complaints } = theirs;
      text.value = theirs.text;
      for (const box of boxes(form, "reason")) box.checked = complaints.includes(box.value);
      draft.settle();
    } else draft.changed();
    conflict.hidden = true;
  });
  return draft;
}

/** @param {HTMLFormElement} form */
function agreed(form) {
  const one = (/** @type {string} */ name) => ticked(form, name).length > 0;
  return { consult: one("consult"), share: ticked(form, "share"), photo: one("photo") };
}

/**
 * @param {Unsent} unsent
 * @param {Gallery} gallery
 */
function tell(unsent, gallery) {
  const waiting = unsent.stuck > 0;
  reveal(byId("saved", HTMLElement), "saved",
    unsent.refused > 0 ? "refused" : waiting ? "stuck" : unsent.count + gallery.count > 0 ? "sending" : "saved");
  fill(byId("saved", HTMLElement), { count: unsent.count + gallery.count });
  strips.show("unsent", waiting);
  strips.show("refused", unsent.refused > 0);
}

/**
 * The button says why it waits, but stays in reach of the keyboard.
 * @param {HTMLFormElement} form
 */
function why(form) {
  const { consult, share } = agreed(form);
  const reason = boxes(form, "share").length === 0 ? "nobody" : !consult ? "consult" : share.length === 0 ? "share" : "";
  const call = document.getElementById("call");
  if (!call) return "";
  if (reason) call.setAttribute("aria-disabled", "true");
  else call.removeAttribute("aria-disabled");
  reveal(byId("why-not", HTMLElement), "why", reason);
  return reason;
}

/**
 * What is typed goes first; then the form, which carries everything once more, asks for the doctor.
 * @param {SubmitEvent} event
 * @param {HTMLFormElement} form
 * @param {Unsent} unsent
 */
async function submit(event, form, unsent) {
  const button = event.submitter instanceof HTMLButtonElement ? event.submitter : null;
  if (button?.id !== "call") return;
  if (why(form)) {
    event.preventDefault();
    boxes(form, "consult")[0]?.focus();
    return;
  }
  if (unsent.count === 0) return;
  event.preventDefault();
  if (unsent.stuck > 0) return reveal(byId("why-not", HTMLElement), "why", "unsent");
  await unsent.flush();
  if (unsent.refused === 0) form.requestSubmit(button);
}

/**
 * Enter in a field moves on instead of sending the form: everything is saved already.
 * @param {KeyboardEvent} event
 */
function stay(event) {
  if (event.key !== "Enter" || !(event.target instanceof HTMLInputElement) || event.target.type === "checkbox") return;
  event.preventDefault();
  const fields = [...document.querySelectorAll("[data-vital] input:not([type=hidden])")];
  const next = fields[fields.indexOf(event.target) + 1];
  if (next instanceof HTMLElement && next.offsetParent) next.focus();
}

function laterReasons() {
  const more = byId("more-reasons", HTMLButtonElement);
  const later = [...document.querySelectorAll("[data-later]")].filter((one) => one instanceof HTMLElement);
  for (const one of later) one.hidden = true;
  more.hidden = later.length === 0;
  more.addEventListener("click", () => {
    for (const one of later) one.hidden = false;
    more.hidden = true;
    later[0]?.querySelector("input")?.focus();
  });
}

function laterVitals() {
  const more = byId("more-vitals", HTMLButtonElement);
  const later = byId("later-vitals", HTMLElement);
  later.hidden = "folded" in later.dataset;
  more.hidden = !later.hidden;
  more.addEventListener("click", () => {
    later.hidden = false;
    more.hidden = true;
    find(later, "input", HTMLInputElement).focus();
  });
}

/**
 * @param {HTMLFormElement} form
 * @param {string} name
 */
function boxes(form, name) {
  return [...form.querySelectorAll(`input[name="${name}"][type=checkbox]`)].filter((box) => box instanceof HTMLInputElement);
}

/**
 * @param {HTMLFormElement} form
 * @param {string} name
 */
function ticked(form, name) {
  return boxes(form, name).filter((box) => box.checked).map((box) => box.value);
}
