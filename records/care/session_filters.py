"""Which sessions a reader of the log asks for, as conditions and as one page of ids, newest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, func, literal, or_, select, tuple_

from records.care.tables import Call, Request, SessionCause
from records.errors import Invalid

OUTCOMES = ("done", "failed", "no-answer", "cancelled", "not-connected", "live")
Cursor = tuple[datetime, UUID] | None


@dataclass(frozen=True, kw_only=True)
class Filter:
    """What to show. ``since`` is included, ``until`` is not. ``outcome``: one of OUTCOMES; ``cause``: a kind of session_causes.

    Empty means all.
    """

    station_id: UUID | None = None
    doctor_id: UUID | None = None
    outcome: str = ""
    cause: str = ""
    since: datetime | None = None
    until: datetime | None = None


def newest(wanted: Filter, after: Cursor, size: int) -> Select[UUID, datetime]:
    """Ids and instants, newest first, below ``after``. By cause the index of causes is walked, otherwise that of requests."""
    instant, id = (SessionCause.asked_at, SessionCause.request_id) if wanted.cause else (Request.asked_at, Request.id)
    query = select(Request.id, instant.label("asked_at")).where(*conditions(wanted))
    if wanted.cause:
        query = query.join(SessionCause, SessionCause.request_id == Request.id)
    if after is not None:
        last = tuple_(literal(after[0], Request.asked_at.type), literal(after[1], Request.id.type))
        query = query.where(tuple_(instant, id) < last)
    return query.order_by(instant.desc(), id.desc()).limit(size)


def among(stations: list[UUID]) -> Any:
    # Otherwise a planner may take the index of stations and sort a million rows.
    column = func.coalesce(Request.organization_id, Request.organization_id)
    return column.in_([literal(one, Request.organization_id.type) for one in stations])


def conditions(wanted: Filter) -> list[Any]:
    """Everything but the stations; with a cause the query has to join SessionCause."""
    found: list[Any] = [Request.practice.is_(False)]
    if wanted.doctor_id is not None:
        found.append(Request.accepted_by == wanted.doctor_id)
    if wanted.since is not None:
        found.append(Request.asked_at >= wanted.since)
    if wanted.until is not None:
        found.append(Request.asked_at < wanted.until)
    if wanted.outcome:
        found.append(became(wanted.outcome))
    if wanted.cause:
        found.append(SessionCause.kind == wanted.cause)
    return found


def became(outcome: str) -> Any:
    """The condition of one of OUTCOMES. Raises Invalid for anything else."""
    match outcome:
        case "done":
            return and_(Request.status == "completed", ~_never_connected())
        case "no-answer":
            return and_(Request.status == "failed", Request.accepted_by.is_(None))
        case "cancelled":
            return Request.status == "cancelled"
        case "not-connected":
            return and_(Request.status != "cancelled", or_(_never_connected(), and_(
                Request.status == "failed", Request.accepted_by.is_not(None))))
        case "failed":
            return or_(Request.status == "failed", _never_connected())
        case "live":
            return ~Request.status.in_(("completed", "cancelled", "failed"))
    raise Invalid({"outcome": "unknown"})


def _never_connected() -> Any:
    return select(Call.id).where(
        Call.request_id == Request.id, Call.connected_at.is_(None), Call.state.in_(("ended", "failed"))).exists()
