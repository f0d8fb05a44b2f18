/** Whether this device saves data: one switch, before and in a call, kept by the browser for this device. Says it, does nothing. */

const KEPT = "saver"; // in localStorage; its value says nothing about anybody

export class Saver extends EventTarget {
  #store;

  /** Emits `change`, also for a switch turned in another tab. @param {Storage | undefined} store */
  constructor(store = globalThis.localStorage) {
    super();
    this.#store = store;
    globalThis.addEventListener?.("storage", ({ key }) => { if (key === KEPT) this.#tell(); });
  }

  get() {
    return this.#store?.getItem(KEPT) === "on";
  }

  /** @param {boolean} on */
  set(on) {
    if (on === this.get()) return;
    if (on) this.#store?.setItem(KEPT, "on");
    else this.#store?.removeItem(KEPT);
    this.#tell();
  }

  #tell() {
    this.dispatchEvent(new Event("change"));
  }
}

export const saver = new Saver();

/** Every switch below `root` shows and turns the one there is. @param {ParentNode} root @param {AbortSignal} [signal] */
export function wireSwitches(root, signal) {
  const switches = /** @type {NodeListOf<HTMLInputElement>} */ (root.querySelectorAll("input[data-saver]"));
  const show = () => { for (const one of switches) one.checked = saver.get(); };
  for (const one of switches) one.addEventListener("change", () => saver.set(one.checked), { signal });
  saver.addEventListener("change", show, { signal });
  show();
}
