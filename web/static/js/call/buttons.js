/** The buttons of a call, and the browser's own: back leads out of the page, not out of the call, so it asks first. */

import { endPractice } from "./practice.js";

/** @import {Kind} from "./media.js" */

/**
 * @typedef {{
 *   toggle: (kind: Kind) => unknown,
 *   leave: () => unknown,
 *   comeBack: (takeOver: boolean) => unknown,
 *   retry: () => unknown,
 *   play: () => unknown,
 *   move: (deed: "finish" | "unfinish") => unknown,
 *   isOut: () => boolean,
 *   address: string,
 * }} Deeds
 */

/** @param {HTMLElement} root @param {Deeds} deeds @param {AbortSignal} signal */
export function wireButtons(root, deeds, signal) {
  /** @param {string} selector @param {() => unknown} deed */
  const press = (selector, deed) => {
    for (const button of root.querySelectorAll(selector)) button.addEventListener("click", () => void deed(), { signal });
  };
  press("[data-toggle=audio]", () => deeds.toggle("audio"));
  press("[data-toggle=video]", () => deeds.toggle("video"));
  press("[data-leave]", deeds.leave);
  press("[data-return]", () => deeds.comeBack(false));
  press("[data-take-over]", () => deeds.comeBack(true));
  press("[data-retry]", deeds.retry);
  press("[data-unlock]", deeds.play);
  press("[data-finish-case]", () => deeds.move("finish"));
  press("[data-unfinish]", () => deeds.move("unfinish"));
  press("[data-practice-end]", () => endPractice(deeds.address));
  press("[data-chat-open]", () => turnChat(root));
  wireBack(root, deeds, signal);
}

/** The call's address, in front of the page that rang. @param {string} address */
export function takeAddress(address) {
  if (location.pathname !== address) history.pushState({}, "", address);
}

/** @param {HTMLElement} root @param {Deeds} deeds @param {AbortSignal} signal */
function wireBack(root, deeds, signal) {
  const dialog = root.querySelector("dialog[data-leaving]");
  addEventListener("popstate", () => {
    if (location.pathname === deeds.address) return;
    if (deeds.isOut()) return location.reload();
    takeAddress(deeds.address);
    if (dialog instanceof HTMLDialogElement && !dialog.open) dialog.showModal();
  }, { signal });
  dialog?.addEventListener("close", () => {
    if (dialog instanceof HTMLDialogElement && dialog.returnValue === "leave") deeds.leave();
  }, { signal });
  // A page out of the browser's cache has no connection any more.
  addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); }, { signal });
}

/** @param {HTMLElement} root */
function turnChat(root) {
  const shown = root.toggleAttribute("data-chat-shown");
  root.querySelector("[data-chat-open]")?.setAttribute("aria-expanded", String(shown));
  root.dispatchEvent(new CustomEvent("turned"));
}
