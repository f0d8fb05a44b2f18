"""How far each visit of today is: read from requests, calls and notes, told as one code. The page has the words."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import or_, select

from records.acts import Act
from records.care import encounters, tables
from records.care.encounters import Encounter
from records.guard import access, audit
from records.people import listing, practitioners

LIVE = ("requested", "received", "accepted", "in-progress")
UNSIGNED_FOR = timedelta(days=7)        # a finished visit whose note is not signed stays on the list this long


@dataclass(frozen=True, kw_only=True)
class Progress:
    """``state``: preparing, ringing, shown, accepted, talking, reconnecting, writing, done, unanswered, cancelled, closed.

    ``doctors``: who is rung, has seen it, or is there. ``since``: when this state began; ``until``: when the ring ends.
    """

    state: str = "preparing"
    request_id: UUID | None = None
    call_id: UUID | None = None
    doctors: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    advised: bool = False               # a signed note is there

    @property
    def is_live(self) -> bool:
        return self.state in ("ringing", "shown", "accepted", "talking", "reconnecting")


@dataclass(frozen=True)
class Line:
    encounter: Encounter
    progress: Progress


@dataclass(frozen=True)
class Today:
    waiting: tuple[Line, ...]
    done: tuple[Line, ...]


async def today(act: Act) -> Today:
    """The visits of the actor's station: those that go on, the live ones first, and those done today."""
    access.require(act, "encounter:today")
    rows = await _rows(act)
    await audit.record(act, "encounter:today")
    steps = await of(act, rows)
    lines = [Line(encounter, steps[encounter.id]) for encounter in await encounters.opened(act, rows)]
    begun = _begin_of_day(act.at)
    waiting = [line for line in lines if _waits(line, begun)]
    done = [line for line in lines if line.progress.state in ("done", "closed") and _end(line) >= begun]
    return Today(tuple(sorted(waiting, key=lambda line: not line.progress.is_live)), tuple(done))


async def of(act: Act, rows: Collection[tables.Encounter]) -> dict[UUID, Progress]:
    """The progress of each encounter, by id. Checks no access: the caller has."""
    ids = [row.id for row in rows]
    requests = await _latest_requests(act, ids)
    calls = {call.request_id: call for call in await act.db.scalars(
        select(tables.Call).where(tables.Call.request_id.in_([one.id for one in requests.values()])))}
    signed = set((await act.db.scalars(select(tables.Note.encounter_id).where(
        tables.Note.encounter_id.in_(ids), tables.Note.status.in_(("final", "amended"))))).all())
    names = await _doctors(act, requests.values())
    return {row.id: _progress(row, requests.get(row.id), calls, names, row.id in signed) for row in rows}


async def one(act: Act, encounter_id: UUID) -> Progress:
    """The progress of one encounter the actor may see."""
    row = await access.encounter(act, "encounter:read", encounter_id)
    return (await of(act, [row]))[encounter_id]


async def _rows(act: Act) -> list[tables.Encounter]:
    table, begun = tables.Encounter, _begin_of_day(act.at)
    unsigned = ~select(tables.Note.id).where(
        tables.Note.encounter_id == table.id, tables.Note.status.in_(("final", "amended"))).exists()
    accepted = select(tables.Request.id).where(
        tables.Request.encounter_id == table.id, tables.Request.accepted_at.is_not(None)).exists()
    live = select(tables.Request.id).where(tables.Request.encounter_id == table.id, tables.Request.status.in_(LIVE)).exists()
    query = select(table).where(
        table.organization_id == act.actor.organization_id, table.practice.is_(False),
        table.started_at >= act.at - UNSIGNED_FOR,
        or_(table.started_at >= begun, table.ended_at >= begun, live, unsigned & accepted))
    return list(await act.db.scalars(query.order_by(table.started_at.desc())))


async def _latest_requests(act: Act, ids: Collection[UUID]) -> dict[UUID, tables.Request]:
    query = select(tables.Request).where(tables.Request.encounter_id.in_(ids)).order_by(tables.Request.asked_at)
    return {row.encounter_id: row for row in await act.db.scalars(query)}


async def _doctors(act: Act, requests: Iterable[tables.Request]) -> dict[UUID, tuple[str, ...]]:
    """Per request, who is rung; those who have seen it, once somebody has; the one who accepted, once there is one."""
    by_id = {request.id: request for request in requests}
    offers = (await act.db.scalars(select(tables.Offer).where(tables.Offer.request_id.in_(by_id)))).all()
    people = [offer.practitioner_id for offer in offers] + [row.accepted_by for row in by_id.values()]
    names = await practitioners.names(act, people)
    called: dict[UUID, tuple[str, ...]] = {}
    for id, row in by_id.items():
        open_ = [offer for offer in offers if offer.request_id == id and not offer.answer]
        seen = [offer for offer in open_ if offer.shown_at] or open_
        who = [row.accepted_by] if row.accepted_by else [offer.practitioner_id for offer in seen]
        called[id] = tuple(names[one] for one in who if one in names)
    return called


def _progress(
    row: tables.Encounter, request: tables.Request | None, calls: dict[UUID, tables.Call],
    names: dict[UUID, tuple[str, ...]], signed: bool,
) -> Progress:
    if request is None:
        return Progress(state="closed" if row.status == "cancelled" else "preparing", since=row.started_at)
    call = calls.get(request.id)
    state, since = _state(row, request, call, signed)
    return Progress(
        state=state, request_id=request.id, call_id=call.id if call else None, doctors=names[request.id], since=since,
        until=request.ringing_until if state in ("ringing", "shown") else None, advised=signed)


def _state(
    row: tables.Encounter, request: tables.Request, call: tables.Call | None, signed: bool,
) -> tuple[str, datetime | None]:
    if row.status == "cancelled":
        return "closed", row.ended_at
    if request.status in ("requested", "received"):
        return ("shown", request.rung_at) if request.rung_at else ("ringing", request.asked_at)
    if request.status in ("accepted", "in-progress") and call is not None and call.state not in ("ended", "failed"):
        return _of_call(call, request)
    if (request.accepted_at and request.status == "completed") or row.status == "finished":
        return ("done" if signed else "writing"), call.ended_at if call else request.ended_at
    return ("cancelled" if request.status == "cancelled" else "unanswered"), request.ended_at


def _of_call(call: tables.Call, request: tables.Request) -> tuple[str, datetime | None]:
    if call.state == "reconnecting":
        return "reconnecting", call.connected_at
    if call.connected_at is None:
        return "accepted", request.accepted_at
    return "talking", call.connected_at


def _waits(line: Line, begun: datetime) -> bool:
    if line.progress.state in ("done", "closed"):
        return False
    return line.progress.is_live or line.progress.state == "writing" or line.encounter.started_at >= begun


def _end(line: Line) -> datetime:
    return line.encounter.ended_at or line.encounter.started_at


def _begin_of_day(at: datetime) -> datetime:
    return at.astimezone(listing.ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
