/** A still as tiles: how it is cut, in which order the tiles are worth seeing, and the bytes that say so. Knows no canvas. */

/** The kinds of blobs that carry pictures, and the largest of each that is taken, in bytes. */
export const KIND = /** @type {const} */ ({ thumb: 1, still: 2, glimpse: 3 });
export const LIMITS = { [KIND.thumb]: 2_000, [KIND.still]: 90_000, [KIND.glimpse]: 12_000 };

export const LONGEST = 1_600;         // pixels along the longer side, as of all photos
const COLUMNS = 4, ROWS = 3;
const BLOCK = 16;                     // pixels: codecs work in blocks, and a tile that ends inside one costs its rest
const LEAST_STILL = 16_000, GOOD_STILL = 20_000, MOST_STILL = 40_000, LEAST_GLIMPSE = 3_000, MOST_GLIMPSE = 8_000;   // bytes
const STILL_WITHIN = 12, GLIMPSE_WITHIN = 7;    // seconds that it may take on its way,
const GOOD_WITHIN = 20;               // and a still where that is too little to be worth waiting for
const KEPT = 0.8;                     // of the wire is picture, the rest envelopes

/**
 * @typedef {{width: number, height: number}} Size
 * @typedef {{x: number, y: number} & Size} Area
 */

/** The size of a picture of this shape with no side longer than `longest`. @param {Size} size @param {number} longest @returns {Size} */
export function within({ width, height }, longest) {
  const scale = Math.min(1, longest / Math.max(width, height));
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

/** The tiles from the middle outwards: what the doctor wants to see is held into the middle. @param {Size} size @returns {Area[]} */
export function tiles({ width, height }) {
  const xs = edges(width, COLUMNS), ys = edges(height, ROWS), found = [];
  for (let row = 0; row + 1 < ys.length; row++) {
    for (let column = 0; column + 1 < xs.length; column++) {
      found.push({ x: xs[column], y: ys[row], width: xs[column + 1] - xs[column], height: ys[row + 1] - ys[row] });
    }
  }
  return found.sort((one, other) => away(one, width, height) - away(other, width, height));
}

/** @param {Size} size */
export function about({ width, height }) {
  return Uint8Array.of(width >> 8, width & 255, height >> 8, height & 255);
}

/** The size that `about` wrote, or null: no picture of ours. @param {Uint8Array} bytes @returns {Size | null} */
export function sizeOf(bytes) {
  const width = bytes[0] * 256 + bytes[1], height = bytes[2] * 256 + bytes[3];
  return bytes.length === 4 && width > 0 && height > 0 && Math.max(width, height) <= LONGEST ? { width, height } : null;
}

/** Bytes of a still that arrives in time over what is spare. @param {number} kbps */
export function stillBytes(kbps) {
  const each = kbps * 125 * KEPT, good = Math.min(GOOD_STILL, each * GOOD_WITHIN);
  return Math.round(Math.max(LEAST_STILL, good, Math.min(MOST_STILL, each * STILL_WITHIN)));
}

/** Bytes of one of the small pictures that stand in for the film. @param {number} kbps */
export function glimpseBytes(kbps) {
  return Math.round(Math.max(LEAST_GLIMPSE, Math.min(MOST_GLIMPSE, kbps * 125 * KEPT * GLIMPSE_WITHIN)));
}

/** @param {number} length @param {number} parts */
function edges(length, parts) {
  const inner = Array.from({ length: parts - 1 }, (_, at) => Math.round((at + 1) * length / parts / BLOCK) * BLOCK);
  return [...new Set([0, ...inner, length])].filter((edge) => edge <= length);
}

/** @param {Area} area @param {number} width @param {number} height */
function away({ x, y, width: w, height: h }, width, height) {
  return Math.hypot(x + w / 2 - width / 2, y + h / 2 - height / 2);
}
