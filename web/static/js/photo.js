/** A photo on its way: shrunk in the page, sent with progress, tried again until it is there. Knows no words. */

import { HttpError, pause } from "./http.js";

const LONG_SIDE = 1600; // pixels
const MOST_BYTES = 250_000;
const STEPS = [[1, 0.85], [1, 0.72], [1, 0.6], [0.8, 0.6], [0.64, 0.55], [0.5, 0.5]]; // part of the long side, JPEG quality
const SILENCE_AT_MOST = 60_000; // milliseconds without a byte moved

/**
 * A JPEG of at most 1600 pixels and 250 kB, upright. Throws when the browser cannot read the file.
 * @param {Blob} file
 * @returns {Promise<Blob>}
 */
export async function shrink(file) {
  const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
  try {
    /** @type {Blob | null} */
    let smallest = null;
    for (const [part, quality] of STEPS) {
      smallest = await draw(picture, LONG_SIDE * part, quality);
      if (smallest.size <= MOST_BYTES) break;
    }
    return /** @type {Blob} */ (smallest);
  } finally {
    picture.close();
  }
}

/**
 * Sends until the server has it. Throws HttpError when it is refused for good; the same id arrives once.
 * @param {string} address
 * @param {string} id
 * @param {Blob} blob
 * @param {{signal: AbortSignal, onProgress: (percent: number) => void, onWait: () => void}} options
 */
export async function send(address, id, blob, { signal, onProgress, onWait }) {
  for (let attempt = 0; ; attempt++) {
    try {
      return await once(address, id, blob, signal, onProgress);
    } catch (error) {
      if (!(error instanceof HttpError) || !error.mayPass || signal.aborted) throw error;
      onWait();
      await pause(attempt, signal);
    }
  }
}

/**
 * @param {ImageBitmap} picture
 * @param {number} side
 * @param {number} quality
 * @returns {Promise<Blob>}
 */
async function draw(picture, side, quality) {
  const scale = Math.min(1, side / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(picture.width * scale));
  canvas.height = Math.max(1, Math.round(picture.height * scale));
  const context = canvas.getContext("2d");
  if (!context) throw new Error("no canvas");
  context.fillStyle = "white";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(picture, 0, 0, canvas.width, canvas.height);
  const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", quality));
  if (!(blob instanceof Blob)) throw new Error("not drawn");
  return blob;
}

/**
 * XMLHttpRequest, since fetch cannot tell how much of a body has left.
 * @param {string} address
 * @param {string} id
 * @param {Blob} blob
 * @param {AbortSignal} signal
 * @param {(percent: number) => void} onProgress
 * @returns {Promise<any>}
 */
function once(address, id, blob, signal, onProgress) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const unreachable = () => reject(new HttpError(0, "unreachable"));
    let silence = setTimeout(() => request.abort(), SILENCE_AT_MOST);
    const stop = () => request.abort();
    signal.addEventListener("abort", stop, { once: true });
    request.upload.addEventListener("progress", (event) => {
      clearTimeout(silence);
      silence = setTimeout(() => request.abort(), SILENCE_AT_MOST);
      if (event.lengthComputable) onProgress(Math.floor((100 * event.loaded) / event.total));
    });
    request.addEventListener("error", unreachable);
    request.addEventListener("abort", unreachable);
    request.addEventListener("loadend", () => { clearTimeout(silence); signal.removeEventListener("abort", stop); });
    request.addEventListener("load", () => {
      const content = request.response;
      if (request.status >= 200 && request.status < 300) resolve(content);
      else reject(new HttpError(request.status, content?.error ?? "http-error", content?.message, content?.fields));
    });
    request.open("POST", address);
    request.responseType = "json";
    request.setRequestHeader("Accept", "application/json");
    const form = new FormData();
    form.append("id", id);
    form.append("photo", blob, "photo.jpg");
    request.send(form);
  });
}
