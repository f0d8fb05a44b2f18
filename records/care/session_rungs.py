"""What each side sent over a call, from its samples: rungs as shares, as stretches, as changes. Pure; no database.

Rungs, from the best line to the worst: clear, medium, small, stills, voice, voice-notes, text.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from records.care.call_events import Sample

RUNGS = ("clear", "medium", "small", "stills", "voice", "voice-notes", "text")
OTHER = {"worker": "doctor", "doctor": "worker"}
SAMPLE = timedelta(seconds=10)          # what one sample covers, up to its instant
TOGETHER = timedelta(seconds=16)        # samples further apart than this leave a gap: a report may come late


@dataclass(frozen=True)
class Stretch:
    """One side on one rung, without a gap."""

    rung: str
    start: datetime
    end: datetime


@dataclass(frozen=True)
class Change:
    """One side went from one rung to another; the figures are those of the direction in which it sends.

    ``lost_percent`` as the other side received it in these ten seconds; ``available_kbps`` as this side guessed it, 0: unknown.
    """

    at: datetime
    side: str
    before: str
    after: str
    lost_percent: float
    round_trip_ms: float
    available_kbps: float

    @property
    def is_down(self) -> bool:
        return lower(self.after, self.before)


def lower(rung: str, than: str) -> bool:
    """Whether ``rung`` carries less than ``than``; False when either is unknown."""
    return rung in RUNGS and than in RUNGS and RUNGS.index(rung) > RUNGS.index(than)


def lowest(rungs: Sequence[str]) -> str:
    """The rung that carries least; empty when none is known."""
    return max((rung for rung in rungs if rung in RUNGS), key=RUNGS.index, default="")


def counts(samples: Sequence[Sample], side: str) -> dict[str, int]:
    """How many samples ``side`` spent sending on each rung, the best rung first; rungs it never used are left out."""
    found = Counter(sample.rung for sample in samples if sample.side == side)
    return {rung: found[rung] for rung in RUNGS if found[rung]}


def dominating(used: dict[str, int]) -> tuple[str, int]:
    """The rung used most and its share in whole percent; ("", 0) when nothing is known. Of two equals the lower one."""
    rung = max(used, key=lambda one: (used[one], RUNGS.index(one)), default="")
    return (rung, round(100 * used[rung] / sum(used.values()))) if rung else ("", 0)


def stretches(samples: Sequence[Sample], side: str) -> list[Stretch]:
    """What ``side`` sent, oldest first; a gap between two stretches means that nothing was reported."""
    found: list[Stretch] = []
    for sample in samples:
        if sample.side != side or sample.rung not in RUNGS:
            continue
        last = found[-1] if found else None
        joined = last is not None and sample.at - last.end <= TOGETHER
        if last is not None and joined and last.rung == sample.rung:
            found[-1] = Stretch(last.rung, last.start, sample.at)
        else:
            found.append(Stretch(sample.rung, last.end if last and joined else sample.at - SAMPLE, sample.at))
    return found


def changes(samples: Sequence[Sample], side: str) -> Iterator[Change]:
    """Every change of ``side``, oldest first, with the figures that go with it."""
    mine = [sample for sample in samples if sample.side == side and sample.rung in RUNGS]
    theirs = [sample for sample in samples if sample.side == OTHER[side]]
    for before, after in pairwise(mine):
        if before.rung != after.rung:
            heard = nearest(theirs, after.at)
            yield Change(after.at, side, before.rung, after.rung, heard.lost_percent if heard else 0.0,
                         after.round_trip_ms, after.available_kbps)


def nearest(samples: Sequence[Sample], at: datetime) -> Sample | None:
    """The sample that lies closest to ``at``, if it covers nearly the same ten seconds."""
    found = min(samples, key=lambda sample: abs(sample.at - at), default=None)
    return found if found is not None and abs(found.at - at) <= SAMPLE else None
