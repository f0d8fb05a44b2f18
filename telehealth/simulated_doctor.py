"""The simulated doctor of a practice call: answers one call over /socket like any page, in a process of its own.

``python -m telehealth.simulated_doctor`` says "ready" on standard output once its libraries are loaded, then reads one line of
JSON from standard input: the door (path of a Unix socket), the token for it, the call, and the sentences to say. It knows no
database and no keys, imports nothing that does, and ends with its socket or with the call.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import resource
import sys
import uuid
from typing import Any

import aiohttp
from aiortc import MediaStreamTrack, RTCConfiguration, RTCIceServer, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError
from aiortc.sdp import candidate_from_sdp

from telehealth import simulated_media

ALONE = 60.0                            # seconds for which an empty room is waited in
LISTENS = 4.0                           # seconds until it says what it has heard and seen
THINKS = 0.8                            # seconds before an answer in the chat
REBUILDS = 10                           # connections, at most
MOST_MEMORY = 512 * 1024 * 1024         # bytes of data; it uses a third of that
MOST_SECONDS = 600                      # of processor time


class Doctor:
    """One visit to one call."""

    def __init__(self, order: dict[str, Any], ws: aiohttp.ClientWebSocketResponse) -> None:
        self._call, self._says, self._ws = order["call"], order["says"], ws
        self._peer, self._me, self._other, self._received = _new_id(), "", "", 0
        self._connection: RTCPeerConnection | None = None
        self._servers: list[dict[str, Any]] = []
        self._described = self._answered = ("", -1)     # (peer, round) of the offer, and of the answer
        self._rebuilds = 0
        self._met = False
        self._arrives: set[str] = set()                 # "audio" and "video", once they are more than silence and black
        self._messages: asyncio.Queue[dict[str, Any] | None] = asyncio.Queue()
        self._tasks: set[asyncio.Task[None]] = set()

    async def visit(self) -> None:
        """Until the call is over or the other side has gone."""
        await self._send(type="hello", tab=_new_id())
        self._start(self._read())
        await self._enter()
        try:
            while message := await self._next():
                if await self._handle(message):
                    break
        finally:
            await self._close()

    async def _next(self) -> dict[str, Any] | None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(None if self._other else ALONE):
                return await self._messages.get()
        return None

    async def _read(self) -> None:
        """Answers pings at once, whatever else is being done, and hands everything else on in order."""
        async for frame in self._ws:
            message = json.loads(frame.data)
            self._received = max(self._received, message["seq"])
            if message["type"] == "ping":
                await self._send(type="pong", received=self._received)
            else:
                self._messages.put_nowait(message)
        self._messages.put_nowait(None)

    async def _handle(self, message: dict[str, Any]) -> bool:
        """True when there is nothing left to do here."""
        match message["type"]:
            case "welcome":
                self._me = message["participant"]
            case "entered":
                self._servers = message["media"]["iceServers"]
                for peer in message["peers"]:
                    await self._meet(peer["peer"])
            case "peer-joined":
                await self._meet(message["peer"]["peer"])
            case "relayed-offer":
                await self._offered(message)
            case "relayed-candidate":
                await self._candidate(message)
            case "chat" if message["participant"] != self._me:
                self._start(self._answer(message))
            case "peer-left" if message["reason"] == "replaced":
                self._other = ""
            case "peer-left":
                return True
            case "call-changed":
                return message["state"] in ("ended", "failed")
            case "refused":
                return message["code"] in ("no-such-call", "call-over", "room-full")
        return False

    # ------------------------------------------------------------ the line

    async def _enter(self) -> None:
        await self._send(type="enter", id=_new_id(), call=self._call, peer=self._peer)

    async def _meet(self, peer: str) -> None:
        if peer not in (self._other, self._peer):
            self._other = peer
            await self._drop()

    async def _offered(self, message: dict[str, Any]) -> None:
        offer = (message["sender"], message["round"])
        if message["sender"] != self._other:
            return
        if offer == self._answered:
            return await self._say_answer(message["round"])
        if self._connection is not None and _is_restart(self._connection, message["sdp"]):
            return await self._begin_again()
        try:
            await self._take(message["sdp"], offer)
        except Exception:       # aiortc knows neither rollback nor ICE restart, and says so in many ways
            await self._begin_again()

    async def _take(self, sdp: str, offer: tuple[str, int]) -> None:
        connection = self._connection = self._connection or self._connect()
        await connection.setRemoteDescription(RTCSessionDescription(sdp=sdp, type="offer"))
        self._described = offer
        await connection.setLocalDescription(await connection.createAnswer())
        self._answered = offer
        await self._say_answer(offer[1])

    async def _say_answer(self, number: int) -> None:
        if self._connection is not None:
            sdp = self._connection.localDescription.sdp
            await self._send(type="answer", call=self._call, to=self._other, round=number, sdp=sdp)

    async def _candidate(self, message: dict[str, Any]) -> None:
        if self._connection is None or (message["sender"], message["round"]) != self._described or not message["candidate"]:
            return
        given = json.loads(message["candidate"])
        with contextlib.suppress(Exception):    # one that cannot be used is one of many
            candidate = candidate_from_sdp(given["candidate"].partition(":")[2])
            candidate.sdpMid, candidate.sdpMLineIndex = given.get("sdpMid"), given.get("sdpMLineIndex")
            await self._connection.addIceCandidate(candidate)

    async def _begin_again(self) -> None:
        """A new connection under a new peer id: the other side makes a fresh offer to it."""
        self._rebuilds += 1
        await self._drop()
        if self._rebuilds <= REBUILDS:
            self._peer = _new_id()
            await self._enter()

    def _connect(self) -> RTCPeerConnection:
        servers = [RTCIceServer(urls=one["urls"], username=one["username"] or None, credential=one["credential"] or None)
                   for one in self._servers]
        connection = RTCPeerConnection(RTCConfiguration(iceServers=servers))
        connection.addTrack(simulated_media.Tone())
        connection.addTrack(simulated_media.Picture())
        connection.on("track", lambda track: self._start(self._watch(track)))
        connection.on("connectionstatechange", lambda: self._start(self._changed(connection)))
        return connection

    async def _changed(self, connection: RTCPeerConnection) -> None:
        if connection is not self._connection or connection.connectionState != "connected":
            return
        await self._send(type="media-report", id=_new_id(), call=self._call, media="connected")
        if not self._met:
            self._met = True
            await asyncio.sleep(LISTENS)
            await self._say(self._says["-".join(sorted(self._arrives)) or "nothing"])

    async def _watch(self, track: MediaStreamTrack) -> None:
        """Takes what arrives, so that nothing piles up; notes when it is more than silence or black."""
        with contextlib.suppress(MediaStreamError):
            while True:
                frame = await track.recv()
                if track.kind not in self._arrives and simulated_media.is_something(frame):
                    self._arrives.add(track.kind)

    async def _drop(self) -> None:
        old, self._connection = self._connection, None
        self._described = self._answered = ("", -1)     # a new connection of the same peer counts its rounds anew
        if old is not None:
            await old.close()

    async def _answer(self, line: dict[str, Any]) -> None:
        await self._send(type="chat-seen", id=_new_id(), call=self._call, number=line["number"])
        await asyncio.sleep(THINKS)
        await self._say(self._says["answer"].replace("{text}", line["text"][:200]))

    async def _say(self, text: str) -> None:
        await self._send(type="say", id=_new_id(), call=self._call, text=text)

    async def _send(self, **message: Any) -> None:
        with contextlib.suppress(ConnectionError):
            await self._ws.send_str(json.dumps(message))

    def _start(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _close(self) -> None:
        await self._drop()
        for task in list(self._tasks):
            task.cancel()


def main() -> None:
    """One order, one call."""
    _limit()
    print("ready", flush=True)
    order = json.loads(sys.stdin.readline() or "null")
    sys.stdin.close()
    if order is not None:
        asyncio.run(_visit(order))


async def _visit(order: dict[str, Any]) -> None:
    headers = {"Authorization": f"Practice {order['token']}"}
    async with (
        aiohttp.ClientSession(connector=aiohttp.UnixConnector(order["door"])) as client,
        client.ws_connect("http://practice/socket", headers=headers, protocols=("telehealth.v1",), max_msg_size=0) as ws,
    ):
        await Doctor(order, ws).visit()


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_DATA, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
    os.nice(5)      # real calls come first


def _is_restart(connection: RTCPeerConnection, sdp: str) -> bool:
    before = connection.remoteDescription
    return before is not None and not any(line in before.sdp for line in sdp.splitlines() if line.startswith("a=ice-ufrag:"))


def _new_id() -> str:
    return str(uuid.uuid4())


if __name__ == "__main__":
    main()
