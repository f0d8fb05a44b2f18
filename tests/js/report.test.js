/** What the two sides tell each other in twelve bytes, and what is read from getStats. */

import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "fast-check";

import { RUNGS } from "../../web/static/js/call/limits.js";
import { Ear, read } from "../../web/static/js/call/quality.js";
import { Lateness, pack, pad, unpack } from "../../web/static/js/call/report.js";

const HEARD = { arrivedKbps: 23.5, lost: 15, concealed: 2.5, frozen: -1, silentMs: 300, lateMs: 120, shown: true };

test("what was packed is unpacked, to half a percent", () => {
  assert.equal(pack(HEARD, 70_000).byteLength, 12);
  assert.deepEqual(unpack(pack(HEARD, 70_000)), { sentAt: 70_000 % 65_536, heard: HEARD, rung: "" });
  for (const rung of RUNGS) for (const shown of [true, false]) {
    assert.deepEqual(unpack(pack({ ...HEARD, shown }, 1, rung)), { sentAt: 1, heard: { ...HEARD, shown }, rung });
  }
});

test("whatever was measured fits, and comes back within its bounds", () => {
  const number = fc.double({ min: -1, max: 1e6, noNaN: true });
  fc.assert(fc.property(number, number, number, number, number, (arrivedKbps, lost, concealed, silentMs, lateMs) => {
    const { heard } = unpack(pack({ ...HEARD, arrivedKbps: Math.abs(arrivedKbps), lost, concealed, silentMs: Math.abs(silentMs), lateMs: Math.abs(lateMs) }, 1));

    assert.ok(heard.arrivedKbps <= 16_384 && heard.lost <= 100 && heard.concealed >= -1 && heard.silentMs <= 25_500 && heard.lateMs <= 65_535);
  }));
});

test("padding says when it was sent and nothing else; what another kind of page sends is passed over", () => {
  assert.deepEqual(unpack(pad(700, 5)), { sentAt: 5, heard: null, rung: "" });
  assert.equal(pad(700, 5).byteLength, 700);
  assert.equal(unpack(new ArrayBuffer(0)), null);
  assert.equal(unpack(new Uint8Array([9, 9, 9, 9]).buffer), null);
});

test("packets that pile up come later, whatever the two clocks say and however often they begin anew", () => {
  fc.assert(fc.property(fc.integer({ min: 0, max: 1e9 }), (apart) => {
    const lateness = new Lateness(), seen = [];
    for (let number = 0; number < 200; number++) {
      const sent = number * 1_000, queue = number >= 150 ? 400 : 0;
      seen.push(lateness.take((sent + apart) % 65_536, sent + 80 + queue));
    }

    assert.ok(seen.slice(0, 150).every((late) => late === 0));
    assert.equal(seen[160], 400);
  }));
});

test("one packet that a busy page handled late is no queue", () => {
  const lateness = new Lateness();
  lateness.take(0, 50);
  lateness.take(100, 150);

  assert.equal(lateness.take(200, 700), 0);
  assert.equal(lateness.take(1_000, 1_550), 500);
});

/** A report as a browser gives it. */
function stats({ sent, received, samples, concealed }) {
  return new Map([
    ["T", { type: "transport", selectedCandidatePairId: "P", bytesSent: sent, bytesReceived: received }],
    ["P", { type: "candidate-pair", currentRoundTripTime: 0.1 }],
    ["A", { type: "inbound-rtp", kind: "audio", totalSamplesReceived: samples, concealedSamples: concealed, packetsReceived: samples / 960, packetsLost: 2 }],
    ["O", { type: "outbound-rtp", kind: "audio", packetsSent: samples / 960 }],
  ]);
}

/** An ear that has listened for so many half seconds. */
function listening(halves, each) {
  const ear = new Ear();
  for (let number = 0; number < halves; number++) ear.take(read(stats(each(number)), number * 500));
  return ear;
}

test("rates, concealed voice and silence are those of the last seconds", () => {
  const ear = listening(20, (number) => ({ sent: number * 1_500, received: number * 1_250, samples: number * 24_000, concealed: Math.max(0, number - 15) * 6_000 }));

  const heard = ear.heard(0);

  assert.equal(heard.arrivedKbps, 20);
  assert.equal(heard.concealed, 25);
  assert.equal(heard.frozen, -1);
  assert.equal(ear.quality(0).sentKbps, 24);
});

test("the other side's word is weighed against what was sent when it was heard, not against a rate that has just grown", () => {
  const ear = listening(20, (number) => ({ sent: number * 1_500 + Math.max(0, number - 18) * 60_000, received: number * 1_500, samples: number * 24_000, concealed: 0 }));

  ear.told({ ...HEARD, arrivedKbps: 24 }, 9_500);

  assert.equal(ear.quality(0).share, 1);
});

test("where bytes came all the time, their absence is noticed in little more than a second", () => {
  const flowing = (number) => ({ sent: number * 1_500, received: Math.min(number, 10) * 1_500, samples: number * 24_000, concealed: 0 });

  assert.equal(listening(13, flowing).quality(0).isCut, false);
  assert.equal(listening(14, flowing).quality(0).isCut, true);
});

test("where only a word every two seconds comes, one that is lost is no cut", () => {
  const thin = (number) => ({ sent: 0, received: Math.min(number, 10) * 60, samples: 0, concealed: 0 });

  assert.equal(listening(21, thin).quality(0).isCut, false);
  assert.equal(listening(24, thin).quality(0).isCut, true);
});

test("of a picture that is over nothing is said, so that the other side hears of it no oftener than a voice needs", () => {
  const ear = new Ear();
  const look = (number) => {
    const report = stats({ sent: 0, received: number * 900, samples: number * 24_000, concealed: 0 });
    report.set("V", { type: "inbound-rtp", kind: "video", framesDecoded: Math.min(number, 10) * 5, totalFreezesDuration: 0 });
    ear.take(read(report, number * 500));
  };
  for (let number = 0; number < 12; number++) look(number);
  assert.equal(ear.heard(0).frozen, 0);
  for (let number = 12; number < 20; number++) look(number);

  assert.equal(ear.heard(0).frozen, -1);
  assert.equal(ear.heard(0).shown, true);
});
