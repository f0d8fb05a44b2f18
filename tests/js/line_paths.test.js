/** Which ways media can take, told from addresses, candidates and pairs. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { pathOf, Paths, wayOf } from "../../web/static/js/line_paths.js";

class Connection extends EventTarget {
  iceGatheringState = "gathering";
  /** @type {Map<string, any>} */ stats = new Map();

  async getStats() {
    return this.stats;
  }

  /** @param {any} candidate */
  finds(candidate) {
    this.dispatchEvent(Object.assign(new Event("icecandidate"), { candidate }));
  }

  completes() {
    this.iceGatheringState = "complete";
    this.dispatchEvent(new Event("icegatheringstatechange"));
  }
}

const SERVERS = [
  { urls: ["stun:relay.example:3478"] },
  { urls: ["turn:relay.example:3478?transport=udp", "turn:relay.example:3478?transport=tcp", "turns:relay.example:443?transport=tcp"] },
];

test("an address stands for one way", () => {
  const addresses = ["turn:a", "turn:a?transport=udp", "turn:a?transport=tcp", "turns:a:443?transport=tcp", "stun:a"];

  assert.deepEqual(addresses.map(pathOf), ["udp", "udp", "tcp", "tls", null]);
});

test("a candidate names its way, or its priority does", () => {
  const given = [{ relayProtocol: "tls" }, { priority: 2 << 24 }, { priority: (1 << 24) + 9 }, { relayProtocol: null, priority: 7 }];

  assert.deepEqual(given.map((one) => wayOf(/** @type {any} */ (one))), ["tls", "udp", "tcp", "tls"]);
});

test("only TLS on 443 is open: that one way is found, and nothing direct", async () => {
  const connection = new Connection();
  const paths = new Paths(/** @type {any} */ (connection), SERVERS);
  connection.stats = new Map([["p", { type: "candidate-pair", state: "succeeded", localCandidateId: "l" }], ["l", { candidateType: "relay" }]]);

  connection.finds({ type: "host" });
  connection.finds({ type: "relay", relayProtocol: "tls" });
  await paths.settle(1, new AbortController().signal);

  assert.deepEqual([...paths.found], ["tls"]);
  assert.deepEqual([...paths.offered].sort(), ["tcp", "tls", "udp"]);
});

test("all ways are found without waiting for the end of the search", async () => {
  const connection = new Connection();
  const paths = new Paths(/** @type {any} */ (connection), SERVERS);
  connection.stats = new Map([["p", { type: "candidate-pair", state: "succeeded", localCandidateId: "l" }], ["l", { candidateType: "host" }]]);
  const settled = paths.settle(60_000, new AbortController().signal);

  for (const relayProtocol of ["udp", "tcp", "tls"]) connection.finds({ type: "relay", relayProtocol });
  await settled;

  assert.deepEqual([...paths.found].sort(), ["direct", "tcp", "tls", "udp"]);
});

test("the end of the search is enough, too", async () => {
  const connection = new Connection();
  const paths = new Paths(/** @type {any} */ (connection), SERVERS);
  const settled = paths.settle(60_000, new AbortController().signal);

  connection.completes();
  await settled;

  assert.deepEqual([...paths.found], []);
});
