"""What pages and sockets tell of a call without moving it: rows of the time line that later say why a call went badly.

Kinds: ``away`` (detail: closed, silent or dropped) and ``back``, of the socket behind a seat; ``line-out``, ``path-failed``,
``microphone-fault``, ``camera-fault``, as a page says it of itself. No audit: nothing is read or decided.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import func, select

from records.acts import Act
from records.care import call_events, tables
from records.care import call_rows as rows
from records.care.call_rows import LIVE

ROWS_AT_MOST = 500      # of one request's time line: a line that comes and goes all day fills no database


async def tell(act: Act, call_id: UUID, side: str, kind: str, detail: str = "") -> None:
    """Write ``kind`` into the time line of a call that is not over, unless that is full. Raises NotFound without a call."""
    row = await rows.locked(act, call_id)
    if row.state not in LIVE or await _count(act, row.request_id) >= ROWS_AT_MOST:
        return
    await call_events.record(act, row.request_id, kind, practitioner_id=act.actor.practitioner_id, side=side, detail=detail)


async def _count(act: Act, request_id: UUID) -> int:
    query = select(func.count()).select_from(tables.CallEvent).where(tables.CallEvent.request_id == request_id)
    return await act.db.scalar(query) or 0
