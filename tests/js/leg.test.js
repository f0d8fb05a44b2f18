/** Legs while it rings: one connection for each page at the other side, one of which becomes the call's; whoever is refused has none. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { Legs } from "../../web/static/js/call/leg.js";
import { Link } from "../../web/static/js/call/link.js";

const REQUEST = "request", CALL = "call";
const MEDIA = { type: "peer-to-peer", iceServers: [{ urls: ["turn:relay"], username: "1:name", credential: "word" }], policy: "all" };
/** @type {Connection[]} */
let made = [];

class Connection extends EventTarget {
  signalingState = "stable";
  iceConnectionState = "connected";
  connectionState = "connected";
  constructor(given) {
    super();
    this.given = given;
    made.push(this);
  }
  addTransceiver() { return { setCodecPreferences() {}, sender: {}, receiver: { track: {} } }; }
  createDataChannel() { return {}; }
  getConfiguration() { return this.given; }
  getTransceivers() { return []; }
  getReceivers() { return []; }
  getSenders() { return []; }
  async getStats() { return new Map(); }
  close() { this.connectionState = "closed"; }
}

class Stream {
  getTracks() { return []; }
}

Object.assign(globalThis, { RTCPeerConnection: Connection, MediaStream: Stream });

/** A channel whose server answers every command with `answer`. */
function wire(answer = () => Promise.resolve()) {
  const handlers = new Map(), sent = [], relayed = [];
  return {
    sent, relayed,
    on(type, handler) {
      const all = handlers.get(type) ?? new Set();
      handlers.set(type, all.add(handler));
      return () => all.delete(handler);
    },
    send(command) {
      sent.push(command);
      return answer(command);
    },
    relay: (message) => relayed.push(message),
    says: (type, message) => { for (const handler of [...(handlers.get(type) ?? [])]) handler({ type, ...message }); },
    listeners: () => [...handlers.values()].reduce((sum, all) => sum + all.size, 0),
  };
}

function legs(channel) {
  made = [];
  const mine = new Legs({ request: REQUEST, channel });
  const open = (other) => channel.says("leg-opened", { request: REQUEST, peer: mine.peer, other, polite: true, media: MEDIA });
  return { mine, open };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

test("a leg is asked for under our peer and opened as the server says", async () => {
  const channel = wire(), { mine, open } = legs(channel);

  open("station");
  channel.says("leg-opened", { request: "another", peer: mine.peer, other: "x", polite: true, media: MEDIA });

  assert.deepEqual(channel.sent, [{ type: "leg", request: REQUEST, peer: mine.peer, thin: false }]);
  assert.equal(made.length, 1);
  assert.equal(made[0].given.iceServers[0].credential, "word");
  mine.close();
  assert.equal(channel.listeners(), 0);
});

test("the one that was named goes on and all others are closed", () => {
  const channel = wire(), { mine, open } = legs(channel);
  open("first");
  open("second");

  const taken = mine.take("second");

  assert.deepEqual([taken?.peer, taken?.other], [mine.peer, "second"]);
  assert.deepEqual(made.map((one) => one.connectionState), ["closed", "connected"]);
  channel.says("leg-closed", { request: REQUEST, other: "second" });
  mine.close();
  assert.equal(made[1].connectionState, "connected", "it is the call's now");
});

test("named or not, what does not stand is not taken", () => {
  for (const [other, state] of [["nobody", "connected"], ["", "connected"], ["station", "failed"], ["station", "disconnected"]]) {
    const { mine, open } = legs(wire());
    open("station");
    made[0].connectionState = state;

    assert.equal(mine.take(other), null);
    assert.equal(made[0].connectionState, "closed");
  }
});

test("a doctor takes the only one there is", () => {
  const { mine, open } = legs(wire());
  open("station");

  assert.equal(mine.take()?.other, "station");
});

test("a leg that is closed by the server is closed here at once", () => {
  const channel = wire(), { mine, open } = legs(channel);
  open("station");

  channel.says("leg-closed", { request: REQUEST, other: "station" });

  assert.equal(made[0].connectionState, "closed");
  assert.equal(mine.take(), null);
});

test("who is refused has no connection and listens no more", async () => {
  const channel = wire(() => Promise.reject(new Error("legs-taken")));
  legs(channel);

  await turn();

  assert.equal(channel.listeners(), 0);
});

test("a server that knows nothing of us is asked again, and what stands is kept", async () => {
  const channel = wire(), { open } = legs(channel);
  open("station");
  channel.says("welcome", { resumed: false });
  assert.equal(channel.sent.length, 1, "the command that waits is sent again by the channel");
  await turn();

  channel.says("welcome", { resumed: true });
  channel.says("welcome", { resumed: false });
  open("station");

  assert.equal(channel.sent.length, 2);
  assert.equal(made.length, 1);
});

test("what comes under the request's id is heard until both are in the call", () => {
  const channel = wire(), { mine, open } = legs(channel);
  open("station");
  const taken = mine.take();
  const heard = [];
  taken.negotiation.candidate = ({ candidate }) => heard.push(candidate);

  channel.says("relayed-candidate", { call: REQUEST, sender: "station", round: 1, candidate: "late" });
  channel.says("call-changed", { call: CALL, state: "opened" });
  channel.says("relayed-candidate", { call: REQUEST, sender: "station", round: 1, candidate: "later" });
  channel.says("call-changed", { call: CALL, state: "connecting" });

  assert.deepEqual(heard, ["late", "later"]);
  assert.equal(channel.listeners(), 0);
});

test("in the call's link, what is to be said waits until the other side is in the call", () => {
  const channel = wire(), { mine, open } = legs(channel);
  open("station");
  const leg = mine.take();
  const media = Object.assign(new EventTarget(), { stream: new Stream(), track: () => null });
  const said = [];
  const line = { relay: (message) => said.push(message), state: { state: "open" }, heardAt: 0, nudge() {}, anew() {} };
  const link = new Link({ call: CALL, media, channel: line, enter: async () => {}, isWanted: () => true });
  link.remote = { getTracks: () => [], addTrack() {}, removeTrack() {} };

  link.adopt(leg);
  leg.negotiation.send({ type: "candidate", round: 1, candidate: "of ours" });
  assert.deepEqual(said, []);
  assert.equal(link.peer, mine.peer);
  link.entered({ polite: true, peers: [{ peer: "station", participant: "nurse" }], media: MEDIA });

  assert.deepEqual(said, [{ type: "candidate", round: 1, candidate: "of ours", call: CALL, to: "station" }]);
  assert.equal(made.length, 1, "the connection is kept");
  link.close();
});
