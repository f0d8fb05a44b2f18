"""Practice calls: the whole path from asking to talking, with a simulated doctor and a patient who does not exist.

The rows are those of real calls and bear ``practice``; every list, log and statistic leaves them out. No doctor is rung, nobody
accepts (``accepted_by`` stays empty), and there is never a note.
"""

from __future__ import annotations

from uuid import UUID, uuid4

from sqlalchemy import select

from records.acts import Act
from records.care import call_rows, calls, consequences, requests, tables
from records.care import request_rows as rows
from records.errors import NotFound
from records.guard import access, audit, sealed
from records.people import patients, rehearsal
from records.people.identities import Identity
from records.people.tables import Patient

OVER, FULL, BROKEN = "practice-over", "practice-full", "practice-broken"      # why a practice call ended


async def begin(act: Act, request_id: UUID) -> UUID:
    """Ask for the simulated doctor. While the worker has a practice call, that one's request is given back instead."""
    access.require(act, "practice:start")
    organization_id = act.actor.organization_id
    assert organization_id is not None
    live = await _live(act)
    if live is not None:
        return live
    known = await act.db.get(tables.Request, request_id)
    if known is not None and known.practice and known.asked_by == act.actor.practitioner_id:
        return known.id
    encounter = tables.Encounter(
        id=uuid4(), organization_id=organization_id, location_id=act.actor.location_id,
        patient_id=await _patient(act, organization_id), status="arrived", practice=True, started_at=act.at,
        started_by=act.actor.practitioner_id, version=1)
    act.db.add(encounter)
    await act.db.flush()
    await audit.record(act, "encounter:start", "encounter", encounter.id, patient_id=encounter.patient_id)
    return await requests.ask(act, request_id, encounter.id, practice=True)


async def show(act: Act, request_id: UUID) -> bool:
    """The simulated doctor has seen the ring. False when it no longer rings."""
    row = await _held(act, request_id)
    if row.status == "requested":
        await rows.step(act, row, "received", "show", side="doctor", rung_at=act.at)
    return row.status in rows.RINGING


async def accept(act: Act, request_id: UUID) -> UUID | None:
    """The simulated doctor takes the request: its call, or None when it no longer rings."""
    row = await _held(act, request_id)
    if row.status not in rows.RINGING:
        return None
    await rows.step(act, row, "accepted", "accept", side="doctor", accepted_at=act.at, deadline_at=act.at + rows.JOIN)
    return await calls.open(act, row)


async def finish(act: Act, call_id: UUID) -> UUID:
    """The worker has seen enough: the practice is over at once. Returns the request."""
    call = await access.call(act, "practice:end", call_id)
    if not call.practice:
        raise NotFound
    await end(act, call.request_id)
    return call.request_id


async def end(act: Act, request_id: UUID, reason: str = OVER) -> None:
    """Whatever of this practice is not over ends now. Once more changes nothing."""
    row = await _held(act, request_id)
    call = await call_rows.of_request(act, request_id)
    if call is not None and call.state in call_rows.LIVE:
        await call_rows.end(act, call, "ended" if call.connected_at else "failed", reason)
        await consequences.run_out(act, call)
    elif row.status not in rows.TERMINAL:
        await rows.step(act, row, "failed", "fail", detail=reason, reason=reason, ended_at=act.at, deadline_at=None)
    encounter = await act.db.get_one(tables.Encounter, row.encounter_id)
    if encounter.status not in ("finished", "cancelled"):
        encounter.status, encounter.ended_at, encounter.version = "finished", act.at, encounter.version + 1
        await audit.record(act, "encounter:finish", "encounter", encounter.id, patient_id=encounter.patient_id,
                           version=encounter.version)


async def end_all(act: Act) -> list[UUID]:
    """At start: the simulated doctors went with the server before, so their calls are over. Returns their requests."""
    query = select(tables.Request.id).where(tables.Request.practice.is_(True), tables.Request.status.in_(rows.LIVE))
    found = list(await act.db.scalars(query))
    for one in found:
        await end(act, one)
    return found


async def _patient(act: Act, organization_id: UUID) -> UUID:
    """Made when first needed; in no index and no list of names."""
    found = rehearsal.patient_id(organization_id)
    if await act.db.get(Patient, found) is not None:
        return found
    row = Patient(id=found, organization_id=organization_id, unnamed=False, created_at=act.at,
                  created_by=act.actor.practitioner_id, version=1)
    row.identity = await sealed.seal_json(act, Identity(full_name=rehearsal.NAME, gender="unknown"), patients.context(row))
    act.db.add(row)
    await act.db.flush()
    await audit.record(act, "patient:register", "patient", found, patient_id=found, version=1)
    return found


async def _live(act: Act) -> UUID | None:
    query = select(tables.Request.id).where(
        tables.Request.asked_by == act.actor.practitioner_id, tables.Request.practice.is_(True),
        tables.Request.status.in_(rows.LIVE))
    return (await act.db.scalars(query.order_by(tables.Request.asked_at.desc()).limit(1))).first()


async def _held(act: Act, request_id: UUID) -> tables.Request:
    row = await rows.locked(act, request_id)
    if not row.practice:
        raise NotFound
    return row
