"""Saved as typed: one PUT per field, answered with what was understood. The same content twice has one effect."""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from records.care import consents, encounters, observations
from records.care.encounters import Intake
from records.care.observations import Measured
from records.errors import Conflict
from web import dates, forms, paths, vital_fields
from web.i18n import gettext
from web.keys import ACTOR, ARCHIVE, DESK
from web.pages.visit import decimal


class IntakeInput(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)
    complaints: list[str]
    text: str
    version: int = Field(ge=0)


class ObservationInput(BaseModel):
    """``version``: of this measurement as it was shown, 0 for a new one. ``after``: the measurement shown before, if any."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)
    id: UUID
    code: str
    typed: str = Field(max_length=40)
    version: int = Field(ge=0)
    after: UUID | None = None


class ConsentsInput(BaseModel):
    """``touched``: the boxes that were changed on this page ("consult", "photo", ids of organizations); None: all are meant."""

    model_config = ConfigDict(extra="forbid")
    consult: bool
    share: set[UUID]
    photo: bool
    touched: set[Literal["consult", "photo"] | UUID] | None = None


async def save_intake(request: web.Request) -> web.Response:
    """PUT /encounters/{id}/intake"""
    id, form = paths.id_of(request, "id"), await forms.read_json(request, IntakeInput)
    try:
        async with request.app[ARCHIVE].act(request[ACTOR]) as act:
            version = await encounters.save_intake(act, id, Intake(form.complaints, form.text), version=form.version)
            at = act.at
    except Conflict as conflict:
        async with request.app[ARCHIVE].act(request[ACTOR]) as act:
            now = await encounters.read(act, id)
        return _conflict(request, conflict, {
            "complaints": now.intake.complaints, "text": now.intake.text, "version": now.intake_version})
    await request.app[DESK].case_changed(id)
    return web.json_response({"version": version, **_saved(at)})


async def save_observation(request: web.Request) -> web.Response:
    """PUT /encounters/{id}/observations"""
    id, form = paths.id_of(request, "id"), await forms.read_json(request, ObservationInput)
    try:
        async with request.app[ARCHIVE].act(request[ACTOR]) as act:
            measured = await observations.record(
                act, id, form.id, form.code, form.typed, version=form.version, after=form.after)
            at = act.at
    except Conflict as conflict:
        async with request.app[ARCHIVE].act(request[ACTOR]) as act:
            now = [one for one in await observations.every(act, id) if one.code == form.code]
        return _conflict(request, conflict, _field(request, now[-1]) if now else {})
    await request.app[DESK].case_changed(id)
    return web.json_response({**_field(request, measured), **_saved(at)})


async def save_consents(request: web.Request) -> web.Response:
    """PUT /encounters/{id}/consents"""
    id, form = paths.id_of(request, "id"), await forms.read_json(request, ConsentsInput)
    async with request.app[ARCHIVE].act(request[ACTOR]) as act:
        touched = None if form.touched is None else {consents.wanted_by(str(box)) for box in form.touched}
        await consents.save(act, id, consult=form.consult, share=form.share, photo=form.photo, touched=touched)
        at = act.at
    return web.json_response(_saved(at))


def _field(request: web.Request, one: Measured) -> dict[str, Any]:
    state, mark = vital_fields.state(one), decimal(request)
    return {
        "id": str(one.id), "version": one.version, "typed": one.typed, "state": state, "mark": vital_fields.mark(state),
        "offer": vital_fields.offered(one, mark), "at": vital_fields.again_at(one),
    }


def _saved(at: Any) -> dict[str, str]:
    return {"clock": dates.clock(at), "savedAt": dates.iso(at)}


def _conflict(request: web.Request, conflict: Conflict, current: dict[str, Any]) -> web.Response:
    """409 with what stands there now, so that the page can show both."""
    message = gettext(request)("Người khác vừa thay đổi")
    content = {"error": conflict.reason, "message": message, "fields": {}, "current": current}
    return web.json_response(content, status=409)
