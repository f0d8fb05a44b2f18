/** Voice notes from page to page: pieces with what they belong to, and the word that a clip is kept. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { Courier, LIMITS } from "../../web/static/js/call/courier.js";
import { Transfer } from "../../web/static/js/call/transfer.js";

const NOTE = "00000001-0000-4000-8000-00000000abcd";

class Channel extends EventTarget {
  readyState = "open";
  bufferedAmount = 0;
  binaryType = "";
  /** @type {Channel | null} */ far = null;

  /** @param {Uint8Array} data */
  send(data) {
    const copy = data.slice().buffer;
    setImmediate(() => this.far?.dispatchEvent(new MessageEvent("message", { data: copy })));
  }
}

/** A page: its transfer over this channel, its root, its courier. @param {Channel} channel @param {object} [link] */
function page(channel, link = {}) {
  const transfer = new Transfer({ limits: LIMITS }), root = new EventTarget();
  transfer.attach(/** @type {any} */ (channel));
  const courier = new Courier(/** @type {any} */ ({
    root, link: { other: { participant: "nurse" }, steering: { isCut: false }, rung: "voice", ...link }, signal: new AbortController().signal,
  }), transfer);
  return { root, courier, transfer };
}

/** @param {object} [link] of the first page */
function two(link) {
  const [here, there] = [new Channel(), new Channel()];
  [here.far, there.far] = [there, here];
  return [page(here, link), page(there)];
}

const last = { total: 5_200, number: 0, length: 9_870, age: 70_000 };

test("a clip comes over in pieces, each with its place, and is asked for when somebody is there to take it", async () => {
  const [station, doctor] = two();
  /** @type {any[]} */ const came = [];
  let wanted = 0;
  doctor.root.addEventListener("spoken", () => { wanted += 1; });

  const both = [{ offset: 0, size: 2_200 }, { offset: 2_200, size: 3_000, last }].map(({ size, ...piece }) =>
    station.courier.carry({ note: NOTE, content: new Blob(["x".repeat(size)]), ...piece }, () => {}));
  assert.deepEqual(await Promise.all(both), [true, true]);
  doctor.root.addEventListener("clip", (event) => {
    event.preventDefault();
    came.push(/** @type {CustomEvent} */ (event).detail);
  });
  assert.ok(wanted > 0);
  doctor.root.dispatchEvent(new Event("clips-wanted"));

  came.sort((one, other) => one.offset - other.offset);     // a channel without order
  assert.deepEqual(came.map(({ content, ...rest }) => ({ ...rest, size: content.size })), [
    { note: NOTE, offset: 0, total: 0, length: 0, age: 0, speaker: "nurse", size: 2_200 },
    { note: NOTE, offset: 2_200, total: 5_200, length: 9_870, age: 70_000, speaker: "nurse", size: 3_000 },
  ]);
});

test("its speaker hears that it is kept", async () => {
  const [station, doctor] = two();
  const heard = new Promise((resolve) => station.root.addEventListener("clip-kept", (event) => resolve(/** @type {CustomEvent} */ (event).detail)));

  doctor.courier.kept(NOTE);

  assert.equal(await heard, NOTE);
});

test("what is dropped is carried no further", async () => {
  const station = page(new Channel());      // nobody answers
  const carrying = station.courier.carry({ note: NOTE, offset: 0, content: new Blob(["x".repeat(2_900)]) }, () => {});
  await new Promise((resolve) => setTimeout(resolve, 20));
  station.courier.drop(NOTE);

  assert.equal(await carrying, false);
});

test("it is the better way below every picture, with somebody there whom one hears", () => {
  const better = (link) => two(link)[0].courier.isBetter;

  assert.deepEqual(["clear", "small", "stills", "voice", "voice-notes", "text"].map((rung) => better({ rung })), [false, false, true, true, true, true]);
  assert.equal(better({ other: null }), false);
  assert.equal(better({ steering: { isCut: true } }), false);
});
