"""Somebody came without a name: later they are named, or turn out to be a patient who is known already."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from records.care import encounters
from records.codes import communes
from records.errors import Invalid
from records.people import patients
from web import forms, paths, persons
from web.keys import ACTOR, ARCHIVE, DESK
from web.pages.patients import FAULTS, LABELS, SHOWN, PatientInput, commune_of_station, identity
from web.templating import render


class NamingInput(BaseModel):
    """``known``: the patient this is; ``q``: what to search for. With neither, the fields of a new name follow."""

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)
    known: UUID | None = None
    q: str | None = Field(default=None, max_length=100)


async def show(request: web.Request) -> web.Response:
    """GET /encounters/{id}/patient"""
    return await _show(request)


async def name_or_join(request: web.Request) -> web.StreamResponse:
    """POST /encounters/{id}/patient: search, join to the one that was found, or give the name."""
    form = await forms.read_form(request, NamingInput)
    if form.q is not None:
        return await _show(request, search=form.q)
    if form.known is None:
        return await _name(request)
    async with request.app[ARCHIVE].act(request[ACTOR]) as act:
        encounter = await encounters.read(act, paths.id_of(request, "id"))
        await patients.join(act, encounter.patient.id, form.known)
    await request.app[DESK].case_changed(encounter.id)
    raise web.HTTPSeeOther(f"/encounters/{encounter.id}")


async def _name(request: web.Request) -> web.StreamResponse:
    form = await forms.read_form(request, PatientInput)
    try:
        async with request.app[ARCHIVE].act(request[ACTOR]) as act:
            encounter = await encounters.read(act, paths.id_of(request, "id"))
            near = await commune_of_station(act)
            await patients.name(act, encounter.patient.id, identity(request, form, near))
    except Invalid as invalid:
        return await _show(request, typed=form.model_dump(mode="json"), faults=forms.describe(request, invalid.fields, FAULTS))
    await request.app[DESK].case_changed(encounter.id)
    raise web.HTTPSeeOther(f"/encounters/{encounter.id}")


async def _show(
    request: web.Request, *, search: str | None = None, typed: dict[str, Any] | None = None,
    faults: dict[str, str] | None = None,
) -> web.Response:
    async with request.app[ARCHIVE].act(request[ACTOR]) as act:
        encounter = await encounters.read(act, paths.id_of(request, "id"))
        found = await patients.find(act, search, SHOWN) if search else []
        near = await commune_of_station(act)
    if not encounter.patient.unnamed:
        raise web.HTTPSeeOther(f"/patients/{encounter.patient.id}")
    home = communes.read(near)
    blank = {"commune": home.label if home else "", "gender": encounter.patient.identity.gender}
    return render(
        request, "patients/naming.html", 422 if faults else 200, encounter=encounter, search=search,
        found=[one for one in found if not one.unnamed], typed=typed or blank,
        faults=faults or {}, labels=LABELS, communes=communes.of_province(near), words=persons.Words(request))
