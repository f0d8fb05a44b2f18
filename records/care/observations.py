"""Vital signs of an encounter: what was typed, what it means, and what the ranges of the patient's age say of it.

A value that is measured again is a new row and the older one stays; correcting what was just typed changes its own row.
What nobody can read yet, or is only offered ("15/9"), is kept as typed and gives no value: status ``preliminary``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import select, update

from records import database
from records.acts import Act
from records.care import tables
from records.codes import habits, vital_signs
from records.codes.vital_signs import VitalSign
from records.errors import Conflict, Invalid
from records.guard import access, audit, sealed
from records.guard.vault import Context
from records.people import ages, listing, patients
from records.people.patients import Patient
from records.people.tables import Patient as PatientRow

OPEN = ("planned", "arrived", "in-progress", "onleave")
LONGEST_TYPED = 40
LOOKED_BACK = 200                       # rows read to find the last value of each sign


class Value(msgspec.Struct, frozen=True):
    """What is sealed: the numbers (two of a blood pressure), their UCUM unit, and what was typed."""

    values: list[float]
    unit: str
    typed: str


@dataclass(frozen=True, kw_only=True)
class Measured:
    """One measurement. Either ``values``, an ``offer`` or a ``fault`` is there; see ``codes/habits.py``.

    ``level``: "", "look" or "red"; ``direction``: "", "low" or "high". ``again``: it was measured before in this encounter.
    """

    id: UUID
    code: str
    values: tuple[float, ...]
    unit: str
    typed: str
    offer: tuple[float, ...]
    fault: str
    level: str
    direction: str
    again: bool
    recorded_at: datetime
    recorded_by: UUID | None
    version: int

    @property
    def sign(self) -> VitalSign:
        return vital_signs.BY_CODE[self.code]

    def written(self, decimal: str = ",") -> str:
        """The value as people write it: "150/90", "37,5"."""
        return habits.written(self.values, decimal)


async def record(
    act: Act, encounter_id: UUID, id: UUID, code: str, typed: str, *, version: int | None = None, after: UUID | None = None,
) -> Measured:
    """Keep what was ``typed`` for the sign ``code``; the same again changes nothing.

    A new ``id`` is a new measurement; a known one is corrected, and ``version`` is then the one that was shown. ``after``
    is the measurement that was shown last. Raises Conflict when another page measured meanwhile or the case is over.
    """
    row = await access.encounter(act, "observation:record", encounter_id)
    sign = vital_signs.BY_CODE.get(code)
    if sign is None or len(typed) > LONGEST_TYPED:
        raise Invalid({"typed": "too-long" if sign else "unknown-code"})
    await database.turn(act.db, id)
    known = await act.db.get(tables.Observation, id)
    if known is not None and (known.encounter_id != encounter_id or known.code != code):
        raise Conflict("other-observation")
    if known is None or (await _opened(act, [known]))[0].typed != typed:
        await _write(act, row, known, id, sign, typed, version, after)
    return await _now(act, row, id)


async def _now(act: Act, encounter: tables.Encounter, id: UUID) -> Measured:
    """The measurement as it stands; one that was emptied is among no others."""
    among = next((one for one in await of(act, encounter) if one.id == id), None)
    if among:
        return among
    row = await act.db.get_one(tables.Observation, id)
    return (await _measured(act, [row], await _patient(act, encounter.patient_id)))[0]


async def for_encounter(act: Act, encounter_id: UUID) -> list[Measured]:
    """The last value of each sign of this encounter, in the order of the form. What has no value is left out."""
    latest = {one.code: one for one in await every(act, encounter_id) if one.values}
    return [latest[sign.code] for sign in vital_signs.SIGNS if sign.code in latest]


async def every(act: Act, encounter_id: UUID) -> list[Measured]:
    """Everything measured in this encounter, oldest first, also what was typed and is not understood yet."""
    encounter = await access.encounter(act, "observation:read", encounter_id)
    return await of(act, encounter)


async def of(act: Act, encounter: tables.Encounter) -> list[Measured]:
    """The same for a row the caller has checked access to."""
    query = select(tables.Observation).where(
        tables.Observation.encounter_id == encounter.id, tables.Observation.status != "entered-in-error")
    rows = (await act.db.scalars(query.order_by(tables.Observation.recorded_at, tables.Observation.id))).all()
    return await _measured(act, rows, await _patient(act, encounter.patient_id))


async def last_before(act: Act, patient_id: UUID, at: datetime) -> dict[str, Measured]:
    """The last value of each sign before ``at``, by code: what stands in grey beside the field."""
    patient = await access.patient(act, "observation:read", patient_id)
    query = select(tables.Observation).where(
        tables.Observation.patient_id.in_(await patients.same(act, patient_id)), tables.Observation.status == "final",
        tables.Observation.recorded_at < at, tables.Observation.organization_id == patient.organization_id,
    ).order_by(tables.Observation.recorded_at.desc()).limit(LOOKED_BACK)
    newest: dict[str, tables.Observation] = {}
    for row in await act.db.scalars(query):
        newest.setdefault(row.code, row)
    measured = await _measured(act, list(newest.values()), await _patient(act, patient_id))
    return {one.code: one for one in measured}


async def _write(
    act: Act, encounter: tables.Encounter, known: tables.Observation | None, id: UUID, sign: VitalSign, typed: str,
    version: int | None, after: UUID | None,
) -> None:
    if encounter.status not in OPEN:
        raise Conflict("finished")
    latest = await _latest(act, encounter.id, sign.code)
    if latest is not None and latest.id not in (id, after) and (after is not None or version is not None):
        raise Conflict("changed")
    reading = habits.read(sign, typed)
    status = "final" if reading.values else "preliminary" if typed.strip() else "entered-in-error"
    value = Value(list(reading.values), sign.unit, typed)
    if known is None:
        await _insert(act, encounter, id, sign, status, value)
    else:
        await _correct(act, known, status, value, version)
    await audit.record(act, "observation:record", "observation", id, patient_id=encounter.patient_id)


async def _latest(act: Act, encounter_id: UUID, code: str) -> tables.Observation | None:
    query = select(tables.Observation).where(
        tables.Observation.encounter_id == encounter_id, tables.Observation.code == code,
        tables.Observation.status != "entered-in-error")
    return (await act.db.scalars(query.order_by(tables.Observation.recorded_at.desc()).limit(1))).first()


async def _insert(act: Act, encounter: tables.Encounter, id: UUID, sign: VitalSign, status: str, value: Value) -> None:
    row = tables.Observation(
        id=id, organization_id=encounter.organization_id, patient_id=encounter.patient_id, encounter_id=encounter.id,
        code=sign.code, value=b"", status=status, recorded_at=act.at, recorded_by=act.actor.practitioner_id, version=1)
    row.value = await sealed.seal_json(act, value, _context(row, 1))
    act.db.add(row)
    await act.db.flush()


async def _correct(act: Act, row: tables.Observation, status: str, value: Value, version: int | None) -> None:
    if version is not None and version != row.version:
        raise Conflict("changed")
    text = await sealed.seal_json(act, value, _context(row, row.version + 1))
    done = await act.db.execute(
        update(tables.Observation).where(tables.Observation.id == row.id, tables.Observation.version == row.version)
        .values(value=text, status=status, version=row.version + 1, recorded_at=act.at, recorded_by=act.actor.practitioner_id)
        .execution_options(synchronize_session=False))
    if done.rowcount != 1:  # type: ignore[attr-defined]
        raise Conflict("changed")
    await act.db.refresh(row)


async def _measured(act: Act, rows: Collection[tables.Observation], patient: Patient) -> list[Measured]:
    seen: set[str] = set()
    measured = []
    for row, value in zip(rows, await _opened(act, rows), strict=True):
        measured.append(_one(row, value, patient, again=row.code in seen))
        if value.values:
            seen.add(row.code)
    return measured


async def _opened(act: Act, rows: Iterable[tables.Observation]) -> list[Value]:
    return await sealed.open_json_many(act, [(row.value, _context(row, row.version)) for row in rows], Value)


async def _patient(act: Act, patient_id: UUID) -> Patient:
    row = await act.db.get_one(PatientRow, patient_id)
    return (await patients.opened(act, [row]))[patient_id]


def _one(row: tables.Observation, value: Value, patient: Patient, *, again: bool) -> Measured:
    sign = vital_signs.BY_CODE[row.code]
    reading = habits.read(sign, value.typed)
    months = ages.months(patient.identity.birth_date, listing.day_of(row.recorded_at))
    mark = vital_signs.judge(sign, value.values, months) if value.values else vital_signs.Judged()
    return Measured(
        id=row.id, code=row.code, values=tuple(value.values), unit=value.unit, typed=value.typed, offer=reading.offer,
        fault=reading.fault, level=mark.level, direction=mark.direction, again=again, recorded_at=row.recorded_at,
        recorded_by=row.recorded_by, version=row.version)


def _context(row: tables.Observation, version: int) -> Context:
    return Context("observation", "value", row.id, version, row.organization_id, row.patient_id)
