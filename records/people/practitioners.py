"""Practitioners: who works where, in which roles, with which licence; adding, changing and disabling them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import delete, select, update

from records import database
from records.acts import Act, Role
from records.errors import Conflict, Invalid, NotAllowed, NotFound
from records.guard import access, audit
from records.people import organizations
from records.people.tables import Duty, Location, Login, Practitioner, PractitionerRole

USER_NAME = re.compile(r"^[a-z0-9][a-z0-9._-]{1,38}[a-z0-9]$")
POSITIONS = ("doctor", "physician_assistant", "nurse", "midwife", "pharmacist", "officer")


@dataclass(frozen=True, kw_only=True)
class Person:
    """A practitioner, without the password. ``called``: title and full name, as texts show them."""

    id: UUID
    organization_id: UUID
    location_id: UUID | None
    user_name: str
    full_name: str
    title: str
    position: str
    specialty: str
    licence_number: str
    licence_valid_until: date | None
    locale: str
    disabled_at: datetime | None
    version: int
    roles: frozenset[Role]

    @property
    def called(self) -> str:
        return f"{self.title} {self.full_name}".strip()

    def licence_is_valid(self, on: date) -> bool:
        return bool(self.licence_number) and (self.licence_valid_until is None or on <= self.licence_valid_until)


@dataclass(frozen=True, kw_only=True)
class PersonForm:
    """What an administrator types about a practitioner."""

    user_name: str
    full_name: str
    organization_id: UUID
    roles: frozenset[Role]
    location_id: UUID | None = None
    title: str = ""
    position: str = "nurse"
    specialty: str = ""
    licence_number: str = ""
    licence_valid_until: date | None = None


async def read(act: Act, practitioner_id: UUID) -> Person:
    return (await by_ids(act, [practitioner_id]))[practitioner_id]


async def by_ids(act: Act, ids: Iterable[UUID]) -> dict[UUID, Person]:
    """The persons by id; raises NotFound if one does not exist."""
    wanted = set(ids)
    rows = (await act.db.scalars(select(Practitioner).where(Practitioner.id.in_(wanted)))).all()
    if len(rows) != len(wanted):
        raise NotFound
    roles = await _roles(act, wanted)
    return {row.id: _person(row, roles) for row in rows}


async def names(act: Act, ids: Iterable[UUID | None]) -> dict[UUID, str]:
    """Title and full name by id, for rows that name people; unknown ids are left out."""
    wanted = {one for one in ids if one is not None}
    query = select(Practitioner.id, Practitioner.title, Practitioner.full_name).where(Practitioner.id.in_(wanted))
    return {row.id: f"{row.title} {row.full_name}".strip() for row in await act.db.execute(query)}


async def list_in_reach(act: Act) -> list[Person]:
    """Everybody of the places the actor looks after, by name."""
    access.require(act, "practitioner:list")
    reach = await organizations.in_reach(act)
    rows = (await act.db.scalars(
        select(Practitioner).where(Practitioner.organization_id.in_(reach)).order_by(Practitioner.full_name))).all()
    roles = await _roles(act, {row.id for row in rows})
    return [_person(row, roles) for row in rows]


async def in_reach(act: Act, tag: str, practitioner_id: UUID) -> Practitioner:
    """The row, if the actor has the tag and looks after the person's organization; otherwise it does not exist for them."""
    access.require(act, tag)
    row = await act.db.get(Practitioner, practitioner_id)
    if row is None:
        raise NotFound
    if row.organization_id not in await organizations.in_reach(act):
        raise NotAllowed(tag, "practitioner", practitioner_id, hidden=True)
    return row


async def add(act: Act, practitioner_id: UUID, form: PersonForm, password_hash: str) -> UUID:
    """Add a person. Pressing twice adds once. Raises Invalid on what does not fit, NotFound outside the actor's reach."""
    await organizations.require_reach(act, "practitioner:write", form.organization_id)
    await database.turn(act.db, practitioner_id)
    if await act.db.get(Practitioner, practitioner_id) is not None:
        return practitioner_id
    await _check(act, form, None)
    act.db.add(Practitioner(id=practitioner_id, password_hash=password_hash, version=1, **_columns(form)))
    await act.db.flush()
    act.db.add_all(PractitionerRole(practitioner_id=practitioner_id, role=role) for role in form.roles)
    await audit.record(act, "practitioner:write", "practitioner", practitioner_id)
    return practitioner_id


async def change(act: Act, practitioner_id: UUID, version: int, form: PersonForm) -> None:
    """Change a person of the actor's reach; raises Conflict when somebody else changed them since ``version``."""
    row = await in_reach(act, "practitioner:write", practitioner_id)
    await organizations.require_reach(act, "practitioner:write", form.organization_id)
    if row.version != version:
        raise Conflict
    await _check(act, form, practitioner_id)
    for name, value in _columns(form).items():
        setattr(row, name, value)
    row.version += 1
    await act.db.execute(delete(PractitionerRole).where(PractitionerRole.practitioner_id == practitioner_id))
    act.db.add_all(PractitionerRole(practitioner_id=practitioner_id, role=role) for role in form.roles)
    await audit.record(act, "practitioner:write", "practitioner", practitioner_id, version=row.version)


async def disable(act: Act, practitioner_id: UUID) -> None:
    """Close the account: no sign-in, every login ended, duty ended. Raises Invalid when it is the actor's own."""
    row = await in_reach(act, "practitioner:disable", practitioner_id)
    if practitioner_id == act.actor.practitioner_id:
        raise Invalid({"practitioner": "own-account"})
    row.disabled_at = row.disabled_at or act.at
    row.version += 1
    await act.db.execute(update(Login).where(Login.practitioner_id == practitioner_id, Login.ended_at.is_(None))
                         .values(ended_at=act.at, ended_because="disabled"))
    await act.db.execute(update(Duty).where(Duty.practitioner_id == practitioner_id, Duty.ended_at.is_(None))
                         .values(ended_at=act.at))
    await audit.record(act, "practitioner:disable", "practitioner", practitioner_id)


async def enable(act: Act, practitioner_id: UUID) -> None:
    row = await in_reach(act, "practitioner:disable", practitioner_id)
    row.disabled_at, row.failures, row.retry_at = None, 0, None
    row.version += 1
    await audit.record(act, "practitioner:enable", "practitioner", practitioner_id)


async def set_password(act: Act, practitioner_id: UUID, password_hash: str) -> None:
    """A new password set by an administrator; every login of the person ends."""
    row = await in_reach(act, "practitioner:write", practitioner_id)
    row.password_hash, row.failures, row.retry_at = password_hash, 0, None
    await act.db.execute(update(Login).where(Login.practitioner_id == practitioner_id, Login.ended_at.is_(None))
                         .values(ended_at=act.at, ended_because="everywhere"))
    await audit.record(act, "practitioner:password", "practitioner", practitioner_id)


def _columns(form: PersonForm) -> dict[str, object]:
    return {
        "user_name": form.user_name.strip().lower(), "full_name": " ".join(form.full_name.split()),
        "organization_id": form.organization_id, "location_id": form.location_id, "title": form.title.strip(),
        "position": form.position, "specialty": form.specialty.strip(), "licence_number": form.licence_number.strip(),
        "licence_valid_until": form.licence_valid_until,
    }


async def _check(act: Act, form: PersonForm, own_id: UUID | None) -> None:
    faults: dict[str, str] = {}
    if not USER_NAME.match(form.user_name.strip().lower()):
        faults["user_name"] = "form"
    if not form.full_name.strip():
        faults["full_name"] = "missing"
    if not form.roles:
        faults["roles"] = "missing"
    if form.position not in POSITIONS:
        faults["position"] = "unknown"
    if Role.DOCTOR in form.roles and not form.licence_number.strip():
        faults["licence_number"] = "missing"
    await _check_place(act, form, faults)
    other = await act.db.scalar(select(Practitioner.id).where(Practitioner.user_name == form.user_name.strip().lower()))
    if other is not None and other != own_id:
        faults["user_name"] = "taken"
    if faults:
        raise Invalid(faults)


async def _check_place(act: Act, form: PersonForm, faults: dict[str, str]) -> None:
    place = await organizations.read(act, form.organization_id)
    if Role.WORKER in form.roles and not place.is_station:
        faults["roles"] = "worker-needs-station"
    if form.location_id is not None:
        point = await act.db.get(Location, form.location_id)
        if point is None or point.organization_id != form.organization_id:
            faults["location_id"] = "unknown"


async def _roles(act: Act, ids: set[UUID]) -> dict[UUID, frozenset[Role]]:
    found: dict[UUID, set[Role]] = {}
    for row in await act.db.scalars(select(PractitionerRole).where(PractitionerRole.practitioner_id.in_(ids))):
        found.setdefault(row.practitioner_id, set()).add(Role(row.role))
    return {key: frozenset(value) for key, value in found.items()}


def _person(row: Practitioner, roles: dict[UUID, frozenset[Role]]) -> Person:
    return Person(
        id=row.id, organization_id=row.organization_id, location_id=row.location_id, user_name=row.user_name,
        full_name=row.full_name, title=row.title, position=row.position, specialty=row.specialty,
        licence_number=row.licence_number, licence_valid_until=row.licence_valid_until, locale=row.locale,
        disabled_at=row.disabled_at, version=row.version, roles=roles.get(row.id, frozenset()))
