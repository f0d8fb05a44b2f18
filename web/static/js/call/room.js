/** Two courtesies of a call: a chime when somebody comes in, and a screen that stays awake. */

const TONES = [660, 880];     // hertz
const TONE = 0.18;            // seconds each

/** Two soft tones: nobody joins unheard. Where the browser allows no sound yet, the list says it alone. */
export function chime() {
  try {
    const context = new AudioContext();
    const gain = context.createGain();
    gain.gain.value = 0.08;
    gain.connect(context.destination);
    TONES.forEach((hertz, number) => {
      const tone = context.createOscillator();
      tone.frequency.value = hertz;
      tone.connect(gain);
      tone.start(context.currentTime + number * TONE);
      tone.stop(context.currentTime + (number + 1) * TONE);
      if (number === TONES.length - 1) tone.addEventListener("ended", () => void context.close());
    });
  } catch {
    // No sound device, or too many contexts: the words on the page remain.
  }
}

/** Keeps the screen on until the returned function is called; taken anew whenever the page is in view again. */
export function keepAwake() {
  const stop = new AbortController();
  /** @type {WakeLockSentinel | null} */
  let lock = null;
  const take = async () => {
    if (document.visibilityState !== "visible" || stop.signal.aborted) return;
    lock = await navigator.wakeLock?.request("screen").catch(() => null) ?? null;
  };
  document.addEventListener("visibilitychange", () => void take(), { signal: stop.signal });
  void take();
  return () => {
    stop.abort();
    void lock?.release();
  };
}
