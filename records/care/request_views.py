"""How requests stand, for those who wait on them: the worker's page, the doctor's ring, the desk. Reading only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import func, select

from records.acts import Act
from records.care import line_checks, request_rings, tables
from records.care import request_rows as rows
from records.care.request_rows import Request, value
from records.errors import Conflict, NotAllowed
from records.guard import access
from records.people import organizations, practitioners

NATIONAL_EMERGENCY = "115"


@dataclass(frozen=True, kw_only=True)
class Rung:
    """A doctor who is or was rung. ``answer``: "", accepted, declined, taken, ended. ``busy``: in another call just now."""

    practitioner_id: UUID
    name: str
    organization: str
    offered_at: datetime
    shown_at: datetime | None
    answer: str
    busy: bool


@dataclass(frozen=True, kw_only=True)
class Phone:
    """Whom to telephone when nobody answers. ``name`` is empty for the national emergency number."""

    name: str
    number: str


@dataclass(frozen=True, kw_only=True)
class State:
    """Everything the worker's ringing page says in words. ``busy``: how many on duty are in other calls.

    ``line``: what the station's line carries, if that was measured.
    """

    request: Request
    rung: tuple[Rung, ...]
    call_id: UUID | None
    doctor: str
    phones: tuple[Phone, ...]
    busy: int
    line: line_checks.Said | None = None


@dataclass(frozen=True, kw_only=True)
class Ringing:
    """A request that rings at a doctor."""

    request_id: UUID
    emergency: bool
    shown: bool
    asked_at: datetime


@dataclass(frozen=True, kw_only=True)
class News:
    """What the desk tells: the request, its call, who took it, and everybody who was rung."""

    request: Request
    call_id: UUID | None
    doctor: str
    rung: tuple[Rung, ...]


async def read(act: Act, request_id: UUID) -> Request:
    """The request, for its station or a doctor who was rung."""
    return value(await access.request(act, "request:read", request_id))


async def state(act: Act, request_id: UUID) -> State:
    """How the request stands, for its station. Says nothing about the patient."""
    row = await access.request(act, "request:state", request_id)
    told = await _news(act, row)
    return State(request=told.request, rung=told.rung, call_id=told.call_id, doctor=told.doctor,
                 phones=await _phones(act, row), busy=await _busy(act, row, told.rung),
                 line=await line_checks.of_request(act, row.id))


async def concerned(act: Act, encounter_id: UUID) -> frozenset[UUID]:
    """Who asked for a doctor in this encounter, and the doctors who took it: whom news about it reaches."""
    encounter = await access.encounter(act, "encounter:read", encounter_id)
    query = select(tables.Request.asked_by, tables.Request.accepted_by).where(tables.Request.encounter_id == encounter.id)
    return frozenset(one for row in await act.db.execute(query) for one in row if one is not None)


async def news(act: Act, request_id: UUID) -> News:
    """The same for the desk, which speaks for the system."""
    return await _news(act, await access.request(act, "request:read", request_id))


async def ringing_for(act: Act, practitioner_id: UUID) -> list[Ringing]:
    """What rings at this doctor now, emergencies first, then the longest wait. In a call, emergencies only."""
    found = await offered_to(act, practitioner_id)
    in_call = await rows.live_call_of(act, practitioner_id) is not None
    return [one for one in found if one.emergency or not in_call]


async def offered_to(act: Act, practitioner_id: UUID) -> list[Ringing]:
    """Every request that this doctor may still answer, also while a call keeps it from ringing."""
    query = (
        select(tables.Request, tables.Offer.shown_at).join(tables.Offer, tables.Offer.request_id == tables.Request.id)
        .where(tables.Offer.practitioner_id == practitioner_id, tables.Offer.answer == "",
               tables.Request.status.in_(rows.RINGING))
        .order_by(tables.Request.emergency.desc(), tables.Request.asked_at)
    )
    return [Ringing(request_id=row.id, emergency=row.emergency, shown=shown_at is not None, asked_at=row.asked_at)
            for row, shown_at in await act.db.execute(query)]


async def live_for(act: Act) -> list[Request]:
    """The actor's own requests that are not over, newest first."""
    query = select(tables.Request).where(tables.Request.asked_by == act.actor.practitioner_id,
                                         tables.Request.status.in_(rows.LIVE)).order_by(tables.Request.asked_at.desc())
    return [value(row) for row in await act.db.scalars(query)]


async def live(act: Act) -> list[Request]:
    """Every request that is not over, for the desk."""
    query = select(tables.Request).where(tables.Request.status.in_(rows.LIVE)).order_by(tables.Request.asked_at)
    return [value(row) for row in await act.db.scalars(query)]


async def side_of(act: Act, request_id: UUID) -> Literal["worker", "doctor"]:
    """On which side of the ring the actor waits: who asked, or a doctor whose device shows it and who is free to accept.

    Raises NotFound or a hidden NotAllowed for everybody else, Conflict: over, not-shown, in-call.
    """
    row = await access.request(act, "request:read", request_id)
    me = act.actor.practitioner_id
    mine = await rows.offer_of(act, request_id, me)
    if row.asked_by != me and mine is None:
        raise NotAllowed("request:read", "request", request_id, hidden=True)
    if row.status not in rows.RINGING:
        raise Conflict("over")
    if row.asked_by == me or mine is None:
        return "worker"
    if mine.answer or mine.shown_at is None:
        raise Conflict("not-shown" if not mine.answer else "over")
    if await rows.live_call_of(act, me) is not None:
        raise Conflict("in-call")
    return "doctor"


async def taken_by(act: Act, request_id: UUID) -> str:
    """The doctor who took the request, as the losers are told; "" when nobody has it."""
    row = await access.request(act, "request:read", request_id)
    return (await practitioners.names(act, [row.accepted_by])).get(row.accepted_by, "") if row.accepted_by else ""


async def latest(act: Act, encounter_id: UUID) -> Request | None:
    """The newest request of an encounter whose access the caller has checked."""
    query = select(tables.Request).where(tables.Request.encounter_id == encounter_id).order_by(
        tables.Request.asked_at.desc(), tables.Request.id)
    row = (await act.db.scalars(query.limit(1))).first()
    return None if row is None else value(row)


async def unsigned(act: Act) -> int:
    """How many cases of the actor wait for a signature: drafts, and finished calls without a word yet."""
    me = act.actor.practitioner_id
    mine = select(tables.Note.encounter_id).where(tables.Note.author_id == me)
    drafts = mine.where(tables.Note.status == "preliminary")
    silent = select(tables.Request.encounter_id).where(
        tables.Request.accepted_by == me, tables.Request.status == "completed", tables.Request.practice.is_(False),
        tables.Request.encounter_id.not_in(mine))
    return await act.db.scalar(select(func.count()).select_from(drafts.union(silent).subquery())) or 0


async def _news(act: Act, row: tables.Request) -> News:
    offers = await rows.offers(act, row.id)
    named = await practitioners.names(act, [*(one.practitioner_id for one in offers), row.accepted_by])
    places = await organizations.by_ids(act, {one.organization_id for one in offers})
    busy = await rows.busy(act, [one.practitioner_id for one in offers if not one.answer])
    call_id = (await act.db.scalars(select(tables.Call.id).where(tables.Call.request_id == row.id))).first()
    rung = tuple(
        Rung(practitioner_id=one.practitioner_id, name=named[one.practitioner_id], answer=one.answer,
             organization=places[one.organization_id].short_name, offered_at=one.offered_at, shown_at=one.shown_at,
             busy=one.practitioner_id in busy)
        for one in offers)
    doctor = named.get(row.accepted_by, "") if row.accepted_by else ""
    return News(request=value(row), call_id=call_id if row.status not in rows.RINGING else None, doctor=doctor, rung=rung)


async def _phones(act: Act, row: tables.Request) -> tuple[Phone, ...]:
    """115 first in an emergency, then the organizations that cover the station."""
    first = [Phone(name="", number=NATIONAL_EMERGENCY)] if row.emergency else []
    covering = await organizations.covering(act, row.organization_id)
    return (*first, *(Phone(name=place.name, number=place.phone) for place in covering if place.phone))


async def _busy(act: Act, row: tables.Request, rung: tuple[Rung, ...]) -> int:
    """How many doctors on duty are in other calls and were therefore not rung."""
    if row.status not in rows.RINGING:
        return 0
    known = {one.practitioner_id for one in rung}
    return sum(one.busy and one.practitioner_id not in known for one in await request_rings.candidates(act, row))
