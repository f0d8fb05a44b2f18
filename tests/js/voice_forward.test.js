/** Clips that came from page to page are brought to the record in order, under their speaker's name. */

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

const { HttpError } = await import("../../web/static/js/http.js");
const { Forward } = await import("../../web/static/js/call/voice_forward.js");

const [ONE, TWO] = ["00000001-0000-4000-8000-000000000000", "00000002-0000-4000-8000-000000000000"];

/** @type {any[]} */ let put;
/** @type {{note: string, text: Promise<string>}[]} */ let kept;
/** @type {InstanceType<typeof Forward>} */ let forward;
/** @type {unknown} thrown by the next piece */ let fault = null;

beforeEach(() => {
  [put, kept, fault] = [[], [], null];
  forward = new Forward({
    put: async ({ content, ...piece }) => {
      put.push({ ...piece, text: await content.text() });
      const thrown = fault;
      fault = null;
      if (thrown) throw thrown;
      return piece.last ? { kept: true } : { received: piece.offset + content.size };
    },
    pause: turn, now: () => 50_000,
  });
  forward.addEventListener("kept", (event) => {
    const { note, sound } = /** @type {CustomEvent} */ (event).detail;
    kept.push({ note, text: sound.text() });
  });
});

const turn = () => new Promise((resolve) => setTimeout(resolve, 5));
/** @param {string} note @param {number} offset @param {string} text @param {number} [total] */
const piece = (note, offset, text, total = 0) => ({
  note, offset, content: new Blob([text]), total, length: total ? 9_000 : 0, age: total ? 12_000 : 0, speaker: "hoa",
});

test("pieces come in any order and twice, and the clip is brought once, whole, as old as it is", async () => {
  for (const one of [piece(ONE, 4, "efgh"), piece(ONE, 8, "ij", 10), piece(ONE, 0, "abcd"), piece(ONE, 4, "efgh")]) forward.take(one);
  await turn();
  forward.take(piece(ONE, 0, "abcd"));
  await turn();

  assert.deepEqual(put, [{ note: ONE, offset: 0, last: { total: 10, number: 0, length: 9_000, age: 12_000 }, speaker: "hoa", text: "abcdefghij" }]);
  assert.deepEqual(kept.map(({ note }) => note), [ONE]);
  assert.equal(await kept[0].text, "abcdefghij");
});

test("a clip that never becomes whole does not hold up the next one", async () => {
  forward.take(piece(ONE, 0, "x".repeat(2_500)));
  forward.take(piece(TWO, 0, "second", 6));
  await turn();

  assert.deepEqual(kept.map(({ note }) => note), [TWO]);
});

test("what the record refuses is not said to be kept, and not tried again", async () => {
  fault = new HttpError(409, "encounter-over");
  forward.take(piece(ONE, 0, "late", 4));
  await turn();
  forward.take(piece(ONE, 0, "late", 4));
  await turn();

  assert.equal(put.length, 1);
  assert.deepEqual(kept, []);
});
