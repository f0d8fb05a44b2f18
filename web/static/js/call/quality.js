/**
 * How well the line carries what this side sends, from getStats and the other side's word. Pure: reports and times go in, figures of
 * the last seconds come out. Names are those of W3C webrtc-stats.
 */

/** @import {Heard} from "./report.js" */

const WINDOW = 2_000;      // milliseconds that a figure speaks of: shorter is noise at 17 packets a second
const RATE = 1_000;        // milliseconds that a rate speaks of
const LAGS = 2_000;        // milliseconds: what the other side says it hears was sent within these
const CUT = 1_200;         // milliseconds without a byte where voice or picture came all the time: nothing arrives at all
const CUT_THIN = 6_000;    // the same where only a word every second or two comes, and one in five is lost
const THIN = 8;            // kbit/s: less than any voice

/**
 * One getStats report as sums. Bytes are those of the transport: everything, data and envelopes too.
 * @typedef {{
 *   at: number, sentBytes: number, receivedBytes: number, voiceSent: number, roundTripMs: number, availableKbps: number,
 *   packets: number, lost: number, samples: number, concealed: number, frames: number, frozen: number, theirLost: number,
 * }} Reading
 *
 * What the ladder decides by. Rates in kbit/s, times in milliseconds, the rest in percent; `share`: of what was sent, 0 to 1. -1:
 * not measured. `isCut`: nothing at all arrives here. `wordAgeMs`: since the other side last said how it hears us.
 * @typedef {{
 *   sentKbps: number, padKbps: number, arrivedKbps: number, share: number, lost: number, concealed: number, frozen: number, silentMs: number,
 *   lateMs: number, roundTripMs: number, availableKbps: number, wordAgeMs: number, isCut: boolean, shown: boolean,
 * }} Quality
 */

/** @param {RTCStatsReport} report @param {number} at milliseconds @returns {Reading} */
export function read(report, at) {
  const sum = {
    at, sentBytes: 0, receivedBytes: 0, voiceSent: 0, roundTripMs: 0, availableKbps: -1, packets: 0, lost: 0, samples: 0, concealed: 0,
    frames: 0, frozen: 0, theirLost: -1,
  };
  for (const one of report.values()) {
    if (one.type === "transport") readTransport(sum, one, report.get(one.selectedCandidatePairId));
    else if (one.type === "inbound-rtp") readInbound(sum, one);
    else if (one.type === "outbound-rtp" && one.kind === "audio") sum.voiceSent = one.packetsSent ?? 0;
    else if (one.type === "remote-inbound-rtp") readTheirs(sum, one);
  }
  return sum;
}

/** @param {Reading} sum @param {any} transport @param {any} pair the one in use, none before there is one */
function readTransport(sum, transport, pair) {
  sum.sentBytes = transport.bytesSent ?? pair?.bytesSent ?? 0;
  sum.receivedBytes = transport.bytesReceived ?? pair?.bytesReceived ?? 0;
  sum.roundTripMs = (pair?.currentRoundTripTime ?? 0) * 1000;
  if (pair?.availableOutgoingBitrate) sum.availableKbps = pair.availableOutgoingBitrate / 1000;
}

/** @param {Reading} sum @param {any} one */
function readInbound(sum, one) {
  sum.packets += one.packetsReceived ?? 0;
  sum.lost += Math.max(0, one.packetsLost ?? 0);
  sum.samples += one.totalSamplesReceived ?? 0;
  sum.concealed += one.concealedSamples ?? 0;
  sum.frames += one.framesDecoded ?? 0;
  sum.frozen += one.totalFreezesDuration ?? 0;
}

/** @param {Reading} sum @param {any} one the other side's receiver report (RTCP) on one of our streams */
function readTheirs(sum, one) {
  sum.theirLost = Math.max(sum.theirLost, (one.fractionLost ?? 0) * 100);
}

export class Ear {
  /** @type {Reading[]} */ #readings = [];
  #bytesAt = 0;             // when bytes last arrived
  #flowing = false;         // voice or picture came until then
  #silentAt = 0;            // since when no sample was heard
  /** @type {{at: number, kbps: number}[]} */ #sent = [];
  /** @type {{heard: Heard, at: number} | null} */ #word = null;

  /** @param {Reading} reading */
  take(reading) {
    const last = this.#readings.at(-1);
    if (!last || reading.receivedBytes === 0 || reading.receivedBytes > last.receivedBytes) this.#bytesAt = reading.at;
    if (!last || reading.concealed - last.concealed < 0.9 * (reading.samples - last.samples)) this.#silentAt = reading.at;
    this.#readings = [...this.#readings.filter((one) => reading.at - one.at <= WINDOW), reading];
    this.#sent = [...this.#sent.filter((one) => reading.at - one.at <= LAGS + reading.roundTripMs), { at: reading.at, kbps: this.#kbps((one) => one.sentBytes) }];
    if (this.#bytesAt === reading.at) this.#flowing = this.#kbps((one) => one.receivedBytes) > THIN;
  }

  /** The other side's word on what it hears of us. @param {Heard} heard @param {number} now */
  told(heard, now) {
    this.#word = { heard, at: now };
  }

  /** What this side tells the other. @param {number} lateMs of its reports @returns {Heard} */
  heard(lateMs) {
    const samples = this.#span((one) => one.samples), lost = this.#span((one) => one.lost), packets = this.#span((one) => one.packets);
    const isShown = (this.#readings.at(-1)?.frames ?? 0) > 0;
    return {
      arrivedKbps: this.#kbps((one) => one.receivedBytes), lost: share(lost, lost + packets),
      concealed: share(this.#span((one) => one.concealed), samples), silentMs: this.#now - this.#silentAt, lateMs, shown: isShown,
      frozen: this.#span((one) => one.frames) > 0 ? Math.min(100, this.#span((one) => one.frozen) * 100_000 / (this.#lasts || 1)) : -1,
    };
  }

  /** @param {number} padKbps what we add for a probe @returns {Quality} */
  quality(padKbps) {
    const now = this.#readings.at(-1), word = this.#word;
    const sentKbps = this.#kbps((one) => one.sentBytes), arrivedKbps = word ? word.heard.arrivedKbps : -1;
    const theirLost = now?.theirLost ?? -1, speaks = this.#span((one) => one.voiceSent) > 0;
    const lost = word ? word.heard.lost : theirLost;
    return {
      sentKbps, padKbps, arrivedKbps, lost, concealed: word && speaks ? word.heard.concealed : -1, frozen: word ? word.heard.frozen : -1,
      share: word ? this.#share(arrivedKbps) : theirLost < 0 ? -1 : 1 - theirLost / 100,
      silentMs: this.#now - this.#bytesAt, lateMs: word ? word.heard.lateMs : -1, roundTripMs: now?.roundTripMs ?? 0,
      availableKbps: now?.availableKbps ?? -1, wordAgeMs: word ? this.#now - word.at : 0,
      isCut: this.#now - this.#bytesAt > (this.#flowing ? CUT : CUT_THIN), shown: word?.heard.shown ?? theirLost >= 0,
    };
  }

  get #now() {
    return this.#readings.at(-1)?.at ?? 0;
  }

  get #lasts() {
    return this.#now - (this.#readings[0]?.at ?? 0);
  }

  /** Of the least that was sent in the time of which the other side speaks: a rate that has just changed is no loss. @param {number} arrived kbit/s */
  #share(arrived) {
    const sent = Math.min(...this.#sent.map((one) => one.kbps));
    return sent > 0 ? Math.min(1, arrived / sent) : -1;
  }

  /** @param {(one: Reading) => number} of bytes */
  #kbps(of) {
    const last = this.#readings.at(-1), first = this.#readings.findLast((one) => this.#now - one.at >= RATE) ?? this.#readings[0];
    return last && first && last.at > first.at ? (Math.max(0, of(last) - of(first)) * 8) / (last.at - first.at) : 0;
  }

  /** @param {(one: Reading) => number} of */
  #span(of) {
    const [first, last] = [this.#readings[0], this.#readings.at(-1)];
    return first && last ? Math.max(0, of(last) - of(first)) : 0;
  }
}

/** @param {number} part @param {number} all @returns {number} percent, -1 of nothing */
function share(part, all) {
  return all > 0 ? Math.min(100, (100 * part) / all) : -1;
}
