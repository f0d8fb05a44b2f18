"""The time line of a request and its call: what happened when, in codes; and what each side measured every ten seconds.

Kinds written by the call: opened, entered, left, gone, connecting, not-connected, connected, reconnecting, ended, failed,
finish-armed, finish-undone, restarted; by what a side switches: curtain-up, curtain-down, saver-on, saver-off. What pages and
sockets tell besides is in call_reports.py. The request writes its own
kinds through ``record``. Never a word about a patient.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from sqlalchemy import select

from records.acts import Act
from records.care import tables


@dataclass(frozen=True)
class Event:
    """One row of the time line. ``side``: worker, doctor or empty. ``detail``: a code or a whole number of seconds."""

    at: datetime
    kind: str
    practitioner_id: UUID | None
    side: str
    detail: str


@dataclass(frozen=True)
class Sample:
    """Ten seconds of one side: rates in kbit/s, shares in percent, times in milliseconds.

    Loss, concealed voice and jitter are of what this side received; ``rung`` and ``available_kbps`` of what it sent.
    """

    at: datetime
    side: str
    received_kbps: float = 0.0
    sent_kbps: float = 0.0
    lost_percent: float = 0.0
    round_trip_ms: float = 0.0
    rung: str = ""
    concealed_percent: float = 0.0
    jitter_ms: float = 0.0
    available_kbps: float = 0.0
    path: str = ""
    network: str = ""


class Measurement(Protocol):
    """What a page reports; signaling's Quality has this shape."""

    @property
    def received_kbps(self) -> float: ...
    @property
    def sent_kbps(self) -> float: ...
    @property
    def lost_percent(self) -> float: ...
    @property
    def round_trip_ms(self) -> float: ...
    @property
    def rung(self) -> str: ...
    @property
    def concealed_percent(self) -> float: ...
    @property
    def jitter_ms(self) -> float: ...
    @property
    def available_kbps(self) -> float: ...
    @property
    def path(self) -> str: ...
    @property
    def network(self) -> str: ...


MEASURED = tuple(name for name in Sample.__dataclass_fields__ if name not in ("at", "side"))


async def record(act: Act, request_id: UUID, kind: str, *, practitioner_id: UUID | None = None, side: str = "",
                 detail: str = "") -> None:
    """Write one row of the time line in this act."""
    act.db.add(tables.CallEvent(request_id=request_id, at=act.at, kind=kind, practitioner_id=practitioner_id,
                                side=side, detail=detail))
    await act.db.flush()


async def seat_of(act: Act, request_id: UUID, practitioner_id: UUID) -> str:
    """The side on which this person has sat in the call of this request; empty where they never did."""
    seats = select(tables.CallEvent.side).where(
        tables.CallEvent.request_id == request_id, tables.CallEvent.kind == "entered",
        tables.CallEvent.practitioner_id == practitioner_id)
    return await act.db.scalar(seats.limit(1)) or ""


async def measure(act: Act, call_id: UUID, side: str, measured: Measurement) -> None:
    """Keep ten seconds of one side's call."""
    figures = {name: getattr(measured, name) for name in MEASURED}
    act.db.add(tables.CallSample(call_id=call_id, side=side, at=act.at, **figures))
    await act.db.flush()


async def for_request(act: Act, request_id: UUID) -> list[Event]:
    """The whole time line, oldest first. Access is the caller's to check."""
    query = select(tables.CallEvent).where(tables.CallEvent.request_id == request_id).order_by(tables.CallEvent.id)
    return [Event(row.at, row.kind, row.practitioner_id, row.side, row.detail) for row in await act.db.scalars(query)]


async def samples(act: Act, call_id: UUID) -> list[Sample]:
    """All samples of a call, oldest first. Access is the caller's to check."""
    query = select(tables.CallSample).where(tables.CallSample.call_id == call_id).order_by(
        tables.CallSample.at, tables.CallSample.id)
    return [Sample(**{name: getattr(row, name) for name in Sample.__dataclass_fields__})
            for row in await act.db.scalars(query)]


async def last(act: Act, request_id: UUID, kind: str) -> datetime | None:
    """When ``kind`` last happened."""
    query = select(tables.CallEvent.at).where(
        tables.CallEvent.request_id == request_id, tables.CallEvent.kind == kind).order_by(tables.CallEvent.id.desc())
    return (await act.db.scalars(query.limit(1))).first()
