/**
 * A clip's way to the server and back: pieces by offset, gone on with where they were cut. The one place that knows how; over
 * HTTP, whose connection is warm from the messages beside it.
 */

import { HttpError, pause, read } from "../http.js";

const ANSWER = 25_000;  // milliseconds for one piece: on the thinnest line it takes six, and ten when packets are lost twice
const SILENCE = 15_000; // milliseconds without a byte of a sound that is being fetched

/**
 * `last`: stands with the piece that ends the clip. `speaker`: whose it is, where somebody else brings it.
 * @typedef {{note: string, offset: number, content: Blob, last?: Last, speaker?: string}} Piece
 * @typedef {{total: number, number: number, length: number, age: number}} Last `number`: 0 where it is not known; times in milliseconds
 * @typedef {{kept?: boolean, received?: number}} Answer `received`: bytes the server has; `kept`: sealed and written down
 */

/**
 * Sends one piece, once. Throws HttpError; status 0 when there was no answer.
 * @param {string} call @param {Piece} piece @param {AbortSignal} signal
 * @returns {Promise<Answer>}
 */
export async function sendPiece(call, { note, offset, content, last, speaker }, signal) {
  const query = new URLSearchParams(Object.entries({ offset, ...last, ...(speaker ? { speaker } : {}) }).map(([name, value]) => [name, String(value)]));
  const response = await answered(`/calls/${call}/voice-notes/${note}?${query}`, {
    method: "PUT", body: content, headers: { Accept: "application/json", "Content-Type": "application/octet-stream" },
    signal: AbortSignal.any([AbortSignal.timeout(ANSWER), signal]),
  });
  const said = response.status === 409 ? await response.clone().json().catch(() => null) : null;
  return said?.error === "gap" ? { received: said.received } : await read(response);
}

/**
 * The sound of a voice note, however often the line is cut. Throws HttpError when it is refused for good.
 * @param {string} note @param {{signal: AbortSignal, onProgress: (percent: number) => void, onWait: () => void}} options
 * @returns {Promise<Blob>}
 */
export async function fetchSound(note, { signal, onProgress, onWait }) {
  /** @type {Sound} */ const sound = { parts: [], size: 0, type: "" };
  for (let attempt = 0; ; attempt++) {
    const before = sound.size;
    try {
      await goOn(note, sound, signal, onProgress);
      return new Blob(sound.parts, { type: sound.type });
    } catch (error) {
      if (signal.aborted || !(error instanceof HttpError) || !error.mayPass) throw error;
      if (sound.size > before) attempt = 0;
      onWait();
      await pause(attempt, signal);
    }
  }
}

/** @typedef {{parts: BlobPart[], size: number, type: string}} Sound what is here so far */

/** @param {string} note @param {Sound} sound @param {AbortSignal} signal @param {(percent: number) => void} onProgress */
async function goOn(note, sound, signal, onProgress) {
  const silence = new Silence();
  try {
    const response = await answered(`/voice-notes/${note}`, {
      headers: { Accept: "application/json", ...(sound.size ? { Range: `bytes=${sound.size}-` } : {}) },
      signal: AbortSignal.any([signal, silence.signal]),
    });
    if (!response.ok || !response.body) return await read(response);
    if (response.status === 200) Object.assign(sound, { parts: [], size: 0 });
    sound.type = response.headers.get("Content-Type") ?? "";
    const total = sound.size + Number(response.headers.get("Content-Length"));
    await takeIn(response.body.getReader(), sound, () => {
      silence.begin();
      onProgress(Math.floor((100 * sound.size) / total));
    });
    if (sound.size < total) throw new HttpError(0, "unreachable");
  } finally {
    silence.end();
  }
}

/** @param {ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>} reader @param {Sound} sound @param {() => void} onMore */
async function takeIn(reader, sound, onMore) {
  for (;;) {
    const { done, value } = await reader.read().catch(() => { throw new HttpError(0, "unreachable"); });
    if (done) return;
    sound.parts.push(value);
    sound.size += value.length;
    onMore();
  }
}

/** Gives up when nothing comes for too long. */
class Silence {
  #stop = new AbortController();
  signal = this.#stop.signal;
  #timer = setTimeout(() => this.#stop.abort(), SILENCE);

  begin() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#stop.abort(), SILENCE);
  }

  end() {
    clearTimeout(this.#timer);
  }
}

/** @param {string} address @param {RequestInit} options */
function answered(address, options) {
  return fetch(address, options).catch(() => { throw new HttpError(0, "unreachable"); });
}
