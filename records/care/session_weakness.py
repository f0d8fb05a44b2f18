"""A line that was there but weak: which direction, since when, how long, and to which rung it pressed the sender. Pure.

A direction is named by its sender. It is weak in ten seconds in which the other side lost packets or voice, or in which the
sender itself found too little room; half a minute of it makes a trouble.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import fmean

from records.care import session_rungs
from records.care.call_events import Sample
from records.care.session_rungs import OTHER, SAMPLE

LOST = 5.0              # percent of packets: a careful voice still holds, a picture does not
CONCEALED = 5.0         # percent of the voice made up
NARROW = 100.0          # kbit/s: below it no moving picture (weak-link.md, 1)
SLOW = 800.0            # ms round trip: people talk into each other
SAMPLES_AT_LEAST = 3    # half a minute
BRIDGED = timedelta(seconds=21)     # one good sample between two weak ones ends nothing


@dataclass(frozen=True)
class Weakness:
    """``seconds`` in all; the figures are means of the weak samples, 0 when they are not the reason."""

    side: str
    at: datetime
    seconds: int
    lost_percent: int = 0
    available_kbps: int = 0
    round_trip_ms: int = 0
    rung: str = ""


def weakness(samples: Sequence[Sample], side: str) -> Weakness | None:
    """How weak the direction in which ``side`` sends was, or None. ``samples`` without those around cuts."""
    mine = [sample for sample in samples if sample.side == side]
    theirs = [sample for sample in samples if sample.side == OTHER[side]]
    lossy = episodes(theirs, lambda one: one.lost_percent >= LOST or one.concealed_percent >= CONCEALED)
    narrow = episodes(mine, lambda one: 0 < one.available_kbps < NARROW and session_rungs.lower(one.rung, "small"))
    weak = sorted({one.at for one in (*lossy, *narrow)})
    if not weak:
        return None
    return Weakness(
        side, weak[0] - SAMPLE, _seconds(weak), rung=_pressed(mine, weak),
        lost_percent=round(fmean(one.lost_percent for one in lossy)) if lossy else 0,
        available_kbps=round(fmean(one.available_kbps for one in narrow)) if narrow and not lossy else 0)


def slowness(samples: Sequence[Sample]) -> Weakness | None:
    """How long answers took too long: a round trip is both directions, so no side is named."""
    slow = episodes(samples, lambda one: one.round_trip_ms >= SLOW)
    if not slow:
        return None
    instants = sorted({one.at for one in slow})
    return Weakness("", instants[0] - SAMPLE, _seconds(instants), round_trip_ms=round(fmean(one.round_trip_ms for one in slow)))


def episodes(samples: Sequence[Sample], is_weak: Callable[[Sample], bool]) -> list[Sample]:
    """The weak samples that lie in a run of at least half a minute; shorter ones are weather."""
    found: list[Sample] = []
    run: list[Sample] = []
    for sample in filter(is_weak, samples):
        if run and sample.at - run[-1].at > BRIDGED:
            found += run if _lasts(run) else []
            run = []
        run.append(sample)
    return found + (run if _lasts(run) else [])


def _lasts(run: Sequence[Sample]) -> bool:
    return bool(run) and run[-1].at - run[0].at >= (SAMPLES_AT_LEAST - 1) * SAMPLE


def _seconds(instants: Collection[datetime]) -> int:
    """Reports of the two sides fall apart by some seconds: ten seconds are counted once."""
    counted: list[datetime] = []
    for instant in instants:
        if not counted or instant - counted[-1] > SAMPLE / 2:
            counted.append(instant)
    return len(counted) * round(SAMPLE.total_seconds())


def _pressed(mine: Sequence[Sample], weak: Sequence[datetime]) -> str:
    """The lowest rung of the sender in the weak time, if it was not on it all along before."""
    until = weak[-1] + 2 * SAMPLE
    during = session_rungs.lowest([one.rung for one in mine if weak[0] - SAMPLE <= one.at <= until])
    return during if any(session_rungs.lower(during, one.rung) for one in mine) else ""
