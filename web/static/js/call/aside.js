/** Loads what the call can begin without: the station's own things, and the meter once media flows. */

const CURTAIN = "curtain"; // in localStorage, "<call> <until>": neither a reload nor another tab lifts it
const AGAIN = 2_000;       // milliseconds until a script that did not arrive is asked for again

/** @param {import("./features.js").Scene} scene */
export function wireAside(scene) {
  const { call, side, media, link, signal } = scene;
  if (side === "worker") {
    const kept = curtainOf(call);
    // The camera stays shut until the curtain hangs.
    media.isCurtained = kept.read() > 0;
    load(() => import("./station.js"), ({ wireStation }) => wireStation(scene, kept), signal);
  }
  const meter = () => load(() => import("./meter.js"), ({ wireMeter }) => wireMeter(scene), signal);
  link.addEventListener("flow", meter, { once: true, signal });
}

/** @param {string} call @returns {import("./curtain.js").Kept} */
function curtainOf(call) {
  return {
    read: () => {
      const [of, until] = (localStorage.getItem(CURTAIN) ?? "").split(" ");
      return of === call ? Number(until) : 0;
    },
    write: (until) => until ? localStorage.setItem(CURTAIN, `${call} ${until}`) : localStorage.removeItem(CURTAIN),
  };
}

/**
 * @template T
 * @param {() => Promise<T>} fetched @param {(module: T) => void} wire @param {AbortSignal} signal
 */
function load(fetched, wire, signal) {
  if (signal.aborted) return;
  fetched().then((module) => { if (!signal.aborted) wire(module); }, () => setTimeout(() => load(fetched, wire, signal), AGAIN));
}
