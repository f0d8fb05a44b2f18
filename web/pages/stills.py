"""Sharp stills of a call: the patient's answer, the picture from whoever has it, and whether it is kept."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from aiohttp import web
from pydantic import BaseModel

from records.care import calls, stills
from records.errors import Invalid
from signaling import messages
from web import forms, paths
from web.keys import ACTOR, ARCHIVE, DARKROOM, DESK, ROOMS
from web.pages import photos


class Answer(BaseModel):
    """What the worker pressed."""

    agreed: bool


async def consent(request: web.Request) -> web.Response:
    """POST /calls/{id}/stills/{still}/consent: the patient was asked. A refusal is told to the doctor."""
    call_id, still = _ids(request)
    answer = await forms.read_json(request, Answer)
    async with request.app[ARCHIVE].act(request[ACTOR]) as act:
        await stills.answer(act, call_id, still, agreed=answer.agreed)
    if not answer.agreed:
        _tell(request, call_id, still, "refused")
    return web.json_response({"agreed": answer.agreed})


async def keep(request: web.Request) -> web.Response:
    """POST /calls/{id}/stills/{still}, multipart with one ``photo``: from the doctor's page, or from the station without it."""
    call_id, still = _ids(request)
    async with request.app[ARCHIVE].act(request[ACTOR]) as act:         # before megabytes are read: it was asked for
        await stills.is_stored(act, call_id, still)
    try:
        with request.app[DARKROOM].place():
            _, files = await photos.read(request)
            picture = await request.app[DARKROOM].develop(files[0])
    except Invalid as invalid:
        return photos.refuse(request, invalid)
    async with request.app[ARCHIVE].act(request[ACTOR]) as act:
        photo = await stills.store(act, call_id, still, picture)
    _tell(request, call_id, still, "kept")
    await request.app[DESK].case_changed(photo.encounter_id)
    return web.json_response({"id": str(photo.id)}, status=201)


async def state(request: web.Request) -> web.Response:
    """GET /calls/{id}/stills/{still}: whether it is kept; a station that does not know asks before it sends it."""
    call_id, still = _ids(request)
    async with request.app[ARCHIVE].act(request[ACTOR]) as act:
        await calls.read(act, call_id)
        found = await stills.is_stored(act, call_id, still)
    return web.json_response({"kept": found})


def _ids(request: web.Request) -> tuple[UUID, UUID]:
    return paths.id_of(request, "id"), paths.id_of(request, "still")


def _tell(request: web.Request, call_id: UUID, still: UUID, state: Any) -> None:
    call = str(call_id)
    request.app[ROOMS].tell(call, messages.PeerPhoto(call=call, still=str(still), state=state))
