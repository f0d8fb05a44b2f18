/**
 * The seven rungs of the ladder as data: what a line must carry for each, and what is sent on it. All rates in kbit/s, of one
 * direction. Where a number is from our measurements on thin lines (two Chromium 156, a shaper between), its line says so.
 */

/** @typedef {(typeof RUNGS)[number]} Rung from the best to the last; the same words on the wire */
export const RUNGS = /** @type {const} */ (["clear", "medium", "small", "stills", "voice", "voice-notes", "text"]);

/**
 * `needs`: what the line has to carry with IP headers. `voice`: Opus rate and milliseconds in a packet. `picture`: at most so many
 * kbit/s, at least `floor` whatever the browser's own estimate says, `edge` the shorter side in pixels, `fps` frames a second.
 * `stills`: for single pictures beside the voice.
 * @typedef {{kbps: number, ptime: 20 | 60}} Voice
 * @typedef {{kbps: number, floor: number, edge: number, fps: number}} Picture
 * @typedef {{needs: number, voice: Voice | null, picture: Picture | null, stills: number}} Limits
 * @type {Record<Rung, Limits>}
 */
export const LIMITS = {
  // Measured: 600 and more for 640x480 or better; 250-600 for 480x360; 100-250 for 320x240 at 8-10 frames a second.
  clear: { needs: 600, voice: { kbps: 24, ptime: 20 }, picture: { kbps: 1_500, floor: 350, edge: 720, fps: 24 }, stills: 60 },
  medium: { needs: 250, voice: { kbps: 20, ptime: 20 }, picture: { kbps: 420, floor: 110, edge: 360, fps: 15 }, stills: 30 },
  // Below about 100 a picture costs far more than its rate: key frames burst and are repeated. 60 ms packets need a third of the envelopes.
  small: { needs: 100, voice: { kbps: 12, ptime: 60 }, picture: { kbps: 140, floor: 30, edge: 180, fps: 10 }, stills: 16 },
  // Measured at 48-64 with 15 % loss: voice 8-12 with RED and stills paced at 8-12 conceal 3-6 % of the voice.
  stills: { needs: 36, voice: { kbps: 12, ptime: 60 }, picture: null, stills: 8 },
  voice: { needs: 24, voice: { kbps: 8, ptime: 60 }, picture: null, stills: 4 },
  "voice-notes": { needs: 6, voice: null, picture: null, stills: 4 },
  text: { needs: 0, voice: null, picture: null, stills: 4 },
};

/** A device that saves data sends no more than this: 15 minutes of it both ways stay below 35 MB. @type {Rung} */
export const SAVER = "small";

/** What stands until the other side has seen a first frame: 160x120 at 30 kbit/s is there in 0.3 s at 48 kbit/s (measured). @type {Picture} */
export const FIRST = { kbps: 30, floor: 30, edge: 120, fps: 8 };

const ENVELOPE = 60;     // bytes around one packet of voice: IP, UDP, RTP, SRTP
const COMFORTABLE = 64;  // kbit/s of a line on which the voice has its full rate
const LOWEST = 6;        // kbit/s: the least that Opus speaks with (RFC 6716)
const NARROW = 30;       // kbit/s of a line on which voice alone has to make do with that
const KEPT = 0.85;       // of the line for voice and picture together

/**
 * @typedef {{rung: Rung, voice: Voice | null, picture: Picture | null, spare: number}} Plan `spare`: kbit/s that a still may take
 */

/**
 * What is sent on a rung over a line believed to carry `line` kbit/s. A sharp still, asked for now, matters more than the film:
 * while one is on its way (`carrying`), the film makes room for it, down to its floor.
 * @param {Rung} rung @param {number} line @param {boolean} [carrying] @returns {Plan}
 */
export function plan(rung, line, carrying = false) {
  const { voice, picture, stills } = LIMITS[rung];
  const spoken = voice && { ...voice, kbps: spokenRate(voice.kbps, line) };
  const rest = line * KEPT - (spoken ? wire(spoken) : 0);
  const spare = Math.max(stills, Math.floor(Math.min(rest / 2, rest - (picture?.floor ?? 0))));
  const shown = picture && { ...picture, kbps: Math.round(Math.min(picture.kbps, Math.max(picture.floor, carrying ? rest - spare : rest))) };
  return { rung, voice: spoken, picture: shown, spare };
}

/** What voice with one level of RED costs on the wire. @param {Voice} voice */
export function wire({ kbps, ptime }) {
  return 2 * kbps + (ENVELOPE * 8) / ptime;
}

/** @param {number} full @param {number} line */
function spokenRate(full, line) {
  if (line >= COMFORTABLE) return full;
  return line < NARROW ? LOWEST : Math.min(full, 8);
}
