"""The visit: why the patient came, vital signs, photos, consent, and the button that calls a doctor. One page, one form.

With script every field is saved as it is typed (visit_saving.py); without, the same form saves everything at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal
from uuid import UUID, uuid4, uuid5

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from records.acts import Act
from records.care import attachments, consents, encounters, observations, progress, requests, voice_notes
from records.care.consents import Choices, Wanted
from records.care.encounters import Encounter, Intake
from records.care.observations import Measured
from records.codes import complaints, habits, vital_signs
from records.codes.vital_signs import VitalSign
from records.errors import Conflict, NotFound
from web import forms, paths, persons, vital_fields
from web.i18n import N_, gettext
from web.keys import ACTOR, ARCHIVE, DESK, LOCALE
from web.templating import render

READ_ALOUD = {
    "regional_medical_centre": N_("“Trung tâm được xem hồ sơ này.”"), "hospital": N_("“Bệnh viện được xem hồ sơ này.”"),
}
OTHERWISE_READ = N_("“Nơi này được xem hồ sơ này.”")
WHY = {
    "consult": N_("Chưa gọi được: %(person)s chưa đồng ý khám từ xa."),
    "share": N_("Chưa gọi được: %(person)s chưa đồng ý gửi hồ sơ cho nơi nào."),
    "nobody": N_("Chưa gọi được: chưa có nơi nào nhận cuộc gọi từ trạm này. Hãy báo người quản trị."),
}


class VisitInput(BaseModel):
    """The whole form. The vital signs are read beside it, by the names of their fields."""

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)
    then: str = ""                          # "call", or nothing: only save
    use: str = ""                           # the field whose offer is accepted
    again: str = ""                         # the field that was measured again with the same value
    request: UUID = Field(default_factory=uuid4)
    reason: list[str] = Field(default_factory=list)
    reason_text: str = Field(default="", alias="reason-text")
    consult: bool = False
    share: set[UUID] = Field(default_factory=set)
    photo: bool = False
    was: set[Literal["consult", "photo"] | UUID] = Field(default_factory=set)     # ticked when the page was shown

    @property
    def touched(self) -> set[Wanted]:
        """The boxes that are not as they were shown."""
        shown = {consents.wanted_by(str(box)) for box in self.was}
        return shown ^ consents.agreed(consult=self.consult, share=self.share, photo=self.photo)


async def show(request: web.Request) -> web.Response:
    """GET /encounters/{id}"""
    async with request.app[ARCHIVE].act(request[ACTOR]) as act:
        content = await _content(request, act, paths.id_of(request, "id"))
    return render(request, "visit/show.html", why="", **content)


async def save(request: web.Request) -> web.StreamResponse:
    """POST /encounters/{id}: everything of the page, and the call when the button says so."""
    id, typed = paths.id_of(request, "id"), await forms.raw(request)
    form = await forms.read_form(request, VisitInput)
    async with request.app[ARCHIVE].act(request[ACTOR]) as act:
        await _save(act, id, form, typed)
        choices = await consents.choices(act, id)
        ringing = form.then == "call" and not choices.missing
        rung = await requests.ask(act, form.request, id) if ringing else None
    if rung:
        await request.app[DESK].asked(rung)
        raise web.HTTPSeeOther(f"/requests/{rung}")
    if form.then == "call":
        return await _refuse(request, id, choices)
    raise web.HTTPSeeOther(f"/encounters/{id}")


async def cancel(request: web.Request) -> web.StreamResponse:
    """POST /encounters/{id}/cancel: begun by mistake, or seen at the station without a doctor."""
    async with request.app[ARCHIVE].act(request[ACTOR]) as act:
        await encounters.cancel(act, paths.id_of(request, "id"))
    raise web.HTTPSeeOther("/")


def decimal(request: web.Request) -> str:
    """The decimal mark of the reader's language."""
    return "." if request[LOCALE] == "en" else ","


def person(request: web.Request, encounter: Encounter) -> str:
    """"bà Hoa", for sentences about the patient."""
    word = gettext(request)(persons.called(encounter.patient, encounter.patient.years(request.app[ARCHIVE].clock())))
    return f"{word} {persons.given_name(encounter.patient)}".strip()


async def _content(request: web.Request, act: Act, id: UUID) -> dict[str, Any]:
    encounter = await encounters.read(act, id)
    if encounter.practice:
        raise NotFound      # a practice call has no case
    measured = await observations.every(act, id)
    before = await observations.last_before(act, encounter.patient.id, encounter.started_at)
    years = encounter.patient.years(act.at)
    word = gettext(request)(persons.called(encounter.patient, years))
    return {
        "encounter": encounter, "patient": encounter.patient, "words": persons.Words(request),
        "reasons": complaints.COMPLAINTS, "first": complaints.SHOWN_FIRST,
        "fields": vital_fields.fields(
            measured, before, decimal(request), act.at, encounter.patient.identity.gender, years),
        "states": vital_fields.STATES, "photos": await attachments.for_encounter(act, id),
        "spoken": await voice_notes.of_encounter(act, id),
        "choices": await consents.choices(act, id), "progress": await progress.one(act, id),
        "saved_at": max((one.recorded_at for one in measured), default=None), "word": word,
        "person": person(request, encounter), "read_aloud": READ_ALOUD, "otherwise_read": OTHERWISE_READ, "whys": WHY,
    }


async def _refuse(request: web.Request, id: UUID, choices: Choices) -> web.Response:
    async with request.app[ARCHIVE].act(request[ACTOR]) as act:
        content = await _content(request, act, id)
    return render(request, "visit/show.html", 422, why=choices.missing if choices.shares else "nobody", **content)


async def _save(act: Act, id: UUID, form: VisitInput, typed: Mapping[str, Any]) -> None:
    await encounters.save_intake(act, id, Intake([one for one in form.reason if one in complaints.BY_CODE], form.reason_text))
    known = {one.id: one for one in await observations.every(act, id)}
    for sign in vital_signs.SIGNS:
        if f"{sign.key}-id" in typed:
            await _save_sign(act, id, sign, form, typed, known)
    await consents.save(act, id, consult=form.consult, share=form.share, photo=form.photo, touched=form.touched)


async def _save_sign(
    act: Act, id: UUID, sign: VitalSign, form: VisitInput, typed: Mapping[str, Any], known: Mapping[UUID, Measured],
) -> None:
    try:
        shown = UUID(typed[f"{sign.key}-id"])
    except ValueError:
        raise Conflict from None
    text, before = str(typed.get(sign.key, "")).strip(), known.get(shown)
    if form.use == sign.key and before and before.offer:
        text = habits.written(before.offer)
    if form.again == sign.key:
        await observations.record(act, id, uuid5(shown, "again"), sign.code, text, after=shown)
    elif text or before:
        await observations.record(act, id, shown, sign.code, text)
