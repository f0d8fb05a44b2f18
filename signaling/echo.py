"""The line check's far end: a peer that echoes pings and measures trains of packets, in a process of its own.

``python -m signaling.echo`` reads one line of JSON from standard input, {"iceServers": [{"urls", "username", "credential"}],
"address": where the browser reached us}, writes its offer {"sdp"} as one line to standard output, reads the browser's answer
{"sdp"}, and ends with the line, at the latest after LIVES seconds. It knows no person, no database and no keys. Both sides
open the data channel 0 by agreement; nothing on it is ordered or repeated, so what is lost stays lost and can be counted. Its
texts, in JSON filled up with "pad":

    browser                                          far end
    {"ping": number}                                 {"pong": number, "got": pings so far, "at": ms on the far end's clock}
    {"up": round, "n": place}, a train of them       noted on arrival
    {"down": round, "count", "size"}                 a train {"down": round, "n": place, "up": [[place, ms since the first], …]}
    {"bye": true}                                    ends

A train leaves at once; how far apart its packets arrive tells the rate of the thinnest stretch (packet pairs: Keshav 1991,
Dovrolis, Ramanathan and Moore 2001). What arrived of a train up is told in every packet of the train down.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import resource
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Any

from aioice import ice
from aiortc import RTCConfiguration, RTCIceServer, RTCPeerConnection, RTCSessionDescription
from aiortc.rtcdatachannel import RTCDataChannel

LIVES = 18.0                            # seconds, at most; a check takes ten
AGAIN = 0.1                             # seconds: losses in bursts are over by then
LONGEST_TRAIN = 16                      # packets
LARGEST = 1150                          # bytes of a packet's text, so that none is cut into two
MOST_BYTES = 300_000                    # that one check may ask for
WINDOW = LONGEST_TRAIN * 1200           # bytes that may be under way at once
LONGEST_LINE = 256 * 1024               # bytes of a description, as JSON
MOST_MEMORY = 512 * 1024 * 1024         # bytes of data; it uses a quarter of that
MOST_SECONDS = 20                       # of processor time


class Echo:
    """Answers what arrives on one channel. ``clock`` gives milliseconds; ``send`` takes one text."""

    def __init__(self, *, clock: Callable[[], float], send: Callable[[str], None]) -> None:
        self._clock, self._send = clock, send
        self._pings = 0
        self._arrived: dict[int, list[tuple[int, float]]] = {}
        self._answered: set[int] = set()
        self._left = MOST_BYTES

    def receive(self, text: str) -> bool:
        """False when the other side has said goodbye. What does not fit is left unanswered."""
        now = self._clock()
        try:
            message = json.loads(text)
            return self._handle(message, text, now)
        except (ValueError, TypeError, KeyError, AttributeError):
            return True

    def _handle(self, message: dict[str, Any], text: str, now: float) -> bool:
        match message:
            case {"ping": int(number)}:
                self._pings += 1
                self._say({"pong": number, "got": self._pings, "at": now}, len(text))
            case {"up": int(turn), "n": int(place)}:
                self._note(turn, place, now)
            case {"down": int(turn), "count": int(count), "size": int(size)} if turn not in self._answered:
                self._answered.add(turn)        # asked several times, since some may be lost
                self._train(turn, min(count, LONGEST_TRAIN), min(size, LARGEST))
        return "bye" not in message

    def _note(self, turn: int, place: int, now: float) -> None:
        arrived = self._arrived.setdefault(turn, [])
        if len(arrived) < LONGEST_TRAIN:
            arrived.append((place, now))

    def _train(self, turn: int, count: int, size: int) -> None:
        arrived = self._arrived.get(turn, [])
        told = [[place, round(at - arrived[0][1], 1)] for place, at in arrived]
        for place in range(count):
            self._say({"down": turn, "n": place, "up": told}, size)

    def _say(self, message: dict[str, Any], size: int) -> None:
        text = json.dumps(message, separators=(",", ":"))
        text = f'{text[:-1]},"pad":"{"." * (size - len(text) - 9)}"}}'
        self._left -= len(text)
        if self._left > 0:
            self._send(text)


async def serve(order: dict[str, Any], answer: Callable[[], Awaitable[Any]], say: Callable[[dict[str, Any]], None]) -> None:
    """One line: offers, takes the answer that ``answer()`` waits for, and answers probes until the other side has gone."""
    _prefer(order.get("address", ""))
    connection = RTCPeerConnection(RTCConfiguration(iceServers=[_server(one) for one in order["iceServers"]]))
    gone = asyncio.Event()
    channel = connection.createDataChannel("probe", negotiated=True, id=0, ordered=False, maxRetransmits=0)
    _listen(connection, channel, gone)
    _say_twice(connection, channel)
    try:
        async with asyncio.timeout(LIVES):
            await connection.setLocalDescription(await connection.createOffer())
            say({"sdp": connection.localDescription.sdp})
            if (given := await answer()) is None:
                return
            await connection.setRemoteDescription(RTCSessionDescription(sdp=given["sdp"], type="answer"))
            await gone.wait()
    except TimeoutError:
        pass
    finally:
        await connection.close()


def _listen(connection: RTCPeerConnection, channel: RTCDataChannel, gone: asyncio.Event) -> None:
    echo = Echo(clock=lambda: round(time.monotonic() * 1000, 1), send=lambda text: _hurry(connection, channel, text))

    def heard(text: Any) -> None:
        if not echo.receive(text):
            gone.set()

    def changed() -> None:
        if connection.connectionState in ("closed", "failed"):
            gone.set()

    channel.on("message", heard)
    connection.on("connectionstatechange", changed)


def _say_twice(connection: RTCPeerConnection, channel: RTCDataChannel) -> None:
    """Until the channel is open. For what a bad line lost meanwhile, DTLS and SCTP would wait one to three seconds."""
    sctp: Any = connection.sctp
    transport = sctp.transport.transport
    once, later = transport._send, set[asyncio.Task[None]]()

    async def again(data: bytes) -> None:
        await asyncio.sleep(AGAIN)
        with contextlib.suppress(ConnectionError):
            await once(data)

    async def send(data: bytes) -> None:
        await once(data)
        if channel.readyState != "open":
            later.add(task := asyncio.create_task(again(data)))
            task.add_done_callback(later.discard)

    transport._send = send


def _hurry(connection: RTCPeerConnection, channel: RTCDataChannel, text: str) -> None:
    # SCTP would hold a train back after each loss, and we would measure its patience instead of the line. The trains are
    # short, few and counted (MOST_BYTES), and a train waits for the one before it.
    transport: Any = connection.sctp
    transport._cwnd = max(transport._cwnd, WINDOW)
    channel.send(text)


def _prefer(address: str) -> None:
    """Where the browser reached this server it will reach us: checks of all our other addresses would fill a thin line."""
    if address in ice.get_host_addresses(use_ipv4=True, use_ipv6=True):
        ice.get_host_addresses = lambda use_ipv4, use_ipv6: [address]


def _server(one: dict[str, Any]) -> RTCIceServer:
    return RTCIceServer(urls=one["urls"], username=one["username"] or None, credential=one["credential"] or None)


# ---------------------------------------------------------------- the process


def main() -> None:
    """One order, one line."""
    _limit()
    asyncio.run(_run())


async def _run() -> None:
    lines = asyncio.StreamReader(limit=LONGEST_LINE)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)

    async def read() -> Any:
        return json.loads(await lines.readline() or "null")     # nothing: whoever started us wants no more of us

    if (order := await read()) is not None:
        await serve(order, read, _write)


def _write(message: dict[str, Any]) -> None:
    print(json.dumps(message), flush=True)


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_DATA, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))


if __name__ == "__main__":
    main()
