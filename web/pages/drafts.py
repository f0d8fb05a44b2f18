"""The note panel's JSON: the draft and the station's rows as they stand, saving every other second."""

from __future__ import annotations

from uuid import uuid4

from aiohttp import web

from records.care import note_drafts, notes
from web import forms, note_forms, paths
from web.keys import ACTOR, ARCHIVE
from web.note_forms import DraftForm
from web.pages import conditions


async def read(request: web.Request) -> web.Response:
    """GET /encounters/{id}/note/draft: everything the panel needs when it opens. Signed words are not in it."""
    encounter_id, me = paths.id_of(request, "encounter_id"), request[ACTOR].practitioner_id
    async with request.app[ARCHIVE].act(request[ACTOR]) as act:
        draft = await note_drafts.read(act, encounter_id)
        rows = await note_drafts.station(act, encounter_id)
        may_sign = await notes.may_sign(act)
        state = await notes.state(act, encounter_id)
    signed = note_forms.signed(request, state) if state.state == "signed" and state.author_id == me else None
    return web.json_response({
        "draft": note_forms.draft(request, draft) if draft else None, "newId": str(uuid4()), "signed": signed,
        "station": note_forms.station(request, rows), "maySign": may_sign, "conditions": conditions.address(),
    })


async def station(request: web.Request) -> web.Response:
    """GET /encounters/{id}/note/station: S and O again, as often as the panel asks."""
    async with request.app[ARCHIVE].act(request[ACTOR]) as act:
        rows = await note_drafts.station(act, paths.id_of(request, "encounter_id"))
    return web.json_response(note_forms.station(request, rows))


async def save(request: web.Request) -> web.Response:
    """PUT /encounters/{id}/note/draft: the same twice is saved once; 409 when another page saved meanwhile."""
    form = await forms.read_json(request, DraftForm)
    async with request.app[ARCHIVE].act(request[ACTOR]) as act:
        note = await note_drafts.save(act, paths.id_of(request, "encounter_id"), form.id, form.version, form.written)
    return web.json_response(note_forms.draft(request, note))
