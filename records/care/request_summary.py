"""What a ringing doctor sees before answering: station, sex, age, complaint and marked values. No name ever leaves here."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from records.acts import Act, Purpose
from records.care import consents, encounters, line_checks, observations, request_views, tables
from records.care import request_rows as rows
from records.care.encounters import Intake
from records.care.observations import Measured
from records.care.request_rows import Request, value
from records.codes import vital_signs
from records.guard import access, audit
from records.people import organizations


@dataclass(frozen=True, kw_only=True)
class Summary:
    """``years`` counts from two years of age, below that ``months``; both None when nobody knows.

    ``reason``: the code of an emergency, or "". ``marks``: the last value of each sign that the ranges of this age mark,
    red ones first. ``busy``: the doctor is in a call. ``line``: what the station's line carries, if that was measured.
    """

    request: Request
    station: str
    point: str
    gender: str
    years: int | None
    months: int | None
    reason: str
    intake: Intake
    marks: tuple[Measured, ...]
    busy: bool
    declined: bool
    line: line_checks.Said | None = None


async def read(act: Act, request_id: UUID) -> Summary:
    """The summary, for a doctor for whom it rings. The reading is audited once per request and doctor."""
    row = await access.request(act, "request:ring", request_id)
    encounter = await act.db.get_one(tables.Encounter, row.encounter_id)
    await _audit_once(act, row, encounter.patient_id)
    opened = (await encounters.opened(act, [encounter]))[0]
    years, months = opened.patient.years(act.at), opened.patient.months(act.at)
    young = months is not None and months < 24
    place = await organizations.read(act, row.organization_id)
    point = (await organizations.location(act, row.location_id)).name if row.location_id else ""
    mine = await rows.offer_of(act, row.id, act.actor.practitioner_id)
    return Summary(
        request=value(row), station=place.short_name, point=point, gender=opened.patient.identity.gender,
        years=None if young else years, months=months if young else None, intake=opened.intake,
        reason=await consents.emergency_reason(act, encounter.id) if row.emergency else "",
        marks=_marked(await observations.of(act, encounter)), declined=mine is not None and mine.answer == "declined",
        busy=await rows.live_call_of(act, act.actor.practitioner_id) is not None,
        line=await line_checks.of_request(act, row.id))


async def waiting(act: Act) -> list[Summary]:
    """Everything that rings at the actor now, emergencies first."""
    if act.actor.practitioner_id is None:
        return []
    rings = await request_views.ringing_for(act, act.actor.practitioner_id)
    return [await read(act, one.request_id) for one in rings]


async def _audit_once(act: Act, row: tables.Request, patient_id: UUID) -> None:
    mine = await rows.offer_of(act, row.id, act.actor.practitioner_id)
    if mine is None or mine.read_at is not None:
        return
    mine.read_at = act.at
    purpose = Purpose.EMERGENCY if row.emergency else Purpose.TREATMENT
    await audit.record(act, "request:ring", "request", row.id, patient_id=patient_id, purpose=purpose)


def _marked(measured: list[Measured]) -> tuple[Measured, ...]:
    latest = {one.code: one for one in measured if one.values}
    marked = [latest[sign.code] for sign in vital_signs.SIGNS if sign.code in latest and latest[sign.code].level]
    return tuple(sorted(marked, key=lambda one: one.level != "red"))
