"""Sharp stills: photos that the doctor asks for in a live call and the station's camera takes.

Asking, the patient's answer, what came of it and the keeping are rows of the call's time line and entries of the trail.
The id is made by the doctor's page; what nobody asked for is not kept. Knows no camera and no line.
"""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from sqlalchemy import select

from records import database
from records.acts import Act
from records.care import attachments, call_events, calls, consents, tables
from records.care import call_rows as rows
from records.care.pictures import Picture
from records.errors import Conflict, NotAllowed, NotFound
from records.guard import access, audit

# CallEvent.kind
WANTED, AGREED, REFUSED, KEPT, NONE = "still-wanted", "still-agreed", "still-refused", "still-kept", "still-none"
Wanted = Literal["ready", "ask", "refused", "curtain"]


async def want(act: Act, call_id: UUID, id: UUID, *, curtain: bool) -> Wanted:
    """The doctor of this call asks for a still; the same ``id`` again is the same wish.

    "ready": it may be taken; "ask": the patient has to be asked first; "refused": was asked in this call and said no;
    "curtain": the station's is drawn (``curtain``), nothing is taken. Raises Conflict: "call-over", "finished", "too-many".
    """
    call, encounter = await _live(act, call_id)
    await attachments.refuse_more(act, encounter)
    found = "curtain" if curtain else await _may(act, call)
    kind, detail = (WANTED, str(id)) if found in ("ready", "ask") else (NONE, found)
    if kind == NONE or not await _was(act, call, WANTED, id):
        await _note(act, call, kind, "doctor", detail)
        await audit.record(act, "attachment:want", "attachment", id, patient_id=encounter.patient_id, reason=found)
    return found


async def answer(act: Act, call_id: UUID, id: UUID, *, agreed: bool) -> None:
    """What the patient says to being photographed: asked once in a call. The same again changes nothing.

    Raises NotFound for a still nobody asked for; Conflict: "call-over", "answered" otherwise before.
    """
    call = await _wished(act, "consent:photo", call_id, id)
    if calls.side_of(act, call) != "worker":
        raise NotAllowed("consent:photo", "call", call_id)
    if call.state not in rows.LIVE:
        raise Conflict("call-over")
    stands = await _may(act, call)
    if stands == "ask":
        await consents.answer_photo(act, await act.db.get_one(tables.Encounter, call.encounter_id), agreed=agreed)
        await _note(act, call, AGREED if agreed else REFUSED, "worker")
    elif agreed != (stands == "ready"):
        raise Conflict("answered")


async def failed(act: Act, call_id: UUID, id: UUID, why: str) -> None:
    """The station took none. ``why``: a code such as curtain, camera-off, no-camera, no-answer."""
    call = await _wished(act, "call:read", call_id, id)
    await _note(act, call, NONE, calls.side_of(act, call), why)


async def store(act: Act, call_id: UUID, id: UUID, picture: Picture) -> attachments.Photo:
    """Keep the picture, from the doctor who received it or the station that took it; the same ``id`` again changes nothing.

    Raises NotFound for a still nobody asked for in this call; Conflict: "no-consent", "cancelled", "too-many".
    """
    call = await _wished(act, "attachment:still", call_id, id)
    side = calls.side_of(act, call)
    encounter = await act.db.get_one(tables.Encounter, call.encounter_id)
    await database.turn(act.db, id)
    known = await attachments.find(act, encounter.id, id)
    if known is not None:
        return known
    if encounter.status == "cancelled" or await _may(act, call) != "ready":
        raise Conflict("cancelled" if encounter.status == "cancelled" else "no-consent")
    photo = await attachments.keep(act, encounter, id, picture, still=True, seen=side == "doctor")
    await _note(act, call, KEPT, side)
    return photo


async def is_stored(act: Act, call_id: UUID, id: UUID) -> bool:
    """Whether the still that was asked for in this call is kept. Raises NotFound for one nobody asked for."""
    call = await _wished(act, "call:read", call_id, id)
    return await attachments.find(act, call.encounter_id, id) is not None


async def _live(act: Act, call_id: UUID) -> tuple[tables.Call, tables.Encounter]:
    """The call of the doctor who acts, held until the act ends, and its encounter."""
    await access.call(act, "attachment:want", call_id)
    call = await rows.locked(act, call_id)
    if call.doctor_id is None or call.doctor_id != act.actor.practitioner_id:
        raise NotAllowed("attachment:want", "call", call_id)
    if call.state not in rows.LIVE:
        raise Conflict("call-over")
    return call, await act.db.get_one(tables.Encounter, call.encounter_id)


async def _wished(act: Act, tag: str, call_id: UUID, id: UUID) -> tables.Call:
    await access.call(act, tag, call_id)
    call = await rows.locked(act, call_id)
    if not await _was(act, call, WANTED, id):
        raise NotFound
    return call


async def _may(act: Act, call: tables.Call) -> Literal["ready", "ask", "refused"]:
    if await consents.may_show_photos(act, call.encounter_id):
        return "ready"
    return "refused" if await consents.refused_photo(act, call.encounter_id, since=call.opened_at) else "ask"


async def _was(act: Act, call: tables.Call, kind: str, id: UUID) -> bool:
    query = select(tables.CallEvent.id).where(
        tables.CallEvent.request_id == call.request_id, tables.CallEvent.kind == kind, tables.CallEvent.detail == str(id))
    return (await act.db.scalars(query.limit(1))).first() is not None


async def _note(act: Act, call: tables.Call, kind: str, side: str, detail: str = "") -> None:
    await call_events.record(act, call.request_id, kind, practitioner_id=act.actor.practitioner_id, side=side, detail=detail)
