"""Patients of an organization: registered with six fields, found by one search box, named later when nobody knows the name.

Who they are is sealed as one text; the name list is opened on demand for searching, within one organization only.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, event, select
from sqlalchemy import update as sql_update

from records import database
from records.acts import Act
from records.errors import Conflict, Invalid, NotFound
from records.guard import access, audit, sealed
from records.guard.vault import Context
from records.people import ages, identities, listing
from records.people.identities import NOBODY, NUMBERS
from records.people.identities import Identity as Identity
from records.people.tables import Patient as Row
from records.people.tables import PatientIndex


@dataclass(frozen=True, kw_only=True)
class Patient:
    """A patient with everything that is known of them. ``id`` is the one that was asked for.

    ``known_id`` differs from ``id`` when an unnamed patient was joined to a known one: then the identity is the known one's.
    """

    id: UUID
    known_id: UUID
    organization_id: UUID
    identity: Identity
    unnamed: bool
    version: int
    code: str
    last_seen_at: datetime | None

    def years(self, at: datetime) -> int | None:
        return ages.years(self.identity.birth_date, listing.day_of(at))

    def months(self, at: datetime) -> int | None:
        return ages.months(self.identity.birth_date, listing.day_of(at))


async def register(act: Act, id: UUID, identity: Identity) -> UUID:
    """A new patient of the actor's organization; the same ``id`` again changes nothing.

    Raises Invalid with a code per field: ``national_id`` is "same-number" when somebody here bears it already.
    """
    access.require(act, "patient:register")
    if await _own(act, id):
        return id
    checked = identities.checked(identity, listing.day_of(act.at))
    await _refuse_same_number(act, id, checked)
    return await _insert(act, id, checked, unnamed=False)


async def unnamed(act: Act, id: UUID) -> UUID:
    """A patient whose name nobody knows yet; the name comes later by ``name`` or ``join``."""
    access.require(act, "patient:register")
    if await _own(act, id):
        return id
    return await _insert(act, id, NOBODY, unnamed=True)


async def read(act: Act, id: UUID) -> Patient:
    """The patient, if the actor may see them. The reading is audited."""
    row = await access.patient(act, "patient:read", id)
    await audit.record(act, "patient:read", "patient", id, patient_id=row.same_as_id or id)
    return (await opened(act, [row]))[id]


async def amend(act: Act, id: UUID, version: int, identity: Identity) -> None:
    """Change what is known. ``version`` is the one that was shown; Conflict when somebody else changed it meanwhile."""
    row = await access.patient(act, "patient:amend", id)
    if row.same_as_id:
        raise Conflict("joined")
    if row.version != version:
        raise Conflict
    checked = identities.checked(identity, listing.day_of(act.at))
    await _refuse_same_number(act, id, checked)
    await _update(act, row, checked)


async def name(act: Act, id: UUID, identity: Identity) -> None:
    """An unnamed patient gets a name. Raises Conflict when they have one."""
    row = await access.patient(act, "patient:amend", id)
    if not row.unnamed or row.same_as_id:
        raise Conflict("named")
    await amend(act, id, row.version, identity)


async def join(act: Act, unnamed_id: UUID, known_id: UUID) -> None:
    """An unnamed patient turns out to be a known one. Nothing is moved: the unnamed one points to the known one."""
    row = await access.patient(act, "patient:join", unnamed_id)
    known = await access.patient(act, "patient:join", known_id)
    if not row.unnamed or known.unnamed or known.same_as_id or row.id == known.id:
        raise Conflict("cannot-join")
    if row.organization_id != known.organization_id:
        raise NotFound
    row.same_as_id = known.id
    _forget_later(act, row.organization_id, row.id)
    await audit.record(act, "patient:join", "patient", unnamed_id, patient_id=known_id)


async def find(act: Act, typed: str, limit: int = 20) -> list[listing.Found]:
    """The patients of the actor's organization who fit what was ``typed`` into the search box, best first."""
    access.require(act, "patient:search")
    organization_id = act.actor.organization_id
    return await listing.find(act, [organization_id], typed, limit) if organization_id else []


async def recent(act: Act, limit: int = 20) -> list[listing.Found]:
    """Those of the actor's organization who were seen last."""
    access.require(act, "patient:list")
    query = select(Row).where(
        Row.organization_id == act.actor.organization_id, Row.same_as_id.is_(None), Row.last_seen_at.is_not(None))
    rows = (await act.db.scalars(query.order_by(Row.last_seen_at.desc()).limit(limit))).all()
    await audit.record(act, "patient:list")
    found = await opened(act, rows)
    return [listing.found(listing.entry(row.id, found[row.id].identity, row.unnamed, row.last_seen_at), listing.day_of(act.at))
            for row in rows]


async def opened(act: Act, rows: Collection[Row]) -> dict[UUID, Patient]:
    """The rows as values, by id, each with the identity of whom it was joined to. Checks no access: the caller has."""
    known = await _known(act, rows)
    items = [(row.identity, context(row)) for row in known.values()]
    read_ = dict(zip(known, await sealed.open_json_many(act, items, Identity), strict=True))
    return {row.id: _value(row, known[row.same_as_id or row.id], read_[row.same_as_id or row.id]) for row in rows}


async def same(act: Act, id: UUID) -> set[UUID]:
    """The ids under which this patient's cases lie: their own, and those of unnamed ones joined to them."""
    known = await act.db.scalar(select(Row.same_as_id).where(Row.id == id)) or id
    joined = await act.db.scalars(select(Row.id).where(Row.same_as_id == known))
    return {known, *joined}


def context(row: Row) -> Context:
    """Where the sealed identity of this row belongs."""
    return Context("patient", "identity", row.id, row.version, row.organization_id, row.id)


async def _known(act: Act, rows: Collection[Row]) -> dict[UUID, Row]:
    missing = {row.same_as_id for row in rows if row.same_as_id}
    joined = (await act.db.scalars(select(Row).where(Row.id.in_(missing)))).all()
    return {row.id: row for row in [*(row for row in rows if not row.same_as_id), *joined]}


def _value(row: Row, known: Row, identity: Identity) -> Patient:
    return Patient(
        id=row.id, known_id=known.id, organization_id=row.organization_id, identity=identity, unnamed=known.unnamed,
        version=known.version, code=listing.code(known.id), last_seen_at=known.last_seen_at)


async def _own(act: Act, id: UUID) -> bool:
    """Whether the id is there already, as a patient of this organization; another's is not even known."""
    await database.turn(act.db, id)
    row = await act.db.get(Row, id)
    if row is not None and row.organization_id != act.actor.organization_id:
        raise NotFound
    return row is not None


async def _insert(act: Act, id: UUID, identity: Identity, *, unnamed: bool) -> UUID:
    if act.actor.organization_id is None:
        raise Invalid({"organization": "missing"})
    row = Row(id=id, organization_id=act.actor.organization_id, identity=b"", unnamed=unnamed, created_at=act.at,
              created_by=act.actor.practitioner_id, version=1)
    row.identity = await sealed.seal_json(act, identity, context(row))
    act.db.add(row)
    await act.db.flush()
    await _index(act, row, identity)
    _list_later(act, row, identity)
    await audit.record(act, "patient:register", "patient", id, patient_id=id, version=1)
    return id


async def _update(act: Act, row: Row, identity: Identity) -> None:
    before, row.version, row.unnamed = row.version, row.version + 1, False
    values = {"identity": await sealed.seal_json(act, identity, context(row)), "version": row.version, "unnamed": False}
    act.db.expunge(row)
    moved = await act.db.execute(sql_update(Row).where(Row.id == row.id, Row.version == before).values(values))
    if moved.rowcount != 1:  # type: ignore[attr-defined]
        raise Conflict
    await _index(act, row, identity)
    _list_later(act, row, identity)
    await audit.record(act, "patient:amend", "patient", row.id, patient_id=row.id, version=row.version)


async def _index(act: Act, row: Row, identity: Identity) -> None:
    await act.db.execute(delete(PatientIndex).where(PatientIndex.patient_id == row.id))
    for field in NUMBERS:
        if value := getattr(identity, field):
            digest = listing.digest(act, field, row.organization_id, value)
            act.db.add(PatientIndex(patient_id=row.id, organization_id=row.organization_id, field=field, digest=digest))
    await act.db.flush()


async def _refuse_same_number(act: Act, id: UUID, identity: Identity) -> None:
    if not identity.national_id or act.actor.organization_id is None:
        return
    bearers = await listing.bearers(act, act.actor.organization_id, identity.national_id, ("national_id",))
    if bearers - {id}:
        raise Invalid({"national_id": "same-number"})


def _list_later(act: Act, row: Row, identity: Identity) -> None:
    """The name list learns of it once the act has committed, and never when it has not."""
    entry = listing.entry(row.id, identity, row.unnamed, row.last_seen_at)
    organization_id, names = row.organization_id, act.names
    event.listen(act.db.sync_session, "after_commit", lambda _: names.change(organization_id, entry), once=True)


def _forget_later(act: Act, organization_id: UUID, id: UUID) -> None:
    names = act.names
    event.listen(act.db.sync_session, "after_commit", lambda _: names.remove(organization_id, id), once=True)
