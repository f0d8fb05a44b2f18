"""What the clock does to requests: a ring that runs out, two who did not meet, alarms after a restart; how a request ends."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from records.acts import Act
from records.care import calls, request_rings, tables
from records.care import request_rows as rows
from records.care.request_rows import Request, value


async def expire(act: Act, request_id: UUID, deadline_at: datetime) -> Request:
    """The alarm set for ``deadline_at`` went off. An alarm of a state that has passed changes nothing."""
    row = await rows.locked(act, request_id)
    if row.deadline_at != deadline_at or row.status in rows.TERMINAL:
        return value(row)
    if row.status == "accepted":
        await _return(act, row)
    elif row.status in rows.RINGING:
        rung = await rows.offers(act, row.id)
        await end(act, row, "failed", "fail", "timeout" if rung else "no-doctor")
    return value(row)


async def _return(act: Act, row: tables.Request) -> None:
    """They did not meet: ring again at the same place, for what was left of the ring and 60 s at least."""
    assert row.ringing_until is not None and row.accepted_at is not None
    until = act.at + max(rows.RING_AT_LEAST, row.ringing_until - row.accepted_at)
    who = row.accepted_by
    await rows.step(act, row, "requested", "return", who=who, accepted_at=None, accepted_by=None,
                    accepted_organization_id=None, deadline_at=until, ringing_until=until)
    await request_rings.reopen(act, row.id)
    await calls.release(act, row.id)


async def end(act: Act, row: tables.Request, status: str, event: str, reason: str) -> None:
    """The request is over; so is its ring, and its call if it has one."""
    side = "worker" if status == "cancelled" else ""
    await rows.step(act, row, status, event, side=side, detail=reason, reason=reason, ended_at=act.at, deadline_at=None)
    await request_rings.settle(act, row.id, "ended")
    await calls.abandon(act, row.id, reason)


async def rearm(act: Act) -> list[Request]:
    """At start: every request that waits for somebody, with at least RING_AT_LEAST to go."""
    query = select(tables.Request).where(tables.Request.status.in_((*rows.RINGING, "accepted"))).with_for_update()
    least = act.at + rows.RING_AT_LEAST
    found = (await act.db.scalars(query)).all()
    for row in found:
        row.deadline_at = max(row.deadline_at or least, least)
        if row.status in rows.RINGING:
            row.ringing_until = row.deadline_at
        row.version += 1
    await act.db.flush()
    return [value(row) for row in found]
