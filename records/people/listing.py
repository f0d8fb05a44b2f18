"""Finding patients: the name list of an organization, opened on demand, and the blind indexes of their numbers.

Checks no access: patients.py does. Every search leaves one entry in the trail, before a name is opened.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select

from records.acts import Act
from records.guard import audit, sealed
from records.guard.vault import Context
from records.people import ages, queries, rehearsal
from records.people.folding import fold
from records.people.identities import NUMBERS, Identity
from records.people.names import Entry, NameList
from records.people.tables import Patient as Row
from records.people.tables import PatientIndex

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")                        # where a day begins for patients and stations
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"              # no I, L, O, U: read aloud without mistakes


@dataclass(frozen=True, kw_only=True)
class Found:
    """One line of what the search found."""

    id: UUID
    code: str
    full_name: str
    gender: str
    birth_date: str
    years: int | None
    village: str
    unnamed: bool
    last_seen_at: datetime | None


def day_of(at: datetime) -> date:
    """The day of an instant where the patients are."""
    return at.astimezone(ZONE).date()


def code(patient_id: UUID) -> str:
    """What stands on paper and can be read aloud: "7K3M-9QXZ", the first 40 bits of the id in Crockford's base 32."""
    number = patient_id.int >> 88
    digits = "".join(CROCKFORD[number >> shift & 31] for shift in range(35, -1, -5))
    return f"{digits[:4]}-{digits[4:]}"


async def find(act: Act, organization_ids: Collection[UUID], typed: str, limit: int) -> list[Found]:
    today = day_of(act.at)
    query = queries.read(typed, today)
    if query.is_empty:
        return []
    await audit.record(act, "patient:search")
    fitting: list[Entry] = []
    for organization_id in organization_ids:
        names = await _names(act, organization_id)
        if query.numbers:
            theirs = await bearers(act, organization_id, query.numbers[0], NUMBERS)
            fitting += [names.entries[id] for id in theirs if id in names.entries]
        else:
            fitting += queries.search(names, query, today, limit)
    return [found(entry, today) for entry in fitting[:limit]]


def found(entry: Entry, today: date) -> Found:
    return Found(
        id=entry.id, code=entry.code, full_name=entry.full_name, gender=entry.gender, birth_date=entry.birth_date,
        years=ages.years(entry.birth_date, today), village=entry.village, unnamed=entry.unnamed,
        last_seen_at=entry.last_seen_at)


async def _names(act: Act, organization_id: UUID) -> NameList:
    if names := act.names.get(organization_id):
        return names
    rows = (await act.db.execute(
        select(Row.id, Row.identity, Row.version, Row.organization_id, Row.unnamed, Row.last_seen_at)
        .where(Row.organization_id == organization_id, Row.same_as_id.is_(None),
               Row.id != rehearsal.patient_id(organization_id)))).all()
    items = [(row.identity, Context("patient", "identity", row.id, row.version, row.organization_id, row.id)) for row in rows]
    identities_ = await sealed.open_json_many(act, items, Identity)
    pairs = zip(rows, identities_, strict=True)
    return act.names.put(organization_id, [entry(row.id, identity, row.unnamed, row.last_seen_at) for row, identity in pairs])


def entry(id: UUID, identity: Identity, unnamed: bool, last_seen_at: datetime | None) -> Entry:
    return Entry(id, code(id), f" {fold(identity.full_name)} ", identity.full_name, identity.gender, identity.birth_date,
                 identity.village, unnamed, last_seen_at)


def digest(act: Act, field: str, organization_id: UUID, value: str) -> bytes:
    return act.vault.digest(field, None if field == "national_id" else organization_id, value)


async def bearers(act: Act, organization_id: UUID, number: str, fields: Collection[str]) -> set[UUID]:
    found: set[UUID] = set()
    for field in fields:
        found_digest = digest(act, field, organization_id, number)
        query = select(PatientIndex.patient_id).where(
            PatientIndex.field == field, PatientIndex.digest == found_digest, PatientIndex.organization_id == organization_id)
        found.update(await act.db.scalars(query))
    return found
