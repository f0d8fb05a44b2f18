"""May this actor do this to that? The role first, then the object: station, care team, or the places one looks after.

Things are loaded through the actor: what somebody may not see does not exist for them (NotAllowed, hidden, shown as 404).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, select

from records.acts import Act, Actor, Role
from records.care.tables import Attachment, Call, Encounter, Note, Offer, Request
from records.database import Base
from records.errors import NotAllowed, NotFound
from records.guard.permissions import PERMISSIONS, SYSTEM
from records.people import rehearsal
from records.people.tables import Cover, Organization, Patient

__all__ = [
    "PERMISSIONS", "attachment", "call", "encounter", "has_role", "is_worker", "may", "note", "patient", "reach",
    "request", "require",
]

LIVE = ("requested", "received", "accepted", "in-progress")
RING = "request:ring"               # the summary on the doctor's screen: only while it rings for them, or is theirs
# What a doctor who was rung may still do after another was faster: answer, and learn who that was.
RUNG = frozenset({"request:accept", "request:decline", "request:show", "request:shown", "request:state", "request:read"})
Row = TypeVar("Row", bound=Base)
UNSIGNED = ("preliminary",)


@dataclass(frozen=True)
class _Belonging:
    """Where an object belongs: the station, and how its requests are found."""

    organization_id: UUID
    requests: ColumnElement[bool]


def may(actor: Actor, tag: str) -> bool:
    """Whether the actor's roles include one that the table names for ``tag``."""
    return tag in SYSTEM if actor.is_system else has_role(actor, tag)


def has_role(actor: Actor, tag: str) -> bool:
    return bool(actor.roles & PERMISSIONS.get(tag, frozenset()))


def is_worker(actor: Actor) -> bool:
    return actor.has(Role.WORKER)


def require(act: Act, tag: str) -> None:
    """Raises NotAllowed unless the table lets one of the actor's roles do ``tag``."""
    if not may(act.actor, tag):
        raise NotAllowed(tag, tag.partition(":")[0])


async def encounter(act: Act, tag: str, encounter_id: UUID) -> Encounter:
    """Raises NotFound, or NotAllowed (hidden) for whom it does not exist."""
    row = await _load(act, tag, Encounter, encounter_id)
    await _admit(act, tag, "encounter", row, Request.encounter_id == row.id)
    return row


async def patient(act: Act, tag: str, patient_id: UUID) -> Patient:
    row = await _load(act, tag, Patient, patient_id)
    if rehearsal.is_patient(row):
        raise NotFound
    theirs = select(Encounter.id).where(Encounter.patient_id == row.id)
    await _admit(act, tag, "patient", row, Request.encounter_id.in_(theirs))
    return row


async def request(act: Act, tag: str, request_id: UUID) -> Request:
    row = await _load(act, tag, Request, request_id)
    await _admit(act, tag, "request", row, Request.id == row.id)
    return row


async def call(act: Act, tag: str, call_id: UUID) -> Call:
    """A call of the actor's station, the actor's own call as its doctor, or metadata of a place looked after."""
    row = await _load(act, tag, Call, call_id)
    if not (row.doctor_id and row.doctor_id == act.actor.practitioner_id and Role.DOCTOR in _roles(act, tag)):
        await _admit(act, tag, "call", row, Request.id == row.request_id)
    return row


async def note(act: Act, tag: str, note_id: UUID) -> Note:
    """A version of a note: unsigned for its author alone, signed for the station and the care team."""
    row = await _load(act, tag, Note, note_id)
    if row.status in UNSIGNED and row.author_id != act.actor.practitioner_id:
        raise NotAllowed(tag, "note", note_id, hidden=True)
    await _admit(act, tag, "note", row, Request.encounter_id == row.encounter_id)
    return row


async def attachment(act: Act, tag: str, attachment_id: UUID) -> Attachment:
    row = await _load(act, tag, Attachment, attachment_id)
    await _admit(act, tag, "attachment", row, Request.encounter_id == row.encounter_id)
    return row


async def reach(act: Act) -> frozenset[UUID]:
    """The places an administrator or auditor looks after: own organization, all below it, and the stations it covers."""
    home = act.actor.organization_id
    tree = select(Organization.id).where(Organization.id == home).cte("tree", recursive=True)
    tree = tree.union(select(Organization.id).where(Organization.part_of_id == tree.c.id))
    covered = select(Cover.station_id).where(Cover.organization_id == home)
    return frozenset(await act.db.scalars(select(tree.c.id).union(covered)))


async def _load(act: Act, tag: str, table: type[Row], object_id: UUID) -> Row:
    if not may(act.actor, tag):
        raise NotAllowed(tag, table.__tablename__, object_id)
    row = await act.db.get(table, object_id)
    if row is None:
        raise NotFound
    return row


async def _admit(act: Act, tag: str, kind: str, row: Any, requests: ColumnElement[bool]) -> None:
    if not await _belongs(act, tag, _Belonging(row.organization_id, requests)):
        raise NotAllowed(tag, kind, row.id, hidden=True)


async def _belongs(act: Act, tag: str, belonging: _Belonging) -> bool:
    """Whether one of the roles that may do ``tag`` reaches the object."""
    if act.actor.is_system:
        return True
    roles = _roles(act, tag)
    if Role.WORKER in roles and belonging.organization_id == act.actor.organization_id:
        return True
    if Role.DOCTOR in roles and await _cares(act, tag, belonging.requests):
        return True
    if roles & {Role.ADMINISTRATOR, Role.AUDITOR}:
        return belonging.organization_id in await reach(act)
    return False


def _roles(act: Act, tag: str) -> frozenset[Role]:
    return act.actor.roles & PERMISSIONS.get(tag, frozenset())


async def _cares(act: Act, tag: str, requests: ColumnElement[bool]) -> bool:
    """Accepted one of the requests; or, for the ring and its answers, was rung for one."""
    me = act.actor.practitioner_id
    accepted = select(Request.id).where(requests, Request.accepted_by == me)
    if (await act.db.scalars(accepted.limit(1))).first():
        return True
    rung = select(Request.id).join(Offer, Offer.request_id == Request.id).where(requests, Offer.practitioner_id == me)
    if tag == RING:
        rung = rung.where(Request.status.in_(LIVE), Offer.answer.in_(("", "accepted")))
    elif tag not in RUNG:
        return False
    return (await act.db.scalars(rung.limit(1))).first() is not None
