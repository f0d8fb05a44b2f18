"""The request's machine, step by step: loading a row with its lock, and the one way in which it moves.

A step is one compare-and-set on (status, version), one audit entry and one row of the time line, in the act's transaction.
Nothing here decides who may do it: requests.py does.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from records.acts import Act, Purpose
from records.care.tables import Call, CallEvent, Encounter, Offer
from records.care.tables import Request as Row
from records.errors import Conflict, NotFound
from records.guard import audit

RING = timedelta(seconds=120)        # how long everybody on duty is rung
JOIN = timedelta(seconds=90)         # from "Nhận" until both are in the room
RING_AT_LEAST = timedelta(seconds=60)  # of a ring that begins again
RINGING = frozenset({"requested", "received"})
LIVE = frozenset({"requested", "received", "accepted", "in-progress"})
TERMINAL = frozenset({"completed", "cancelled", "failed"})
ENDED_CALL = ("ended", "failed")
# What the trail calls the deed, the time line calls what happened.
KINDS = {
    "ask": "asked", "emergency": "emergency", "urge": "emergency", "offer": "offered", "show": "shown", "accept": "accepted",
    "decline": "declined", "withdraw": "withdrawn", "return": "returned", "cancel": "cancelled", "fail": "failed",
}


@dataclass(frozen=True, kw_only=True)
class Request:
    """A request as it stands. ``deadline_at`` names the alarm of the present state; None when there is nothing to wait for."""

    id: UUID
    encounter_id: UUID
    organization_id: UUID
    location_id: UUID | None
    status: str
    reason: str
    emergency: bool
    practice: bool
    asked_at: datetime
    asked_by: UUID
    rung_at: datetime | None
    accepted_at: datetime | None
    accepted_by: UUID | None
    ended_at: datetime | None
    deadline_at: datetime | None
    ringing_until: datetime | None
    version: int

    @property
    def rings(self) -> bool:
        return self.status in RINGING

    @property
    def is_over(self) -> bool:
        return self.status in TERMINAL


async def locked(act: Act, request_id: UUID) -> Row:
    """The row as it stands now, held until the act ends, so that everybody who moves it waits for a turn."""
    # The call first, as calls.py does: two acts that hold both never wait for each other.
    await act.db.execute(select(Call.id).where(Call.request_id == request_id).with_for_update())
    query = select(Row).where(Row.id == request_id).with_for_update().execution_options(populate_existing=True)
    row = (await act.db.scalars(query)).first()
    if row is None:
        raise NotFound
    return row


async def step(act: Act, row: Row, status: str, deed: str, *, side: str = "", detail: str = "",
               who: UUID | None = None, **values: Any) -> None:
    """Move ``row`` to ``status`` and leave both traces; ``deed`` is one of KINDS.

    Raises Conflict when the row is terminal, or when somebody else moved it since it was read.
    """
    if row.status in TERMINAL:
        raise Conflict("over")
    values |= {"status": status, "version": row.version + 1}
    moved = await act.db.execute(
        update(Row).where(Row.id == row.id, Row.status == row.status, Row.version == row.version)
        .values(**values).execution_options(synchronize_session=False))
    if moved.rowcount != 1:  # type: ignore[attr-defined]
        raise Conflict("changed")
    await act.db.refresh(row)
    await trace(act, row, deed)
    note(act, row, deed, side=side, detail=detail, who=who)


async def trace(act: Act, row: Row, deed: str) -> None:
    """One audit entry about this request."""
    purpose = Purpose.EMERGENCY if row.emergency else Purpose.TREATMENT
    await audit.record(act, f"request:{deed}", "request", row.id, patient_id=await patient_of(act, row),
                       version=row.version, purpose=purpose, reason=row.reason)


def note(act: Act, row: Row, deed: str, *, side: str = "", detail: str = "", who: UUID | None = None) -> None:
    """One row of the time line. ``who`` is the person it is about; the actor when left out."""
    act.db.add(CallEvent(request_id=row.id, at=act.at, kind=KINDS[deed], side=side, detail=detail,
                         practitioner_id=who or act.actor.practitioner_id))


async def patient_of(act: Act, row: Row) -> UUID | None:
    return await act.db.scalar(select(Encounter.patient_id).where(Encounter.id == row.encounter_id))


async def offers(act: Act, request_id: UUID) -> list[Offer]:
    """Everybody who is or was rung, in the order in which they were."""
    query = select(Offer).where(Offer.request_id == request_id).order_by(Offer.offered_at, Offer.practitioner_id)
    return list((await act.db.scalars(query.execution_options(populate_existing=True))).all())


async def offer_of(act: Act, request_id: UUID, practitioner_id: UUID | None) -> Offer | None:
    query = select(Offer).where(Offer.request_id == request_id, Offer.practitioner_id == practitioner_id)
    return (await act.db.scalars(query.execution_options(populate_existing=True))).first()


async def live_call_of(act: Act, practitioner_id: UUID | None) -> UUID | None:
    """The call in which this doctor is; there is never a second one."""
    query = select(Call.id).where(Call.doctor_id == practitioner_id, Call.state.not_in(ENDED_CALL))
    return (await act.db.scalars(query)).first()


async def busy(act: Act, practitioner_ids: list[UUID]) -> set[UUID]:
    """Those of these doctors who are in a live call."""
    query = select(Call.doctor_id).where(Call.doctor_id.in_(practitioner_ids), Call.state.not_in(ENDED_CALL))
    return {one for one in await act.db.scalars(query) if one is not None}


async def live_of_encounter(act: Act, encounter_id: UUID) -> Row | None:
    query = select(Row).where(Row.encounter_id == encounter_id, Row.status.in_(LIVE)).with_for_update()
    return (await act.db.scalars(query.execution_options(populate_existing=True))).first()


def answer(offer: Offer, word: str, at: datetime) -> None:
    """``word``: accepted, declined, taken, ended."""
    offer.answer, offer.answered_at = word, at


def value(row: Row) -> Request:
    return Request(**{name: getattr(row, name) for name in Request.__dataclass_fields__})
