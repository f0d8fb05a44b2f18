"""Relayed messages against a bare aiohttp relay in the same run, at 1,000 sockets in 500 pairs.

    python -m tests.benchmarks.relay [seconds]

Both servers run in a process of their own; the load is made by plain asyncio protocols with ready-made frames, so that it costs
little. Prints messages per second with one message under way per page, latency at a steady rate, and memory per
idle socket; each as a ratio. Aims: 0.6, 2, 2. The message budget per socket is raised for it.
"""

from __future__ import annotations

import asyncio
import json
import os
import resource
import statistics
import struct
import subprocess
import sys
import time
import uuid
from pathlib import Path
from typing import Any

from aiohttp import web

from signaling import messages
from signaling.endpoint import Endpoint
from signaling.house import Admission, Person
from signaling.limits import Limits
from signaling.messages import PeerToPeer
from signaling.presence import Presence
from signaling.rooms import Rooms
from tests.signaling.memory_house import MemoryHouse

PAGES = 1_000
STEADY = 2_000              # messages per second while latency is measured
CANDIDATE = "candidate:842163049 1 udp 1677729535 203.0.113.7 46154 typ srflx raddr 10.0.0.7 rport 46154 generation 0"
ROUNDS = 6                  # the best counts: whatever else the machine does can only slow a round down
KINDS = ("bare", "ours")


class House(MemoryHouse):
    """Everybody may enter; nobody writes anything down."""

    async def greet(self, request: web.Request) -> Person:
        login = request.cookies["login"]
        return Person(participant=login, login=login, name="Hoa", organization="Trạm")

    async def admit(self, person: Person, enter: messages.Enter) -> Admission:
        return Admission(call=enter.call, participant=person.participant, side="worker", name="", organization="",
                         media=PeerToPeer(ice_servers=[]))


# ---------------------------------------------------------------- the servers


def bare() -> web.Application:
    """What a relay costs at least: two sockets per pair, text in, text out."""
    pairs: dict[str, list[web.WebSocketResponse]] = {}

    async def handle(request: web.Request) -> web.WebSocketResponse:
        ws = web.WebSocketResponse(protocols=(messages.SUBPROTOCOL,), compress=False)
        await ws.prepare(request)
        pair = pairs.setdefault(request.query["pair"], [])
        pair.append(ws)
        async for message in ws:
            for other in pair:
                if other is not ws:
                    await other.send_str(message.data)
        return ws

    app = web.Application()
    app.router.add_get("/socket", handle)
    return app


def ours() -> web.Application:
    plenty = 10**9
    limits = Limits(rate=plenty, burst=plenty, candidates=plenty, unknown_per_address=PAGES, sockets=2 * PAGES)
    rooms = Rooms()
    endpoint = Endpoint(rooms, Presence(rooms, limits=limits), House())
    app = web.Application()
    app.router.add_get("/socket", endpoint.handle)
    app.cleanup_ctx.append(endpoint.running)
    return app


async def serve(kind: str) -> None:
    runner = web.AppRunner(bare() if kind == "bare" else ours(), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, backlog=PAGES).start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()


# ---------------------------------------------------------------- the load


class Page(asyncio.Protocol):
    """One page of a pair. Knows frames just well enough to count them."""

    def __init__(self, number: int, kind: str) -> None:
        self.kind, self.pair, self.id = kind, number // 2, str(uuid.UUID(int=number))
        self.call, self.peer = str(uuid.UUID(int=10**6 + self.pair)), str(uuid.UUID(int=10**9 + number))
        self.partner: Page = self
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.sent_at = 0.0
        self.latencies: list[float] = []
        self.answers = False
        self._buffer = b""
        self._is_open = False
        self.frame = b""

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        transport.write((f"GET /socket?pair={self.pair} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                         "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
                         f"Sec-WebSocket-Protocol: {messages.SUBPROTOCOL}\r\nCookie: login={self.id}\r\n\r\n").encode())

    def begin(self) -> None:
        self._is_open = True
        if self.kind == "bare":
            self.ready.set_result(None)
        else:
            self.transport.write(frame(type="hello", tab=self.id))

    def enter(self) -> None:
        self.ready = asyncio.get_running_loop().create_future()
        self.transport.write(frame(type="enter", id=self.id, call=self.call, peer=self.peer))

    def send(self) -> None:
        self.sent_at = time.perf_counter()
        self.transport.write(self.frame)

    def data_received(self, data: bytes) -> None:
        buffer = self._buffer + data
        if not self._is_open:
            head, found, buffer = buffer.partition(b"\r\n\r\n")
            if not found:
                self._buffer = head
                return
            assert b" 101 " in head, head
            self.begin()
        at = 0
        while len(buffer) - at >= 2:
            length, start = buffer[at + 1], at + 2
            if length == 126:
                if len(buffer) < start + 2:
                    break
                length, start = struct.unpack_from("!H", buffer, start)[0], start + 2
            if len(buffer) < start + length:
                break
            self.message(buffer[start:start + length])
            at = start + length
        self._buffer = buffer[at:]

    def message(self, payload: bytes) -> None:
        if payload.startswith((b'{"type":"relayed-candidate"', b'{"type": "candidate"')):
            self.latencies.append(time.perf_counter() - self.partner.sent_at)
            if self.answers:
                self.partner.send()
        elif payload.startswith(b'{"type":"ping"'):
            self.transport.write(frame(type="pong", received=json.loads(payload)["seq"]))
        elif payload.startswith((b'{"type":"snapshot"', b'{"type":"ack"')):
            self.ready.set_result(None)


def frame(**message: Any) -> bytes:
    """A masked text frame (mask of zeros)."""
    text = json.dumps(message).encode()
    length = bytes([0x81, 0x80 | len(text)]) if len(text) < 126 else struct.pack("!BBH", 0x81, 0xFE, len(text))
    return length + bytes(4) + text


class Server:
    """One server in its process, and the pages connected to it."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.process = subprocess.Popen([sys.executable, "-m", "tests.benchmarks.relay", "serve", kind],
                                        stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        self.port = int(self.process.stdout.readline())
        self.pages: list[Page] = []

    @property
    def memory(self) -> int:
        return int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    @property
    def cpu(self) -> float:
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    async def connect(self) -> float:
        """Open all sockets; bytes of memory that one takes."""
        loop, before = asyncio.get_running_loop(), self.memory
        for number in range(PAGES):
            _, page = await loop.create_connection(lambda number=number: Page(number, self.kind), "127.0.0.1", self.port)
            self.pages.append(page)
            if number % 2:
                page.partner, self.pages[-2].partner = self.pages[-2], page
        await asyncio.gather(*(page.ready for page in self.pages))
        return (self.memory - before) / PAGES

    async def enter(self) -> None:
        if self.kind == "ours":
            for page in self.pages:
                page.enter()
            await asyncio.gather(*(page.ready for page in self.pages))
        for page in self.pages:
            page.frame = frame(type="candidate", call=page.call, to=page.partner.peer, round=1, candidate=CANDIDATE)

    async def rush(self, seconds: float) -> tuple[float, float]:
        """Every page sends as soon as the one before arrived: messages per second, CPU microseconds of each."""
        began, cpu = time.perf_counter(), self.cpu
        for page in self.pages:
            page.answers, page.latencies = True, []
            page.send()
        await asyncio.sleep(seconds)
        count, spent = sum(len(page.latencies) for page in self.pages), self.cpu - cpu
        taken = time.perf_counter() - began
        for page in self.pages:
            page.answers = False
        await asyncio.sleep(1)
        return count / taken, spent / count * 1e6

    async def steady(self, seconds: float) -> list[float]:
        """Messages at a fixed rate: the latency of each, in seconds."""
        began, sent = time.perf_counter(), 0
        for page in self.pages:
            page.latencies = []
        while (now := time.perf_counter() - began) < seconds:
            while sent < now * STEADY:
                self.pages[sent * 7 % PAGES].send()
                sent += 1
            await asyncio.sleep(0.001)
        await asyncio.sleep(1)
        return sorted(latency for page in self.pages for latency in page.latencies)

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait()


async def measure(seconds: float) -> None:
    servers = {kind: Server(kind) for kind in KINDS}
    try:
        memory = {kind: await server.connect() for kind, server in servers.items()}
        for server in servers.values():
            await server.enter()
        rates: dict[str, list[float]] = {kind: [] for kind in KINDS}
        costs: dict[str, list[float]] = {kind: [] for kind in KINDS}
        latency: dict[str, list[float]] = {kind: [] for kind in KINDS}
        for _ in range(ROUNDS):                  # in turns, so that a busy machine hurts both
            for kind, server in servers.items():
                rate, cost = await server.rush(seconds)
                rates[kind].append(rate)
                costs[kind].append(cost)
                latency[kind] += await server.steady(seconds)
    finally:
        for server in servers.values():
            server.stop()
    show("messages per second", {kind: max(rates[kind]) for kind in KINDS}, "at least 0.6")
    show("CPU per message, µs", {kind: statistics.median(costs[kind]) for kind in KINDS}, "")
    show(f"p99 at {STEADY}/s, ms", {kind: percentile(latency[kind], 0.99) * 1e3 for kind in KINDS}, "at most 2")
    show(f"p50 at {STEADY}/s, ms", {kind: percentile(latency[kind], 0.50) * 1e3 for kind in KINDS}, "")
    show("memory per idle socket, KiB", {kind: memory[kind] / 1024 for kind in KINDS}, "at most 2")


def percentile(values: list[float], part: float) -> float:
    return sorted(values)[int(len(values) * part)]


def show(what: str, values: dict[str, float], aim: str) -> None:
    ratio = values["ours"] / values["bare"]
    print(f"{what:30} bare {values['bare']:10.1f}   ours {values['ours']:10.1f}   ratio {ratio:.2f}   {aim}")


if __name__ == "__main__":
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 8 * PAGES), hard))
    if sys.argv[1:2] == ["serve"]:
        asyncio.run(serve(sys.argv[2]))
    else:
        asyncio.run(measure(float(sys.argv[1]) if sys.argv[1:] else 1.0))
