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
    """One check: its id, the far end's offer (SDP), and by which servers both sides may meet."""

    id: str
    sdp: str
    media: PeerToPeer


@dataclass
class _FarEnd:
    id: str
    child: Process
    watch: asyncio.Task[None]


class FarEnds:
    """All line checks of this process, one for each browser. ``media`` gives the ICE servers for a name."""

    def __init__(self, media: Callable[[str], PeerToPeer]) -> None:
        self._media = media
        self._live: dict[str, _FarEnd] = {}
        self._starting = 0

    @property
    def live(self) -> int:
        return len(self._live)

    async def open(self, who: str) -> Line:
        """A far end for the browser ``who``; the one it had before ends. Raises AllBusy, NoFarEnd."""
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
        await _send(child, {"iceServers": servers})
        return Line(far.id, await self._offer(who, child), media)

    async def answer(self, who: str, line_id: str, sdp: str) -> None:
        """The browser's answer. Raises NoSuchCheck."""
        far = self._live.get(who)
        if far is None or far.id != line_id or far.child.stdin is None or far.child.stdin.is_closing():
            raise NoSuchCheck
        await _send(far.child, {"sdp": sdp})
        far.child.stdin.close()

    async def running(self, app: Any) -> AsyncIterator[None]:
        """For ``app.cleanup_ctx``: no far end outlives the application."""
        yield
        for who in list(self._live):
            await self._end(who)

    async def _offer(self, who: str, child: Process) -> str:
        assert child.stdout is not None
        with suppress(TimeoutError, ValueError):
            async with asyncio.timeout(OFFERS_WITHIN):
                return str(json.loads(await child.stdout.readline())["sdp"])
        await self._end(who)
        raise NoFarEnd

    async def _watch(self, who: str, child: Process) -> None:
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(LIVES):
                    await child.wait()
        finally:
            with suppress(ProcessLookupError):
                child.kill()
            await child.wait()
            if who in self._live and self._live[who].child is child:
                del self._live[who]

    async def _end(self, who: str) -> None:
        far = self._live.pop(who, None)
        if far is not None:
            far.watch.cancel()
            await asyncio.gather(far.watch, return_exceptions=True)


async def _start() -> Process:
    """No environment, no open files of ours, no keyboard's Ctrl+C."""
    return await asyncio.create_subprocess_exec(
        sys.executable, "-s", "-m", "signaling.echo", cwd=ROOT, env={}, start_new_session=True,
        stdin=PIPE, stdout=PIPE, stderr=DEVNULL, limit=256 * 1024)


async def _send(child: Process, message: dict[str, Any]) -> None:
    assert child.stdin is not None
    with suppress(ConnectionError):
        child.stdin.write(json.dumps(message).encode() + b"\n")
        await child.stdin.drain()
