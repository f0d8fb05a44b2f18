"""Practice calls: starts a simulated doctor for each, lets it in to exactly that call, and ends what is left when it has gone.

The simulated doctor is a child process: nothing of aiortc is loaded here. It comes in by a door of its own, a Unix socket that
is open from the first practice call on, with a token that opens it once.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import secrets
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID, uuid4

import structlog
from aiohttp import hdrs, web

from records.acts import Act, Actor
from records.archive import Archive
from records.care import practice
from records.errors import Conflict, RecordsError
from signaling.house import Person
from telehealth.calls import Guest
from telehealth.practice_door import Door
from web.keys import Handler
from web.practice_words import Script

AT_MOST = 4                     # simulated doctors at once; each takes 100 MB and a tenth of a processor
LONGEST = 600.0                 # seconds from asking to the end
SHOWS_AFTER = 1.0               # seconds until the ring is shown
ACCEPTS_AFTER = 3.0             # seconds until it is taken; later when the machine is slow
TRIES = 4                       # of an end that meets somebody else's move
SCHEME = "Practice "            # of the Authorization header
ROOT = Path(__file__).parent.parent
log = structlog.get_logger()


class Desk(Protocol):
    """Tells the station how its request stands; telehealth/desk.py."""

    async def changed(self, request_id: UUID) -> None: ...


class Calls(Protocol):
    """Tells both sides how their call stands; telehealth/calls.py."""

    async def moved(self, call_id: UUID) -> None: ...


@dataclass
class Rehearsal:
    """One practice call that goes on. ``call``: once it was accepted."""

    script: Script
    task: asyncio.Task[None] | None = None
    call: UUID | None = None
    token: bytes = b""                                      # SHA-256; the token itself is the child's alone
    guest: str = ""                                         # the participant that came in with it


class Practice:
    """All practice calls of this process."""

    def __init__(self, archive: Archive, desk: Desk, calls: Calls) -> None:
        self._archive, self._desk, self._calls = archive, desk, calls
        self._live: dict[UUID, Rehearsal] = {}
        self._door = Door()

    @property
    def requests(self) -> frozenset[UUID]:
        return frozenset(self._live)

    @property
    def calls(self) -> frozenset[UUID]:
        return frozenset(one.call for one in self._live.values() if one.call)

    @property
    def guests(self) -> frozenset[str]:
        return frozenset(one.guest for one in self._live.values() if one.guest)

    async def start(self) -> None:
        """After a restart: what was being practised is over."""
        async with self._act() as act:
            ended = await practice.end_all(act)
        for request_id in ended:
            await self._desk.changed(request_id)

    async def begin(self, request_id: UUID, script: Script) -> None:
        """A worker asked for the simulated doctor. The same request again changes nothing."""
        if request_id in self._live:
            return
        if len(self._live) >= AT_MOST:
            return await self._end(request_id, None, practice.FULL)
        self._live[request_id] = rehearsal = Rehearsal(script)
        rehearsal.task = asyncio.create_task(self._rehearse(request_id, rehearsal))

    async def finished(self, request_id: UUID) -> None:
        """The worker ended it: the simulated doctor hears of it in the room, and goes."""
        call = self._live[request_id].call if request_id in self._live else None
        if call is not None:
            await self._calls.moved(call)
        await self._desk.changed(request_id)

    async def stranger(self, request: web.Request) -> Person | None:
        """Whom a token stands for that comes through the door; it is used up by this."""
        given = request.headers.get(hdrs.AUTHORIZATION, "")
        if not self._door.is_through(request) or not given.startswith(SCHEME):
            return None
        digest = _digest(given.removeprefix(SCHEME))
        found = next((one for one in self._live.values() if hmac.compare_digest(one.token, digest)), None)
        if found is None:
            return None
        found.token, found.guest = b"", str(uuid4())
        return Guest(participant=found.guest, login="", name=found.script.name, organization=found.script.place,
                     actor=Actor.of_system("practice"), call=str(found.call))

    def running(self, handle: Handler) -> Callable[[web.Application], AsyncIterator[None]]:
        """For ``app.cleanup_ctx``; ``handle`` serves sockets. No simulated doctor outlives the application."""
        async def running(app: web.Application) -> AsyncIterator[None]:
            self._door.handle = handle
            yield
            tasks = [one.task for one in self._live.values() if one.task]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self._door.close()
        return running

    # ------------------------------------------------------------ one practice call

    async def _rehearse(self, request_id: UUID, rehearsal: Rehearsal) -> None:
        reason = practice.BROKEN
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(LONGEST):
                    reason = await self._play(request_id, rehearsal)
        except Exception:
            log.exception("practice-broken", request=str(request_id))
        finally:
            rehearsal.token = b""
            await self._end(request_id, rehearsal.call, practice.OVER if rehearsal.call else reason)
            self._live.pop(request_id, None)

    async def _play(self, request_id: UUID, rehearsal: Rehearsal) -> str:
        """Shows the ring, takes it, and stays until the simulated doctor has gone. Returns why it is over."""
        begun = asyncio.get_running_loop().time()
        async with _simulated_doctor() as child:
            await asyncio.sleep(SHOWS_AFTER)
            if not await self._told(request_id, practice.show):
                return practice.OVER
            if await _line(child) != b"ready\n":
                return practice.BROKEN
            await asyncio.sleep(begun + ACCEPTS_AFTER - asyncio.get_running_loop().time())
            rehearsal.call = await self._told(request_id, practice.accept)
            if rehearsal.call is None:
                return practice.OVER
            await _send(child, await self._order(rehearsal.call, rehearsal))
            await child.wait()
        return practice.OVER

    async def _told(self, request_id: UUID, deed: Callable[[Act, UUID], Awaitable[Any]]) -> Any:
        """One step of the simulated doctor; the worker's page hears of it."""
        async with self._act() as act:
            done = await deed(act, request_id)
        await self._desk.changed(request_id)
        return done

    async def _order(self, call: UUID, rehearsal: Rehearsal) -> dict[str, Any]:
        token = secrets.token_urlsafe(32)
        rehearsal.token = _digest(token)
        return {"door": str(await self._door.open()), "token": token, "call": str(call), "says": rehearsal.script.says}

    async def _end(self, request_id: UUID, call: UUID | None, reason: str) -> None:
        """Whatever is left is over. While the records cannot be written, the next start does it."""
        with suppress(RecordsError):
            await self._write_end(request_id, reason)
            if call is not None:
                await self._calls.moved(call)
            await self._desk.changed(request_id)

    async def _write_end(self, request_id: UUID, reason: str) -> None:
        """Again, where the worker's move (leaving, say) came between reading and writing: by then it is written, so no wait."""
        for _ in range(TRIES - 1):
            with suppress(Conflict):
                return await self._over(request_id, reason)
        await self._over(request_id, reason)

    async def _over(self, request_id: UUID, reason: str) -> None:
        async with self._act() as act:
            await practice.end(act, request_id, reason)

    def _act(self) -> Any:
        return self._archive.act(Actor.of_system("practice"))


@asynccontextmanager
async def _simulated_doctor() -> AsyncIterator[asyncio.subprocess.Process]:
    """The child, which is gone after the block: no environment, no open files of ours, no keyboard's Ctrl+C."""
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-s", "-m", "telehealth.simulated_doctor", cwd=ROOT, env={}, start_new_session=True,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL)
    try:
        yield child
    finally:
        if child.returncode is None:
            with suppress(ProcessLookupError):
                child.kill()
        await child.wait()


async def _line(child: asyncio.subprocess.Process) -> bytes:
    assert child.stdout is not None
    return await child.stdout.readline()


async def _send(child: asyncio.subprocess.Process, order: dict[str, Any]) -> None:
    assert child.stdin is not None
    with suppress(ConnectionError):
        child.stdin.write(json.dumps(order).encode() + b"\n")
        await child.stdin.drain()
    child.stdin.close()


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
