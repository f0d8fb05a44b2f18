"""The session log: every request for a doctor with the call that came of it, newest first, by cursor. No patient is named here.

A page costs the same wherever it lies: the cursor is the instant and id of the last row (keyset paging). A few stations are
merged from one index seek each; many are walked along the index of instants.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal
from uuid import UUID

from sqlalchemy import func, select, union_all

from records.acts import Act
from records.care import session_filters, session_summaries
from records.care.session_filters import OUTCOMES as OUTCOMES
from records.care.session_filters import Cursor
from records.care.session_filters import Filter as Filter
from records.care.session_summaries import NOTHING, Summary
from records.care.tables import Call, Request, SessionCause
from records.errors import Invalid, NotAllowed, NotFound
from records.guard import access, audit
from records.people import organizations, practitioners

PAGE = 50
SEEKS_AT_MOST = 20        # stations merged by index seeks; above this the index of instants is walked
COUNT_AT_MOST = 10_000    # beyond this the head of the page says "more than"


@dataclass(frozen=True, kw_only=True)
class Session:
    """One row of the log. Spans in whole seconds; ``outcome`` is one of OUTCOMES but never "failed"."""

    request_id: UUID
    call_id: UUID | None
    asked_at: datetime
    station_id: UUID
    location_id: UUID | None
    station: str
    worker_id: UUID
    doctor_id: UUID | None
    doctor: str
    emergency: bool
    wait_seconds: int | None
    length_seconds: int | None
    outcome: str
    reason: str
    cuts: int
    cut_seconds: int
    bytes_used: int
    ended_at: datetime | None
    summary: Summary = NOTHING

    @property
    def is_fault(self) -> bool:
        return self.outcome in ("no-answer", "not-connected")


@dataclass(frozen=True)
class Page:
    """``older``: the cursor of the next page, empty on the last."""

    sessions: list[Session]
    older: str


async def page(act: Act, wanted: Filter, cursor: str = "", size: int = PAGE, *,
               tag: Literal["session:list", "session:export"] = "session:list") -> Page:
    """One page of the log, newest first; the first page leaves ``tag`` in the trail. Raises Invalid on a cursor not ours."""
    access.require(act, tag)
    after = _decode(cursor)
    ids = await _ids(act, wanted, after, size + 1)
    rows = await _rows(act, ids[:size])
    older = cursor_of(rows[-1].asked_at, rows[-1].request_id) if len(ids) > size else ""
    if not cursor:
        await audit.record(act, tag, "session")
    return Page(rows, older)


async def counts(act: Act, wanted: Filter) -> tuple[int, int]:
    """How many sessions, and how many of them failed; each counted up to COUNT_AT_MOST."""
    access.require(act, "session:list")
    stations = await _stations(act, wanted)
    return await _count(act, wanted, stations), await _count(act, wanted, stations, faults=True)


async def read(act: Act, request_id: UUID) -> Session:
    """One row; outside the actor's reach it does not exist for them. The reading is audited, and so is the attempt."""
    access.require(act, "session:read")
    rows = await _rows(act, [request_id])
    if not rows:
        raise NotFound
    if rows[0].station_id not in await organizations.in_reach(act):
        raise NotAllowed("session:read", "request", request_id, hidden=True)
    await audit.record(act, "session:read", "request", request_id)
    return rows[0]


async def _ids(act: Act, wanted: Filter, after: Cursor, size: int) -> list[UUID]:
    stations = sorted(await _stations(act, wanted))
    if not stations:
        return []
    base = session_filters.newest(wanted, after, size)
    if wanted.doctor_id is not None or wanted.cause or len(stations) > SEEKS_AT_MOST:
        return [row.id for row in await act.db.execute(base.where(session_filters.among(stations)))]
    seeks = [base.where(Request.organization_id == one).subquery() for one in stations]
    merged = union_all(*(select(seek.c.id, seek.c.asked_at) for seek in seeks)).subquery()
    query = select(merged.c.id).order_by(merged.c.asked_at.desc(), merged.c.id.desc()).limit(size)
    return [row.id for row in await act.db.execute(query)]


async def _stations(act: Act, wanted: Filter) -> frozenset[UUID]:
    reach = await organizations.in_reach(act)
    return reach & {wanted.station_id} if wanted.station_id is not None else reach


async def _count(act: Act, wanted: Filter, stations: frozenset[UUID], *, faults: bool = False) -> int:
    conditions = [*session_filters.conditions(wanted), Request.organization_id.in_(stations)]
    if faults:
        conditions.append(session_filters.became("failed"))
    query = select(Request.id).where(*conditions)
    if wanted.cause:
        query = query.join(SessionCause, SessionCause.request_id == Request.id)
    return (await act.db.scalar(select(func.count()).select_from(query.limit(COUNT_AT_MOST).subquery()))) or 0


async def _rows(act: Act, ids: list[UUID]) -> list[Session]:
    query = select(Request, Call).outerjoin(Call, Call.request_id == Request.id).where(
        Request.id.in_(ids), Request.practice.is_(False))
    pairs = [(row[0], row[1]) for row in await act.db.execute(query)]
    places = await organizations.by_ids(act, {request.organization_id for request, _ in pairs})
    points = await organizations.locations(act, {request.location_id for request, _ in pairs if request.location_id})
    named = await practitioners.names(act, {request.accepted_by for request, _ in pairs})
    summaries = await session_summaries.of(act, ids)
    order = {one: number for number, one in enumerate(ids)}
    pairs.sort(key=lambda pair: order[pair[0].id])
    return [
        _session(act.at, request, call, summaries.get(request.id, NOTHING),
                 named.get(request.accepted_by, "") if request.accepted_by else "",
                 points[request.location_id].name if request.location_id else places[request.organization_id].short_name)
        for request, call in pairs
    ]


def _session(now: datetime, request: Request, call: Call | None, summary: Summary, doctor: str, station: str) -> Session:
    answered = request.accepted_at or request.ended_at
    connected = call.connected_at if call else None
    return Session(
        request_id=request.id, call_id=call.id if call else None, asked_at=request.asked_at,
        station_id=request.organization_id, location_id=request.location_id, station=station, worker_id=request.asked_by,
        doctor_id=request.accepted_by, doctor=doctor, emergency=request.emergency,
        wait_seconds=_seconds(request.asked_at, answered),
        length_seconds=_seconds(connected, (call.ended_at or now) if call else None),
        outcome=outcome_of(request, call), reason=request.reason or (call.reason if call else ""),
        cuts=call.cuts if call else 0, cut_seconds=call.cut_seconds if call else 0,
        bytes_used=call.bytes_used if call else 0, ended_at=request.ended_at, summary=summary)


def outcome_of(request: Request, call: Call | None) -> str:
    """One of OUTCOMES but "failed": what became of the request, as the row says it."""
    over = call is not None and call.state in ("ended", "failed")
    match request.status:
        case "cancelled":
            return "cancelled"
        case "failed":
            return "not-connected" if request.accepted_by else "no-answer"
        case "completed":
            return "not-connected" if call is not None and over and call.connected_at is None else "done"
    return "not-connected" if call is not None and over and call.connected_at is None else "live"


def _seconds(start: datetime | None, end: datetime | None) -> int | None:
    return None if start is None or end is None else max(0, round((end - start).total_seconds()))


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def cursor_of(at: datetime, request_id: UUID) -> str:
    """The cursor of the page that begins below this row."""
    return f"{(at - EPOCH) // timedelta(microseconds=1):x}-{request_id.hex}"


def _decode(cursor: str) -> Cursor:
    if not cursor:
        return None
    try:
        instant, _, request_id = cursor.partition("-")
        return EPOCH + timedelta(microseconds=int(instant, 16)), UUID(hex=request_id)
    except (ValueError, OverflowError) as fault:
        raise Invalid({"cursor": "unknown"}) from fault
