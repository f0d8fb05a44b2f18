"""The worker asks for a doctor: the request, the emergency, the page that rings, taking back and calling again."""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID, uuid4

from aiohttp import web
from pydantic import BaseModel, Field

from records.care import encounters, request_views, requests
from records.care.encounters import Encounter
from records.errors import Conflict, Invalid
from web import paths, request_words
from web.forms import raw, read_form
from web.i18n import gettext
from web.keys import ACTOR, ARCHIVE, DESK, LOCALE
from web.templating import render


class AskForm(BaseModel):
    """The id was made with the form, so pressing twice asks once."""

    id: UUID = Field(default_factory=uuid4)


class EmergencyForm(AskForm):
    """``encounter`` or ``patient`` when the page in front was about one."""

    reason: Literal["no-breathing", "short-of-breath", "bleeding", "other"]
    encounter: UUID | Literal[""] = ""
    patient: UUID | Literal[""] = ""


async def ask(request: web.Request) -> web.Response:
    """POST /encounters/{id}/requests: "Gọi bác sĩ ngay"."""
    encounter_id, form = paths.id_of(request, "id"), await read_form(request, AskForm)
    try:
        async with request.app[ARCHIVE].act(request[ACTOR]) as act:
            made = await requests.ask(act, form.id, encounter_id)
    except Invalid as refusal:
        if "consent" not in refusal.fields:
            raise
        raise web.HTTPSeeOther(f"/encounters/{encounter_id}#consents") from refusal
    return await _rung(request, made)


async def emergency(request: web.Request) -> web.Response:
    """POST /emergency: the second click rings everyone. Without a reason (no script) the reasons are asked for first."""
    typed = await raw(request)
    if "reason" not in typed:
        return render(request, "requests/emergency.html", reasons=request_words.REASONS)
    form = await read_form(request, EmergencyForm)
    async with request.app[ARCHIVE].act(request[ACTOR]) as act:
        made = await requests.emergency(
            act, form.id, form.reason, encounter_id=form.encounter or None, patient_id=form.patient or None)
    return await _rung(request, made)


async def show(request: web.Request) -> web.Response:
    """GET /requests/{id}: who is rung, since when, what happens next. The call will live in this page."""
    async with request.app[ARCHIVE].act(request[ACTOR]) as act:
        state = await request_views.state(act, paths.id_of(request, "id"))
        encounter = await encounters.read(act, state.request.encounter_id)
    return render(request, "requests/show.html", state=state, encounter=encounter,
                  words=_words(request, state), about=_about(request, encounter), new_request=uuid4())


async def state(request: web.Request) -> web.Response:
    """GET /requests/{id}/state: the same in JSON; nothing about the patient."""
    async with request.app[ARCHIVE].act(request[ACTOR]) as act:
        found = await request_views.state(act, paths.id_of(request, "id"))
    return web.json_response(_words(request, found))


async def cancel(request: web.Request) -> web.Response:
    """POST /requests/{id}/cancel: "Huỷ lời gọi". When a doctor was faster the page goes on to the call."""
    request_id = paths.id_of(request, "id")
    try:
        async with request.app[ARCHIVE].act(request[ACTOR]) as act:
            taken_back = await requests.cancel(act, request_id)
    except Conflict:
        raise web.HTTPSeeOther(f"/requests/{request_id}") from None
    await request.app[DESK].cancelled(request_id)
    raise web.HTTPSeeOther("/" if taken_back.practice else f"/encounters/{taken_back.encounter_id}")


async def again(request: web.Request) -> web.Response:
    """POST /requests/{id}/again: "Gọi lại" in one click."""
    before, form = paths.id_of(request, "id"), await read_form(request, AskForm)
    async with request.app[ARCHIVE].act(request[ACTOR]) as act:
        made = await requests.again(act, before, form.id)
    return await _rung(request, made)


async def _rung(request: web.Request, request_id: UUID) -> web.Response:
    await request.app[DESK].asked(request_id)
    raise web.HTTPSeeOther(f"/requests/{request_id}")


def _words(request: web.Request, found: request_views.State) -> dict[str, Any]:
    return request_words.waiting(gettext(request), found, request.app[ARCHIVE].clock(), request[LOCALE])


def _about(request: web.Request, encounter: Encounter) -> str:
    """The line above the heading: who, how old, why."""
    _ = gettext(request)
    patient = encounter.patient
    if encounter.practice:
        return _("Gọi thử, không phải ca thật")
    name = _("Người bệnh chưa có tên") if patient.unnamed else patient.identity.full_name
    years = patient.years(request.app[ARCHIVE].clock())
    age = _("%(number)s tuổi", number=years) if years is not None else ""
    reason = request_words.reasons(_, encounter.intake)
    return " · ".join(part for part in (", ".join(filter(None, (name, age))), reason) if part)
