"""Alarms of what the database waits for. The instants lie in the database; here they run on the monotonic clock.

An alarm is named by kind and id and carries the instant it was set for: who is woken compares that with the row, so an alarm
of a state that has passed changes nothing, and a clock that is put back or forward makes nothing early or late.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

import structlog

AGAIN = 5.0                          # seconds until an alarm that could not be handled rings once more
AT_LEAST = timedelta(seconds=60)     # of every alarm that is set at start: pages come back first

Due = Callable[[UUID, datetime], Awaitable[None]]
log = structlog.get_logger()


class Handle(Protocol):
    """A timer that can be stopped; asyncio.TimerHandle is one."""

    def cancel(self) -> None: ...


class Timer(Protocol):
    """Runs a function after so many seconds of the monotonic clock; ``loop.call_later`` is one."""

    def __call__(self, delay: float, callback: Callable[[], None], /) -> Handle: ...


@dataclass(frozen=True)
class _Alarm:
    at: datetime
    handle: Handle


class Deadlines:
    """All alarms of this process. ``clock`` gives the present instant, ``later`` runs the timers."""

    def __init__(self, clock: Callable[[], datetime], later: Timer | None = None) -> None:
        self._clock = clock
        self._later = later
        self._due: dict[str, Due] = {}
        self._alarms: dict[tuple[str, UUID], _Alarm] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def on(self, kind: str, due: Due) -> None:
        """Call ``due(id, at)`` when an alarm of ``kind`` rings."""
        self._due[kind] = due

    def arm(self, kind: str, key: UUID, at: datetime | None, *, at_least: timedelta = timedelta(0)) -> None:
        """Set the one alarm of this thing; None takes it away. The same instant again leaves it running."""
        old = self._alarms.get((kind, key))
        if old is not None and old.at == at:
            return
        self.disarm(kind, key)
        if at is not None:
            self._set(kind, key, at, max(at - self._clock(), at_least).total_seconds())

    def disarm(self, kind: str, key: UUID) -> None:
        alarm = self._alarms.pop((kind, key), None)
        if alarm is not None:
            alarm.handle.cancel()

    def armed(self, kind: str) -> dict[UUID, datetime]:
        """What is waited for, by id."""
        return {key: alarm.at for (one, key), alarm in self._alarms.items() if one == kind}

    async def settle(self) -> None:
        """Wait until everything that rang so far has been handled."""
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def close(self) -> None:
        """Stop all alarms; what is being handled is finished."""
        for kind, key in list(self._alarms):
            self.disarm(kind, key)
        await self.settle()

    def _set(self, kind: str, key: UUID, at: datetime, delay: float) -> None:
        later = self._later or asyncio.get_running_loop().call_later
        self._alarms[kind, key] = _Alarm(at, later(max(0.0, delay), lambda: self._ring(kind, key, at)))

    def _ring(self, kind: str, key: UUID, at: datetime) -> None:
        self._alarms.pop((kind, key), None)
        task = asyncio.get_running_loop().create_task(self._handle(kind, key, at))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _handle(self, kind: str, key: UUID, at: datetime) -> None:
        try:
            await self._due[kind](key, at)
        except Exception:
            # The database may be away: what is due stays due.
            log.exception("deadline-not-handled", kind=kind, id=str(key))
            if (kind, key) not in self._alarms:
                self._set(kind, key, at, AGAIN)
