"""Reading the trail: who read this patient, and who went past consent. Reading it leaves an entry as well."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select

from records.acts import Act
from records.care.tables import Consent
from records.guard import access, entries
from records.guard.tables import AuditEvent
from records.people.tables import Organization, Patient, Practitioner

AT_A_TIME = 200                 # rows of one page


@dataclass(frozen=True, kw_only=True)
class Reading:
    """One entry about a patient. ``actor_name`` is empty for the software itself and for visitors."""

    sequence: int
    at: datetime
    tag: str
    outcome: str
    purpose: str
    actor_id: UUID | None
    actor_name: str
    organization_id: UUID | None
    organization_name: str
    object_type: str
    object_id: str


@dataclass(frozen=True, kw_only=True)
class Emergency:
    """A consultation that was begun without consent, with the code of its reason."""

    at: datetime
    encounter_id: UUID
    patient_id: UUID
    organization_id: UUID
    organization_name: str
    actor_id: UUID | None
    actor_name: str
    reason: str


async def readers_of(act: Act, patient_id: UUID, *, before: int | None = None, limit: int = AT_A_TIME) -> list[Reading]:
    """Entries about a patient, newest first, also those under the names the patient had before being joined.

    ``before`` is the sequence of the last entry of the page shown before. Raises what access.patient raises.
    """
    patient = await access.patient(act, "audit:read", patient_id)
    query = _with_names(await _same(act, patient)).limit(limit)
    if before is not None:
        query = query.where(AuditEvent.sequence < before)
    found = [_reading(row) for row in await act.db.execute(query)]
    await entries.record(act, "audit:read", "patient", patient_id, patient_id=patient_id)
    return found


async def emergencies(act: Act, *, before: datetime | None = None, limit: int = AT_A_TIME) -> list[Emergency]:
    """Emergencies without consent at the places the actor looks after, newest first."""
    access.require(act, "audit:emergencies")
    query = (
        select(Consent, Organization.short_name, Practitioner.title, Practitioner.full_name)
        .join(Organization, Organization.id == Consent.organization_id)
        .outerjoin(Practitioner, Practitioner.id == Consent.recorded_by)
        .where(Consent.basis == "emergency", Consent.organization_id.in_(await access.reach(act)))
        .order_by(Consent.recorded_at.desc()).limit(limit)
    )
    if before is not None:
        query = query.where(Consent.recorded_at < before)
    found = [_emergency(row) for row in await act.db.execute(query)]
    await entries.record(act, "audit:emergencies")
    return found


async def _same(act: Act, patient: Patient) -> list[UUID]:
    """The ids under which this person has been known."""
    root = patient.same_as_id or patient.id
    query = select(Patient.id).where(or_(Patient.id == root, Patient.same_as_id == root))
    return list(await act.db.scalars(query))


def _with_names(patient_ids: list[UUID]) -> Any:
    return (
        select(AuditEvent, Practitioner.title, Practitioner.full_name, Organization.short_name)
        .outerjoin(Practitioner, Practitioner.id == AuditEvent.actor_id)
        .outerjoin(Organization, Organization.id == AuditEvent.organization_id)
        .where(AuditEvent.patient_id.in_(patient_ids)).order_by(AuditEvent.sequence.desc())
    )


def _reading(row: Any) -> Reading:
    event, title, full_name, place = row
    return Reading(
        sequence=event.sequence, at=event.at, tag=event.tag, outcome=event.outcome, purpose=event.purpose,
        actor_id=event.actor_id, actor_name=_name(title, full_name), organization_id=event.organization_id,
        organization_name=place or "", object_type=event.object_type, object_id=event.object_id,
    )


def _emergency(row: Any) -> Emergency:
    consent, place, title, full_name = row
    return Emergency(
        at=consent.recorded_at, encounter_id=consent.encounter_id, patient_id=consent.patient_id,
        organization_id=consent.organization_id, organization_name=place, actor_id=consent.recorded_by,
        actor_name=_name(title, full_name), reason=consent.reason,
    )


def _name(title: str | None, full_name: str | None) -> str:
    return f"{title or ''} {full_name or ''}".strip()
