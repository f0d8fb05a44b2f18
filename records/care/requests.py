"""Requests: a station asks for a doctor, and what becomes of it. Who may do what; the steps themselves are in request_rows.py.

requested -> received -> accepted -> in-progress -> completed; failed (no-doctor, declined, timeout) and cancelled end it too.
A return from accepted to requested happens when the two did not meet. What the call means for its request (in-progress,
completed) is in consequences.py, reading in request_views.py, who is rung in request_rings.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID, uuid4

from records import database
from records.acts import Act
from records.care import calls, consents, encounters, line_checks, request_clock, request_rings, tables
from records.care import request_rows as rows
from records.care.request_rows import Request, value
from records.errors import Conflict, Invalid, NotAllowed, NotFound
from records.guard import access
from records.people import patients, rehearsal
from records.people.tables import Patient, Practitioner

EMERGENCIES = ("no-breathing", "short-of-breath", "bleeding", "other")


@dataclass(frozen=True, kw_only=True)
class Offered:
    """``new``: the doctors to ring now. ``request`` may have failed because there is nobody."""

    request: Request
    new: tuple[UUID, ...]


# ---------------------------------------------------------------- the station


async def ask(act: Act, request_id: UUID, encounter_id: UUID, *, practice: bool = False) -> UUID:
    """Ask for a doctor. While one is being rung for this encounter, or is there, that request is given back instead.

    Raises Invalid({"consent": "missing"}) without agreement to the consultation and to a receiving organization, and
    Conflict("finished") when the case is closed.
    """
    encounter = await access.encounter(act, "request:ask", encounter_id)
    if encounter.practice is not practice:
        raise NotFound      # nobody asks a real doctor for a rehearsal
    live = await _live(act, encounter)
    if live is not None:
        return live.id
    if not practice and not await consents.recipients(act, encounter_id):
        raise Invalid({"consent": "missing"})
    return await _insert(act, request_id, encounter, emergency=False, practice=practice)


async def emergency(act: Act, request_id: UUID, reason: str, *, encounter_id: UUID | None = None,
                    patient_id: UUID | None = None) -> UUID:
    """Ring everyone. Without an encounter one is begun, without a patient an unnamed one; the reason replaces the consent."""
    if reason not in EMERGENCIES:
        raise Invalid({"reason": "unknown"})
    access.require(act, "request:emergency")
    if await _sent_again(act, request_id):
        return request_id
    encounter_id, patient_id = await _real(act, encounter_id, patient_id)
    if encounter_id is None:
        encounter_id = await encounters.start(act, uuid4(), patient_id or await patients.unnamed(act, uuid4()))
    encounter = await access.encounter(act, "request:emergency", encounter_id)
    live = await _live(act, encounter)
    await consents.emergency(act, encounter_id, reason)
    encounter.emergency = True
    if live is None:
        return await _insert(act, request_id, encounter, emergency=True, practice=False)
    if live.status in rows.RINGING and not live.emergency:
        until = act.at + rows.RING
        await rows.step(act, live, live.status, "urge", emergency=True, ringing_until=until, deadline_at=until)
    return live.id


async def again(act: Act, request_id: UUID, new_id: UUID) -> UUID:
    """"Gọi lại": a new request for the same encounter, as urgent as the one before and with the same agreement."""
    before = await access.request(act, "request:again", request_id)
    if before.practice:
        raise NotFound      # "Gọi thử" begins another one
    encounter = await access.encounter(act, "request:again", before.encounter_id)
    live = await _live(act, encounter)
    if live is not None:
        return live.id
    if not before.emergency and not await consents.recipients(act, encounter.id):
        raise Invalid({"consent": "missing"})
    return await _insert(act, new_id, encounter, emergency=before.emergency, practice=False)


async def cancel(act: Act, request_id: UUID) -> Request:
    """The worker takes the request back. Raises Conflict("taken") when a doctor was faster."""
    await access.request(act, "request:cancel", request_id)
    row = await rows.locked(act, request_id)
    if row.status in ("accepted", "in-progress"):
        raise Conflict("taken")
    if row.status != "cancelled":
        await request_clock.end(act, row, "cancelled", "cancel", "cancelled")
    return value(row)


async def _real(act: Act, encounter_id: UUID | None, patient_id: UUID | None) -> tuple[UUID | None, UUID | None]:
    """Both, but nothing of a practice call: an emergency that comes up meanwhile is somebody else's, and real."""
    row = await act.db.get(tables.Encounter, encounter_id) if encounter_id else None
    patient = await act.db.get(Patient, patient_id) if patient_id else None
    return (None if row is not None and row.practice else encounter_id,
            None if patient is not None and rehearsal.is_patient(patient) else patient_id)


async def _sent_again(act: Act, request_id: UUID) -> bool:
    """Whether this emergency is known: it is live, or it failed so lately that its answer was lost on the way."""
    await database.turn(act.db, request_id)
    row = await act.db.get(tables.Request, request_id)
    if row is None or row.organization_id != act.actor.organization_id:
        return False
    return row.status in rows.LIVE or (row.status == "failed" and row.asked_at > act.at - rows.RING)


async def _live(act: Act, encounter: tables.Encounter) -> tables.Request | None:
    """The live request of the encounter, whose row is held so that two clicks make one request."""
    # Weaker than it could be: a doctor who accepts meanwhile holds the request, and their call points to this row.
    await act.db.refresh(encounter, with_for_update={"key_share": True})
    if encounter.status in ("finished", "cancelled"):
        raise Conflict("finished")
    return await rows.live_of_encounter(act, encounter.id)


async def _insert(act: Act, request_id: UUID, encounter: tables.Encounter, *, emergency: bool, practice: bool) -> UUID:
    if await act.db.get(tables.Request, request_id) is not None:
        request_id = uuid4()   # a form kept open since an older request: this is a new one
    assert act.actor.practitioner_id is not None
    row = tables.Request(
        id=request_id, encounter_id=encounter.id, organization_id=encounter.organization_id,
        location_id=encounter.location_id, status="requested", reason="", emergency=emergency, practice=practice,
        asked_at=act.at, asked_by=act.actor.practitioner_id, deadline_at=act.at + rows.RING,
        ringing_until=act.at + rows.RING, version=1)
    act.db.add(row)
    await act.db.flush()
    deed = "emergency" if emergency else "ask"
    await rows.trace(act, row, deed)
    rows.note(act, row, deed, side="worker")
    await line_checks.bring(act, row)
    return row.id


# ---------------------------------------------------------------- the doctors


async def offer(act: Act, request_id: UUID) -> Offered:
    """Ring everyone on duty who is free and has not been rung. With nobody on duty the request fails at once."""
    row = await rows.locked(act, request_id)
    if row.status not in rows.RINGING or row.practice:
        return Offered(request=value(row), new=())
    found = await request_rings.candidates(act, row)
    new = await request_rings.ring(act, row, [one for one in found if row.emergency or not one.busy])
    if new:
        await rows.trace(act, row, "offer")
    await _end_if_nobody(act, row, found)
    return Offered(request=value(row), new=tuple(new))


async def shown(act: Act, request_id: UUID) -> bool:
    """A device of the actor shows the ring. False when that was known, or when it no longer rings."""
    row, mine = await _offered(act, "request:show", request_id)
    if row.status not in rows.RINGING or mine.answer or mine.shown_at is not None:
        return False
    mine.shown_at = act.at
    if row.status == "requested":
        await rows.step(act, row, "received", "show", side="doctor", rung_at=row.rung_at or act.at)
    else:
        rows.note(act, row, "show", side="doctor")
    return True


async def accept(act: Act, request_id: UUID) -> UUID:
    """Take the request; the call is opened in the same act. Exactly one doctor wins, and may press twice.

    Raises Conflict: taken (by another), in-call (one live call per doctor), declined (by oneself), over.
    """
    row, mine = await _offered(act, "request:accept", request_id)
    if row.accepted_by == act.actor.practitioner_id and row.status in ("accepted", "in-progress"):
        call_id = await rows.live_call_of(act, row.accepted_by)
        if call_id is not None:
            return call_id
    if row.status not in rows.RINGING:
        raise Conflict("taken" if row.accepted_by else "over")
    if mine.answer == "declined":
        raise Conflict("declined")
    # Duty, cover and consent are asked again: any of them may have ended since the ring was offered.
    if mine.practitioner_id not in {one.practitioner_id for one in await request_rings.candidates(act, row)}:
        raise Conflict("over")
    if await rows.live_call_of(act, act.actor.practitioner_id) is not None:
        raise Conflict("in-call")
    await rows.step(act, row, "accepted", "accept", side="doctor", accepted_at=act.at, accepted_by=mine.practitioner_id,
                    accepted_organization_id=mine.organization_id, deadline_at=act.at + rows.JOIN)
    await request_rings.settle(act, row.id, "taken")
    rows.answer(mine, "accepted", act.at)
    return await calls.open(act, row)


async def decline(act: Act, request_id: UUID) -> Request:
    """"Không nhận được". When nobody is left the request fails. Declining twice, or too late, changes nothing."""
    row, mine = await _offered(act, "request:decline", request_id)
    if row.status in rows.RINGING and mine.answer in ("", "ended"):
        rows.answer(mine, "declined", act.at)
        await rows.step(act, row, row.status, "decline", side="doctor")
        await _end_if_nobody(act, row, await request_rings.candidates(act, row))
    return value(row)


async def withdraw(act: Act, request_id: UUID, practitioner_id: UUID) -> Request:
    """The doctor went off duty, or may no longer work, while it rang."""
    row = await rows.locked(act, request_id)
    mine = await rows.offer_of(act, request_id, practitioner_id)
    if row.status in rows.RINGING and mine is not None and not mine.answer:
        rows.answer(mine, "ended", act.at)
        await rows.step(act, row, row.status, "withdraw", side="doctor", who=practitioner_id)
        await _end_if_nobody(act, row, await request_rings.candidates(act, row))
    return value(row)


async def _offered(act: Act, tag: str, request_id: UUID) -> tuple[tables.Request, tables.Offer]:
    """The held row and the actor's own offer; whoever was not rung does not learn that the request exists."""
    access.require(act, tag)
    mine = await rows.offer_of(act, request_id, act.actor.practitioner_id)
    if mine is None:
        raise NotAllowed(tag, "request", request_id, hidden=True)
    person = await act.db.get(Practitioner, act.actor.practitioner_id, with_for_update=tag == "request:accept")
    if person is None or person.disabled_at is not None:
        raise NotAllowed(tag, "request", request_id)
    row = await rows.locked(act, request_id)
    await act.db.refresh(mine)
    return row, mine


async def _end_if_nobody(act: Act, row: tables.Request, found: list[request_rings.Candidate]) -> None:
    """Fail when no doctor can still answer: none rings, and none on duty could become free."""
    offers = await rows.offers(act, row.id)
    declined = {one.practitioner_id for one in offers if one.answer == "declined"}
    rings = any(not one.answer for one in offers)
    if not rings and all(one.practitioner_id in declined for one in found):
        await request_clock.end(act, row, "failed", "fail", "declined" if declined else "no-doctor")
