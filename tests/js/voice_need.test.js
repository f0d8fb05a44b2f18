/** Clips are offered when voice fails and the server is there, and never begin over live voice. */

import assert from "node:assert/strict";
import { test } from "node:test";

const { isVoiceLive, isWithoutMedia, needOf } = await import("../../web/static/js/call/voice_need.js");

/** @type {[string, Partial<import("../../web/static/js/call/voice_need.js").Known>, string][]} */
const CASES = [
  ["a good line", {}, ""],
  ["the ladder says so", { rung: "voice-notes" }, "rung"],
  ["not even that", { rung: "text" }, "text"],
  ["a short cut", { line: "reconnecting", lineMs: 4_999 }, ""],
  ["a longer cut", { line: "reconnecting", lineMs: 5_000 }, "cut"],
  ["a cut of everything", { line: "reconnecting", lineMs: 60_000, isReachable: false }, ""],
  ["a connection that is being made", { line: "connecting", lineMs: 8_000 }, ""],
  ["one that is not made", { line: "connecting", lineMs: 12_000 }, "cut"],
  ["one that failed", { line: "not-connected", lineMs: 12_000 }, "cut"],
  ["nobody there", { line: "alone", lineMs: 60_000, rung: "voice-notes" }, ""],
  ["the end", { line: "over", lineMs: 60_000, rung: "text" }, ""],
];

for (const [name, known, need] of CASES) {
  test(`${name}: ${need || "no clips"}`, () => {
    assert.equal(needOf({ line: "connected", lineMs: 0, rung: "voice", isReachable: true, ...known }), need);
  });
}

test("the other side is heard live while it is connected and sends voice", () => {
  const heard = ["clear", "medium", "small", "stills", "voice", ""].map((theirs) => isVoiceLive({ line: "connected", theirs }));

  assert.deepEqual(heard, Array(6).fill(true));
  assert.equal(isVoiceLive({ line: "connected", theirs: "voice-notes" }), false);
  assert.equal(isVoiceLive({ line: "connected", theirs: "text" }), false);
  assert.equal(isVoiceLive({ line: "reconnecting", theirs: "clear" }), false);
});

test("being alone is not being without media", () => {
  assert.deepEqual(["connecting", "reconnecting", "not-connected", "alone", "connected"].map(isWithoutMedia), [true, true, true, false, false]);
});
