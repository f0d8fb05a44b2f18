/** Trains in, kbit/s out: on lines that lose, queue, jitter and pause. And the rung to begin with. */

import assert from "node:assert/strict";
import { test } from "node:test";

import {
  isSettled, kbpsOf, lengthOf, OVERHEAD, Pings, rateOf, rungOf, train,
} from "../../web/static/js/line_probe.js";
import { keep, known } from "../../web/static/js/line_start.js";

/** Random numbers that are the same in every run. @param {number} seed */
function dice(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/**
 * What arrives of a train on a line of this rate.
 * @param {{count: number, size: number}} sent
 * @param {{kbps: number, delay?: number, loss?: number, jitter?: number, queue?: number, random?: () => number}} line
 * @returns {[number, number][]}
 */
function arrivals({ count, size }, { kbps, delay = 50, loss = 0, jitter = 0, queue = Infinity, random = dice(7) }) {
  const each = ((size + OVERHEAD) * 8) / kbps;
  /** @type {[number, number][]} */
  const arrived = [];
  let onWire = 0;
  let last = 0;
  for (let place = 0; place < count; place++) {
    if (onWire * each > queue) continue; // dropped from the end of a full queue
    onWire++;
    if (random() < loss) continue;
    last = Math.max(last, onWire * each + delay + random() * jitter);
    arrived.push([place, last]);
  }
  return arrived;
}

/** All that a check would do on such a line. @param {Parameters<typeof arrivals>[1]} line @param {number} roundTrip @returns {(number | null)[]} */
function check(line, roundTrip) {
  /** @type {(number | null)[]} */
  const rates = [];
  const random = dice(Math.round(line.kbps) + 3);
  for (let round = 0; round < 5; round++) {
    const plan = train(kbpsOf(rates));
    rates.push(rateOf(arrivals(plan, { ...line, random }), plan.size, roundTrip));
  }
  return rates;
}

for (const kbps of [12, 48, 64, 128, 384, 700, 1_000]) {
  for (const loss of [0, 0.1, 0.15]) {
    test(`a line of ${kbps} kbit/s that loses ${100 * loss} % is told within 5 %`, () => {
      const found = kbpsOf(check({ kbps, loss }, 400));

      assert.ok(found !== null && Math.abs(found / kbps - 1) < 0.05, `${found}`);
    });
  }
  test(`with 4 ms of jitter ${kbps} kbit/s are told within 20 %`, () => {
    const found = kbpsOf(check({ kbps, loss: 0.05, jitter: 4 }, 200));

    assert.ok(found !== null && Math.abs(found / kbps - 1) < 0.2, `${found}`);
  });
  test(`a full queue that drops the end of a train of ${kbps} kbit/s changes nothing`, () => {
    const found = kbpsOf(check({ kbps, queue: kbps < 200 ? 1_000 : 300 }, 200));

    assert.ok(found !== null && Math.abs(found / kbps - 1) < 0.05, `${found}`);
  });
}

test("a fast line is told to be fast", () => {
  assert.ok(Number(kbpsOf(check({ kbps: 20_000 }, 30))) > 10_000);
});

test("a sender that waited for an answer in the middle is not taken for a thin line", () => {
  const plan = { count: 10, size: 1_100 };
  /** @type {[number, number][]} */
  const arrived = arrivals(plan, { kbps: 1_000 }).map(([place, at]) => [place, place < 5 ? at : at + 350]);

  assert.ok(Math.abs(Number(rateOf(arrived, plan.size, 350)) / 1_000 - 1) < 0.01);
});

test("packets that overtook each other, came alone or not at all give no rate or a sane one", () => {
  assert.equal(rateOf([], 200, 50), null);
  assert.equal(rateOf([[0, 10]], 200, 50), null);
  assert.equal(rateOf([[0, 10], [1, 20]], 200, 50), null);
  assert.equal(rateOf([[2, 10], [1, 10], [0, 10]], 200, 50), null);
  assert.ok(Number(rateOf([[0, 10], [2, 30], [1, 31], [3, 40], [4, 50]], 200, 50)) > 0);
});

test("trains grow with the line and stay within what may be under way at once", () => {
  assert.deepEqual(train(null), { count: 6, size: 160 });
  assert.deepEqual(train(20_000), { count: 10, size: 1_100 });
  for (const kbps of [8, 24, 48, 128, 384, 1_000]) {
    const { count, size } = train(kbps);
    assert.ok(count >= 6 && count <= 10 && size >= 160 && size <= 1_100);
    if (kbps >= 48) assert.ok(lengthOf({ count, size }, kbps) < 360);
  }
});

test("five rounds on any line are less than 150 kB each way", () => {
  const { count, size } = train(100_000);

  assert.ok(5 * count * (size + OVERHEAD) < 150_000);
});

test("three rates that agree are enough, and the first train only felt its way", () => {
  assert.equal(isSettled([10, 48, 49]), false);
  assert.equal(isSettled([10, 48, 49, 47]), true);
  assert.equal(isSettled([48, null, 49]), false);
  assert.equal(isSettled([1_400, 9_000, 3_000]), true);
  assert.equal(kbpsOf([10, 48, 50]), 50);
  assert.equal(kbpsOf([6_700, 332]), 332);
  assert.equal(kbpsOf([10, 48, 50, 49]), 49);
  assert.equal(kbpsOf([10, 114_528, 332]), 332);
  assert.equal(kbpsOf([null, 10]), 10);
  assert.equal(kbpsOf([null, null]), null);
});

test("the rung to begin with follows from what this side can send", () => {
  const rungs = [2_000, 600, 400, 250, 120, 64, 48, 30, 12, 3, null].map(rungOf);

  assert.deepEqual(rungs, ["clear", "clear", "medium", "medium", "small", "stills", "stills", "voice", "voice-notes", "text", "text"]);
});

test("pings tell round trip, jitter and loss each way", () => {
  const pings = new Pings();
  let got = 0;
  for (let number = 0; number < 20; number++) {
    pings.sent(number, number * 100);
    if (number === 4 || number === 9) continue; // lost on the way up
    got += 1;
    const late = number % 2 ? 6 : 0;
    if (number !== 7) pings.echoed(number, got, 9_000 + number * 100 + 40 + late, number * 100 + 80 + late); // 7: lost on the way down
  }

  const { roundTripMs, jitterUpMs, jitterDownMs, lostUpPercent, lostDownPercent } = pings.quality;
  assert.ok(roundTripMs !== null && roundTripMs >= 80 && roundTripMs <= 86);
  assert.ok(jitterUpMs !== null && jitterUpMs > 3 && jitterUpMs <= 6);
  assert.equal(jitterDownMs, 0);
  assert.equal(lostUpPercent, 10);
  assert.ok(Math.abs(Number(lostDownPercent) - 100 / 18) < 1e-9);
});

test("without an echo nothing is claimed", () => {
  const pings = new Pings();
  pings.sent(0, 0);
  pings.echoed(5, 1, 0, 0); // to a ping that was never sent

  assert.deepEqual(Object.values(pings.quality), [null, null, null, null, null]);
});

test("the start of a call is known for an hour", () => {
  /** @type {Map<string, string>} */
  const kept = new Map();
  const storage = /** @type {any} */ ({ getItem: (/** @type {string} */ key) => kept.get(key) ?? null, setItem: (/** @type {string} */ key, /** @type {string} */ value) => kept.set(key, value) });
  assert.equal(known(0, storage), null);

  keep({ rung: "stills", kbpsUp: 48, at: 1_000 }, storage);

  assert.deepEqual(known(3_600_999, storage), { rung: "stills", kbpsUp: 48, at: 1_000 });
  assert.equal(known(3_601_000, storage), null);
  kept.set("line", "{");
  assert.equal(known(1_000, storage), null);
});
