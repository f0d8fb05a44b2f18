"""Encounters: one visit of a patient at a station, from arrival to the finished case, with the reason for coming.

FHIR Encounter, class VR. The intake is sealed and saved as it is typed; the state of requests, calls and notes is theirs.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import select, update

from records import database
from records.acts import Act
from records.care import tables
from records.codes import complaints
from records.errors import Conflict, Invalid, NotFound
from records.guard import access, audit, sealed
from records.guard.vault import Context
from records.people import listing, patients
from records.people.patients import Patient
from records.people.tables import Patient as PatientRow

OPEN = ("planned", "arrived", "in-progress", "onleave")   # FHIR Encounter.status while people may still write
LONGEST_TEXT = 4000                                        # letters of the free text


class Intake(msgspec.Struct, frozen=True):
    """Why the patient came: codes of ``codes/complaints.py`` and free text."""

    complaints: list[str] = []
    text: str = ""


NOTHING = Intake()


@dataclass(frozen=True, kw_only=True)
class Encounter:
    """One visit, complete with its patient and intake. ``intake_version`` counts saved intakes, 0 before the first."""

    id: UUID
    organization_id: UUID
    location_id: UUID | None
    patient: Patient
    status: str
    emergency: bool
    practice: bool
    intake: Intake
    intake_version: int
    started_at: datetime
    started_by: UUID | None
    ended_at: datetime | None
    version: int

    @property
    def is_open(self) -> bool:
        return self.status in OPEN


async def start(act: Act, id: UUID, patient_id: UUID, *, practice: bool = False) -> UUID:
    """Begin a visit; while the patient has an open one of today, that one is given back. The same ``id`` begins once."""
    patient = await access.patient(act, "encounter:start", patient_id)
    await database.turn(act.db, id)
    again = await act.db.get(tables.Encounter, id)
    if again is not None and again.organization_id != act.actor.organization_id:
        raise NotFound
    if again is not None or (again := await _open_today(act, patient_id, practice)) is not None:
        return again.id
    row = tables.Encounter(
        id=id, organization_id=patient.organization_id, location_id=act.actor.location_id, patient_id=patient_id,
        status="arrived", emergency=False, practice=practice, intake=None, intake_version=0, started_at=act.at,
        started_by=act.actor.practitioner_id, ended_at=None, version=1)
    act.db.add(row)
    patient.last_seen_at = act.at
    await act.db.flush()
    await audit.record(act, "encounter:start", "encounter", id, patient_id=patient_id)
    return id


async def read(act: Act, id: UUID) -> Encounter:
    """The visit, if the actor may see it. The reading is audited."""
    row = await access.encounter(act, "encounter:read", id)
    await audit.record(act, "encounter:read", "encounter", id, patient_id=row.patient_id)
    return (await opened(act, [row]))[0]


async def save_intake(act: Act, id: UUID, intake: Intake, *, version: int | None = None) -> int:
    """Save why the patient came; returns the new version. The same again changes nothing.

    ``version`` is the one that was shown (None: whatever is there). Raises Conflict when another page saved meanwhile or
    the case is over, Invalid for an unknown complaint or a text that is too long.
    """
    row = await access.encounter(act, "encounter:intake", id)
    _check(intake)
    before = await _intake(act, row)
    if before == intake:
        return row.intake_version
    if row.status not in OPEN:
        raise Conflict("finished")
    if version is not None and version != row.intake_version:
        raise Conflict("changed")
    number = row.intake_version + 1
    await _write(act, row, number, intake)
    await audit.record(act, "encounter:intake", "encounter", id, patient_id=row.patient_id, version=number)
    return number


async def cancel(act: Act, id: UUID) -> None:
    """A visit begun by mistake, or ended at the station without a doctor. Raises Conflict while a doctor is called."""
    row = await access.encounter(act, "encounter:cancel", id)
    live = select(tables.Request.id).where(
        tables.Request.encounter_id == id, tables.Request.status.in_(("requested", "received", "accepted", "in-progress")))
    if row.status not in ("planned", "arrived") or (await act.db.scalars(live.limit(1))).first():
        raise Conflict("live")
    row.status, row.ended_at, row.version = "cancelled", act.at, row.version + 1
    await audit.record(act, "encounter:cancel", "encounter", id, patient_id=row.patient_id, version=row.version)


async def for_patient(act: Act, patient_id: UUID, limit: int = 20) -> list[Encounter]:
    """The visits of a patient, newest first, also those before an unnamed patient was joined to them."""
    row = await access.patient(act, "encounter:read", patient_id)
    ids = await patients.same(act, row.id)
    query = select(tables.Encounter).where(
        tables.Encounter.patient_id.in_(ids), tables.Encounter.practice.is_(False),
        tables.Encounter.organization_id == row.organization_id)
    rows = (await act.db.scalars(query.order_by(tables.Encounter.started_at.desc()).limit(limit))).all()
    await audit.record(act, "encounter:list", "patient", patient_id, patient_id=row.same_as_id or row.id)
    return await opened(act, rows)


async def opened(act: Act, rows: Collection[tables.Encounter]) -> list[Encounter]:
    """The rows as values, in order. Checks no access and writes no trail: the caller has."""
    wanted = {row.patient_id for row in rows}
    found = (await act.db.scalars(select(PatientRow).where(PatientRow.id.in_(wanted)))).all()
    people = await patients.opened(act, found)
    with_intake = [row for row in rows if row.intake is not None]
    items = [(row.intake, _context(row, row.intake_version)) for row in with_intake if row.intake is not None]
    intakes = await sealed.open_json_many(act, items, Intake)
    by_id = {row.id: intake for row, intake in zip(with_intake, intakes, strict=True)}
    return [_value(row, people[row.patient_id], by_id.get(row.id, NOTHING)) for row in rows]


async def _open_today(act: Act, patient_id: UUID, practice: bool) -> tables.Encounter | None:
    query = select(tables.Encounter).where(
        tables.Encounter.patient_id.in_(await patients.same(act, patient_id)), tables.Encounter.status.in_(OPEN),
        tables.Encounter.practice.is_(practice)).order_by(tables.Encounter.started_at.desc()).limit(1)
    row = (await act.db.scalars(query)).first()
    is_today = row is not None and listing.day_of(row.started_at) == listing.day_of(act.at)
    return row if is_today else None


async def _intake(act: Act, row: tables.Encounter) -> Intake:
    if row.intake is None:
        return NOTHING
    return await sealed.open_json(act, row.intake, _context(row, row.intake_version), Intake)


async def _write(act: Act, row: tables.Encounter, number: int, intake: Intake) -> None:
    text = await sealed.seal_json(act, intake, _context(row, number))
    done = await act.db.execute(
        update(tables.Encounter).where(tables.Encounter.id == row.id, tables.Encounter.intake_version == number - 1)
        .values(intake=text, intake_version=number).execution_options(synchronize_session=False))
    if done.rowcount != 1:  # type: ignore[attr-defined]
        raise Conflict("changed")
    await act.db.refresh(row)


def _check(intake: Intake) -> None:
    if any(code not in complaints.BY_CODE for code in intake.complaints):
        raise Invalid({"complaints": "choose-one"})
    if len(intake.text) > LONGEST_TEXT:
        raise Invalid({"text": "too-long"})


def _context(row: tables.Encounter, version: int) -> Context:
    return Context("encounter", "intake", row.id, version, row.organization_id, row.patient_id)


def _value(row: tables.Encounter, patient: Patient, intake: Intake) -> Encounter:
    return Encounter(
        id=row.id, organization_id=row.organization_id, location_id=row.location_id, patient=patient, status=row.status,
        emergency=row.emergency, practice=row.practice, intake=intake, intake_version=row.intake_version,
        started_at=row.started_at, started_by=row.started_by, ended_at=row.ended_at, version=row.version)
