"""What happens by the clock: pings and leases, who came and went, whose login ended. One look per half second."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable

from signaling.house import House
from signaling.presence import Presence

LOOK = 0.5                      # seconds; pings in a call are 2 s apart
PAUSE = 2.0                     # seconds until the house is told again what it failed to hear

log = logging.getLogger(__name__)


class Watch:
    """Sweeps the sessions and keeps the house told. ``look`` makes it look at once."""

    def __init__(self, presence: Presence, house: House) -> None:
        self._presence, self._house = presence, house
        self._told: set[str] = set()            # participants whom the house knows to be online
        self._change = asyncio.Event()

    def look(self) -> None:
        self._change.set()

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        tasks = [asyncio.create_task(self._sweep()), asyncio.create_task(self._announce()), asyncio.create_task(self._revoke())]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _sweep(self) -> None:
        while True:
            try:
                self._presence.sessions.sweep()
            except Exception:
                log.exception("a look at the sessions failed")
            self._change.set()
            await asyncio.sleep(LOOK)

    async def _announce(self) -> None:
        while True:
            await self._change.wait()
            self._change.clear()
            online = self._presence.online()
            told = [await self._tell(self._house.online, participant) for participant in online - self._told]
            told += [await self._tell(self._house.offline, participant) for participant in self._told - online]
            if not all(told):
                await asyncio.sleep(PAUSE)

    async def _tell(self, tell: Callable[[str], Awaitable[None]], participant: str) -> bool:
        try:
            await tell(participant)
        except Exception:
            log.exception("the house was not told who is reachable: participant %s", participant)
            return False
        self._told ^= {participant}
        return True

    async def _revoke(self) -> None:
        while True:
            await asyncio.sleep(self._presence.sessions.limits.revocations)
            logins = self._presence.logins()
            try:
                ended = await self._house.revoked(logins) if logins else {}
            except Exception:
                log.exception("ended logins could not be read")
                continue
            for login, closing in ended.items():
                self._presence.dismiss(closing, login=login)
