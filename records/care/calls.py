"""The call: a state machine in the database, moved only by compare-and-set on (state, version).

Every move writes one audit entry and one row of the time line in the same act. A call is ended by a person (a finish
that was armed for thirty seconds) or by a deadline when nobody is there; never by a cut line or a restarted server.
What a move means for the request and the encounter is in ``consequences.py``; who is in the room, only signaling knows.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID, uuid4

from sqlalchemy import or_, select, update

from records.acts import Act
from records.care import call_events, consequences, tables
from records.care import call_rows as rows
from records.care.call_rows import LIVE, SPANS, value
from records.care.call_rows import Call as Call
from records.errors import Conflict, NotAllowed
from records.guard import access

Side = Literal["worker", "doctor"]

LONGEST = timedelta(hours=4)                # from opening; an occupied room is renewed until then
FINISH = timedelta(seconds=30)              # while an armed finish can be taken back
LEASE = timedelta(seconds=60)               # at least, after a restart of the server


async def open(act: Act, request: tables.Request) -> UUID:
    """The call of a request that was just accepted. A request taken again by another doctor keeps its call.

    Raises Conflict when the request's call is already under way or over.
    """
    row = await rows.of_request(act, request.id)
    if row is None:
        row = tables.Call(id=uuid4(), request_id=request.id, encounter_id=request.encounter_id,
                          organization_id=request.organization_id, worker_id=request.asked_by, practice=request.practice,
                          state="opened", opened_at=act.at, version=0)
        act.db.add(row)
        await act.db.flush()
    elif row.state != "opened":
        raise Conflict("call-under-way")
    await rows.move(act, row, "opened", state="opened", doctor_id=request.accepted_by,
                doctor_organization_id=request.accepted_organization_id)
    return row.id


async def read(act: Act, call_id: UUID) -> Call:
    """The call, for somebody of its two sides. NotFound or a hidden NotAllowed for everybody else."""
    return value(await access.call(act, "call:read", call_id))


async def for_request(act: Act, request_id: UUID) -> Call | None:
    """The call of a request whose access the caller has checked, or None before it was accepted."""
    row = (await act.db.scalars(select(tables.Call).where(tables.Call.request_id == request_id))).first()
    return value(row) if row else None


async def state_of(act: Act, call_id: UUID) -> str:
    """The state alone, as this act finds it; empty when there is no such call. The row stays held until the act ends."""
    return await act.db.scalar(select(tables.Call.state).where(tables.Call.id == call_id).with_for_update()) or ""


async def live_of(act: Act, practitioner_id: UUID) -> list[Call]:
    """The calls in which this person is awaited or present, newest first."""
    query = select(tables.Call).where(
        or_(tables.Call.worker_id == practitioner_id, tables.Call.doctor_id == practitioner_id),
        tables.Call.state.in_(LIVE)).order_by(tables.Call.opened_at.desc())
    return [value(row) for row in await act.db.scalars(query)]


def side_of(act: Act, call: Call | tables.Call) -> Side:
    """On which side the actor sits. Raises NotAllowed for anybody who has no seat in this call."""
    actor = act.actor
    if actor.practitioner_id is not None and actor.practitioner_id == call.doctor_id:
        return "doctor"
    if actor.practitioner_id == call.worker_id or (
            access.is_worker(actor) and actor.organization_id == call.organization_id):
        return "worker"
    raise NotAllowed("call:enter", "call", call.id, hidden=True)


async def entered(act: Act, call_id: UUID, side: Side, *, together: bool) -> Call:
    """Somebody took a seat; ``together`` when both seats are now taken. Raises Conflict when the call is over."""
    row = await rows.locked(act, call_id)
    if row.state not in LIVE:
        raise Conflict("call-over")
    await rows.note(act, row, "entered", side)
    if row.state == "opened" and together:
        await rows.move(act, row, "connecting", state="connecting")
        await consequences.begun(act, row)
    return value(row)


async def left(act: Act, call_id: UUID, side: Side, reason: str, *, empty: bool) -> Call:
    """A seat is empty; ``empty``: so is the room. ``reason``: left, gone, dismissed. Ends nothing: the call waits.

    Somebody who is silent may still send media: only the other side's report, or an empty room, says that it is cut.
    """
    row = await rows.locked(act, call_id)
    if row.state not in LIVE:
        return value(row)
    await rows.note(act, row, "left" if reason == "left" else "gone", side, reason)
    lost: dict[str, Any] = {f"{side}_media": "lost"}
    if row.state in ("connected", "connecting") and (reason == "left" or empty):
        await rows.move(act, row, "reconnecting", side=side, state="reconnecting", **lost)
    return value(row)


async def media(act: Act, call_id: UUID, side: Side, flow: Literal["connected", "lost"]) -> Call:
    """One side receives the other's media, or no longer does."""
    row = await rows.locked(act, call_id)
    if row.state not in LIVE or getattr(row, f"{side}_media") == flow:
        return value(row)
    other = row.doctor_media if side == "worker" else row.worker_media
    flows: dict[str, Any] = {f"{side}_media": flow}
    if flow == "connected" and other == "connected" and row.state != "connected":
        await rows.move(act, row, "connected", side=side, state="connected", **flows)
    elif flow == "lost" and row.state == "connected":
        await rows.move(act, row, "reconnecting", side=side, state="reconnecting", **flows)
    else:
        await rows.set_(act, row, **flows)
    return value(row)


async def measured(act: Act, call_id: UUID, side: Side, quality: call_events.Measurement, bytes_used: int) -> None:
    """Keep ten seconds of one side. ``bytes_used``: in these ten seconds, both directions; counted at the station."""
    row = await rows.locked(act, call_id)
    if row.state not in LIVE:
        return
    await call_events.measure(act, call_id, side, quality)
    if side == "worker" and bytes_used:
        await act.db.execute(update(tables.Call).where(tables.Call.id == call_id).values(
            bytes_used=tables.Call.bytes_used + bytes_used))


async def switched(act: Act, call_id: UUID, side: Side, kind: str) -> None:
    """A side drew or lifted its curtain, or its saver switch was turned: one row of the time line, and never an image."""
    row = await rows.locked(act, call_id)
    if row.state in LIVE:
        await call_events.record(act, row.request_id, kind, practitioner_id=act.actor.practitioner_id, side=side)


async def finish(act: Act, call_id: UUID) -> Call:
    """The doctor ends the case: armed for FINISH, in which it can be taken back."""
    row = await _of_doctor(act, "call:finish", call_id)
    if row.finish_at is None:
        await rows.move(act, row, "finish-armed", tag="finish", side="doctor", finish_at=act.at + FINISH,
                    finish_by=act.actor.practitioner_id)
    return value(row)


async def unfinish(act: Act, call_id: UUID) -> Call:
    """The doctor takes the finish back. Raises Conflict when it is already final."""
    row = await _of_doctor(act, "call:unfinish", call_id)
    if row.finish_at is not None:
        await rows.move(act, row, "finish-undone", tag="unfinish", side="doctor", finish_at=None, finish_by=None)
    return value(row)


async def finish_now(act: Act, call_id: UUID, armed_for: datetime) -> Call:
    """An armed finish becomes final, unless it was taken back or armed anew since ``armed_for``."""
    row = await rows.locked(act, call_id)
    if row.state in LIVE and row.finish_at == armed_for:
        await rows.end(act, row, "ended", "finished")
        await consequences.finished(act, row)
    return value(row)


async def expire(act: Act, call_id: UUID, armed_for: datetime, *, occupied: bool) -> Call:
    """The deadline that was armed for ``armed_for`` ran out. An occupied room waits on, LONGEST at most.

    A call that did not connect in time says so and stays: people may talk by chat, try again or telephone.
    """
    row = await rows.locked(act, call_id)
    if row.state not in LIVE or row.deadline_at != armed_for:
        return value(row)
    if row.state == "connecting":
        await rows.move(act, row, "not-connected", tag="reconnecting", state="reconnecting")
    elif occupied and row.state != "connected" and act.at < row.opened_at + LONGEST:
        await rows.set_(act, row, deadline_at=act.at + SPANS[row.state])
    else:
        await _run_out(act, row)
    return value(row)


async def release(act: Act, request_id: UUID) -> None:
    """The doctor did not join and the request rings again: the opened call waits for whoever accepts next."""
    row = await rows.of_request(act, request_id)
    if row is not None and row.state == "opened" and row.doctor_id is not None:
        await rows.move(act, row, "released", detail="not-joined", state="opened", doctor_id=None, doctor_organization_id=None)


async def abandon(act: Act, request_id: UUID, reason: str) -> Call | None:
    """The request ended before its call began, or the case was cancelled: the call fails with ``reason``."""
    row = await rows.of_request(act, request_id)
    if row is not None and row.state in LIVE:
        await rows.end(act, row, "failed", reason)
    return value(row) if row else None


async def rearm(act: Act) -> list[Call]:
    """At start-up: every live call as it was, its deadlines at least LEASE away."""
    live: Sequence[tables.Call] = (await act.db.scalars(
        select(tables.Call).where(tables.Call.state.in_(LIVE)).with_for_update())).all()
    lease = act.at + LEASE
    for row in live:
        finish_at = max(row.finish_at, lease) if row.finish_at else None
        await rows.set_(act, row, deadline_at=max(row.deadline_at or lease, lease), finish_at=finish_at)
        if row.state != "opened":
            await call_events.record(act, row.request_id, "restarted")
    return [value(row) for row in live]


async def _run_out(act: Act, row: tables.Call) -> None:
    connected = row.connected_at is not None
    reason = {"opened": "not-joined", "connected": "too-long"}.get(row.state, "lost" if connected else "not-connected")
    await rows.end(act, row, "ended" if connected else "failed", reason)
    await consequences.run_out(act, row)


async def _of_doctor(act: Act, tag: str, call_id: UUID) -> tables.Call:
    await access.call(act, tag, call_id)
    row = await rows.locked(act, call_id)
    if row.doctor_id is None or row.doctor_id != act.actor.practitioner_id:
        raise NotAllowed(tag, "call", call_id)
    if row.state not in LIVE:
        raise Conflict("call-over")
    return row
