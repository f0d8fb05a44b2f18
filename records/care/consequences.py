"""What a call means for its request and its encounter. Only a person finishes an encounter; a deadline never does."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from records.acts import Act
from records.care import call_events, tables
from records.guard import audit

LONGEST_SECONDS = 4 * 3600   # the call's own longest life, and therefore the request's


async def begun(act: Act, call: tables.Call) -> None:
    """Both are in the room: the request and the encounter are in progress."""
    encounter = await _encounter(act, call)
    await _request(act, call, ("accepted",), "in-progress", deadline_at=call.deadline_at)
    if encounter.status in ("planned", "arrived"):
        encounter.status = "in-progress"
        encounter.version += 1
        await act.db.flush()


async def finished(act: Act, call: tables.Call) -> None:
    """The doctor finished the case: the request is completed, the encounter over; an unsigned note waits to be signed."""
    encounter = await _encounter(act, call)
    await _request(act, call, ("accepted", "in-progress"), "completed", ended_at=act.at)
    if encounter.status not in ("finished", "cancelled"):
        encounter.status = "finished"
        encounter.ended_at = act.at
        encounter.version += 1
        await audit.record(act, "encounter:finish", "encounter", encounter.id, patient_id=encounter.patient_id,
                           version=encounter.version)


async def run_out(act: Act, call: tables.Call) -> None:
    """A deadline ended the call: its request ends with it, the encounter stays open and the station may call again."""
    status = "completed" if call.connected_at else "failed"
    await _request(act, call, ("accepted", "in-progress"), status, ended_at=act.at, reason=call.reason)


async def _encounter(act: Act, call: tables.Call) -> tables.Encounter:
    """The encounter, held before the request: the order in which a station that asks takes them (requests.py)."""
    return await act.db.get_one(tables.Encounter, call.encounter_id, with_for_update={"key_share": True},
                                populate_existing=True)


async def _request(act: Act, call: tables.Call, before: tuple[str, ...], status: str, *, ended_at: datetime | None = None,
                   deadline_at: datetime | None = None, reason: str = "") -> None:
    row = (await act.db.scalars(select(tables.Request).where(tables.Request.id == call.request_id).with_for_update()
                                .execution_options(populate_existing=True))).one()
    if row.status not in before:
        return
    changes: dict[str, Any] = {"status": status, "ended_at": ended_at, "deadline_at": deadline_at, "reason": reason}
    result: Any = await act.db.execute(
        update(tables.Request).where(tables.Request.id == row.id, tables.Request.version == row.version)
        .values(version=row.version + 1, **changes).execution_options(synchronize_session=False))
    if result.rowcount == 1:
        await act.db.refresh(row)
        await call_events.record(act, row.id, status, detail=reason)
        await audit.record(act, f"request:{status}", "request", row.id, version=row.version, reason=reason)
