"""The station's half of a note: S and O as they stand now. Shown beside the editor, frozen into the note at signing.

Reads rows that the caller has checked access to; writes no trail.
"""

from __future__ import annotations

from records.acts import Act
from records.care import encounters, observations, tables
from records.care.encounters import Encounter
from records.care.note_content import Measure, Station, Subject
from records.care.observations import Measured
from records.codes import complaints, vital_signs
from records.people import organizations, practitioners


async def stand(act: Act, row: tables.Encounter) -> tuple[Subject, Station]:
    """Who the patient is, and what the station has written about this encounter."""
    encounter = (await encounters.opened(act, [row]))[0]
    measured = sorted((one for one in await observations.of(act, row) if one.values), key=_place_in_form)
    names = await practitioners.names(act, [encounter.started_by, *(one.recorded_by for one in measured)])
    place = await organizations.read(act, row.organization_id)
    point = await organizations.location(act, row.location_id) if row.location_id else None
    identity = encounter.patient.identity
    station = Station(
        place=place.name, point=point.name if point else "", phone=(point.phone if point else "") or place.phone,
        complaints=complaints.names(encounter.intake.complaints), story=encounter.intake.text,
        allergies=identity.allergies, problems=identity.problems, medications=identity.medications,
        measures=[_measure(one, names.get(one.recorded_by, "") if one.recorded_by else "") for one in measured],
        recorded_by=names.get(encounter.started_by, "") if encounter.started_by else "")
    return subject(encounter), station


def subject(encounter: Encounter) -> Subject:
    identity = encounter.patient.identity
    return Subject(name=identity.full_name, gender=identity.gender, birth_date=identity.birth_date, village=identity.village)


def _place_in_form(one: Measured) -> int:
    """A value that was measured again stands after the one before it."""
    return vital_signs.SIGNS.index(one.sign)


def _measure(one: Measured, by: str) -> Measure:
    return Measure(
        code=one.code, name=one.sign.name, values=list(one.values), unit=one.unit, level=one.level, direction=one.direction,
        again=one.again, recorded_at=one.recorded_at, recorded_by=by)
