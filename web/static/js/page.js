/** Starts every page: focus, menus, the strip, and the page's own module named by <main data-script>. */

import { maybe } from "./dom.js";

const NAME = /^[a-z_]+$/;

document.querySelector("[data-focus]")?.scrollIntoView?.({ block: "center" });
const faults = document.querySelector("[data-focus]");
if (faults instanceof HTMLElement) faults.focus();

for (const menu of document.querySelectorAll("details[data-menu]")) {
  if (menu instanceof HTMLDetailsElement) closeElsewhere(menu);
}

const script = maybe("main", HTMLElement)?.dataset.script ?? "";
if (NAME.test(script)) await import(`./pages/${script}.js`);

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
