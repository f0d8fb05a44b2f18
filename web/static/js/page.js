/**
 * Starts every page: focus, menus, the strip, the channel of somebody who is signed in, and the modules the page names:
 * `<main data-script="visit">` loads pages/visit.js, `data-module="ring"` anywhere loads ring.js.
 */

import { watchActivity } from "./activity.js";
import { maybe } from "./dom.js";
import { holdForms } from "./pressed.js";
import { hide, show } from "./strips.js";
import { channel, start } from "./wire.js";

/** @typedef {import("./channel.js").Channel} Channel */

const NAME = /^[a-z_]+(\/[a-z_]+)?$/;
const SAY_LOST_AFTER = 1_500; // milliseconds: shorter cuts heal before anybody could read of them
const SAY_BACK_FOR = 4_000; // milliseconds
const TOO_MANY = 4429;
const LET_A_FORM_ARRIVE = 5_000; // milliseconds: whoever signs out here gets the answer to that, not our redirect
/** @type {Record<number, string>} why the sign-in page is shown, by close code */
const LEFT = { 4401: "idle", 4402: "signed-out", 4403: "disabled" };

// Not awaited: the modules that it loads import from this file, and would wait for it.
void begin();

async function begin() {
  focusFault();
  for (const menu of document.querySelectorAll("details[data-menu]")) {
    if (menu instanceof HTMLDetailsElement) closeElsewhere(menu);
  }
  // Whoever listens to the channel does so before its first message.
  await Promise.all(named().map((module) => import(module)));
  if (!("signedIn" in document.body.dataset)) return;
  tellLine(channel);
  holdForms(channel);
  watchActivity();
  start();
}

/** @returns {string[]} */
function named() {
  const script = maybe("main", HTMLElement)?.dataset.script;
  const names = [...document.querySelectorAll("[data-module]")].map((element) => element.getAttribute("data-module") ?? "");
  if (script) names.push(`pages/${script}`);
  return [...new Set(names)].filter((name) => NAME.test(name)).map((name) => `./${name}.js`);
}

/** Focus goes to what has to be read first: the faults of a form, a notice. */
function focusFault() {
  const fault = document.querySelector("[data-focus]");
  if (fault instanceof HTMLElement) fault.focus();
}

/**
 * A menu closes by Escape and by a click elsewhere.
 * @param {HTMLDetailsElement} menu
 */
function closeElsewhere(menu) {
  addEventListener("click", (event) => {
    if (event.target instanceof Node && !menu.contains(event.target)) menu.open = false;
  });
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.open) return;
    menu.open = false;
    menu.querySelector("summary")?.focus();
  });
}

/** @param {Channel} channel */
function tellLine(channel) {
  let wasLost = false;
  /** @type {any} */
  let timer;
  channel.on("state", ({ state }) => {
    clearTimeout(timer);
    if (state === "lost") timer = setTimeout(lost, SAY_LOST_AFTER);
    if (state === "open") back();
  });
  let isLeaving = false;
  addEventListener("beforeunload", () => { isLeaving = true; });
  channel.on("sign-in", ({ code }) => {
    setTimeout(() => location.replace(signInAddress(code)), isLeaving ? LET_A_FORM_ARRIVE : 0);
  });
  channel.on("reload", ({ code }) => show(code === TOO_MANY ? "too-many" : "version"));
  channel.on("replaced", () => show("replaced"));

  function lost() {
    wasLost = true;
    hide("online");
    show("offline");
  }

  function back() {
    hide("offline");
    if (!wasLost) return;
    wasLost = false;
    show("online");
    timer = setTimeout(() => hide("online"), SAY_BACK_FOR);
  }
}

/** @param {number} code */
function signInAddress(code) {
  const asked = new URLSearchParams({ next: location.pathname });
  if (code in LEFT) asked.set("left", LEFT[code] ?? "");
  return `/sign-in?${asked}`;
}
