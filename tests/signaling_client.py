"""A page of the real site without a browser: the socket of somebody who has signed in, and an aiortc peer behind it."""

from __future__ import annotations

import asyncio
import math
from array import array
from fractions import Fraction
from itertools import pairwise
from typing import Any

import av
from aiohttp import ClientSession
from aiortc import MediaStreamTrack, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import AudioStreamTrack, VideoStreamTrack

from signaling.messages import SUBPROTOCOL
from tests.signaling.memory_house import new_id
from tests.signaling.pages import Page

RATE = 48_000
SAMPLES = 960       # 20 ms


async def open_page(browser: ClientSession) -> Page:
    """A page over the socket of a signed-in ``browser``; its hello has been answered."""
    ws = await browser.ws_connect("/socket", protocols=(SUBPROTOCOL,))
    page = Page(ws, None, new_id())
    await page.hello()
    return page


async def close_page(page: Page) -> None:
    await page.ws.close()
    await asyncio.wait([page._reader])


class Colour(VideoStreamTrack):
    """A plain picture in one colour, given as Y, U and V."""

    def __init__(self, colour: tuple[int, int, int]) -> None:
        super().__init__()
        self._colour = colour

    async def recv(self) -> av.VideoFrame:
        frame = av.VideoFrame(320, 180, "yuv420p")
        for plane, value in zip(frame.planes, self._colour, strict=True):
            plane.update(bytes([value]) * plane.buffer_size)
        frame.pts, frame.time_base = await self.next_timestamp()
        return frame


class Tone(AudioStreamTrack):
    """A sine tone."""

    def __init__(self, hertz: int) -> None:
        super().__init__()
        self._hertz, self._at, self._started = hertz, 0, 0.0

    async def recv(self) -> av.AudioFrame:
        loop = asyncio.get_running_loop()
        self._started = self._started or loop.time()
        await asyncio.sleep(max(0.0, self._started + self._at / RATE - loop.time()))
        wave = (round(9_000 * math.sin(2 * math.pi * self._hertz * at / RATE)) for at in range(self._at, self._at + SAMPLES))
        frame = av.AudioFrame("s16", "mono", SAMPLES)
        frame.planes[0].update(array("h", wave).tobytes())
        frame.sample_rate, frame.pts, frame.time_base = RATE, self._at, Fraction(1, RATE)
        self._at += SAMPLES
        return frame


class Peer:
    """One side of a call: negotiates over ``page`` as a browser's page does, as far as aiortc can (no ICE restart)."""

    def __init__(self, page: Page, call: str, colour: tuple[int, int, int], hertz: int) -> None:
        self.page, self.call = page, call
        self.connection = RTCPeerConnection()
        self.tracks: dict[str, MediaStreamTrack] = {}
        self._own = (Tone(hertz), Colour(colour))
        self.connection.on("track", lambda track: self.tracks.__setitem__(track.kind, track))

    async def enter(self) -> dict[str, Any]:
        """Take the seat; the answer is ``entered``."""
        outcome = await self.page.command("enter", call=self.call, peer=self.page.peer)
        assert outcome["type"] == "ack", outcome
        return next(message for message in reversed(self.page.log) if message["type"] == "entered")

    async def offer(self, to: str) -> None:
        """The impolite side: offer, and take the answer."""
        for track in self._own:
            self.connection.addTrack(track)
        await self.connection.setLocalDescription(await self.connection.createOffer())
        await self.page.send(type="offer", call=self.call, to=to, round=1, sdp=self.connection.localDescription.sdp)
        answer = await self.page.next("relayed-answer")
        assert (answer["sender"], answer["round"]) == (to, 1)
        await self.connection.setRemoteDescription(RTCSessionDescription(answer["sdp"], "answer"))

    async def answer(self) -> None:
        """The polite side: wait for the offer, and answer it."""
        offer = await self.page.next("relayed-offer")
        await self.connection.setRemoteDescription(RTCSessionDescription(offer["sdp"], "offer"))
        for track in self._own:
            self.connection.addTrack(track)
        await self.connection.setLocalDescription(await self.connection.createAnswer())
        sdp = self.connection.localDescription.sdp
        await self.page.send(type="answer", call=self.call, to=offer["sender"], round=offer["round"], sdp=sdp)

    async def sees(self) -> tuple[int, int, int]:
        """Y, U and V in the middle of a decoded frame of the other side, once its stream has settled."""
        for _ in range(10):
            frame = await self.tracks["video"].recv()
        assert isinstance(frame, av.VideoFrame)
        y, u, v = (bytes(plane)[plane.line_size * (plane.height // 2) + plane.width // 2] for plane in frame.planes)
        return y, u, v

    async def hears(self) -> float:
        """The tone of a second of the other side's sound, in hertz, by counting how often it crosses zero."""
        frames = [await self.tracks["audio"].recv() for _ in range(75)]
        samples: list[int] = []
        for frame in frames[25:]:
            assert isinstance(frame, av.AudioFrame)
            samples += array("h", bytes(frame.planes[0])[: frame.samples * 2 * frame.layout.nb_channels])[:: frame.layout.nb_channels]
        crossings = sum(one < 0 <= other for one, other in pairwise(samples))
        return crossings * RATE / len(samples)

    async def close(self) -> None:
        await self.connection.close()
        await close_page(self.page)
