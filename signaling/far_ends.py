"""Starts the far ends of line checks: a child process for each, few at once, none for long. Loads nothing of the media."""

from __future__ import annotations

import asyncio
import json
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from signaling.messages import PeerToPeer

AT_MOST = 6                     # checks at once; each takes 70 MB
LIVES = 20.0                    # seconds from its start; it ends by itself before
OFFERS_WITHIN = 8.0             # seconds: its libraries load, its candidates gather
ROOT = Path(__file__).parent.parent


class AllBusy(Exception):
    """As many checks run as this server carries; a place is free within LIVES seconds."""

    code = "check-busy"


class NoFarEnd(Exception):
    """The far end did not start."""

    code = "check-failed"


class NoSuchCheck(Exception):
    """The check that is meant is over, was answered, or is somebody else's."""

    code = "check-over"


@dataclass(frozen=True)
class Line:
    """One check: its id, and by which servers both sides may meet."""

    id: str
    media: PeerToPeer


@dataclass
class _FarEnd:
    id: str
    child: Process
    watch: asyncio.Task[None]
    offered: bool = False


class FarEnds:
    """All line checks of this process, one for each browser. ``media`` gives the ICE servers for a name."""

    def __init__(self, media: Callable[[str], PeerToPeer]) -> None:
        self._media = media
        self._live: dict[str, _FarEnd] = {}
        self._starting = 0

    @property
    def live(self) -> int:
        return len(self._live)

    async def open(self, who: str, address: str = "") -> Line:
        """A far end for the browser ``who``, which reached us at ``address``; the one it had before ends. Raises AllBusy.

        Its offer takes a second, in which the browser can look for its relays.
        """
        await self._end(who)
        if len(self._live) + self._starting >= AT_MOST:
            raise AllBusy
        self._starting += 1
        try:
            child = await _start()
        finally:
            self._starting -= 1
        await self._end(who)        # asked twice at once: the later one stays
        far = self._live[who] = _FarEnd(str(uuid4()), child, asyncio.create_task(self._watch(who, child)))
        media = self._media(who)
        servers = [{"urls": one.urls, "username": one.username, "credential": one.credential} for one in media.ice_servers]
        await _send(child, {"iceServers": servers, "address": address})
        return Line(far.id, media)

    async def offer(self, who: str, line_id: str) -> str:
        """The far end's offer (SDP), given once. Raises NoSuchCheck; NoFarEnd when it did not start."""
        far = self._find(who, line_id)
        if far.offered:
            raise NoSuchCheck
        far.offered = True
        assert far.child.stdout is not None
        with suppress(TimeoutError, ValueError):
            async with asyncio.timeout(OFFERS_WITHIN):
                return str(json.loads(await far.child.stdout.readline())["sdp"])
        await self._end(who)
        raise NoFarEnd

    async def answer(self, who: str, line_id: str, sdp: str) -> None:
        """The browser's answer, taken once. Raises NoSuchCheck."""
        stdin = self._find(who, line_id).child.stdin
        if stdin is None or stdin.is_closing():
            raise NoSuchCheck
        await _send(self._live[who].child, {"sdp": sdp})
        stdin.close()

    async def running(self, app: Any) -> AsyncIterator[None]:
        """For ``app.cleanup_ctx``: no far end outlives the application."""
        yield
        for who in list(self._live):
            await self._end(who)

    def _find(self, who: str, line_id: str) -> _FarEnd:
        far = self._live.get(who)
        if far is None or far.id != line_id:
            raise NoSuchCheck
        return far

    async def _watch(self, who: str, child: Process) -> None:
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(LIVES):
                    await child.wait()
        finally:
            await _stop(child)
            if who in self._live and self._live[who].child is child:
                del self._live[who]

    async def _end(self, who: str) -> None:
        far = self._live.pop(who, None)
        if far is not None:
            far.watch.cancel()
            await asyncio.gather(far.watch, return_exceptions=True)
            await _stop(far.child)      # a watch that had not yet begun stops nothing


async def _start() -> Process:
    """No environment, no open files of ours, no keyboard's Ctrl+C."""
    return await asyncio.create_subprocess_exec(
        sys.executable, "-s", "-m", "signaling.echo", cwd=ROOT, env={}, start_new_session=True,
        stdin=PIPE, stdout=PIPE, stderr=DEVNULL, limit=256 * 1024)


async def _stop(child: Process) -> None:
    if child.returncode is None:
        with suppress(ProcessLookupError):
            child.kill()
    await child.wait()


async def _send(child: Process, message: dict[str, Any]) -> None:
    assert child.stdin is not None
    with suppress(ConnectionError):
        child.stdin.write(json.dumps(message).encode() + b"\n")
        await child.stdin.drain()
