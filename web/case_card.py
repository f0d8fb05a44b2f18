"""The case at a glance, in words, for the two pages of a call. JSON; scripts only fill it in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from records.care.attachments import Photo
from records.care.encounters import Encounter
from records.care.observations import Measured
from records.codes import vital_signs
from web import dates, persons, request_words
from web.i18n import N_, gettext
from web.keys import LOCALE

PATIENT = N_("Người bệnh thử")     # of a practice call
WORDS = {
    ("8867-4", "high"): N_("nhanh"), ("8867-4", "low"): N_("chậm"),
    ("9279-1", "high"): N_("nhanh"), ("9279-1", "low"): N_("chậm"),
}


@dataclass(frozen=True, kw_only=True)
class Case:
    """What a call shows of its case. ``before``: the visit before this one. ``phones``: pairs of name and number.

    ``reason``: the code of an emergency.
    """

    encounter: Encounter
    measured: Sequence[Measured]
    photos: Sequence[Photo]
    before: Encounter | None
    station: str
    phones: Sequence[tuple[str, str]]
    reason: str = ""


def card(request: web.Request, case: Case) -> dict[str, Any]:
    """The JSON that js/call/view.js fills in; empty texts hide their place."""
    words = persons.Words(request)
    patient, identity = case.encounter.patient, case.encounter.patient.identity
    name, reason = words.name(patient), request_words.emergency(gettext(request), case.reason)
    if case.encounter.practice:
        name = gettext(request)(PATIENT)
    return {
        "patient": name, "patientShort": ", ".join(filter(None, (name, words.age(identity.birth_date)))),
        "about": words.about(patient), "station": case.station,
        "complaint": " · ".join(filter(None, (reason, _complaint(request, case.encounter)))),
        "emergency": case.encounter.emergency, "practice": case.encounter.practice,
        "signs": [_sign(request, one) for one in _latest(case.measured)],
        "photos": [{"address": f"/photos/{one.id}", "caption": _caption(request, one)} for one in case.photos],
        "medications": identity.medications, "allergies": identity.allergies, "problems": identity.problems,
        "last": _complaint(request, case.before) if case.before else "",
        "lastDay": dates.day(case.before.started_at) if case.before else "",
        "phones": [{"name": name, "number": number} for name, number in case.phones if number],
        "visit": f"/encounters/{case.encounter.id}",
    }


def _caption(request: web.Request, photo: Photo) -> str:
    time = dates.time(photo.created_at)
    return gettext(request)(N_("%(time)s, bác sĩ chụp")) % {"time": time} if photo.still else time


def _complaint(request: web.Request, encounter: Encounter) -> str:
    ticked = request_words.reasons(gettext(request), encounter.intake)
    return " · ".join(filter(None, (ticked, encounter.intake.text.strip())))


def _latest(measured: Sequence[Measured]) -> list[Measured]:
    """The last value of each sign: what is marked first, red before "look", then in the order of the form."""
    latest = {one.code: one for one in measured if one.values}
    order = [sign.code for sign in vital_signs.SIGNS]
    return sorted(latest.values(), key=lambda one: (("red", "look", "").index(one.level), order.index(one.code)))


def _sign(request: web.Request, one: Measured) -> dict[str, str]:
    _ = gettext(request)
    word = WORDS.get((one.code, one.direction), request_words.DIRECTIONS[one.direction])
    return {
        "label": _(one.sign.name), "value": one.written("," if request[LOCALE] == "vi" else "."), "unit": _(one.sign.shown),
        "level": one.level, "direction": one.direction, "word": _(word) if word else "",
    }
