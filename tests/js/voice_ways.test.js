/** A clip goes from page to page where that is better, to the server otherwise, and back to the server when nothing comes of it. */

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

const { Ways } = await import("../../web/static/js/call/voice_ways.js");

const NOTE = "00000001-0000-4000-8000-000000000000";
const never = new AbortController().signal;

/** @type {{deed: () => void, wait: number}[]} */ let timers;
/** @type {any[]} what the server was brought */ let brought;
/** @type {{piece: any, moved: () => void, settle: (isThere: boolean) => void}[]} */ let carried;
/** @type {string[]} */ let dropped;
let isBetter = true;
/** @type {InstanceType<typeof Ways>} */ let ways;

beforeEach(() => {
  [timers, brought, carried, dropped, isBetter] = [[], [], [], [], true];
  const courier = {
    get isBetter() { return isBetter; },
    carry: (piece, moved) => new Promise((settle) => carried.push({ piece, moved, settle })),
    drop: (note) => dropped.push(note),
  };
  ways = new Ways({
    bring: async (piece) => { brought.push(piece); return piece.last ? { kept: true } : { received: piece.offset + piece.content.size }; },
    courier: () => courier,
    later: (deed, wait) => {
      const timer = { deed, wait };
      timers.push(timer);
      return () => { timers = timers.filter((one) => one !== timer); };
    },
  });
});

/** @param {number} offset @param {number} size */
const piece = (offset, size, isLast = false) => ({
  note: NOTE, offset, content: new Blob(["x".repeat(size)]),
  ...(isLast ? { last: { total: offset + size, number: 0, length: 4_000, age: 9 } } : {}),
});
const turn = () => new Promise((resolve) => setImmediate(resolve));
const passed = () => timers.splice(0).forEach(({ deed }) => deed());

test("pieces leave without waiting for each other, three at once, and the clip is kept when the other page says so", async () => {
  assert.deepEqual(await ways.put(piece(0, 100), never), { received: 100 });
  assert.deepEqual(await ways.put(piece(100, 100), never), { received: 200 });
  const third = ways.put(piece(200, 100), never);
  let isThrough = false;
  void third.then(() => { isThrough = true; });
  await turn();
  assert.equal(isThrough, false);
  carried[0].settle(true);
  assert.deepEqual(await third, { received: 300 });

  const last = ways.put(piece(300, 50, true), never);
  for (const { settle } of carried) settle(true);
  await turn();
  ways.kept(NOTE);

  assert.deepEqual(await last, { kept: true });
  assert.deepEqual(brought, []);
  assert.equal(timers.length, 0);
});

test("where the line is good, or there is no other page, a clip goes to the server", async () => {
  isBetter = false;

  assert.deepEqual(await ways.put(piece(0, 100), never), { received: 100 });
  assert.equal(carried.length, 0);
});

test("what the server has of a clip the other page has not: it begins anew there", async () => {
  isBetter = false;
  await ways.put(piece(0, 100), never);
  isBetter = true;

  assert.deepEqual(await ways.put(piece(100, 100), never), { received: 0 });
  await ways.put(piece(0, 100), never);
  assert.equal(carried.length, 1);
});

test("a clip that is under way stays on its way when the line gets better", async () => {
  await ways.put(piece(0, 100), never);
  isBetter = false;
  await ways.put(piece(100, 100), never);

  assert.equal(carried.length, 2);
});

test("when nothing of it arrives for long it goes to the server from the beginning, and nowhere else", async () => {
  await ways.put(piece(0, 100), never);
  const last = ways.put(piece(100, 50, true), never);
  await turn();
  carried[0].moved();
  assert.equal(timers.length, 1);
  passed();

  assert.deepEqual(await last, { received: 0 });
  assert.deepEqual(dropped, [NOTE]);
  assert.deepEqual(await ways.put(piece(0, 150, true), never), { kept: true });
  assert.equal(brought.length, 1);
});

test("a piece that the other page refuses sends the clip to the server", async () => {
  const last = ways.put(piece(0, 50, true), never);
  await turn();
  carried[0].settle(false);

  assert.deepEqual(await last, { received: 0 });
});

test("when all of it arrived and nobody says that it is kept, the server is asked for what it lacks", async () => {
  const last = ways.put(piece(0, 50, true), never);
  await turn();
  carried[0].settle(true);
  await turn();
  passed();

  assert.deepEqual(await last, { kept: true });
  assert.deepEqual(brought.map(({ offset, content, last: { total } }) => [offset, content.size, total]), [[50, 0, 50]]);
});

test("the word that a clip is kept comes late: it is not brought a second time", async () => {
  const last = ways.put(piece(0, 50, true), never);
  await turn();
  passed();
  assert.deepEqual(await last, { received: 0 });

  assert.equal(ways.kept(NOTE), true);
  assert.deepEqual(await ways.put(piece(0, 50, true), never), { kept: true });
  assert.deepEqual(brought, []);
});

test("when nobody is at the other end any more it is not waited for", async () => {
  const last = ways.put(piece(0, 50, true), never);
  await turn();
  ways.drop();

  assert.deepEqual(await last, { received: 0 });
});

test("a clip that is given up between two pieces is called back", async () => {
  await ways.put(piece(0, 100), never);
  ways.drop(NOTE);

  assert.deepEqual(dropped, [NOTE]);
  assert.equal(timers.length, 0);
});
