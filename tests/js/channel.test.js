/** The page's channel against a server played by hand, on a clock moved by hand. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { afterEach, beforeEach, mock, test } from "node:test";

import { Channel, Refused } from "../../web/static/js/channel.js";
import { claimTab } from "../../web/static/js/tab.js";

const CALL = "00000001-0000-4000-8000-000000000000";
const PEER = "00000002-0000-4000-8000-000000000000";

let now = 0;
let sockets = [];
let channel;

class Socket {
  onopen = null;
  onmessage = null;
  onclose = null;
  closed = false;
  sent = [];

  constructor(url, protocol) {
    Object.assign(this, { url, protocol });
    sockets.push(this);
  }

  send(text) {
    this.sent.push(JSON.parse(text));
  }

  close() {
    this.closed = true;
  }

  opens() {
    this.onopen?.({});
  }

  says(message) {
    this.onmessage?.({ data: JSON.stringify(message) });
  }

  ends(code = 1006) {
    this.onclose?.({ code });
  }

  welcomes({ resumed = false, seq = 0, relayed = 0, token = "t1" } = {}) {
    this.opens();
    this.says({ type: "welcome", session: "s1", token, participant: "p", resumed, serverTime: "", relayed, seq });
  }

  of(type) {
    return this.sent.filter((message) => message.type === type);
  }
}

const last = () => sockets[sockets.length - 1];

function pass(milliseconds) {
  for (let step = 0; step < milliseconds; step += 100) {
    now += 100;
    mock.timers.tick(100);
  }
}

beforeEach(async () => {
  mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
  now = 10_000;
  sockets = [];
  channel = new Channel({ url: "ws://x/socket", socketClass: Socket, tab: () => "tab", now: () => now, random: () => 1 });
  await channel.start();
});

afterEach(() => {
  channel.close();
  mock.timers.reset();
});

test("the first word is hello, in our version", () => {
  last().opens();

  assert.equal(last().protocol, "telehealth.v1");
  assert.deepEqual(last().sent, [{ type: "hello", tab: "tab" }]);
});

test("what the server says reaches whoever listens, until they stop", () => {
  const heard = [];
  const stop = channel.on("ring", (ring) => heard.push(ring.request));
  last().welcomes();

  last().says({ type: "ring", request: "r1", emergency: false, seq: 1 });
  stop();
  last().says({ type: "ring", request: "r2", emergency: false, seq: 2 });

  assert.deepEqual(heard, ["r1"]);
});

test("a ping is answered at once with the last number handled", () => {
  last().welcomes();
  last().says({ type: "duty-changed", duty: true, seq: 1 });

  last().says({ type: "ping", relayed: 0, seq: 1 });

  assert.deepEqual(last().of("pong"), [{ type: "pong", received: 1 }]);
});

test("the strip is told that the line is lost and open again", () => {
  const states = [];
  channel.on("state", ({ state }) => states.push(state));

  last().welcomes();
  last().ends();
  pass(300);
  last().welcomes({ resumed: true });

  assert.deepEqual(states, ["open", "lost", "open"]);
});

test("a lost page resumes with the newest token and its last number", () => {
  last().welcomes();
  last().says({ type: "duty-changed", duty: true, seq: 1 });
  last().ends();

  pass(300);
  last().opens();

  assert.deepEqual(last().sent[0].resume, { session: "s1", token: "t1", received: 1 });
});

test("it comes back with growing patience, at most 8 s", () => {
  const waits = [];
  for (let attempt = 0; attempt < 8; attempt++) {
    const before = sockets.length;
    const began = now;
    last().ends();
    while (sockets.length === before) pass(100);
    waits.push(now - began);
  }

  assert.deepEqual(waits, [300, 600, 1200, 2400, 4800, 8000, 8000, 8000]);
});

test("during a request or a call at most 2 s", () => {
  channel.busy = true;
  for (let attempt = 0; attempt < 6; attempt++) {
    const before = sockets.length;
    last().ends();
    pass(2_000);
    assert.equal(sockets.length, before + 1);
  }
});

test("an attempt that does not get through is dropped after 4 s", () => {
  const first = last();

  pass(4_000);
  assert.equal(first.closed, true);

  pass(300);
  assert.notEqual(last(), first);
});

test("in a call an attempt that came to nothing gives the next one twice the time, until somebody knows that the line is there", () => {
  last().welcomes();
  void channel.send({ type: "enter", call: CALL, peer: PEER, takeOver: false, microphone: true, camera: true });
  last().says({ type: "ack", id: last().of("enter")[0].id, seq: 1 });
  last().ends();
  const lasts = () => {
    while (last().closed || last() === sockets[0]) pass(100);
    const began = now;
    while (!last().closed) pass(100);
    return (now - began) / 1_000;
  };

  assert.deepEqual([lasts(), lasts(), lasts(), lasts()], [4, 8, 16, 16]);
  channel.anew();
  assert.equal(lasts(), 8);
});

test("on a line that carries no voice handshakes are few", () => {
  last().welcomes();
  void channel.send({ type: "enter", call: CALL, peer: PEER, takeOver: false, microphone: true, camera: true });
  last().says({ type: "ack", id: last().of("enter")[0].id, seq: 1 });
  channel.patience.isThin = true;

  pass(19_000);
  assert.equal(sockets.length, 1);
  pass(3_000);
  assert.equal(sockets.length, 2);
});

test("a nudge connects at once when the line is lost", () => {
  last().welcomes();
  last().ends();

  channel.nudge();

  assert.equal(sockets.length, 2);
});

test("a nudge opens a fresh socket beside the old one, which works until the other is welcomed", () => {
  const heard = [];
  channel.on("duty-changed", ({ seq }) => heard.push(seq));
  const old = last();
  old.welcomes();

  channel.nudge();
  old.says({ type: "duty-changed", duty: true, seq: 1 });
  last().welcomes({ resumed: true, token: "t2" });
  last().says({ type: "duty-changed", duty: true, seq: 1 });
  last().says({ type: "duty-changed", duty: false, seq: 2 });

  assert.deepEqual(heard, [1, 2]);
  assert.equal(old.closed, true);
  assert.equal(channel.state.state, "open");
});

test("being replaced by its own fresh socket is no reason to stop", () => {
  const gaveUp = mock.fn();
  channel.on("replaced", gaveUp);
  const old = last();
  old.welcomes();
  channel.nudge();

  old.ends(4441);
  last().welcomes({ resumed: true });

  assert.equal(gaveUp.mock.callCount(), 0);
  assert.equal(channel.state.state, "open");
});

for (const [code, event] of [[4401, "sign-in"], [4402, "sign-in"], [4403, "sign-in"], [4442, "reload"], [4441, "replaced"]]) {
  test(`after ${code} it stops and says ${event}`, () => {
    const gaveUp = mock.fn();
    channel.on(event, gaveUp);
    last().welcomes();

    last().ends(code);
    pass(20_000);

    assert.equal(gaveUp.mock.callCount(), 1);
    assert.equal(sockets.length, 1);
  });
}

test("after 4429 it comes back slowly", () => {
  last().ends(4429);

  pass(7_900);
  assert.equal(sockets.length, 1);
  pass(200);
  assert.equal(sockets.length, 2);
});

test("a server that goes down is given its time", () => {
  last().welcomes();
  last().says({ type: "drain", withinMs: 3_000, seq: 1 });
  last().ends(1001);

  pass(2_900);
  assert.equal(sockets.length, 1);
  pass(200);
  assert.equal(sockets.length, 2);
});

test("a command is kept when it took effect and broken when it was refused", async () => {
  last().welcomes();
  const shown = channel.send({ type: "ring-shown", request: CALL });
  const entered = channel.send({ type: "enter", call: CALL, peer: PEER });

  last().says({ type: "ack", id: last().of("ring-shown")[0].id, seq: 1 });
  last().says({ type: "refused", code: "call-over", id: last().of("enter")[0].id, path: "", seq: 2 });

  await shown;
  await assert.rejects(entered, (refused) => refused instanceof Refused && refused.code === "call-over");
});

test("a command given while the line is lost is sent under the same id until it is answered", async () => {
  const said = channel.send({ type: "say", call: CALL, text: "ho" });
  last().welcomes();
  const id = last().of("say")[0].id;
  last().ends();

  pass(300);
  last().welcomes({ resumed: true });
  assert.equal(last().of("say")[0].id, id);
  last().says({ type: "ack", id, seq: 1 });

  await said;
  last().ends();
  pass(300);
  last().welcomes({ resumed: true, seq: 1 });
  assert.equal(last().of("say").length, 0);
});

test("three seconds without an answer bring a fresh socket", () => {
  last().welcomes();
  channel.send({ type: "ring-shown", request: CALL });

  pass(2_900);
  assert.equal(sockets.length, 1);
  pass(1_200);
  assert.equal(sockets.length, 2);
});

test("a silent server brings a fresh socket, and at last the line counts as lost", () => {
  last().welcomes();

  pass(31_000);
  assert.equal(sockets.length > 1, true);
  pass(31_000);

  assert.equal(channel.state.state, "lost");
});

test("a gap in the numbers is never passed on: a fresh socket fetches what is missing", () => {
  const heard = [];
  channel.on("duty-changed", ({ seq }) => heard.push(seq));
  last().welcomes();

  last().says({ type: "duty-changed", duty: true, seq: 2 });
  assert.deepEqual(heard, []);
  last().welcomes({ resumed: true });
  last().says({ type: "duty-changed", duty: true, seq: 1 });
  last().says({ type: "duty-changed", duty: true, seq: 2 });

  assert.deepEqual(heard, [1, 2]);
});

async function seated() {
  last().welcomes();
  const entered = channel.send({ type: "enter", call: CALL, peer: PEER });
  last().says({ type: "ack", id: last().of("enter")[0].id, seq: 1 });
  await entered;
}

test("offers that did not arrive are sent again after a resume, in order, and only those", async () => {
  await seated();
  for (const round of [1, 2, 3]) channel.relay({ type: "offer", call: CALL, to: PEER, round, sdp: "v=0" });
  last().ends();
  pass(300);

  last().welcomes({ resumed: true, relayed: 1 });

  assert.deepEqual(last().of("offer").map(({ round }) => round), [2, 3]);
  last().says({ type: "ping", relayed: 3, seq: 1 });
  last().ends();
  pass(300);
  last().welcomes({ resumed: true, relayed: 3 });
  assert.equal(last().of("offer").length, 0);
});

test("a server that was restarted gets the seat first, and then what waits for it", async () => {
  await seated();
  last().ends();
  channel.relay({ type: "offer", call: CALL, to: PEER, round: 1, sdp: "v=0" });
  channel.send({ type: "say", call: CALL, text: "ho" });
  pass(300);

  last().welcomes({ resumed: false });

  assert.deepEqual(last().sent.map(({ type }) => type), ["hello", "enter", "say"]);
  assert.equal(last().of("enter")[0].peer, PEER);
});

test("a seat that was given back or moved is not taken again", async () => {
  await seated();
  last().says({ type: "call-moved", call: CALL, seq: 2 });
  last().ends();
  pass(300);

  last().welcomes({ resumed: false });

  assert.deepEqual(last().sent.map(({ type }) => type), ["hello"]);
});

test("what would end the socket is not sent", () => {
  assert.throws(() => channel.relay({ type: "offer", call: CALL, to: PEER, round: 1, sdp: "a".repeat(60_000) }), RangeError);
});

test("every message of the server in the examples is passed on", () => {
  const examples = JSON.parse(readFileSync(new URL("../protocol/examples.json", import.meta.url), "utf8"));
  const passed = examples.fromServer.filter(({ type }) => !["welcome", "ping"].includes(type));
  const heard = [];
  for (const { type } of passed) channel.on(type, (message) => heard.push(message.type));
  last().welcomes();

  let seq = 0;
  for (const message of passed) last().says({ ...message, seq: message.type === "snapshot" ? seq : ++seq });

  assert.deepEqual(heard, passed.map(({ type }) => type));
});

/** Web Locks of one browser: a lock is held until its page goes. */
class Locks {
  held = new Set();

  async request(name, { signal }, grant) {
    if (this.held.has(name)) {
      await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    }
    this.held.add(name);
    return grant({ name });
  }
}

function storage(values = {}) {
  const map = new Map(Object.entries(values));
  return { getItem: (key) => map.get(key) ?? null, setItem: (key, value) => map.set(key, value) };
}

test("a reloaded tab is the same tab, a duplicated one is another", async () => {
  mock.timers.reset();
  const locks = new Locks();
  const first = storage();
  const tab = await claimTab({ storage: first, locks, patience: 5 });

  const duplicate = await claimTab({ storage: storage({ tab }), locks, patience: 5 });
  locks.held.delete(`tab-${tab}`);
  const reloaded = await claimTab({ storage: first, locks, patience: 5 });

  assert.notEqual(duplicate, tab);
  assert.equal(reloaded, tab);
});
