"""What the time line of one session draws: bands of ring, picture, cut and writing; curves of rate, loss and delay."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from records.care.call_events import Event, Sample
from records.care.session_facts import Facts
from web import dates
from web.i18n import N_
from web.timeline import Axis, Band, Curve, Tick

NAMES = {"ring": N_("Chuông"), "video": N_("Có hình và tiếng"), "cut": N_("Mất kết nối"), "write": N_("Viết và ký")}
TRACKS = (
    ("received_kbps", N_("Tốc độ"), "kb/s"), ("lost_percent", N_("Mất gói"), "%"), ("round_trip_ms", N_("Độ trễ"), "ms"),
)


@dataclass(frozen=True)
class Track:
    """One measurement over the call, as one side received it."""

    name: str
    unit: str
    curve: Curve


@dataclass(frozen=True)
class Drawing:
    """The whole picture. ``signed`` is where the signature stands, in percent, or empty; ``over`` when on a picture's band."""

    bands: list[Band]
    tracks: list[Track]
    ticks: list[Tick]
    signed: str
    over: bool
    names: dict[str, str]


def draw(facts: Facts, now: datetime) -> Drawing:
    """The drawing of a session. Rate, loss and delay are those of the station, else of the doctor."""
    session = facts.session
    end = session.ended_at or now
    axis = Axis.over([session.asked_at, end, *(event.at for event in facts.events)])
    side = "worker" if any(sample.side == "worker" for sample in facts.samples) else "doctor"
    samples = [sample for sample in facts.samples if sample.side == side]
    tracks = [Track(name, unit, axis.curve(_series(samples, field))) for field, name, unit in TRACKS] if samples else []
    signed = f"{axis.place(facts.signed_at):.2f}%" if facts.signed_at else ""
    bands = list(_bands(axis, facts, end))
    place = axis.place(facts.signed_at) if facts.signed_at else -1.0
    over = any(band.kind == "video" and band.start <= place <= band.start + band.length for band in bands)
    return Drawing(bands, tracks, axis.ticks(dates.ZONE), signed, over, NAMES)


def _series(samples: Sequence[Sample], field: str) -> list[tuple[datetime, float]]:
    return [(sample.at, float(getattr(sample, field))) for sample in samples]


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
