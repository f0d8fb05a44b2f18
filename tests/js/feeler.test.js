/** Feeling for a line that is gone, against a server played by hand. */

import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

import { Feeler } from "../../web/static/js/feeler.js";

let asked, known, found, feeler;

beforeEach(() => {
  mock.timers.enable({ apis: ["setInterval"] });
  asked = [];
  known = { isHeard: false, isThin: false };
  found = mock.fn();
  globalThis.fetch = () => new Promise((answer, giveUp) => asked.push({ answer, giveUp }));
  feeler = new Feeler("/healthz", { found, isHeard: () => known.isHeard, isThin: () => known.isThin });
  feeler.set(true);
});

afterEach(() => {
  feeler.set(false);
  mock.timers.reset();
});

const settled = () => new Promise((resolve) => setTimeout(resolve));

test("a line that is gone is asked for about once a second, whatever became of the last question", () => {
  mock.timers.tick(2_700);

  assert.equal(asked.length, 3);
});

test("nobody asks while the server is heard", () => {
  known.isHeard = true;
  mock.timers.tick(2_700);
  known.isHeard = false;
  mock.timers.tick(900);

  assert.equal(asked.length, 1);
});

test("a thin line carries one question at a time", async () => {
  known.isThin = true;
  mock.timers.tick(3_600);
  assert.equal(asked.length, 1);

  asked[0].giveUp(new Error("no answer"));
  await settled();
  mock.timers.tick(900);

  assert.equal(asked.length, 2);
});

test("an answer says that the line is there, unless nobody wants to know any more", async () => {
  mock.timers.tick(1_800);
  asked[0].answer({});
  await settled();
  feeler.set(false);
  asked[1].answer({});
  await settled();

  assert.equal(found.mock.callCount(), 1);
});
