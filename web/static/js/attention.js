/** Calls a person back to this page: the words in the title, a system notification, a screen that stays awake. */

const TURN = 1_500; // milliseconds between the two titles

class Attention {
  #words = "";
  #title = "";
  /** @type {any} */ #timer = undefined;
  /** @type {Notification | null} */ #notification = null;
  /** @type {WakeLockSentinel | null} */ #wake = null;

  /** `words` name the station and the urgency, nothing else. @param {string} words @param {string} tag */
  begin(words, tag) {
    this.#words = words;
    this.#notify(words, tag);
    void this.#stayAwake();
    if (this.#timer !== undefined) return;
    this.#title = document.title;
    this.#timer = setInterval(() => this.#turn(), TURN);
    this.#turn();
  }

  end() {
    clearInterval(this.#timer);
    if (this.#timer !== undefined) document.title = this.#title;
    this.#timer = undefined;
    this.#notification?.close();
    this.#notification = null;
    void this.#wake?.release().catch(() => {});
    this.#wake = null;
  }

  #turn() {
    document.title = document.title === this.#words ? this.#title : this.#words;
  }

  /** @param {string} words @param {string} tag */
  #notify(words, tag) {
    if (!("Notification" in window) || Notification.permission !== "granted" || document.hasFocus()) return;
    try {
      this.#notification = new Notification(words, { tag, requireInteraction: true, lang: document.documentElement.lang });
      this.#notification.onclick = () => window.focus();
    } catch {
      // Android shows notifications through a service worker only: there the sound and the title remain.
    }
  }

  async #stayAwake() {
    this.#wake ??= await navigator.wakeLock?.request("screen").catch(() => null) ?? null;
  }
}

export const attention = new Attention();
