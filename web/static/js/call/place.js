/** Where a call stands on the page, and the note that stands beside it on the doctor's. */

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

/** @param {string} encounter @param {HTMLElement} root */
export async function openNote(encounter, root) {
  const panel = root.querySelector("#note");
  if (!(panel instanceof HTMLElement) || panel.childElementCount === 0) return;
  const note = await import(/** @type {any} */ ("../note.js")).catch(() => null);
  await note?.openNote({ encounter, root: panel });
}
