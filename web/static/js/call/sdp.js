/** SDP as text: the few lines that no API of the browser sets. Pure. Knows neither connection nor ladder. */

/** @typedef {{ptime: number, floor: number, start: number}} Form milliseconds in a packet of voice; kbit/s of the picture, 0: as the browser likes */

const NEWLINE = "\r\n";
// Lines that say what both browsers do anyway: a third of an offer. They are left out of what is sent, not of what is set here.
const IDLE = [/^a=rtcp-fb:\d+ goog-remb/, /^a=rtcp:9 /, /^a=msid-semantic/, /^a=extmap-allow-mixed/, /^a=ssrc:\d+ msid:/, /^a=rtcp-fb:\d+ ccm fir/];

/** What goes out: without the lines that change nothing. @param {string} sdp */
export function slim(sdp) {
  return sdp.split(NEWLINE).filter((line) => !IDLE.some((idle) => idle.test(line))).join(NEWLINE);
}

/**
 * The other side's description in the form in which we want to send: a browser obeys `a=ptime` of the remote description (RFC 8866
 * 6.4), Opus lets FEC fill gaps where no RED does (RFC 7587 6.1), and Chromium keeps the picture at `x-google-min-bitrate`.
 * @param {string} sdp @param {Form} form
 */
export function formed(sdp, { ptime, floor, start }) {
  return inMedia(sdp, (kind, lines) => {
    if (kind === "audio") return [...withFec(lines.filter((line) => !/^a=(max)?ptime:/.test(line))), `a=ptime:${ptime}`, `a=maxptime:${ptime}`];
    if (kind === "video" && floor) return withRates(lines, floor, start);
    return lines;
  });
}

/** An offer or answer of the other side as its answer to an offer like the last. @param {string} sdp @param {"active" | "passive"} setup its part in DTLS (RFC 5763) */
export function asAnswer(sdp, setup) {
  return sdp.replaceAll(/^a=setup:.*$/gm, `a=setup:${setup}`);
}

/** The part in DTLS that a description takes. @param {string} sdp */
export function setupOf(sdp) {
  return /^a=setup:(\w+)/m.exec(sdp)?.[1] ?? "";
}

/** Names one ICE generation (RFC 8839 5.4). @param {string} sdp */
export function fragmentOf(sdp) {
  return /^a=ice-ufrag:(\S+)/m.exec(sdp)?.[1] ?? "";
}

/** @param {string} sdp @param {(kind: string, lines: string[]) => string[]} change */
function inMedia(sdp, change) {
  const [head = "", ...media] = sdp.split(/^(?=m=)/m);
  return head + media.map((part) => {
    const kind = /^m=(\w+)/.exec(part)?.[1] ?? "";
    return change(kind, part.trimEnd().split(NEWLINE)).join(NEWLINE) + NEWLINE;
  }).join("");
}

/** @param {string[]} lines of sound */
function withFec(lines) {
  const opus = payload(lines, /^opus\/48000/i);
  if (!opus || payload(lines, /^red\/48000/i)) return lines;
  return withParameters(lines, opus, { useinbandfec: 1 });
}

/** @param {string[]} lines of the picture @param {number} floor @param {number} start */
function withRates(lines, floor, start) {
  const vp8 = payload(lines, /^VP8\//i);
  return vp8 ? withParameters(lines, vp8, { "x-google-min-bitrate": floor, ...(start ? { "x-google-start-bitrate": start } : {}) }) : lines;
}

/** @param {string[]} lines @param {RegExp} codec @returns {string} payload type, or empty */
function payload(lines, codec) {
  for (const line of lines) {
    const found = /^a=rtpmap:(\d+) (.+)$/.exec(line);
    if (found && codec.test(found[2] ?? "")) return found[1] ?? "";
  }
  return "";
}

/** @param {string[]} lines @param {string} type @param {Record<string, number>} more */
function withParameters(lines, type, more) {
  const start = `a=fmtp:${type} `;
  const known = lines.find((line) => line.startsWith(start))?.slice(start.length).split(";") ?? [];
  const kept = known.filter((one) => one && !((one.split("=")[0] ?? "").trim() in more));
  const line = start + [...kept, ...Object.entries(more).map(([name, value]) => `${name}=${value}`)].join(";");
  const rest = lines.filter((one) => !one.startsWith(start));
  const place = rest.findIndex((one) => one.startsWith(`a=rtpmap:${type} `)) + 1;
  return [...rest.slice(0, place), line, ...rest.slice(place)];
}
