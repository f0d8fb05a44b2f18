/** Where a call stands on the page. */

/** Puts the call in the place of the page; what rings and what warns stays above it. @param {HTMLElement} root */
export function lay(root) {
  document.querySelector("[data-call-root]")?.remove();
  for (const element of document.querySelectorAll("body > .bar, body > main")) {
    if (!(element instanceof HTMLElement)) continue;
    element.hidden = true;
    if (element.id === "main") element.id = "before-call";
  }
  document.body.dataset.inCall = "";
  document.body.append(root);
}
