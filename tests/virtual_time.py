"""Time that moves only when a test moves it: the clock of instants and the timers of the monotonic clock, together."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count

from telehealth.deadlines import Deadlines
from tests.builders import MORNING


@dataclass(order=True)
class Timer:
    """A function that waits for its moment."""

    due: float
    number: int
    callback: Callable[[], None] = field(compare=False)
    cancelled: bool = field(default=False, compare=False)

    def cancel(self) -> None:
        self.cancelled = True


class VirtualTime:
    """``clock`` for the archive, ``later`` for the deadlines. A jump of the clock moves no timer."""

    def __init__(self, now: datetime = MORNING) -> None:
        self.now = now
        self._elapsed = 0.0
        self._timers: list[Timer] = []
        self._numbers = count()

    def clock(self) -> datetime:
        return self.now

    def later(self, delay: float, callback: Callable[[], None], /) -> Timer:
        timer = Timer(self._elapsed + delay, next(self._numbers), callback)
        heapq.heappush(self._timers, timer)
        return timer

    def jump(self, **span: float) -> None:
        """Somebody sets the clock; no time passes."""
        self.now += timedelta(**span)

    async def forward(self, deadlines: Deadlines, *, seconds: float) -> None:
        """Let time pass; everything that falls due is handled before it goes on."""
        end = self._elapsed + seconds
        while self._timers and self._timers[0].due <= end:
            timer = heapq.heappop(self._timers)
            if timer.cancelled:
                continue
            self._pass_until(timer.due)
            timer.callback()
            await deadlines.settle()
        self._pass_until(end)

    def _pass_until(self, moment: float) -> None:
        self.now += timedelta(seconds=moment - self._elapsed)
        self._elapsed = moment
