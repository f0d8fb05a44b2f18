"""What the time line of one session draws: bands of the call and of what each side sent; curves of rate, loss and delay.

Figures are told by direction: what the station sends is measured where it arrives, at the doctor.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from records.care import session_cuts, session_rungs
from records.care.call_events import Event, Sample
from records.care.session_cuts import SIDES
from records.care.session_facts import Facts
from records.care.session_rungs import OTHER
from web import dates
from web.cause_words import RUNGS
from web.i18n import N_
from web.timeline import Axis, Band, Curve, Tick

NAMES = {"ring": N_("Chuông"), "video": N_("Có hình và tiếng"), "cut": N_("Mất kết nối"), "write": N_("Viết và ký")}
SENDS = {"worker": N_("Trạm gửi"), "doctor": N_("Bác sĩ gửi")}
TRACKS = (
    ("received_kbps", N_("Tốc độ"), "kb/s"), ("lost_percent", N_("Mất gói"), "%"), ("round_trip_ms", N_("Độ trễ"), "ms"),
)
LETTER = 7.5                # pixels of a small letter
WIDE, NARROW = 900, 280     # pixels of a track on a desk and on a phone, a little less than they are


@dataclass(frozen=True)
class Track:
    """One measurement over the call, for each direction by its sender, on one scale."""

    name: str
    unit: str
    highest: float
    curves: dict[str, list[Curve]]


@dataclass(frozen=True)
class Lane:
    """What one side sent. ``shares``: rung and percent, the most used first; ``cuts``: where nothing passed."""

    side: str
    name: str
    bands: list[Band]
    cuts: list[Band]
    shares: list[tuple[str, int]]


@dataclass(frozen=True)
class Drawing:
    """The whole picture. ``signed`` is where the signature stands, in percent, or empty; ``over`` when on a picture's band."""

    bands: list[Band]
    lanes: list[Lane]
    tracks: list[Track]
    ticks: list[Tick]
    signed: str
    over: bool
    names: dict[str, str]
    rungs: dict[str, str]


def draw(facts: Facts, now: datetime) -> Drawing:
    """The drawing of a session, up to ``now`` while it goes on."""
    end = facts.session.ended_at or now
    axis = Axis.over([facts.session.asked_at, end, *(event.at for event in facts.events)])
    lanes = list(_lanes(axis, facts))
    used = {rung for lane in lanes for rung, _ in lane.shares}
    signed = f"{axis.place(facts.signed_at):.2f}%" if facts.signed_at else ""
    bands = list(_bands(axis, facts, end))
    place = axis.place(facts.signed_at) if facts.signed_at else -1.0
    over = any(band.kind == "video" and band.start <= place <= band.start + band.length for band in bands)
    return Drawing(bands, lanes, list(_tracks(axis, facts.samples)), axis.ticks(dates.ZONE), signed, over, NAMES,
                   {rung: name for rung, name in RUNGS.items() if rung in used})


def room_for(word: str, band: Band) -> str:
    """Where the band is long enough for its word: "always", "wide" (not on a phone), or "never"."""
    if len(word) * LETTER <= band.length * NARROW / 100:
        return "always"
    return "wide" if len(word) * LETTER <= band.length * WIDE / 100 else "never"


def rung_top(rung: str, words: int = 38) -> int:
    """Where the bar of a rung begins, in percent from above: the better the rung the higher, below the room for ``words``."""
    step = (100 - words) / (len(RUNGS) + 1)
    return round(words + step * list(RUNGS).index(rung))


def _lanes(axis: Axis, facts: Facts) -> Iterator[Lane]:
    cuts = [axis.band("cut", cut.lost.at, cut.over) for cut in session_cuts.cuts(facts.events)]
    for side in SIDES:
        used = session_rungs.counts(facts.samples, side)
        if not used:
            continue
        bands = [axis.band(one.rung, one.start, one.end) for one in session_rungs.stretches(facts.samples, side)]
        shares = [(rung, round(100 * count / sum(used.values()))) for rung, count in used.items()]
        yield Lane(side, SENDS[side], bands, cuts, sorted(shares, key=lambda pair: -pair[1]))


def _tracks(axis: Axis, samples: Sequence[Sample]) -> Iterator[Track]:
    if not samples:
        return
    there = [side for side in SIDES if any(sample.side == OTHER[side] for sample in samples)]
    for field, name, unit in TRACKS:
        highest = max(float(getattr(sample, field)) for sample in samples)
        curves = {side: axis.curves(_series(samples, OTHER[side], field), highest) for side in there}
        yield Track(name, unit, highest, curves)


def _series(samples: Sequence[Sample], side: str, field: str) -> list[tuple[datetime, float]]:
    return [(sample.at, float(getattr(sample, field))) for sample in samples if sample.side == side]


def _bands(axis: Axis, facts: Facts, end: datetime) -> Iterator[Band]:
    session = facts.session
    accepted = next((event.at for event in facts.events if event.kind in ("accepted", "opened")), end)
    yield axis.band("ring", session.asked_at, accepted)
    yield from (axis.band(kind, start, stop) for kind, start, stop in _spans(facts.events, end))
    over = next((event.at for event in facts.events if event.kind in ("ended", "failed")), None)
    if facts.signed_at is not None and over is not None and facts.signed_at > over:
        yield axis.band("write", over, facts.signed_at)


def _spans(events: Sequence[Event], end: datetime) -> Iterator[tuple[str, datetime, datetime]]:
    """Stretches of picture and of cut, from the moves of the call."""
    kinds = {"connected": "video", "reconnecting": "cut", "ended": "", "failed": ""}
    moves = [(kinds[event.kind], event.at) for event in events if event.kind in kinds]
    for (kind, start), (_, stop) in pairwise([*moves, ("", end)]):
        if kind:
            yield kind, start, stop
