"""The doctor is rung: what the ring says, taking it, not being able to. Everything here is JSON for the ring panel."""

from __future__ import annotations

from uuid import UUID

from aiohttp import web
from pydantic import BaseModel

from records.care import request_summary, request_views, requests
from records.errors import Conflict, NotAllowed, NotFound
from web import paths, request_words
from web.forms import read_json
from web.i18n import N_, gettext
from web.keys import ACTOR, ARCHIVE, DESK, LOCALE

LOST = {
    "taken": N_("%(name)s đã nhận ca này."), "over": N_("Lời gọi này đã kết thúc."),
    "in-call": N_("Bạn đang trong một ca khác. Hãy kết thúc ca đó trước."),
    "declined": N_("Bạn đã báo không nhận được lời gọi này."), "changed": N_("Lời gọi vừa thay đổi. Hãy bấm lại."),
    "call-under-way": N_("Lời gọi này đã kết thúc."),
}


class AcceptForm(BaseModel):
    """``leg``: the peer under which this page is connected with the station already, or None."""

    leg: UUID | None = None


async def show(request: web.Request) -> web.Response:
    """GET /requests/{id}/ring: station, sex, age, complaint, marked values. Audited once per request and doctor."""
    async with request.app[ARCHIVE].act(request[ACTOR]) as act:
        summary = await request_summary.read(act, paths.id_of(request, "id"))
    if not summary.request.rings or summary.declined:
        raise NotFound
    return web.json_response(request_words.ring(gettext(request), summary, request.app[ARCHIVE].clock(), request[LOCALE]))


async def accept(request: web.Request) -> web.Response:
    """POST /requests/{id}/accept: "Nhận". The one who wins gets the call; the others learn who that was."""
    request_id = paths.id_of(request, "id")
    form = await read_json(request, AcceptForm)
    try:
        async with request.app[ARCHIVE].act(request[ACTOR]) as act:
            call_id = await requests.accept(act, request_id)
    except Conflict as lost:
        return await _lost(request, request_id, lost.reason)
    await request.app[DESK].accepted(request_id, _me(request), str(form.leg or ""))
    return web.json_response({"call": str(call_id)})


async def decline(request: web.Request) -> web.Response:
    """POST /requests/{id}/decline: "Không nhận được"."""
    request_id = paths.id_of(request, "id")
    async with request.app[ARCHIVE].act(request[ACTOR]) as act:
        await requests.decline(act, request_id)
    await request.app[DESK].declined(request_id, _me(request))
    return web.json_response({"declined": True})


async def _lost(request: web.Request, request_id: UUID, reason: str) -> web.Response:
    async with request.app[ARCHIVE].act(request[ACTOR]) as act:
        by = await request_views.taken_by(act, request_id)
    reason = "over" if reason == "taken" and not by else reason
    message = gettext(request)(LOST.get(reason, LOST["over"]), name=by)
    return web.json_response({"error": reason, "message": message, "by": by, "fields": {}}, status=409)


def _me(request: web.Request) -> UUID:
    practitioner_id = request[ACTOR].practitioner_id
    if practitioner_id is None:
        raise NotAllowed("request:accept", "request")
    return practitioner_id
