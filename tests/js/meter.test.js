/** What a call has used: sums over connections and reloads, the rate of the last minute, and the words for it. */

import assert from "node:assert/strict";
import { test } from "node:test";

const { Meter, traffic, words } = await import("../../web/static/js/call/meter.js");

/** @param {object[]} rows */
const report = (...rows) => /** @type {any} */ (new Map(rows.map((row, number) => [String(number), row])));

test("a connection counts from its own zero, and a second one goes on", () => {
  const [first, second] = [{}, {}];
  const meter = new Meter(500, 0);

  meter.read(first, 1_000);
  meter.read(first, 1_600);
  meter.read(second, 300);

  assert.equal(meter.bytes, 500 + 1_600 + 300);
});

test("a report that goes backwards takes nothing back, and counts nothing twice", () => {
  const connection = {};
  const meter = new Meter(0, 0);

  for (const bytes of [1_000, 400, 1_100]) meter.read(connection, bytes);

  assert.equal(meter.bytes, 1_100);
});

test("the transport says it all, with an envelope for each packet; pairs are not counted beside it", () => {
  const transport = { type: "transport", bytesSent: 1_000, bytesReceived: 2_000, packetsSent: 10, packetsReceived: 20 };
  const pair = { type: "candidate-pair", bytesSent: 1_000, bytesReceived: 2_000 };
  const stream = { type: "inbound-rtp", bytesReceived: 1_900 };

  assert.equal(traffic(report(transport, pair, stream)), 3_000 + 28 * 30);
  assert.equal(traffic(report(pair, stream)), 3_000);
});

test("the rate is that of the last minute, and is not guessed in the first seconds", () => {
  const meter = new Meter(7_000_000, 0);
  /** @param {number} to seconds @param {number} bytes in each */
  const run = (from = 0, to = 0, bytes = 0) => {
    for (let at = from + 1; at <= to; at += 1) {
      meter.add(bytes);
      meter.tick(at * 1_000);
    }
  };

  run(0, 9, 10_000);
  assert.equal(meter.perMinute, null);
  run(9, 60, 10_000);
  assert.equal(meter.perMinute, 600_000);
  run(60, 150, 1_000);
  assert.equal(meter.perMinute, 60_000);
  assert.equal(meter.bytes, 7_000_000 + 600_000 + 90_000);
});

test("megabytes have one decimal, behind a comma in Vietnamese", () => {
  assert.equal(words(12_440_000, "vi"), "12,4");
  assert.equal(words(12_440_000, "en"), "12.4");
  assert.equal(words(0, "vi"), "0,0");
});
