"""The chat beside a call: lines kept sealed with the encounter, numbered in the order in which they were said."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, update

from records.acts import Act
from records.care import tables
from records.errors import Conflict
from records.guard import access, audit
from records.guard.vault import Context
from records.people import practitioners

OPEN = ("planned", "arrived", "in-progress", "onleave")   # FHIR Encounter.status while people may still write


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of the chat. ``number`` counts within the encounter, from 1."""

    id: UUID
    number: int
    sender_id: UUID | None
    name: str
    text: str
    sent_at: datetime
    delivered_at: datetime | None
    seen_at: datetime | None


async def say(act: Act, call_id: UUID, id: UUID, text: str) -> Line:
    """Keep one line; the same ``id`` again returns the line that is there. Raises Conflict once the encounter is over."""
    call = await access.call(act, "message:write", call_id)
    encounter = await _locked(act, call.encounter_id)
    row = await act.db.get(tables.Message, id)
    if row is None:
        if encounter.status not in OPEN:
            raise Conflict("encounter-over")
        row = await _write(act, encounter, id, text)
    elif row.encounter_id != encounter.id or row.sender_id != act.actor.practitioner_id:
        raise Conflict("other-message")
    return (await _lines(act, [row]))[0]


async def history(act: Act, call_id: UUID) -> list[Line]:
    """Everything said in the encounter of this call, oldest first. The reading is audited before it is opened."""
    call = await access.call(act, "message:read", call_id)
    rows = list(await act.db.scalars(select(tables.Message).where(
        tables.Message.encounter_id == call.encounter_id).order_by(tables.Message.number)))
    if rows:
        await audit.record(act, "message:read", "call", call_id, patient_id=rows[0].patient_id)
    return await _lines(act, rows)


async def mark(act: Act, call_id: UUID, number: int, *, seen: bool) -> bool:
    """What others said up to ``number`` has arrived here, or was seen. False when that was known already."""
    call = await access.call(act, "message:read", call_id)
    message = tables.Message
    others = (message.encounter_id == call.encounter_id, message.number <= number,
              message.sender_id.is_distinct_from(act.actor.practitioner_id))
    moved = await _stamp(act, message.delivered_at, *others)
    return await _stamp(act, message.seen_at, *others) or moved if seen else moved


async def _stamp(act: Act, column: object, *conditions: object) -> bool:
    empty = column.is_(None)  # type: ignore[attr-defined]
    done = await act.db.execute(update(tables.Message).where(*conditions, empty).values({column: act.at}))  # type: ignore[arg-type]
    return bool(done.rowcount)  # type: ignore[attr-defined]


async def _locked(act: Act, encounter_id: UUID) -> tables.Encounter:
    # Held until the act ends: two lines never get the same number.
    query = select(tables.Encounter).where(tables.Encounter.id == encounter_id).with_for_update()
    return (await act.db.scalars(query.execution_options(populate_existing=True))).one()


async def _write(act: Act, encounter: tables.Encounter, id: UUID, text: str) -> tables.Message:
    highest = await act.db.scalar(select(func.max(tables.Message.number)).where(tables.Message.encounter_id == encounter.id))
    row = tables.Message(id=id, encounter_id=encounter.id, organization_id=encounter.organization_id,
                         patient_id=encounter.patient_id, number=(highest or 0) + 1,
                         sender_id=act.actor.practitioner_id, sent_at=act.at, version=1)
    row.text = await act.vault.seal(text.encode(), _context(row))
    act.db.add(row)
    await act.db.flush()
    await audit.record(act, "message:write", "message", id, patient_id=encounter.patient_id, version=1)
    return row


def _context(row: tables.Message) -> Context:
    return Context(table="message", column="text", row_id=row.id, version=row.version,
                   organization_id=row.organization_id, patient_id=row.patient_id)


async def _lines(act: Act, rows: list[tables.Message]) -> list[Line]:
    texts = await act.vault.open_many([(row.text, _context(row)) for row in rows])
    names = await practitioners.names(act, {row.sender_id for row in rows if row.sender_id})
    return [
        Line(id=row.id, number=row.number, sender_id=row.sender_id, name=names.get(row.sender_id, "") if row.sender_id else "",
             text=text.decode(), sent_at=row.sent_at, delivered_at=row.delivered_at, seen_at=row.seen_at)
        for row, text in zip(rows, texts, strict=True)
    ]
