"""Each loss of picture and sound in a call, and whose it was, from what sockets and pages told. Pure; no database.

A side whose socket went too lost its network; when both went the server or something they share did; when neither went the
path between them broke. Nothing is claimed that no row says: then it is a plain gap.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from records.care.call_events import Event, Sample

NOTICED = timedelta(seconds=25)     # a dead socket is noticed up to 12 s after the media, a late report comes after the return
POWER = timedelta(minutes=2)        # mains that go this close to the cut are taken for its reason
TOGETHER = timedelta(seconds=10)    # what a side could not tell while it was out comes after the return, as one more short loss
SIDES = ("worker", "doctor")


@dataclass(frozen=True)
class Cut:
    """From the first report of lost media to its return; ``end`` None: it never came back. ``over``: when that was certain."""

    lost: Event
    end: datetime | None
    over: datetime

    @property
    def seconds(self) -> int:
        return max(1, round((self.over - self.lost.at).total_seconds()))

    def covers(self, at: datetime) -> bool:
        return self.lost.at <= at <= self.over + NOTICED


@dataclass(frozen=True)
class Blame:
    """Why a cut happened. ``kind`` as in session_causes; ``seconds`` as the side itself measured it, if it did."""

    kind: str
    side: str = ""
    seconds: int = 0
    detail: str = ""
    sure: bool = True


def cuts(events: Sequence[Event]) -> list[Cut]:
    """The cuts of a call that had been connected, oldest first; those while a finish was armed are none.

    What is lost again within TOGETHER of its return is the same cut.
    """
    found: list[Cut] = []
    lost: Event | None = None
    connected = finishing = False
    for event in events:
        if event.kind in ("finish-armed", "finish-undone"):
            finishing = event.kind == "finish-armed"
        elif event.kind == "reconnecting" and connected and not finishing:
            again = found and event.at - found[-1].over <= TOGETHER
            lost = lost or (found.pop().lost if again else event)
        elif event.kind in ("connected", "ended", "failed"):
            connected = True
            if lost is not None:
                found.append(Cut(lost, event.at if event.kind == "connected" else None, event.at))
            lost = None
    if lost is not None:
        found.append(Cut(lost, None, max(events[-1].at, lost.at)))
    return found


def blame(cut: Cut, events: Sequence[Event], samples: Sequence[Sample]) -> Blame:
    """Whose the cut was, as far as the rows say."""
    deed = _deed(cut, events)
    if deed is not None:
        return deed
    out = {side: seconds for side in SIDES if (seconds := _out(cut, events, side)) is not None}
    if len(out) == 2:
        return Blame("server-restarted" if _restarted(cut, events) else "both-lost", sure=False)
    if len(out) == 1:
        [(side, seconds)] = out.items()
        return _network(cut, events, samples, side, seconds)
    return _between(cut, samples)


def _deed(cut: Cut, events: Sequence[Event]) -> Blame | None:
    """Somebody left on purpose, or a page was closed."""
    for event in events:
        if event.kind == "left" and abs(event.at - cut.lost.at) <= timedelta(seconds=2):
            return Blame("left", event.side)
        if event.kind == "away" and event.detail == "closed" and -NOTICED <= event.at - cut.lost.at <= timedelta(seconds=5):
            return Blame("closed", event.side)
    return None


def _out(cut: Cut, events: Sequence[Event], side: str) -> int | None:
    """How long this side's own line was out during the cut, 0 when only its socket says so, None when it was not."""
    mine = [event for event in events if event.side == side]
    told = [(event.at, int(event.detail)) for event in mine if event.kind == "line-out" and event.detail.isdecimal()]
    during = [seconds for at, seconds in told if at >= cut.lost.at and at - timedelta(seconds=seconds) <= cut.over]
    if during:
        return max(during)
    dropped = any(event.kind == "away" and cut.lost.at - NOTICED <= event.at <= cut.over for event in mine)
    return 0 if dropped else None


def _restarted(cut: Cut, events: Sequence[Event]) -> bool:
    return any(event.kind == "restarted" and cut.lost.at - NOTICED <= event.at <= cut.over + NOTICED for event in events)


def _network(cut: Cut, events: Sequence[Event], samples: Sequence[Sample], side: str, seconds: int) -> Blame:
    if _powerless(cut, events, side):
        return Blame("power-lost", side, seconds, sure=False)
    before, after = _around(cut, samples, side)
    if before is not None and after is not None and before.network and after.network and before.network != after.network:
        return Blame("network-changed", side, seconds, f"{before.network} {after.network}")
    return Blame("network-lost", side, seconds, before.network if before else "")


def _powerless(cut: Cut, events: Sequence[Event], side: str) -> bool:
    """The mains went about then, or the battery was low before and the side never came back."""
    told = [event for event in events if event.side == side and event.kind in ("power-mains", "power-battery", "power-low")]
    if any(event.kind != "power-mains" and abs(event.at - cut.lost.at) <= POWER for event in told):
        return True
    # What happened to the plug during the cut is told on return.
    if any(event.kind != "power-mains" and cut.lost.at <= event.at <= cut.over + NOTICED for event in told):
        return True
    before = [event.kind for event in told if event.at <= cut.lost.at]
    return cut.end is None and bool(before) and before[-1] == "power-low"


def _between(cut: Cut, samples: Sequence[Sample]) -> Blame:
    """Neither socket went: the path between the sides broke, or one side's network changed unnoticed."""
    for side in SIDES:
        before, after = _around(cut, samples, side)
        if before is None or after is None:
            continue
        if before.network and after.network and before.network != after.network:
            return Blame("network-changed", side, detail=f"{before.network} {after.network}")
        if before.path.startswith("relay") and after.path and after.path != before.path:
            return Blame("relay-lost", sure=False)
    return Blame("media-lost", sure=False)


def _around(cut: Cut, samples: Sequence[Sample], side: str) -> tuple[Sample | None, Sample | None]:
    mine = [sample for sample in samples if sample.side == side]
    before = next((sample for sample in reversed(mine) if sample.at <= cut.lost.at), None)
    after = next((sample for sample in mine if cut.end is not None and sample.at > cut.end), None)
    return before, after
