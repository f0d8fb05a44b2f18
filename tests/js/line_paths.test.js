/** Which ways lead to the relay, told by connections that only gather; and with which servers to connect. */

import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";

import { isDirect, pathOf, Paths } from "../../web/static/js/line_paths.js";

const URLS = ["turn:relay.example:3478?transport=udp", "turn:relay.example:3478?transport=tcp", "turns:relay.example:443?transport=tcp"];
const SERVERS = [{ urls: ["stun:relay.example:3478"] }, { urls: URLS, username: "name", credential: "word" }];
/** @type {Set<string>} */
let open = new Set();
/** @type {string[]} addresses that were asked, in order */
let asked = [];
let left = 0;

class Connection extends EventTarget {
  /** @param {any} configuration */
  constructor(configuration) {
    super();
    assert.equal(configuration.iceTransportPolicy, "relay");
    assert.equal(configuration.iceServers[0].credential, "word");
    [this.url] = configuration.iceServers[0].urls;
    asked.push(this.url);
    left += 1;
  }

  createDataChannel() {}

  async setLocalDescription() {
    if (open.has(this.url)) this.finds({ candidate: "candidate:1 1 udp 1 192.0.2.1 9 typ relay" });
    else if (!open.has("silent")) this.finds(null);
  }

  /** @param {any} candidate */
  finds(candidate) {
    setTimeout(() => this.dispatchEvent(Object.assign(new Event("icecandidate"), { candidate })));
  }

  close() {
    left -= 1;
  }
}

beforeEach(() => {
  asked = [];
  left = 0;
  Object.assign(globalThis, { RTCPeerConnection: Connection });
});
afterEach(() => {
  assert.equal(left, 0);
});

/** @param {string[]} urls */
async function chosen(...urls) {
  open = new Set(urls);
  const paths = new Paths(SERVERS);
  const servers = await paths.choose(new AbortController().signal);
  await paths.finish(5_000, new AbortController().signal);
  return { paths, servers: servers.flatMap((one) => one.urls) };
}

test("an address stands for one way", () => {
  const addresses = ["turn:a", "turn:a?transport=udp", "turn:a?transport=tcp", "turns:a:443?transport=tcp", "stun:a"];

  assert.deepEqual(addresses.map(pathOf), ["udp", "udp", "tcp", "tls", null]);
});

test("where UDP is open the connection is made by UDP, and the other ways are looked for afterwards", async () => {
  const { paths, servers } = await chosen(...URLS);

  assert.deepEqual(servers, ["stun:relay.example:3478", URLS[0]]);
  assert.deepEqual([...paths.found].sort(), ["tcp", "tls", "udp"]);
  assert.equal(asked.at(-1), URLS[2]);
  assert.equal(asked.length, 3);
});

test("only TLS on 443 is open: it is the one way found, and the one to connect by", async () => {
  const { paths, servers } = await chosen(String(URLS[2]));

  assert.deepEqual(servers, ["stun:relay.example:3478", URLS[2]]);
  assert.deepEqual([...paths.found], ["tls"]);
  assert.deepEqual([paths.offered, paths.tried].map((one) => one.sort()), [["tcp", "tls", "udp"], ["tcp", "tls", "udp"]]);
});

test("with every way shut the direct one is still tried", async () => {
  const { paths, servers } = await chosen();

  assert.deepEqual(servers, ["stun:relay.example:3478"]);
  assert.equal(paths.found.size, 0);
});

test("without a relay nothing is looked for", async () => {
  const paths = new Paths([]);

  assert.deepEqual(await paths.choose(new AbortController().signal), []);
  assert.deepEqual([paths.offered.length, asked.length], [0, 0]);
});

test("a way that never answers is given up with the check", async () => {
  open = new Set(["silent"]);
  const check = new AbortController();
  const paths = new Paths(SERVERS);
  const waiting = paths.choose(check.signal);

  check.abort();
  await waiting;
  paths.close();

  assert.equal(paths.found.size, 0);
  assert.deepEqual(paths.tried, []); // nobody waited long enough to call it shut
});

test("a pair without a relay in it is direct", async () => {
  const stats = (/** @type {string} */ type) => new Map(/** @type {[string, any][]} */ ([
    ["pair", { type: "candidate-pair", state: "succeeded", localCandidateId: "local" }], ["local", { candidateType: type }]]));
  const connection = (/** @type {string} */ type) => /** @type {any} */ ({ getStats: async () => stats(type) });

  assert.equal(await isDirect(connection("host")), true);
  assert.equal(await isDirect(connection("relay")), false);
});
