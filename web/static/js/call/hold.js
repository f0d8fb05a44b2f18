/**
 * A button to hold while speaking, by finger, mouse, Space or Enter. Pressed only briefly it stays on until it is pressed
 * again: for whoever cannot hold, and for screen readers, which only click. Escape gives up.
 */

const HELD = 400; // milliseconds: less is a tap

/**
 * @typedef {{isOn: () => boolean, start: () => void, stop: () => void, cancel: () => void}} Deeds
 * @param {HTMLElement} button @param {Deeds} deeds @param {AbortSignal} signal
 */
export function wireHold(button, deeds, signal) {
  let pressedAt = 0; // 0: not pressed, or the press that ended a recording
  const press = () => {
    const ends = deeds.isOn();
    pressedAt = ends ? 0 : performance.now();
    if (ends) deeds.stop();
    else deeds.start();
  };
  const release = () => {
    if (pressedAt && performance.now() - pressedAt >= HELD) deeds.stop();
    pressedAt = 0;
  };
  wirePointer(button, press, release, signal);
  wireKeys(button, press, release, signal);
  button.addEventListener("blur", release, { signal });
  // Escape wherever the focus is: a mouse leaves it elsewhere.
  addEventListener("keydown", (event) => {
    if (event.key === "Escape" && deeds.isOn()) deeds.cancel();
  }, { signal });
}

/** @param {HTMLElement} button @param {() => void} press @param {() => void} release @param {AbortSignal} signal */
function wirePointer(button, press, release, signal) {
  button.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    button.setPointerCapture(event.pointerId);
    press();
  }, { signal });
  for (const type of ["pointerup", "pointercancel"]) button.addEventListener(type, release, { signal });
  button.addEventListener("contextmenu", (event) => event.preventDefault(), { signal });
  // A click without a finger, a mouse or a key: a screen reader's.
  button.addEventListener("click", ({ detail, pointerType = detail ? "mouse" : "" }) => { if (pointerType === "") press(); }, { signal });
}

/** @param {HTMLElement} button @param {() => void} press @param {() => void} release @param {AbortSignal} signal */
function wireKeys(button, press, release, signal) {
  for (const type of /** @type {const} */ (["keydown", "keyup"])) {
    button.addEventListener(type, (event) => {
      if (event.key !== " " && event.key !== "Enter") return;
      event.preventDefault(); // no click follows
      if (type === "keyup") release();
      else if (!event.repeat) press();
    }, { signal });
  }
}
