/** The curtain on the page: its button, its words, and the camera behind it. */

import { fill, find } from "../dom.js";
import { figure } from "../time.js";
import { Curtain } from "./curtain.js";
import { chime } from "./room.js";
import { standIn } from "./stand_in.js";

const TICK = 1_000; // milliseconds

/** @param {import("./features.js").Scene} scene @param {import("./curtain.js").Kept} kept */
export function wireCurtain({ root, view, media, say, signal }, kept) {
  const curtain = new Curtain(kept);
  const button = find(root, "[data-curtain-turn]", HTMLButtonElement);
  const words = find(root, "[data-curtain-words]", HTMLElement).textContent ?? "";
  const tick = () => fill(root, { curtainLeft: figure(curtain.left) });
  curtain.addEventListener("change", () => {
    if (curtain.state === "open") void media.uncover();
    else if (!media.track("video") || !media.isCurtained) media.cover(() => standIn(words));
    if (curtain.state === "ending") chime();
    show();
  });
  button.addEventListener("click", () => curtain.state === "open" ? curtain.draw() : curtain.lift(), { signal });
  find(root, "[data-curtain-more]", HTMLButtonElement).addEventListener("click", () => curtain.draw(), { signal });
  const timer = setInterval(tick, TICK);
  signal.addEventListener("abort", () => { clearInterval(timer); curtain.close(); });
  curtain.restore();
  show();

  function show() {
    tick();
    root.dataset.curtain = curtain.state;
    view.show("curtain-state", curtain.state);
    say.tell({ curtain: curtain.state !== "open" });
  }
}
