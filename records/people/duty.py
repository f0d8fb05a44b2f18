"""Who is on duty: a doctor's stretch from "Bắt đầu trực" until it is ended. It survives a restart and a closed browser."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import Select, select

from records.acts import Act, Role
from records.errors import NotAllowed
from records.guard import access, audit
from records.people import tables


@dataclass(frozen=True, kw_only=True)
class Duty:
    """A stretch of duty; the open one has no ``ended_at``."""

    id: UUID
    practitioner_id: UUID
    organization_id: UUID
    started_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class OnDuty:
    """A doctor whose duty is open."""

    practitioner_id: UUID
    organization_id: UUID
    since: datetime


async def begin(act: Act) -> Duty:
    """Go on duty; somebody who already is stays so (one audit entry, one stretch)."""
    access.require(act, "duty:begin")
    person = await _locked(act)
    row = await _open(act, person.id)
    if row is None:
        row = tables.Duty(id=uuid4(), practitioner_id=person.id, organization_id=person.organization_id,
                          started_at=act.at, ended_at=None)
        act.db.add(row)
        await audit.record(act, "duty:begin", "duty", row.id)
    return _value(row)


async def end(act: Act) -> bool:
    """Go off duty. False if the actor was not on duty."""
    access.require(act, "duty:end")
    person = await _locked(act)
    row = await _open(act, person.id)
    if row is None:
        return False
    row.ended_at = act.at
    await audit.record(act, "duty:end", "duty", row.id)
    return True


async def current(act: Act) -> Duty | None:
    """The actor's open stretch of duty."""
    if act.actor.practitioner_id is None:
        return None
    row = await _open(act, act.actor.practitioner_id)
    return None if row is None else _value(row)


async def is_on(act: Act, practitioner_id: UUID) -> bool:
    """Whether this doctor is on duty and may be rung."""
    return await act.db.scalar(_doctors().where(tables.Duty.practitioner_id == practitioner_id)) is not None


async def everybody(act: Act) -> set[UUID]:
    """Every doctor on duty anywhere."""
    return {row.practitioner_id for row in await act.db.scalars(_doctors())}


async def on_duty(act: Act, organization_ids: Iterable[UUID]) -> list[OnDuty]:
    """The doctors of these organizations who are on duty, longest first. A disabled account is never on duty."""
    query = _doctors().where(tables.Duty.organization_id.in_(set(organization_ids)))
    rows = await act.db.scalars(query.order_by(tables.Duty.started_at, tables.Duty.id))
    return [OnDuty(practitioner_id=row.practitioner_id, organization_id=row.organization_id, since=row.started_at)
            for row in rows]


def _doctors() -> Select[tables.Duty]:
    """Open stretches of duty of people who may still work as doctors there."""
    role, person, stretch = tables.PractitionerRole, tables.Practitioner, tables.Duty
    return (
        select(stretch).join(person, person.id == stretch.practitioner_id)
        .join(role, (role.practitioner_id == person.id) & (role.role == Role.DOCTOR))
        .where(stretch.ended_at.is_(None), person.disabled_at.is_(None),
               person.organization_id == stretch.organization_id)
    )


async def _open(act: Act, practitioner_id: UUID) -> tables.Duty | None:
    query = select(tables.Duty).where(tables.Duty.practitioner_id == practitioner_id, tables.Duty.ended_at.is_(None))
    return (await act.db.scalars(query.order_by(tables.Duty.started_at))).first()


async def _locked(act: Act) -> tables.Practitioner:
    """The actor's own row, held until the act ends: two tabs begin one stretch."""
    query = select(tables.Practitioner).where(tables.Practitioner.id == act.actor.practitioner_id).with_for_update()
    row = (await act.db.scalars(query)).first()
    if row is None or row.disabled_at is not None:
        raise NotAllowed("duty:begin", "duty")
    return row


def _value(row: tables.Duty) -> Duty:
    return Duty(id=row.id, practitioner_id=row.practitioner_id, organization_id=row.organization_id,
                started_at=row.started_at, ended_at=row.ended_at)
