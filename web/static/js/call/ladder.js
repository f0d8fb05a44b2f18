/**
 * Which rung this side sends on: pure decisions over what was measured of the last seconds. Time comes in as milliseconds of any
 * clock that only grows. Down as soon as the line is strained for a second, at once to what it carried; up after quiet, when a
 * probe of the next rung's rate has arrived. Whoever climbed in vain waits longer the next time.
 */

import { LIMITS, RUNGS } from "./limits.js";

/** @import {Rung} from "./limits.js" */
/** @import {Quality} from "./quality.js" */

const STEP = 1_000;         // at least this between two changes
const STRAINED = 800;       // so long it must last: one bad look is no bad line
const DEAF = 3_000;         // and a round trip without a word while a picture goes out: nothing of it arrives, whatever the last word said
const HOPELESS = 3_000;     // a voice that comes so much later than on an empty line is none: nobody can answer it
const FRESH = 2_500;        // an older word says nothing of a voice: it may have been spoken in the one burst that was lost
const LONG = 2_000;         // a longer round trip is a queue, and no reason to wait longer for a word
const FORSAKEN = 4_000;     // so long a voice suffers before it is given up: what waits on the way drains, stills make room
const SETTLED = 3_000;      // after a change, until what is measured speaks of it
const QUIET = 20_000;       // before the line is tried for more
const QUIET_FIRST = 700;    // the same while the rung is being found at the beginning, or after a cut
const FINDING = 10_000;     // how long that takes at most
const AGAIN = 3_000;        // longer quiet there after a probe that failed: the machine may only have been busy
const TRIED = 26_000;       // the longest quiet asked for after probes that failed: they cost little, and a good line shall not wait
const PATIENCE = 160_000;   // the longest quiet asked for after climbing in vain
const VAIN = 30_000;        // down within this after a step up: it was in vain
const PROBE = 1_000;        // a probe has to last at least this, and a round trip
const RAMP = 1_500;         // it grows that long: a line that carries less is felt before it is flooded
const LATE = 300;           // packets that come so much later than on an empty line pile up on the way
const DRAINS = 30;          // less late by so much at each look: what piled up is on its way out
export const LATE_PROBE = 120;  // the same while the line is tried: the voice shall not notice
const MARGIN = 1.12;        // times what a rung needs is tried
const ARRIVES = 1.06;       // times what it needs has to arrive before it is climbed to
const SHORT = 0.8;          // of what a rung needs is too little for it: between the two nothing moves
const LEAST = 0.75;         // of what is sent arrives on any line that is worth a picture
const UNKNOWN = 56;         // kbit/s believed of a line of which nothing is known: voice and a first small picture
const MUTE = 5_000;         // so long a word of the other side is waited for before the first probe
const ESTIMATE = 0.7;       // of the browser's estimate is believed
const ENOUGH = 1_900;       // kbit/s that a clear picture and voice use at most
const SURE = 0.95;          // of what arrived on a strained line is what it carries

const [STILLS, VOICE, NOTES, TEXT] = /** @type {const} */ (["stills", "voice", "voice-notes", "text"]).map(at);

/**
 * `rung`, `top`: places in RUNGS, of what is sent and of the best allowed. `line`: kbit/s it is believed to carry. `probe`: the rung
 * being tried for. `usual`: the share that arrives when nothing is wrong, once it `knows`. `lateMs`: at the last look. Times in milliseconds; 0: not now.
 * @typedef {{
 *   rung: number, top: number, line: number, usual: number, knows: boolean, lateMs: number, changedAt: number, settlesAt: number, strainedAt: number, fineAt: number,
 *   findingUntil: number, patience: number, climbedAt: number, probe: {to: number, at: number} | null, before: number, isCut: boolean,
 *   isNew: boolean, metAt: number,
 * }} State `before`: the rung when the line was cut; `isNew`: nothing has ever arrived; `metAt`: when the line last came
 */

/** @param {{start?: Rung, line?: number, top?: Rung}} given @param {number} now @returns {State} */
export function begin({ start = "small", line = start === "small" ? UNKNOWN : LIMITS[start].needs, top = "clear" }, now) {
  const rung = Math.max(at(start), at(top));
  return {
    rung, top: at(top), line, usual: 1, knows: false, lateMs: 0, changedAt: now - STEP, settlesAt: now, strainedAt: 0, fineAt: now, findingUntil: now,
    patience: QUIET, climbedAt: 0, probe: null, before: rung, isCut: true, isNew: true, metAt: 0,
  };
}

/** The best rung that may be sent from now on: saver mode here or on the other side. @param {State} state @param {Rung} top @returns {State} */
export function limit(state, top) {
  return at(top) === state.top ? state : { ...state, top: at(top), probe: null };
}

/** Whether a voice without a film suffers now: stills make room. A film that suffers goes down, and stills are wanted all the more. @param {State} state */
export function suffers({ rung, strainedAt, probe }) {
  return rung >= STILLS && rung < NOTES && strainedAt > 0 && !probe;
}

/** @param {State} state @returns {Rung} */
export function rungOf({ rung }) {
  return RUNGS[rung] ?? "text";
}

/** What a probe adds to what is sent anyway, in kbit/s. @param {State} state @param {Quality} quality @param {number} now */
export function padding({ probe }, { sentKbps, padKbps, arrivedKbps }, now) {
  // Whoever says nothing of what arrives counts no padding either.
  if (!probe || arrivedKbps < 0) return 0;
  const full = LIMITS[RUNGS[probe.to] ?? "text"].needs * MARGIN - Math.max(0, sentKbps - padKbps);
  return Math.max(1, full * Math.min(1, 0.2 + (now - probe.at) / RAMP));
}

/** One look at the line, a few times a second. @param {State} state @param {Quality} quality @param {number} now @returns {State} */
export function decide(state, quality, now) {
  if (quality.isCut !== state.isCut) return quality.isCut ? cut(state) : whole(state, now);
  if (state.isCut) return silent(state, quality, now);
  const next = feel(state, quality, now);
  if (now - next.changedAt < STEP) return next;
  if (next.rung < next.top) return move(next, next.top, now);
  if (isDeaf(next, quality)) return { ...move(next, VOICE, now), line: Math.min(next.line, LIMITS.voice.needs), settlesAt: now + SETTLED + quality.roundTripMs };
  if (next.strainedAt && (next.probe || now - next.strainedAt >= (next.rung === VOICE && !isHopeless(quality) ? FORSAKEN : STRAINED))) return descend(next, quality, now);
  if (next.probe) return judge(next, quality, now);
  return mayClimb(next, quality, now) ? { ...next, probe: { to: next.rung - 1, at: now } } : next;
}

/** Nothing arrives at all: no rung helps. What was sent before is remembered for when it is over. @param {State} state @returns {State} */
function cut(state) {
  return { ...state, isCut: true, before: state.rung, probe: null, strainedAt: 0 };
}

/** The line is back, perhaps another one: voice at once where it stood before, and its rung is found anew. @param {State} state @param {number} now @returns {State} */
function whole(state, now) {
  const rung = state.isNew ? state.rung : Math.max(state.top, Math.min(NOTES, Math.max(state.before, STILLS)));
  const found = { ...state, isCut: false, isNew: false, metAt: now, fineAt: now, settlesAt: now + SETTLED / 2, findingUntil: now + FINDING, climbedAt: 0 };
  return rung === state.rung ? found : { ...found, rung, changedAt: now };
}

/** @param {State} state @param {Quality} quality @param {number} now @returns {State} */
function silent(state, { silentMs }, now) {
  const lost = state.rung === NOTES && silentMs > QUIET && now - state.changedAt >= STEP;
  return lost ? { ...state, rung: TEXT, changedAt: now } : state;
}

/** What this look adds to what is known. @param {State} state @param {Quality} quality @param {number} now @returns {State} */
function feel(state, quality, now) {
  const strained = isStrained(state, quality);
  const settled = now >= state.settlesAt;
  const usual = strained || quality.share < 0 ? state.usual : learned(state, quality.share);
  // A clear picture has no rung above it to be tried for: there the browser's own estimate says how much more the line carries.
  const more = state.rung === 0 && !strained ? Math.min(ENOUGH, quality.availableKbps * ESTIMATE) : 0;
  return {
    ...state, lateMs: quality.lateMs, usual, knows: state.knows || (quality.share >= 0 && !strained), line: Math.max(state.line, more), strainedAt: strained && settled ? state.strainedAt || now : 0, fineAt: strained ? now : state.fineAt,
    patience: now - state.changedAt > 3 * state.patience ? Math.max(QUIET, state.patience / 2) : state.patience,
  };
}

/** @param {State} state @param {number} share */
function learned({ knows, usual }, share) {
  return knows ? usual * 0.9 + share * 0.1 : Math.max(LEAST, share);
}

/**
 * The voice suffers, the line backs up, or what is sent does not arrive. Each sign is read only where it was measured (not negative).
 * @param {State} state @param {Quality} quality
 */
function isStrained({ rung, usual, knows, probe, lateMs: before }, { lateMs, share, concealed, frozen, wordAgeMs, roundTripMs }) {
  const shown = rung < STILLS;
  const patient = LATE + (shown ? 0 : 200);
  const piles = lateMs > (probe ? LATE_PROBE : patient) && lateMs > before - DRAINS;
  return piles || (share >= 0 && knows && share < Math.min(usual, 0.97) - (shown ? 0.15 : 0.3)) || concealed > (shown ? 12 : 30)
    || frozen > 50 || (!shown && isHopeless({ lateMs, roundTripMs })) || wordAgeMs > (shown ? 1_500 : 4_500) + Math.min(roundTripMs, LONG);
}

/** What is said is heard so late that nobody can answer it. Both ways together no line is that long, only what waits before it. @param {Pick<Quality, "lateMs" | "roundTripMs">} quality */
function isHopeless({ lateMs, roundTripMs }) {
  return lateMs > HOPELESS || roundTripMs > HOPELESS + LONG / 2;
}

/** @param {State} state @param {Quality} quality */
function isDeaf({ rung }, { wordAgeMs, roundTripMs, arrivedKbps }) {
  return rung < VOICE && arrivedKbps >= 0 && wordAgeMs > DEAF + Math.min(roundTripMs, DEAF);
}

/** @param {State} state @param {Quality} quality @param {number} now @returns {State} */
function descend(state, quality, now) {
  if (state.probe) return fail(state, quality, now);
  const carried = quality.arrivedKbps >= 0 ? quality.arrivedKbps * SURE : -1;
  const line = carried >= 0 ? Math.min(carried, LIMITS[rungOf(state)].needs) : state.line;
  const rung = lower(state, carried, quality);
  if (rung === state.rung) return { ...state, line, strainedAt: 0 };
  const vain = state.climbedAt && now - state.climbedAt < VAIN;
  return {
    ...move(state, rung, now), line, climbedAt: 0, settlesAt: now + (carried < 0 ? STEP : SETTLED) + quality.roundTripMs,
    patience: vain ? Math.min(PATIENCE, state.patience * 2) : state.patience,
    findingUntil: vain ? 0 : state.findingUntil,
  };
}

/** At once to what the line carried; without a word from the other side, one rung. @param {State} state @param {number} carried @param {Quality} quality */
function lower({ rung }, carried, quality) {
  const next = rung + 1;
  if (rung >= NOTES) return rung;
  // Voice is given up only for what is known of it, never for want of a word.
  const isHeard = quality.wordAgeMs < FRESH;
  const isLost = (isHeard && (quality.concealed > 30 || (quality.share >= 0 && quality.share < 0.5))) || isHopeless(quality);
  if (next >= NOTES && !isLost) return rung;
  const fits = carried < 0 ? next : RUNGS.findIndex((name) => LIMITS[name].needs <= carried);
  return Math.max(next, Math.min(fits, rung < VOICE ? VOICE : NOTES));
}

/** @param {State} state @param {Quality} quality @param {number} now */
function mayClimb(state, quality, now) {
  if (state.rung <= state.top || (quality.arrivedKbps < 0 && now - state.metAt < MUTE)) return false;
  return now - state.fineAt >= (now < state.findingUntil ? QUIET_FIRST : state.patience) && now >= state.settlesAt;
}

/** How the probe goes: what was tried for has arrived without backing up, or not yet. @param {State} state @param {Quality} quality @param {number} now @returns {State} */
function judge(state, quality, now) {
  const { probe } = state;
  if (!probe || now - probe.at < PROBE + quality.roundTripMs) return state;
  const needed = LIMITS[RUNGS[probe.to] ?? "text"].needs * ARRIVES * state.usual;
  const late = now - probe.at > 3 * PROBE + 2 * quality.roundTripMs;
  if (quality.arrivedKbps >= needed) return climb({ ...state, line: Math.max(state.line, needed) }, probe.to, now);
  if (!late) return state;
  // Where the other side says nothing of what arrives, the step itself is the trial.
  return quality.arrivedKbps < 0 ? climb(state, probe.to, now) : fail(state, quality, now);
}

/** @param {State} state @param {number} to @param {number} now @returns {State} */
function climb(state, to, now) {
  const finding = now < state.findingUntil;
  const moved = { ...move(state, to, now), climbedAt: now, settlesAt: now + STEP };
  // While the probe still runs well, the next rung is tried for without another wait.
  return to > state.top ? { ...moved, findingUntil: Math.max(state.findingUntil, now + 2 * PROBE), fineAt: finding ? state.fineAt : now - QUIET_FIRST } : moved;
}

/** A probe that backs up tells what the line carries: less than the rung we are on needs, and it is left. @param {State} state @param {Quality} quality @param {number} now @returns {State} */
function fail(state, quality, now) {
  const finding = now < state.findingUntil, needs = LIMITS[rungOf(state)].needs;
  const carried = quality.lateMs > LATE_PROBE && quality.arrivedKbps > 0 ? quality.arrivedKbps * SURE : state.line;
  const over = {
    ...state, line: carried, probe: null, strainedAt: 0, fineAt: finding ? now + AGAIN : now,
    patience: finding ? state.patience : Math.max(state.patience, Math.min(TRIED, state.patience * 1.3)),
  };
  const left = carried < needs * state.usual * SHORT && quality.lateMs > LATE_PROBE ? move(over, lower(state, carried, quality), now) : over;
  return { ...left, fineAt: over.fineAt, settlesAt: now + SETTLED + quality.roundTripMs + Math.max(0, quality.lateMs) };
}

/** @param {State} state @param {number} rung @param {number} now @returns {State} */
function move(state, rung, now) {
  return { ...state, rung, changedAt: now, settlesAt: now + STEP, strainedAt: 0, fineAt: now, probe: null };
}

/** @param {Rung} name */
function at(name) {
  return RUNGS.indexOf(name);
}
