/** The ring as sound: two soft tones, again and again. A browser lets it sound only after a click on one of our pages. */

const NOTES = [659.3, 523.3]; // hertz: e'' and c'', a falling third
const NOTE = 0.35; // seconds
const EVERY = 2_000; // milliseconds between two rings
const LOUDNESS = 0.25; // of 1

/** @type {AudioContext | null} */
let context = null;
/** @type {any} */
let timer = undefined;

/** Whether a ring would be heard now. */
export function isAllowed() {
  return open()?.state === "running";
}

/** Called in a click: from now on rings may sound. Resolves to whether they will. */
export async function unlock() {
  await open()?.resume().catch(() => {});
  return isAllowed();
}

/** Rings until `stop()`; starts by itself once the browser lets it. */
export function ring() {
  if (timer !== undefined) return;
  void unlock();
  play();
  timer = setInterval(play, EVERY);
}

/** The two tones, once. */
export function once() {
  play();
}

export function stop() {
  clearInterval(timer);
  timer = undefined;
}

function open() {
  if (!context && "AudioContext" in window) context = new AudioContext();
  return context;
}

function play() {
  if (!context || context.state !== "running") return;
  const start = context.currentTime;
  NOTES.forEach((frequency, number) => note(/** @type {AudioContext} */ (context), frequency, start + number * NOTE));
}

/** @param {AudioContext} audio @param {number} frequency @param {number} at */
function note(audio, frequency, at) {
  const tone = new OscillatorNode(audio, { frequency, type: "triangle" });
  const volume = new GainNode(audio, { gain: 0 });
  volume.gain.setValueAtTime(0, at);
  volume.gain.linearRampToValueAtTime(LOUDNESS, at + 0.03);
  volume.gain.exponentialRampToValueAtTime(0.001, at + NOTE * 1.8);
  tone.connect(volume).connect(audio.destination);
  tone.start(at);
  tone.stop(at + NOTE * 1.8);
}
