"""Voice notes of an encounter: spoken in a call when the line carries no voice, sealed, in each author's order, none lost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select, update

from records.acts import Act
from records.care import call_events, clips, encounters, sealed_files, tables
from records.care.voice_note_table import VoiceNote as Row
from records.errors import Conflict, NotFound
from records.guard import access, audit
from records.people import practitioners

KIND = "voice-note"             # Attachment.kind
MOST = 120                      # of one author in one encounter: twenty minutes of speech


@dataclass(frozen=True, kw_only=True)
class Clip:
    """A recorded clip as its page sends it. ``number``: the author's, from 1, gapless. ``age``: since it was spoken."""

    number: int
    length_ms: int
    age: timedelta
    content: bytes


@dataclass(frozen=True, kw_only=True)
class VoiceNote:
    """One voice note without its sound. ``name``: of the author, as others see it."""

    id: UUID
    encounter_id: UUID
    author_id: UUID
    name: str
    number: int
    length_ms: int
    recorded_at: datetime
    delivered_at: datetime | None
    heard_at: datetime | None


async def store(act: Act, call_id: UUID, id: UUID, clip: Clip, speaker: UUID | None = None) -> VoiceNote:
    """Keep a clip; the same ``id`` again changes nothing. ``speaker``: whose it is, where the other side's page brings it.

    Raises NotFound for a speaker who never sat on the other side of this call.
    Raises Conflict: "encounter-over"; "out-of-order" when ``number`` does not follow the author's last; "too-many".
    Raises Invalid as ``clips.check`` does.
    """
    call = await access.call(act, "voice-note:write", call_id)
    encounter, author = await _locked(act, call.encounter_id), await _author(act, call, speaker)
    row = await act.db.get(Row, id)
    if row is None:
        row = await _write(act, encounter, id, author, clip)
    elif (row.encounter_id, row.author_id) != (encounter.id, author):
        raise NotFound
    return (await _with_names(act, [row]))[0]


async def find(act: Act, call_id: UUID, id: UUID, speaker: UUID | None = None) -> VoiceNote | None:
    """The actor's or the speaker's note ``id`` if the records have it. Raises what ``store`` raises about call and speaker."""
    call = await access.call(act, "voice-note:write", call_id)
    author, row = await _author(act, call, speaker), await act.db.get(Row, id)
    if row is None or (row.encounter_id, row.author_id) != (call.encounter_id, author):
        return None
    return (await _with_names(act, [row]))[0]


async def of_call(act: Act, call_id: UUID) -> list[VoiceNote]:
    """Every voice note of the encounter of this call, in the order in which they were spoken, without their sound."""
    call = await access.call(act, "voice-note:list", call_id)
    return await _of(act, call.encounter_id)


async def of_encounter(act: Act, encounter_id: UUID) -> list[VoiceNote]:
    """Every voice note of an encounter, in the order in which they were spoken, without their sound."""
    await access.encounter(act, "voice-note:list", encounter_id)
    return await _of(act, encounter_id)


async def open(act: Act, id: UUID) -> sealed_files.File:
    """The sound of a voice note. Each listening is audited before it is opened."""
    row = await access.attachment(act, "voice-note:read", id)
    if row.kind != KIND:
        raise NotFound
    await audit.record(act, "voice-note:read", "attachment", id, patient_id=row.patient_id)
    return await sealed_files.read(act, row)


async def reached(act: Act, call_id: UUID, id: UUID, *, heard: bool) -> bool:
    """Somebody else's note has arrived here, or was heard. False when that was known already, or moves nothing."""
    call = await access.call(act, "voice-note:list", call_id)
    theirs = (Row.attachment_id == id, Row.encounter_id == call.encounter_id,
              Row.author_id != act.actor.practitioner_id)
    moved = await _stamp(act, Row.delivered_at, *theirs)
    return await _stamp(act, Row.heard_at, *theirs) or moved if heard else moved


async def _locked(act: Act, encounter_id: UUID) -> tables.Encounter:
    # Held until the act ends: two clips of one author never get the same number.
    query = select(tables.Encounter).where(tables.Encounter.id == encounter_id).with_for_update()
    return (await act.db.scalars(query.execution_options(populate_existing=True))).one()


async def _author(act: Act, call: tables.Call, speaker: UUID | None) -> UUID:
    """Whose clip it is: the actor's, or that of somebody with whom the actor has sat in this call, on the other side."""
    actor = act.actor.practitioner_id
    if actor is None:
        raise NotFound
    if speaker in (None, actor):
        return actor
    sides = [await call_events.seat_of(act, call.request_id, one) for one in (actor, speaker)]
    if sorted(sides) != ["doctor", "worker"]:
        raise NotFound
    return speaker


async def _write(act: Act, encounter: tables.Encounter, id: UUID, author: UUID, clip: Clip) -> Row:
    if await act.db.get(tables.Attachment, id) is not None:
        raise NotFound
    await _refuse_wrong(act, encounter, author, clip)
    file = sealed_files.File(KIND, clips.check(clip.content, clip.length_ms), clip.content)
    await sealed_files.write(act, id, encounter, file)
    age = min(max(clip.age, timedelta(0)), clips.MOST_AGE)
    row = Row(attachment_id=id, encounter_id=encounter.id, author_id=author, number=clip.number,
                           length_ms=clip.length_ms, recorded_at=act.at - age, delivered_at=None, heard_at=None)
    act.db.add(row)
    await act.db.flush()
    await audit.record(act, "voice-note:write", "attachment", id, patient_id=encounter.patient_id, version=1)
    return row


async def _refuse_wrong(act: Act, encounter: tables.Encounter, author: UUID, clip: Clip) -> None:
    if encounter.status not in encounters.OPEN:
        raise Conflict("encounter-over")
    mine = select(func.count()).where(Row.encounter_id == encounter.id, Row.author_id == author)
    before = await act.db.scalar(mine) or 0
    if before >= MOST:
        raise Conflict("too-many")
    if clip.number != before + 1:
        raise Conflict("out-of-order")


async def _of(act: Act, encounter_id: UUID) -> list[VoiceNote]:
    query = select(Row).where(Row.encounter_id == encounter_id).order_by(Row.recorded_at, Row.author_id, Row.number)
    return await _with_names(act, (await act.db.scalars(query)).all())


async def _stamp(act: Act, column: object, *conditions: object) -> bool:
    empty = column.is_(None)  # type: ignore[attr-defined]
    done = await act.db.execute(
        update(Row).where(*conditions, empty).values({column: act.at}))  # type: ignore[arg-type]
    return bool(done.rowcount)  # type: ignore[attr-defined]


async def _with_names(act: Act, rows: Sequence[Row]) -> list[VoiceNote]:
    names = await practitioners.names(act, {row.author_id for row in rows})
    return [
        VoiceNote(id=row.attachment_id, encounter_id=row.encounter_id, author_id=row.author_id,
                  name=names.get(row.author_id, ""), number=row.number, length_ms=row.length_ms,
                  recorded_at=row.recorded_at, delivered_at=row.delivered_at, heard_at=row.heard_at)
        for row in rows
    ]
