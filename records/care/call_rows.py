"""The call's rows, step by step: the value, loading with the lock, and the one way in which a call moves.

A move is one compare-and-set on (state, version), one audit entry and one row of the time line, in the act's transaction.
Nothing here decides who may do it: calls.py does.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from records.acts import Act
from records.care import call_events, session_summaries, tables
from records.errors import Conflict, NotFound
from records.guard import audit

SPANS = {
    "opened": timedelta(minutes=10),        # the request's own 90 s come first; this ends what was forgotten
    "connecting": timedelta(seconds=30),
    "connected": timedelta(hours=4),
    "reconnecting": timedelta(minutes=10),
}
LIVE = frozenset(SPANS)


@dataclass(frozen=True, kw_only=True)
class Call:
    """A call as it stands. ``state``: opened, connecting, connected, reconnecting, ended, failed."""

    id: UUID
    request_id: UUID
    encounter_id: UUID
    organization_id: UUID
    worker_id: UUID
    doctor_id: UUID | None
    doctor_organization_id: UUID | None
    practice: bool
    state: str
    reason: str
    opened_at: datetime
    connected_at: datetime | None
    ended_at: datetime | None
    deadline_at: datetime | None
    finish_at: datetime | None
    worker_media: str
    doctor_media: str
    version: int

    @property
    def is_over(self) -> bool:
        return self.state not in LIVE


async def locked(act: Act, call_id: UUID) -> tables.Call:
    query = select(tables.Call).where(tables.Call.id == call_id).with_for_update()
    row = (await act.db.scalars(query.execution_options(populate_existing=True))).first()
    if row is None:
        raise NotFound
    return row


async def of_request(act: Act, request_id: UUID) -> tables.Call | None:
    """The row of a request's call, held; None before it was accepted."""
    query = select(tables.Call).where(tables.Call.request_id == request_id).with_for_update()
    return (await act.db.scalars(query.execution_options(populate_existing=True))).first()


async def end(act: Act, row: tables.Call, state: str, reason: str) -> None:
    """The call is over, with ``reason``; what the log says of it is kept with it."""
    await move(act, row, state, detail=reason, state=state, reason=reason, ended_at=act.at, finish_at=None)
    await session_summaries.keep(act, row)


async def move(
    act: Act, row: tables.Call, kind: str, *, tag: str = "", side: str = "", detail: str = "", **changes: Any,
) -> None:
    """One transition: the row by compare-and-set, one row of the time line, one audit entry."""
    state = changes.get("state")
    if state == "connected" and row.connected_at is None:
        changes["connected_at"] = act.at
    if state == "reconnecting" and row.state == "connected":
        changes["cuts"] = row.cuts + 1
    if row.state == "reconnecting" and state not in (None, "reconnecting") and row.cuts:
        seconds = await _cut_seconds(act, row)
        detail = detail or (str(seconds) if state == "connected" else "")
        changes["cut_seconds"] = row.cut_seconds + seconds
    if state is not None:
        changes["deadline_at"] = act.at + SPANS[state] if state in SPANS else None
    await set_(act, row, **changes)
    await note(act, row, kind, side, detail, tag=tag)


async def set_(act: Act, row: tables.Call, **changes: Any) -> None:
    result: Any = await act.db.execute(
        update(tables.Call).where(tables.Call.id == row.id, tables.Call.state == row.state, tables.Call.version == row.version)
        .values(version=row.version + 1, **changes).execution_options(synchronize_session=False))
    if result.rowcount != 1:
        raise Conflict("changed")
    await act.db.refresh(row)


async def note(act: Act, row: tables.Call, kind: str, side: str = "", detail: str = "", *, tag: str = "") -> None:
    person = act.actor.practitioner_id if side else None
    await call_events.record(act, row.request_id, kind, practitioner_id=person, side=side, detail=detail)
    await audit.record(act, f"call:{tag or kind}", "call", row.id, version=row.version, reason=row.reason or detail)


async def _cut_seconds(act: Act, row: tables.Call) -> int:
    since = await call_events.last(act, row.request_id, "reconnecting")
    return round((act.at - since).total_seconds()) if since else 0


def value(row: tables.Call) -> Call:
    return Call(**{name: getattr(row, name) for name in Call.__dataclass_fields__})
