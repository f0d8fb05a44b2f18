/** Whether media flows, from sums of bytes: a cut is told from a voice that was given up. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { Flow } from "../../web/static/js/call/flow.js";

const LOOK = 500;

/** What is said after each look while both sums grow as `steps` say: seconds, whether media grows, whether anything does. */
function looks(...steps) {
  const flow = new Flow(), said = [];
  let media = 0, all = 0, at = 0;
  for (const [seconds, isLive, isThere] of steps) {
    for (const end = at + seconds * 1_000; at < end; at += LOOK) {
      if (isLive) media += 100;
      if (isThere) all += 120;
      said.push(flow.take({ media, all, at }));
    }
  }
  return said;
}

test("nothing is said before the first byte of media", () => {
  assert.deepEqual(new Set(looks([20, false, true])), new Set([""]));
});

test("a cut is told after three seconds, and its end at once", () => {
  const said = looks([5, true, true], [4, false, false], [1, true, true]);

  assert.equal(said.at(-4), "lost");
  assert.equal(said.filter((one) => one === "lost").length, 3);
  assert.equal(said.at(-1), "connected");
});

test("a voice that was given up is no cut while the connection carries words, and one when it does not any more", () => {
  const quiet = looks([5, true, true], [60, false, true]);
  const over = looks([5, true, true], [60, false, true], [13, false, false]);

  assert.ok(!quiet.includes("lost"));
  assert.equal(over.at(-1), "lost");
});

test("words that are rare are enough", () => {
  const rare = Array.from({ length: 10 }, () => [[0.5, false, true], [6, false, false]]).flat();

  assert.ok(!looks([5, true, true], [3, false, true], ...rare).includes("lost"));
});

test("a voice that was given up while nothing at all came is no cut any more once words come again", () => {
  const said = looks([5, true, true], [8, false, false], [0.5, false, true], [4, false, false], [1, false, true]);

  assert.equal(said[5 * 2 + 7 * 2], "lost");
  assert.equal(said[5 * 2 + 8 * 2], "lost");
  assert.equal(said.at(-1), "connected");
});
