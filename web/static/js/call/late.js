/**
 * What a call can begin without comes late: when the call has settled, or as soon as somebody reaches for it. Nothing that is
 * pressed meanwhile is lost. Knows no feature.
 */

const SETTLED = 2_000; // milliseconds after the first media: until then the line belongs to voice and picture
const ALONE = 8_000;   // milliseconds without any: whoever waits may want to write, and no media is in the way
const AGAIN = 2_000;   // milliseconds until a script that did not arrive is asked for again

/**
 * The script, however often it has to be asked for; never, once the call's page is closed.
 * @template T
 * @param {() => Promise<T>} ask @param {AbortSignal} signal @returns {Promise<T>}
 */
export function load(ask, signal) {
  return new Promise((resolve) => {
    const attempt = () => {
      if (!signal.aborted) ask().then((module) => { if (!signal.aborted) resolve(module); }, () => setTimeout(attempt, AGAIN));
    };
    attempt();
  });
}

/** Once media has flowed for a moment, or does not come. @param {EventTarget} link @returns {Promise<void>} */
export function settled(link) {
  return new Promise((resolve) => {
    const alone = setTimeout(resolve, ALONE);
    link.addEventListener("flow", () => {
      clearTimeout(alone);
      setTimeout(resolve, SETTLED);
    }, { once: true });
  });
}

/** Once one of these events says that somebody wants what is in `place`. @param {HTMLElement} place @param {string[]} ways @returns {Promise<void>} */
export function reached(place, ...ways) {
  return new Promise((resolve) => {
    for (const way of ways) place.addEventListener(way, () => resolve(), { once: true });
  });
}

/**
 * Keeps what is pressed below `root` while nobody hears it yet: `wanted` is resolved by the first of it, `release` presses it again.
 * @param {HTMLElement} root @param {string} selector of buttons and forms
 */
export function keep(root, selector) {
  const kept = new Set(), listening = new AbortController();
  /** @type {Promise<void>} */
  const wanted = new Promise((resolve) => {
    /** @param {Event} event */
    const hold = (event) => {
      const pressed = /** @type {Element} */ (event.target).closest(event.type === "click" ? "button" : "form");
      if (!pressed?.matches(selector)) return;
      event.preventDefault();
      event.stopPropagation();
      kept.add(pressed);
      resolve();
    };
    for (const deed of ["click", "submit"]) root.addEventListener(deed, hold, { capture: true, signal: listening.signal });
  });
  const release = () => {
    listening.abort();
    for (const one of kept) one instanceof HTMLFormElement ? one.requestSubmit() : one.click();
  };
  return { wanted, release };
}
