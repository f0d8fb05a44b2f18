"""The call's address: the page that takes it up after a reload, how it stands, finishing, and what was said in it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from aiohttp import web

from records.acts import Act
from records.care import attachments, calls, consents, encounters, messages, notes, observations, voice_notes
from records.people import organizations
from web import case_card, paths, practice_words, request_words
from web.i18n import gettext
from web.keys import ACTOR, ARCHIVE, CALLS, SIGNED_IN
from web.templating import render


async def show(request: web.Request) -> web.Response:
    """GET /calls/{id}: the same call in a page of its own; its script takes the seat, nothing is clicked."""
    async with request.app[ARCHIVE].act(request[ACTOR]) as act:
        call = await calls.read(act, paths.id_of(request, "id"))
        side = calls.side_of(act, call)
    return render(request, "calls/show.html", call=call, side=side)


async def state(request: web.Request) -> web.Response:
    """GET /calls/{id}/state: machine, case and people. ``?brief`` leaves the case out: it was read and audited before."""
    brief = "brief" in request.query
    async with request.app[ARCHIVE].act(request[ACTOR]) as act:
        call = await calls.read(act, paths.id_of(request, "id"))
        side = calls.side_of(act, call)
        note = await notes.state(act, call.encounter_id)
        here = await organizations.own_name(act)
        case = None if brief else await _case(act, call, side, gettext(request))
    found = _state(request, call, side) | {
        "me": str(request[ACTOR].practitioner_id), "person": {"name": _called(request), "organization": here},
        "encounter": str(call.encounter_id), "request": str(call.request_id),
        "advice": f"/encounters/{call.encounter_id}/advice" if note.state == "signed" else "",
    }
    return web.json_response(found | {"case": case_card.card(request, case)} if case else found)


async def finish(request: web.Request) -> web.Response:
    """POST /calls/{id}/finish: "Kết thúc ca", armed for 30 s in which it can be taken back."""
    async with request.app[ARCHIVE].act(request[ACTOR]) as act:
        call = await calls.finish(act, paths.id_of(request, "id"))
    await request.app[CALLS].moved(call.id)
    return web.json_response(_state(request, call, "doctor"))


async def unfinish(request: web.Request) -> web.Response:
    """POST /calls/{id}/unfinish: "Khoan, chưa kết thúc"."""
    async with request.app[ARCHIVE].act(request[ACTOR]) as act:
        call = await calls.unfinish(act, paths.id_of(request, "id"))
    await request.app[CALLS].moved(call.id)
    return web.json_response(_state(request, call, "doctor"))


async def list_messages(request: web.Request) -> web.Response:
    """GET /calls/{id}/messages: everything written beside this call, oldest first, and how many voice notes there are."""
    async with request.app[ARCHIVE].act(request[ACTOR]) as act:
        lines = await messages.history(act, paths.id_of(request, "id"))
        spoken = await voice_notes.of_call(act, paths.id_of(request, "id"))
        if lines:
            await messages.mark(act, paths.id_of(request, "id"), lines[-1].number, seen=False)
    me = request[ACTOR].practitioner_id
    simulated = gettext(request)(practice_words.NAME)       # the one writer who is nobody
    said = [_line(line, me, line.name or simulated) for line in lines]
    return web.json_response({"messages": said, "voiceNotes": len(spoken)})


def _state(request: web.Request, call: calls.Call, side: str) -> dict[str, Any]:
    now = request.app[ARCHIVE].clock()
    left = -1 if call.finish_at is None or call.is_over else max(0, round((call.finish_at - now).total_seconds() * 1000))
    end = call.ended_at or now
    return {"call": str(call.id), "side": side, "state": call.state, "reason": call.reason, "finishInMs": left,
            "elapsedMs": max(0, round((end - call.opened_at).total_seconds() * 1000))}


async def _case(act: Act, call: calls.Call, side: str, _: Any) -> case_card.Case:
    encounter = await encounters.read(act, call.encounter_id)
    visits = [] if encounter.practice else await encounters.for_patient(act, encounter.patient.id, 5)
    earlier = [one for one in visits if one.started_at < encounter.started_at]
    place = await organizations.read(act, call.organization_id)
    point = await organizations.location(act, encounter.location_id) if encounter.location_id else None
    station = request_words.place(_, place.short_name, point.name if point else "")
    if side == "doctor":
        phones = [(station, point.phone if point and point.phone else place.phone)]
    else:
        above = await organizations.read(act, call.doctor_organization_id) if call.doctor_organization_id else None
        phones = [(above.name, above.phone)] if above else []
    return case_card.Case(
        encounter=encounter, measured=await observations.for_encounter(act, encounter.id),
        photos=await attachments.for_encounter(act, encounter.id), before=earlier[0] if earlier else None,
        station=station, phones=phones,
        reason=await consents.emergency_reason(act, encounter.id) if encounter.emergency else "")


def _line(line: messages.Line, me: UUID | None, name: str) -> dict[str, Any]:
    mark = "seen" if line.seen_at else "delivered" if line.delivered_at else "sent"
    return {"id": str(line.id), "number": line.number, "mine": line.sender_id == me, "name": name, "text": line.text,
            "sentAt": line.sent_at.isoformat(), "mark": mark}


def _called(request: web.Request) -> str:
    login = request[SIGNED_IN]
    return login.called if login else ""
