/** The curtain in virtual time: drawn, prolonged, warned of, lifted, and found drawn after a reload. */

import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";

const { Curtain } = await import("../../web/static/js/call/curtain.js");

const SECOND = 1_000;
let until = 0;
const kept = { read: () => until, write: (/** @type {number} */ instant) => { until = instant; } };
/** @type {string[]} */
let states = [];

beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout", "Date"], now: 1_000_000 });
  until = 0;
  states = [];
});

function hung() {
  const curtain = new Curtain(kept, () => Date.now());
  curtain.addEventListener("change", () => states.push(curtain.state));
  return curtain;
}

test("it is lifted after three minutes, with a warning fifteen seconds before", () => {
  const curtain = hung();

  curtain.draw();
  mock.timers.tick(164 * SECOND);
  assert.deepEqual(states, ["drawn"]);
  mock.timers.tick(1 * SECOND);
  assert.deepEqual(states, ["drawn", "ending"]);
  assert.equal(curtain.left, 15 * SECOND);
  mock.timers.tick(15 * SECOND);

  assert.deepEqual(states, ["drawn", "ending", "open"]);
  assert.deepEqual([until, curtain.left], [0, 0]);
});

test("one tap keeps it for three minutes more, and the warning goes", () => {
  const curtain = hung();
  curtain.draw();
  mock.timers.tick(170 * SECOND);

  curtain.draw();

  assert.deepEqual(states, ["drawn", "ending", "drawn"]);
  assert.equal(curtain.left, 180 * SECOND);
  mock.timers.tick(179 * SECOND);
  assert.equal(curtain.state, "ending");
});

test("lifted by hand it stays lifted", () => {
  const curtain = hung();
  curtain.draw();

  curtain.lift();
  mock.timers.tick(400 * SECOND);

  assert.deepEqual(states, ["drawn", "open"]);
  assert.equal(until, 0);
});

test("a reload finds it drawn, for what was left", () => {
  const before = hung();
  before.draw();
  mock.timers.tick(60 * SECOND);
  before.close();

  const after = hung();
  after.restore();

  assert.deepEqual([after.state, after.left], ["drawn", 120 * SECOND]);
});

test("a reload that took too long uncovers nobody without the warning", () => {
  const before = hung();
  before.draw();
  before.close();
  mock.timers.tick(900 * SECOND);

  const after = hung();
  after.restore();
  assert.deepEqual([after.state, after.left], ["ending", 15 * SECOND]);
  mock.timers.tick(15 * SECOND);

  assert.equal(after.state, "open");
});

test("a clock set back does not keep it for hours", () => {
  const before = hung();
  before.draw();
  before.close();
  mock.timers.setTime(400_000);

  const after = hung();
  after.restore();

  assert.equal(after.left, 180 * SECOND);
});

test("nothing kept, nothing drawn", () => {
  const curtain = hung();

  curtain.restore();

  assert.deepEqual([curtain.state, states], ["open", []]);
});
