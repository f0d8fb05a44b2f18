/** SDP as text: the form in which we want to send is written into the other side's description, and nothing else is touched. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { asAnswer, formed, fragmentOf, setupOf, slim } from "../../web/static/js/call/sdp.js";

const HEAD = ["v=0", "o=- 1 2 IN IP4 127.0.0.1", "s=-", "t=0 0", "a=group:BUNDLE 0 1", "a=extmap-allow-mixed"];
const SOUND = ["m=audio 9 UDP/TLS/RTP/SAVPF 63 111", "a=ice-ufrag:AbC1", "a=setup:actpass", "a=mid:0", "a=rtpmap:63 red/48000/2", "a=fmtp:63 111/111",
  "a=rtpmap:111 opus/48000/2", "a=fmtp:111 minptime=10;useinbandfec=1", "a=ssrc:7 cname:x", "a=ssrc:7 msid:s t"];
const PLAIN = ["m=audio 9 UDP/TLS/RTP/SAVPF 96", "a=setup:active", "a=mid:0", "a=rtpmap:96 opus/48000/2", "a=ptime:20"];
const PICTURE = ["m=video 9 UDP/TLS/RTP/SAVPF 97 98", "a=setup:actpass", "a=mid:1", "a=rtpmap:97 VP8/90000", "a=rtcp-fb:97 goog-remb", "a=rtcp-fb:97 nack",
  "a=rtpmap:98 rtx/90000", "a=fmtp:98 apt=97"];

const sdp = (...parts) => parts.flat().join("\r\n") + "\r\n";
const THIN = { ptime: 60, floor: 0, start: 0 };

test("the length of a packet is said once, in the sound alone", () => {
  const long = formed(sdp(HEAD, PLAIN, PICTURE), THIN);

  assert.equal(long.match(/a=ptime:/g).length, 1);
  assert.match(long, /a=ptime:60\r\na=maxptime:60\r\nm=video/);
  assert.match(formed(long, { ...THIN, ptime: 20 }), /a=ptime:20\r\na=maxptime:20\r\nm=video/);
});

test("what was formed twice is as if it was formed once", () => {
  const once = formed(sdp(HEAD, SOUND, PICTURE), { ptime: 60, floor: 110, start: 300 });

  assert.equal(formed(once, { ptime: 60, floor: 110, start: 300 }), once);
});

test("where the other side knows no RED, Opus repeats itself inside", () => {
  assert.match(formed(sdp(HEAD, PLAIN), THIN), /a=rtpmap:96 opus\/48000\/2\r\na=fmtp:96 useinbandfec=1\r\n/);
  assert.match(formed(sdp(HEAD, SOUND), THIN), /a=fmtp:111 minptime=10;useinbandfec=1\r\n/);
});

test("the least rate of the picture stands with VP8 and goes with it", () => {
  const floored = formed(sdp(HEAD, SOUND, PICTURE), { ptime: 20, floor: 110, start: 300 });

  assert.match(floored, /a=rtpmap:97 VP8\/90000\r\na=fmtp:97 x-google-min-bitrate=110;x-google-start-bitrate=300\r\n/);
  assert.match(floored, /a=fmtp:98 apt=97\r\n/);
  assert.doesNotMatch(formed(sdp(HEAD, SOUND, PICTURE), THIN), /x-google/);
});

test("a slim description lacks only lines that change nothing", () => {
  const thin = slim(sdp(HEAD, SOUND, PICTURE));

  for (const gone of ["goog-remb", "msid:s t", "extmap-allow-mixed"]) assert.ok(!thin.includes(gone), gone);
  for (const kept of ["a=rtpmap:111 opus/48000/2", "a=fmtp:63 111/111", "a=rtpmap:97 VP8/90000", "a=rtcp-fb:97 nack", "a=ssrc:7 cname:x"]) assert.ok(thin.includes(kept), kept);
});

test("an offer taken as an answer has one part in DTLS; fragment and part are read", () => {
  const answer = asAnswer(sdp(HEAD, SOUND, PICTURE), "passive");

  assert.deepEqual([setupOf(answer), fragmentOf(answer)], ["passive", "AbC1"]);
  assert.doesNotMatch(answer, /actpass/);
});
