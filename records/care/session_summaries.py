"""What the log says of a session in a row without reading its figures: made once, when its call is over.

The page of one session works everything out anew from the time line; this is only what lists, filters and spreadsheets need.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from statistics import fmean
from uuid import UUID

from sqlalchemy import select

from records.acts import Act
from records.care import call_events, session_causes, session_rungs, tables
from records.care.call_events import Sample
from records.care.session_cuts import SIDES
from records.care.session_rungs import OTHER, RUNGS

COLUMNS = {rung: rung.replace("-", "_") for rung in RUNGS}


@dataclass(frozen=True, kw_only=True)
class Sent:
    """What one side sent: samples of ten seconds by rung; means in percent, ms and kbit/s, loss and voice where it arrived."""

    used: dict[str, int]
    lost_percent: float
    concealed_percent: float
    round_trip_ms: float
    kbps: float


@dataclass(frozen=True, kw_only=True)
class Summary:
    """``cause``: the weightiest kind of session_causes, with ``cause_side``; empty when nothing went wrong."""

    cause: str = ""
    cause_side: str = ""
    sent: dict[str, Sent] = field(default_factory=dict)

    @property
    def is_grave(self) -> bool:
        return self.cause not in ("", *session_causes.MINOR)

    @property
    def rung(self) -> tuple[str, int]:
        """What the station sent most, and its share in percent; without figures of the station what the doctor sent."""
        known = next((self.sent[side] for side in SIDES if side in self.sent and self.sent[side].used), None)
        return session_rungs.dominating(known.used) if known else ("", 0)


NOTHING = Summary()


async def keep(act: Act, call: tables.Call) -> None:
    """Write the summary of a call that has just ended; its last row of the time line is written already."""
    if call.practice:
        return
    samples = await call_events.samples(act, call.id)
    causes = session_causes.causes(await call_events.for_request(act, call.request_id), samples)
    if causes:
        asked_at = (await act.db.get_one(tables.Request, call.request_id)).asked_at
        act.db.add(tables.SessionCause(request_id=call.request_id, asked_at=asked_at, kind=causes[0].kind, side=causes[0].side))
    for side in SIDES:
        if any(sample.side == side for sample in samples):
            act.db.add(_row(call.request_id, side, sent(samples, side)))
    await act.db.flush()


def sent(samples: Sequence[Sample], side: str) -> Sent:
    """The means of a direction. Loss and voice are measured by the other side, 0 when it told nothing."""
    mine = [sample for sample in samples if sample.side == side]
    theirs = [sample for sample in samples if sample.side == OTHER[side]]
    return Sent(
        used=session_rungs.counts(samples, side), lost_percent=_mean([one.lost_percent for one in theirs]),
        concealed_percent=_mean([one.concealed_percent for one in theirs]),
        round_trip_ms=_mean([one.round_trip_ms for one in mine]), kbps=_mean([one.sent_kbps for one in mine]))


async def of(act: Act, request_ids: Collection[UUID]) -> dict[UUID, Summary]:
    """The summaries that there are. Access is the caller's to check."""
    causes = {row.request_id: row for row in await act.db.scalars(
        select(tables.SessionCause).where(tables.SessionCause.request_id.in_(request_ids)))}
    sides: dict[UUID, dict[str, Sent]] = {}
    for row in await act.db.scalars(select(tables.SessionSent).where(tables.SessionSent.request_id.in_(request_ids))):
        sides.setdefault(row.request_id, {})[row.side] = _value(row)
    return {
        one: Summary(cause=causes[one].kind if one in causes else "", cause_side=causes[one].side if one in causes else "",
                     sent=sides.get(one, {}))
        for one in causes.keys() | sides.keys()
    }


def _mean(values: Sequence[float]) -> float:
    return round(fmean(values), 2) if values else 0.0


def _row(request_id: UUID, side: str, one: Sent) -> tables.SessionSent:
    used = {column: one.used.get(rung, 0) for rung, column in COLUMNS.items()}
    return tables.SessionSent(request_id=request_id, side=side, lost_percent=one.lost_percent, kbps=one.kbps,
                              concealed_percent=one.concealed_percent, round_trip_ms=one.round_trip_ms, **used)


def _value(row: tables.SessionSent) -> Sent:
    used = {rung: getattr(row, column) for rung, column in COLUMNS.items()}
    return Sent(used={rung: count for rung, count in used.items() if count}, lost_percent=row.lost_percent, kbps=row.kbps,
                concealed_percent=row.concealed_percent, round_trip_ms=row.round_trip_ms)
