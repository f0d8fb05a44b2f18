/**
 * A button of a form, pressed while the line is down, waits for the line and goes by itself: otherwise the browser would
 * leave for its own error page, and the telephone numbers with it. Pressed twice, it goes once.
 */

import { maybe } from "./dom.js";
import { show } from "./strips.js";

/** @typedef {import("./channel.js").Channel} Channel */
/** @typedef {{form: HTMLFormElement, submitter: HTMLElement | null}} Press */

const ONCE_WITHIN = 5_000; // milliseconds: who stopped the page from loading may press again

/** After every other listener of the page: what they take over is theirs. @param {Channel} channel */
export function holdForms(channel) {
  /** @type {Press | null} */
  let held = null;
  /** @type {WeakMap<HTMLFormElement, number>} */
  const sent = new WeakMap();
  addEventListener("submit", (event) => {
    const { target: form, submitter, defaultPrevented } = event;
    if (defaultPrevented || !(form instanceof HTMLFormElement) || form.method !== "post") return;
    if (isDown(channel)) {
      event.preventDefault();
      held = { form, submitter };
      say(form, true);
    } else if (performance.now() - (sent.get(form) ?? -ONCE_WITHIN) < ONCE_WITHIN) event.preventDefault();
    else sent.set(form, performance.now());
  });
  channel.on("state", ({ state }) => {
    if (state !== "open" || !held) return;
    const { form, submitter } = held;
    held = null;
    say(form, false);
    if (form.isConnected) form.requestSubmit(submitter);
  });
  // Whoever closes the box of the emergency has changed their mind.
  maybe("emergency", HTMLDialogElement)?.addEventListener("close", ({ target }) => {
    if (!held || !(target instanceof HTMLElement) || !target.contains(held.form)) return;
    say(held.form, false);
    held = null;
  });
}

/** @param {Channel} channel */
function isDown(channel) {
  return channel.state.state === "lost" || !navigator.onLine;
}

/** Beside the button where a box covers the strip. @param {HTMLFormElement} form @param {boolean} waits */
function say(form, waits) {
  const near = form.querySelector("[data-held]");
  if (near instanceof HTMLElement) near.hidden = !waits;
  else show("held", waits);
}
