/** Pictures out of this side's camera, and out of canvases into bytes. Shows nothing; sends nothing. */

import { within } from "./tiles.js";

/** @import {Area, Size} from "./tiles.js" */
/** @import {LocalMedia} from "./media.js" */

const WISH = { width: { ideal: 1280 }, height: { ideal: 720 } };
const SHARP = 1_280;          // pixels: a track of that width is sharp enough; below, the camera may give more for a photo
const PATIENCE = 4_000;       // milliseconds for a camera
const QUALITIES = [0.85, 0.7, 0.55, 0.4, 0.28, 0.18, 0.1];
// A third smaller than JPEG at the same look, with 30 bytes of head a tile where JPEG has 400. Where a browser cannot write it,
// it gives PNG instead, and JPEG is taken.
const TYPES = ["image/webp", "image/jpeg"];

/** @typedef {"" | "curtain" | "camera-off" | "no-camera"} Why nothing is taken; "" when something may be */

/** @param {LocalMedia} media @returns {Promise<Why>} */
export async function obstacle(media) {
  if (media.isCurtained) return "curtain";
  if (!media.wants("video")) return "camera-off";
  if (media.track("video")) return "";
  // Busy or pulled out when the call began: tried once more, but never by asking for a permission from afar.
  const permission = await navigator.permissions?.query({ name: /** @type {PermissionName} */ ("camera") }).catch(() => null);
  return permission?.state === "granted" ? "" : "no-camera";
}

/** A picture as large as the camera gives it. Throws when it gives none in time. @param {LocalMedia} media @returns {Promise<ImageBitmap>} */
export async function take(media) {
  const track = media.track("video");
  if (track) return inTime(sharpest(track));
  const stream = await navigator.mediaDevices.getUserMedia({ video: WISH });
  try {
    return await inTime(sharpest(stream.getVideoTracks()[0]));
  } finally {
    for (const opened of stream.getTracks()) opened.stop();
  }
}

/** The picture that is being filmed. @param {MediaStreamTrack} track @returns {Promise<ImageBitmap>} */
export async function glance(track) {
  if (typeof ImageCapture === "function") {
    const grabbed = await new ImageCapture(track).grabFrame().catch(() => null);
    if (grabbed) return grabbed;
  }
  const video = document.createElement("video");
  video.muted = true;
  video.srcObject = new MediaStream([track]);
  try {
    await video.play();
    return await createImageBitmap(video);
  } finally {
    video.srcObject = null;
  }
}

/** @param {ImageBitmap | OffscreenCanvas} picture @param {Size} size @param {Area} [part] of the picture @returns {OffscreenCanvas} */
export function drawn(picture, { width, height }, part = { x: 0, y: 0, width: picture.width, height: picture.height }) {
  const canvas = new OffscreenCanvas(width, height);
  const pen = canvas.getContext("2d");
  if (!pen) throw new Error("no canvas");
  pen.imageSmoothingQuality = "high";
  pen.drawImage(picture, part.x, part.y, part.width, part.height, 0, 0, width, height);
  return canvas;
}

/** A smaller copy. @param {ImageBitmap} picture @param {number} longest @returns {OffscreenCanvas} */
export function shrunk(picture, longest) {
  return drawn(picture, within(picture, longest));
}

/**
 * The canvases as the best pictures that together take no more than `most` bytes; if none do, the smallest.
 * @param {OffscreenCanvas[]} canvases @param {number} most @returns {Promise<Uint8Array[]>}
 */
export async function encoded(canvases, most) {
  /** @type {Uint8Array[]} */ let parts = [];
  for (const quality of QUALITIES) {
    parts = await Promise.all(canvases.map((canvas) => bytesOf(canvas, quality)));
    if (parts.reduce((sum, { length }) => sum + length, 0) <= most) break;
  }
  return parts;
}

/** @param {OffscreenCanvas} canvas @param {number} quality */
async function bytesOf(canvas, quality) {
  for (const type of TYPES) {
    const blob = await canvas.convertToBlob({ type, quality });
    if (blob.type === type) return new Uint8Array(await blob.arrayBuffer());
  }
  throw new Error("no picture");
}

/** @param {MediaStreamTrack} track */
async function sharpest(track) {
  const frame = await glance(track);
  if (frame.width >= SHARP || typeof ImageCapture !== "function") return frame;
  const photo = await new ImageCapture(track).takePhoto().then((blob) => createImageBitmap(blob)).catch(() => null);
  return photo && photo.width > frame.width ? photo : frame;
}

/** @template T @param {Promise<T>} picture @returns {Promise<T>} */
function inTime(picture) {
  return Promise.race([picture, new Promise((_, reject) => setTimeout(() => reject(new Error("no picture in time")), PATIENCE))]);
}
