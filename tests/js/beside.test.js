/** Beside the conversation: which rung is named, what is said of the battery, who is said aloud and by which voice. */

import assert from "node:assert/strict";
import { test } from "node:test";

Object.assign(globalThis, { addEventListener: () => {} });
const { height, rungShown, worthSaying } = await import("../../web/static/js/call/rungs.js");
const { isNews, supply } = await import("../../web/static/js/call/power.js");
const { Supply } = await import("../../web/static/js/call/other.js");
const { Guests, localVoice } = await import("../../web/static/js/call/spoken.js");

const open = { camera: true, curtain: false };

test("the rung is the one that the other side says, or what is seen of a side that says none", () => {
  assert.equal(rungShown({ ...open, rung: "stills" }, "voice"), "stills");
  assert.equal(rungShown({ ...open, rung: "" }, "medium"), "medium");
});

test("a camera that is off and a curtain leave the voice, and never more than the line carries", () => {
  assert.equal(rungShown({ rung: "clear", camera: false, curtain: false }, "clear"), "voice");
  assert.equal(rungShown({ rung: "small", camera: true, curtain: true }, "small"), "voice");
  assert.equal(rungShown({ rung: "text", camera: false, curtain: true }, "voice"), "text");
});

test("seven rungs stand one above the other", () => {
  const rungs = /** @type {const} */ (["text", "voice-notes", "voice", "stills", "small", "medium", "clear"]);

  assert.deepEqual(rungs.map(height), [1, 2, 3, 4, 5, 6, 7]);
});

test("what this side sends is said only when the other is seen and sees nothing moving", () => {
  assert.equal(worthSaying("voice", "clear"), "voice");
  assert.equal(worthSaying("small", "clear"), "");
  assert.equal(worthSaying("voice", "stills"), "");
  assert.equal(worthSaying("", "clear"), "");
});

test("a device is low under fifteen percent and only while it discharges", () => {
  assert.deepEqual(supply({ charging: false, level: 0.14 }), { power: "low", battery: 14 });
  assert.deepEqual(supply({ charging: false, level: 0.15 }), { power: "battery", battery: 15 });
  assert.deepEqual(supply({ charging: true, level: 0.05 }), { power: "mains", battery: 5 });
});

test("the battery is told at each change of state, each ten percent, and each one when it is low", () => {
  assert.equal(isNews({ power: "mains", battery: 80 }, { power: "battery", battery: 80 }), true);
  assert.equal(isNews({ power: "battery", battery: 80 }, { power: "battery", battery: 71 }), false);
  assert.equal(isNews({ power: "battery", battery: 80 }, { power: "battery", battery: 70 }), true);
  assert.equal(isNews({ power: "low", battery: 9 }, { power: "low", battery: 8 }), true);
  assert.equal(isNews({ power: "low", battery: 8 }, { power: "low", battery: 8 }), false);
});

test("a station that vanishes has perhaps lost its power: nearly empty, or on battery since the mains went", () => {
  const steady = new Supply();
  assert.equal(steady.mayFail("battery"), false);
  assert.equal(steady.mayFail("low"), true);

  const cut = new Supply();
  assert.equal(cut.mayFail("mains"), false);
  assert.equal(cut.mayFail("battery"), true);
  assert.equal(cut.mayFail("mains"), false);
});

test("only a voice of this device speaks, and only in the language of the page", () => {
  const voices = /** @type {SpeechSynthesisVoice[]} */ ([
    { lang: "vi-VN", localService: false, name: "remote" }, { lang: "en-US", localService: true, name: "english" },
    { lang: "vi_VN", localService: true, name: "local" },
  ]);

  assert.equal(localVoice(voices, "vi")?.name, "local");
  assert.equal(localVoice(voices.slice(0, 2), "vi"), null);
});

test("whoever comes in is said once, not again after a short cut, and again after having been away", () => {
  const guests = new Guests();

  assert.equal(guests.see("", 0), false);
  assert.equal(guests.see("hung", 1_000), true);
  assert.equal(guests.see("hung", 2_000), false);
  guests.see("", 3_000);
  assert.equal(guests.see("hung", 8_000), false);
  guests.see("", 9_000);
  assert.equal(guests.see("hung", 30_000), true);
  assert.equal(guests.see("mai", 31_000), true);
});
