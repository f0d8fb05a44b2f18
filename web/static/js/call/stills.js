/**
 * Pictures beside the film: the sharp still that the doctor asks for, and the small ones that stand in for a film the line does
 * not carry. Only what listens is here; the rest is loaded when it is first needed, or when the call has settled.
 */

import { channel } from "../wire.js";

/** @import {Channels} from "./channels.js" */
/** @import {Parts} from "./still_parts.js" */

const SETTLED = 5_000;        // milliseconds after the first media: then the rest is loaded, so that nothing waits for it later, as soon
const ROOMY = 16;             // as so many kbit/s are spare: on a thin line 13 kB at once leave the voice no room
const MOST_EARLY = 40;        // frames that come while the rest is loading

/** Loads what a still needs, while it rings and the line has nothing better to do. */
export function prepareStills() {
  import("./still_parts.js").catch(() => {});       // asked for again when it is needed
}

/** @param {import("./features.js").Scene} scene */
export function wireStills(scene) {
  const { call, side, root, link, load: fetched, signal } = scene;
  /** @type {RTCDataChannel | null} */ let pieces = null;
  /** @type {unknown[]} */ let early = [];
  /** @type {Promise<Parts> | null} */ let loading = null;
  /** @type {Parts | null} */ let parts = null;
  const load = () => loading ??= fetched(() => import("./still_parts.js")).then(({ begin }) => {
    parts = begin(scene);
    if (pieces) parts.transfer.attach(pieces);
    for (const frame of early) parts.transfer.take(frame);
    early = [];
    return parts;
  });
  scene.courier = () => parts?.courier ?? null;
  /** @param {(parts: Parts) => void} deed */
  const use = (deed) => void load().then((loaded) => { if (!signal.aborted) deed(loaded); });

  /** @type {ReturnType<typeof setInterval> | undefined} */ let timer;
  const soon = () => {
    clearInterval(timer);
    use(() => {});
  };

  link.addEventListener("channels", (event) => {
    pieces = /** @type {CustomEvent<Channels>} */ (event).detail.pieces;
    if (parts) return parts.transfer.attach(pieces);
    pieces.binaryType = "arraybuffer";
    pieces.addEventListener("message", ({ data }) => {
      if (parts) return;
      if (early.length < MOST_EARLY) early.push(data);
      void load();
    }, { signal });
  }, { signal });
  link.addEventListener("flow", (event) => {
    if (/** @type {CustomEvent<string>} */ (event).detail !== "connected" || timer) return;
    timer = setInterval(() => { if (loading || link.spare >= ROOMY) soon(); }, SETTLED);
  }, { signal });
  signal.addEventListener("abort", () => clearInterval(timer));
  link.addEventListener("rung", (event) => {
    const { detail } = /** @type {CustomEvent<string>} */ (event);
    if (parts || detail === "stills") use(({ glimpses }) => glimpses.turn(detail));
  }, { signal });
  /** @param {"photo-asked" | "peer-photo"} type @param {(parts: Parts, message: any) => void} deed */
  const on = (type, deed) => {
    const stop = channel.on(type, (message) => { if (message.call === call) use((loaded) => deed(loaded, message)); });
    signal.addEventListener("abort", stop);
  };
  if (side === "worker") on("photo-asked", ({ station }, message) => station?.asked(message));
  on("peer-photo", ({ station, doctor }, message) => (station ?? doctor)?.told(message));
  root.querySelector("[data-still-ask]")?.addEventListener("click", () => use(({ doctor }) => doctor?.ask()), { signal });
}
