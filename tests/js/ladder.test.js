/**
 * The ladder on lines that are only sums: what is sent fills a queue, the queue empties at the line's rate, the other side says half a
 * second later what arrived. What must hold on any of them: bounded, never two steps in a second, down within four seconds, monotone in
 * the line, no flapping.
 */

import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "fast-check";

import { begin, decide, limit, padding, rungOf, suffers } from "../../web/static/js/call/ladder.js";
import { LIMITS, plan, RUNGS, wire } from "../../web/static/js/call/limits.js";

const LOOK = 500;          // milliseconds
const QUEUE = 1_000;       // milliseconds that wait at most
const WORDS = 3;           // kbit/s of what the two sides tell each other

/** A call of so many seconds on a line of `rateAt(second)` kbit/s: what was sent at each look. */
function call(rateAt, seconds, { loss = 0, roundTrip = 100, state = begin({}, 0), isCutAt = () => false } = {}) {
  const looks = [];
  let waiting = 0, pad = 0, words = [];
  for (let now = 0; now < seconds * 1_000; now += LOOK) {
    const line = rateAt(now / 1_000), sent = rateOf(state) + pad;
    waiting = Math.max(0, Math.min((line * QUEUE) / 1_000, waiting + ((sent - line) * LOOK) / 1_000));
    const arrived = (waiting > 0 ? line : Math.min(line, sent)) * (1 - loss);
    words = [...words, { arrived, late: (waiting / line) * 1_000, share: Math.min(1, arrived / sent), full: sent > line && waiting >= (line * QUEUE) / 1_000 }];
    const word = words.at(-2) ?? words[0];
    const quality = {
      sentKbps: sent, padKbps: pad, arrivedKbps: word.arrived, share: word.share, lost: loss * 100, concealed: word.full ? 40 : 100 * loss ** 2,
      frozen: word.full ? 80 : 0, silentMs: 0, lateMs: word.late, roundTripMs: roundTrip, availableKbps: -1, wordAgeMs: LOOK, isCut: isCutAt(now / 1_000), shown: true,
    };
    state = decide(state, quality, now);
    pad = padding(state, quality, now);
    looks.push({ now, rung: state.rung, name: rungOf(state), state });
  }
  return looks;
}

function rateOf(state) {
  const { voice, picture } = plan(rungOf(state), state.line);
  return WORDS + (voice ? wire(voice) : 0) + (picture ? picture.kbps : 0);
}

function changes(looks) {
  return looks.filter(({ rung }, place) => place > 0 && rung !== looks[place - 1].rung);
}

const rates = fc.integer({ min: 4, max: 6_000 });
const starts = fc.constantFrom(...RUNGS.slice(0, 5));
const losses = fc.double({ min: 0, max: 0.2, noNaN: true });

test("whatever the line does, the rung stays on the ladder and never moves twice in a second", () => {
  fc.assert(fc.property(fc.array(rates, { minLength: 12, maxLength: 12 }), starts, losses, fc.array(fc.boolean(), { minLength: 120, maxLength: 120 }),
    (line, start, loss, cuts) => {
      const looks = call((second) => line[Math.floor(second / 10)], 120, { loss, state: begin({ start }, 0), isCutAt: (second) => cuts[Math.floor(second)] });

      const moves = changes(looks);
      assert.ok(looks.every(({ rung }) => rung >= 0 && rung < RUNGS.length));
      assert.ok(moves.every(({ now }, place) => place === 0 || now - moves[place - 1].now >= 1_000));
    }));
});

test("when a line grows thin, what is sent fits it within four seconds", () => {
  fc.assert(fc.property(fc.integer({ min: 25, max: 300 }), losses, (thin, loss) => {
    const looks = call((second) => (second < 60 ? 4_000 : thin), 66, { loss });
    assert.equal(looks.find(({ now }) => now === 59_500).name, "clear");

    const sent = rateOf(looks.find(({ now }) => now === 64_000).state);

    assert.ok(sent <= Math.max(thin, LIMITS.voice.needs), `${sent} on ${thin}`);
  }));
});

test("a better line never ends on a worse rung", () => {
  fc.assert(fc.property(rates, rates, losses, (one, other, loss) => {
    const [worse, better] = [Math.min(one, other), Math.max(one, other)].map((rate) => call(() => rate, 90, { loss }).at(-1).rung);

    assert.ok(better <= worse, `${RUNGS[better]} on the better line, ${RUNGS[worse]} on the worse`);
  }));
});

test("on a line that stays as it is, the rung is found in twelve seconds and then moves once a minute at most", () => {
  fc.assert(fc.property(rates, losses, fc.integer({ min: 20, max: 600 }), (rate, loss, roundTrip) => {
    const late = changes(call(() => rate, 192, { loss, roundTrip })).filter(({ now }) => now > 12_000);

    for (let minute = 0; minute < 3; minute++) {
      const moves = late.filter(({ now }) => now > 12_000 + minute * 60_000 && now <= 12_000 + (minute + 1) * 60_000);
      assert.ok(moves.length <= 1, `${moves.length} in minute ${minute} at ${rate}`);
    }
  }));
});

test("a good line is at its best within ten seconds", () => {
  assert.equal(call(() => 4_000, 10).at(-1).name, "clear");
  assert.equal(call(() => 384, 10, { roundTrip: 200 }).at(-1).name, "medium");
});

test("a line that is good for 30 s and bad for 30 s is soon believed to be bad", () => {
  const looks = call((second) => (second % 60 < 30 ? 4_000 : 64), 600, { loss: 0.02 });

  const ups = changes(looks).filter(({ rung, now }) => now > 180_000 && rung < looks[now / LOOK - 1].rung);
  assert.ok(ups.length <= 6, `${ups.length} steps up in seven minutes`);
});

test("after 20 s of quiet a line that became good is climbed within half a minute", () => {
  const looks = call((second) => (second < 40 ? 64 : 4_000), 75);
  assert.equal(looks.find(({ now }) => now === 40_000).name, "stills");

  const before = looks.find(({ now }) => now === 52_000).state, [first] = changes(looks).filter(({ now }) => now > 40_000);

  assert.equal(rungOf(before), "stills");
  assert.ok(first.now >= 40_000);
  assert.equal(looks.at(-1).name, "clear");
});

test("voice is given up where the line carries none, and comes back when it does", () => {
  const looks = call((second) => (second > 20 && second < 60 ? 9 : 200), 120);

  assert.equal(looks.find(({ now }) => now === 30_000).name, "voice-notes");
  assert.ok(["voice", "stills", "small"].includes(looks.at(-1).name));
});

test("a voice that nobody can answer any more is given up sooner than one that suffers", () => {
  const time = (found) => {
    let { state } = call(() => 30, 40).at(-1), at = 40_000;
    assert.equal(rungOf(state), "voice");
    for (; rungOf(state) === "voice" && at < 60_000; at += LOOK) {
      state = decide(state, { lateMs: 800, share: 0.4, concealed: 60, sentKbps: 20, padKbps: 0, arrivedKbps: 9, lost: 40, frozen: -1, silentMs: 0, roundTripMs: 900,
        availableKbps: -1, wordAgeMs: 500, isCut: false, shown: true, ...found }, at);
    }
    return at - 40_000;
  };

  assert.ok(time({}) >= 4_000);
  assert.ok(time({ lateMs: 3_500 }) < 2_500 && time({ roundTripMs: 4_500 }) < 2_500);
});

test("a voice that suffers for three seconds is not given up; what is sent beside it waits meanwhile", () => {
  const good = { lateMs: 0, share: 1, concealed: 0 }, bad = { lateMs: 1_200, share: 0.4, concealed: 60 };
  let { state } = call(() => 60, 40).at(-1);
  const from = 40_000, look = (at, found) => {
    state = decide(state, { ...good, ...found, sentKbps: 40, padKbps: 0, arrivedKbps: 20, lost: 40, frozen: -1, silentMs: 0, roundTripMs: 400,
      availableKbps: -1, wordAgeMs: 500, isCut: false, shown: true }, at);
  };
  assert.ok(!suffers(state));

  for (let at = from; at <= from + 8_000; at += LOOK) {
    look(at, rungOf(state) === "voice" && at > from + 5_000 ? good : bad);
    assert.notEqual(rungOf(state), "voice-notes", String(at - from));
    if (at === from + LOOK) assert.ok(suffers(state));
  }
  assert.ok(!suffers(state));
});

test("for want of a word voice is not given up, only the picture", () => {
  let { state } = call(() => 200, 20).at(-1);
  const silent = {
    sentKbps: 90, padKbps: 0, arrivedKbps: 60, share: -1, lost: 0, concealed: 0, frozen: 0, silentMs: 0, lateMs: 0, roundTripMs: 50, availableKbps: -1,
    wordAgeMs: 9_000, isCut: false, shown: true,
  };
  for (let now = 20_000; now < 60_000; now += LOOK) state = decide(state, silent, now);

  assert.equal(rungOf(state), "voice");
});

test("a picture of which nobody says a word any more is given up at once, whatever the last word said", () => {
  let { state } = call(() => 4_000, 20).at(-1);
  const said = {
    sentKbps: 1_400, padKbps: 0, arrivedKbps: 1_300, share: 0.95, lost: 0, concealed: 0, frozen: 0, silentMs: 0, lateMs: 20, roundTripMs: 600,
    availableKbps: -1, isCut: false, shown: true,
  };
  assert.equal(rungOf(state), "clear");

  for (let now = 20_000; now <= 24_500; now += LOOK) state = decide(state, { ...said, wordAgeMs: now - 20_000 }, now);

  assert.equal(rungOf(state), "voice");
});

test("what has piled up and is on its way out is no reason to go down", () => {
  const good = call(() => 4_000, 20).at(-1).state;
  const word = {
    sentKbps: 500, padKbps: 0, arrivedKbps: 500, share: 1, lost: 0, concealed: 0, frozen: 0, silentMs: 0, roundTripMs: 50, availableKbps: -1, wordAgeMs: 0,
    isCut: false, shown: true,
  };
  let [drains, stays] = [good, good];
  for (let look = 1; look <= 6; look++) {
    drains = decide(drains, { ...word, lateMs: 1_000 - look * 80 }, 20_000 + look * LOOK);
    stays = decide(stays, { ...word, lateMs: 1_000 }, 20_000 + look * LOOK);
  }

  assert.deepEqual([rungOf(drains), rungOf(stays)], ["clear", "medium"]);
});

test("nobody who says nothing of what arrives is padded at", () => {
  const state = { ...begin({}, 0), probe: { to: 1, at: 0 } };

  assert.equal(padding(state, { sentKbps: 60, padKbps: 0, arrivedKbps: -1 }, 2_000), 0);
  assert.ok(padding(state, { sentKbps: 60, padKbps: 0, arrivedKbps: 60 }, 2_000) > 100);
});

test("a cut changes no rung while it lasts; after it voice is there at once, and the picture found anew", () => {
  const looks = call(() => 4_000, 60, { isCutAt: (second) => second >= 30 && second < 40 });
  const at = (second) => looks.find(({ now }) => now === second * 1_000).name;

  assert.deepEqual([at(29), at(39), at(41)], ["clear", "clear", "stills"]);
  assert.equal(looks.at(-1).name, "clear");
});

test("without a word of the other side a step up is its own trial, and a step down one rung", () => {
  let state = begin({}, 0);
  const mute = {
    sentKbps: 90, padKbps: 0, arrivedKbps: -1, share: 1, lost: 0, concealed: -1, frozen: -1, silentMs: 0, lateMs: -1, roundTripMs: 50, availableKbps: -1,
    wordAgeMs: 0, isCut: false, shown: true,
  };
  for (let now = 0; now < 30_000; now += LOOK) state = decide(state, mute, now);
  assert.equal(rungOf(state), "clear");

  for (let now = 30_000; now < 31_500; now += LOOK) state = decide(state, { ...mute, share: 0.6 }, now);

  assert.equal(rungOf(state), "medium");
});

test("saver mode is obeyed at the next look, and what it forbids is never tried", () => {
  let state = call(() => 4_000, 30).at(-1).state;

  state = limit(state, "small");
  const looks = call(() => 4_000, 60, { state: { ...state, changedAt: -5_000, fineAt: -30_000 } });

  assert.ok(looks.every(({ name, state: { probe } }) => name === "small" && probe === null));
});

test("what a rung sends fits the line it needs", () => {
  for (const name of RUNGS.slice(0, 5)) {
    const { voice, picture } = plan(name, LIMITS[name].needs);
    assert.ok(wire(voice) + (picture?.kbps ?? 0) + WORDS <= LIMITS[name].needs, name);
  }
});

test("a still that is on its way takes from the film, never from the voice, and both fit the line", () => {
  for (const name of RUNGS.slice(0, 3)) {
    for (const line of [LIMITS[name].needs, 2 * LIMITS[name].needs, 6_000]) {
      const usual = plan(name, line), carrying = plan(name, line, true), { floor } = LIMITS[name].picture;
      assert.deepEqual(carrying.voice, usual.voice);
      assert.ok(carrying.picture.kbps >= floor && carrying.picture.kbps <= usual.picture.kbps);
      assert.ok(wire(carrying.voice) + carrying.picture.kbps + carrying.spare <= line, `${name} ${line}`);
    }
  }
});

test("15 minutes of saver mode both ways stay below 35 MB", () => {
  const { voice, picture } = plan("small", 10_000);

  assert.ok((2 * (wire(voice) + picture.kbps + WORDS) * 900) / 8 / 1_000 < 35 * 1.15);
});
