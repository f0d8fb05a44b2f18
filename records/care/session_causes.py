"""What went wrong in a session, from its time line and the figures of both sides: facts in order of weight, words elsewhere.

Pure; no database. A cause says only what rows say; where it is a guess, ``sure`` is False and the words say "perhaps".

- at the start: ``not-joined`` (a side never came), ``no-path`` (no way to each other), ``no-media``, ``slow-start``
- cuts: ``power-lost``, ``closed`` (the page), ``left``, ``network-lost``, ``both-lost``, ``relay-lost``, ``network-changed``,
  ``media-lost`` (nobody's, as far as is known)
- a line that was there: ``voice-failed``, ``weak-line`` (side: who sent on it, or both), ``slow-line``
- beside it: ``microphone-fault``, ``camera-fault``, ``server-restarted``, ``too-long`` (the four hours of a call were over)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

from records.care import session_cuts, session_rungs, session_weakness
from records.care.call_events import Event, Sample
from records.care.session_cuts import SIDES, Cut
from records.care.session_weakness import Weakness

KINDS = (   # by weight: what ends a call before what disturbs it
    "not-joined", "no-path", "no-media", "power-lost", "network-lost", "both-lost", "closed", "left", "relay-lost",
    "network-changed", "media-lost", "voice-failed", "weak-line", "slow-line", "microphone-fault", "camera-fault", "slow-start",
    "too-long", "server-restarted",
)
MINOR = frozenset({"slow-start", "too-long", "server-restarted"})      # worth a word, not an alarm
WITHOUT_VOICE = ("voice-notes", "text")
LONG_START = 30             # seconds to connect, both being there: the call's own patience
FAILED_SAMPLES = 2          # twenty seconds without voice are a trouble


@dataclass(frozen=True, kw_only=True)
class Cause:
    """One trouble. ``back``: it passed. ``side``: whose, "both", or empty when that is not known; ``detail``: a code or two.

    ``seconds``: how long, 0 when that says nothing. The figures are 0 when they are not the reason.
    """

    kind: str
    at: datetime
    side: str = ""
    seconds: int = 0
    back: bool = True
    sure: bool = True
    detail: str = ""
    rung: str = ""
    lost_percent: int = 0
    available_kbps: int = 0
    round_trip_ms: int = 0


def causes(events: Sequence[Event], samples: Sequence[Sample]) -> list[Cause]:
    """All troubles, the weightiest first: what did not pass, then by KINDS, then the longest."""
    cuts = session_cuts.cuts(events)
    calm = [sample for sample in samples if not any(cut.covers(sample.at) for cut in cuts)]
    found = chain(_start(events), _cuts(cuts, events, samples), _voice(samples), _weak(calm), _devices(events),
                  _rest(events, cuts))
    return sorted(found, key=lambda one: (one.back, KINDS.index(one.kind), -one.seconds, one.at))


def _start(events: Sequence[Event]) -> Iterator[Cause]:
    """How the connection began, or did not."""
    over = next((event for event in events if event.kind in ("ended", "failed") and event.detail != "cancelled"), None)
    together = next((event for event in events if event.kind == "connecting"), None)
    connected = next((event for event in events if event.kind == "connected"), None)
    if over is not None and over.detail == "not-joined":
        there = {event.side for event in events if event.kind == "entered"}
        yield from (Cause(kind="not-joined", at=over.at, side=side, back=False) for side in SIDES if side not in there)
    elif together is not None and connected is None and (over or _gave_up(events)):
        yield _no_way(together, events)
    elif together is not None and connected is not None and (connected.at - together.at).total_seconds() > LONG_START:
        yield Cause(kind="slow-start", at=together.at, seconds=round((connected.at - together.at).total_seconds()))


def _gave_up(events: Sequence[Event]) -> bool:
    return any(event.kind == "not-connected" for event in events)


def _no_way(together: Event, events: Sequence[Event]) -> Cause:
    """What stood in the way, by what the pages found; what is missing on one side weighs more than what failed on both."""
    told = {event.detail: event for event in events if event.kind == "path-failed"}
    for detail in ("no-local", "no-remote", "no-relay", "with-relay"):
        if detail in told:
            side = told[detail].side if detail in ("no-local", "no-remote") else ""
            return Cause(kind="no-path", at=together.at, side=side, detail=detail, back=False, sure=False)
    gone = [event for event in events if event.kind in ("away", "gone") and event.at >= together.at]
    if len({event.side for event in gone}) == 1:
        kind = "closed" if gone[0].detail == "closed" else "network-lost"
        return Cause(kind=kind, at=gone[0].at, side=gone[0].side, back=False)
    return Cause(kind="no-media", at=together.at, back=False)


def _cuts(cuts: Iterable[Cut], events: Sequence[Event], samples: Sequence[Sample]) -> Iterator[Cause]:
    finished = any(event.kind == "ended" and event.detail == "finished" for event in events)
    for cut in cuts:
        blame = session_cuts.blame(cut, events, samples)
        back = cut.end is not None
        if blame.kind in ("left", "closed") and not back and finished:
            continue        # people part when they are done, and the doctor writes on
        yield Cause(kind=blame.kind, at=cut.lost.at, side=blame.side, seconds=max(cut.seconds, blame.seconds), back=back,
                    sure=blame.sure, detail=blame.detail)


def _voice(samples: Sequence[Sample]) -> Iterator[Cause]:
    """Whose voice itself no longer passed."""
    silent = {side: [one for one in samples if one.side == side and one.rung in WITHOUT_VOICE] for side in SIDES}
    failed = {side: found for side, found in silent.items() if len(found) >= FAILED_SAMPLES}
    if failed:
        most = max(failed.values(), key=len)
        yield Cause(kind="voice-failed", at=min(found[0].at for found in failed.values()) - session_rungs.SAMPLE,
                    side="both" if len(failed) == 2 else next(iter(failed)), seconds=10 * len(most),
                    rung=session_rungs.lowest([one.rung for found in failed.values() for one in found]))


def _weak(samples: Sequence[Sample]) -> Iterator[Cause]:
    found = [one for side in SIDES if (one := session_weakness.weakness(samples, side)) is not None]
    if len(found) == 2:
        worse = max(found, key=lambda one: (one.lost_percent, one.seconds))
        rung = session_rungs.lowest([one.rung for one in found])
        yield _line(worse, side="both", at=min(one.at for one in found), rung=rung)
    yield from (_line(one, side=one.side, at=one.at, rung=one.rung) for one in found if len(found) == 1)
    slow = session_weakness.slowness(samples)
    if slow is not None:
        yield Cause(kind="slow-line", at=slow.at, seconds=slow.seconds, round_trip_ms=slow.round_trip_ms)


def _line(one: Weakness, *, side: str, at: datetime, rung: str) -> Cause:
    return Cause(kind="weak-line", at=at, side=side, seconds=one.seconds, rung=rung, lost_percent=one.lost_percent,
                 available_kbps=one.available_kbps)


def _devices(events: Sequence[Event]) -> Iterator[Cause]:
    """The first fault of each device of each side."""
    seen: set[tuple[str, str]] = set()
    for event in events:
        if event.kind in ("microphone-fault", "camera-fault") and (event.kind, event.side) not in seen:
            seen.add((event.kind, event.side))
            yield Cause(kind=event.kind, at=event.at, side=event.side, detail=event.detail)


def _rest(events: Sequence[Event], cuts: Sequence[Cut]) -> Iterator[Cause]:
    """A restart that no cut tells of already: media goes from browser to browser and went on. And the call's longest life."""
    for event in events:
        if event.kind == "restarted" and not any(cut.covers(event.at) for cut in cuts):
            yield Cause(kind="server-restarted", at=event.at, detail="went-on")
        elif event.kind == "ended" and event.detail == "too-long":
            yield Cause(kind="too-long", at=event.at)
