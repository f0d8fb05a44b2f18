"""Patients as an auditor finds them: by name at the places looked after, to ask who read their record. Each step is audited."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from records.acts import Act
from records.guard import access, sealed
from records.people import listing, patients
from records.people.identities import Identity
from records.people.tables import Organization, Patient


async def find(act: Act, typed: str, limit: int = 20) -> list[listing.Found]:
    """Patients of every place the auditor looks after who fit what was ``typed``, best first."""
    access.require(act, "audit:search")
    reach = await access.reach(act)
    query = select(Organization.id).where(Organization.id.in_(reach), Organization.kind == "commune_health_station")
    return await listing.find(act, sorted(await act.db.scalars(query)), typed, limit)


async def name(act: Act, patient_id: UUID) -> tuple[str, str]:
    """Full name and station of a patient whose readers are asked for. Raises what access.patient raises."""
    row = await access.patient(act, "audit:read", patient_id)
    if row.same_as_id is not None:
        row = await act.db.get_one(Patient, row.same_as_id)
    identity = await sealed.open_json(act, row.identity, patients.context(row), Identity)
    station = await act.db.get_one(Organization, row.organization_id)
    return identity.full_name, station.short_name
