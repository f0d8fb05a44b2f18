/** Whose socket is gone is still there as long as something comes. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { Absence } from "../../web/static/js/call/absence.js";

/** @param {() => boolean} comes */
function absence(context, comes) {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const found = { left: 0, absence: new Absence(comes, () => { found.left += 1; }) };
  return found;
}

test("after a minute and a half without anything the other side has left", (context) => {
  const found = absence(context, () => false);

  found.absence.begin();
  assert.equal(found.absence.is, true);
  context.mock.timers.tick(89_000);
  assert.equal(found.left, 0);
  context.mock.timers.tick(1_000);

  assert.equal(found.left, 1);
});

test("while something comes it has not, whatever the server says; once nothing does, it has", (context) => {
  let comes = true;
  const found = absence(context, () => comes);

  found.absence.begin();
  context.mock.timers.tick(60_000);
  found.absence.judge();
  context.mock.timers.tick(200_000);
  assert.equal(found.left, 0);
  comes = false;
  context.mock.timers.tick(90_000);

  assert.equal(found.left, 1);
});

test("who is back has not been away", (context) => {
  const found = absence(context, () => false);

  found.absence.begin();
  found.absence.end();
  context.mock.timers.tick(200_000);

  assert.deepEqual([found.left, found.absence.is], [0, false]);
});
