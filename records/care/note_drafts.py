"""The note while it is being written: saved sealed every other second, seen by its author alone, one per doctor and encounter.

A page saves with the version it saw. The same again changes nothing, so a save whose answer was lost may be repeated;
anything else that is not the next version is a Conflict, and the page shows both texts.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select

from records.acts import Act
from records.care import note_content, note_rows, note_station, tables
from records.care.note_content import Content, Station, Subject, Written
from records.care.note_rows import PRELIMINARY, SIGNED, Note
from records.errors import Conflict, NotFound
from records.guard import access, audit

TAG = "note:draft"


@dataclass(frozen=True, kw_only=True)
class Desk:
    """What lies before a doctor who writes: the station's rows as they stand now, the draft, and what was signed before."""

    encounter_id: UUID
    subject: Subject
    station: Station
    draft: Note | None
    signed: list[Note]


async def open(act: Act, encounter_id: UUID) -> Desk:
    """For the accepted doctor alone; signed versions count as read."""
    encounter = await access.encounter(act, TAG, encounter_id)
    subject, station = await note_station.stand(act, encounter)
    own = await _own(act, encounter_id)
    signed = await note_rows.opened(act, await note_rows.for_encounter(act, encounter_id, *SIGNED))
    if own:
        await note_rows.record_draft(act, own)
    for one in signed:
        await audit.record(act, "note:read", "note", one.id, patient_id=one.patient_id, content_hash=one.content_hash)
    return Desk(encounter_id=encounter_id, subject=subject, station=station, signed=signed,
                draft=(await note_rows.opened(act, [own]))[0] if own else None)


async def station(act: Act, encounter_id: UUID) -> Station:
    """The station's rows alone, for the panel beside the call, which asks often; their reading was noted with the case's."""
    encounter = await access.encounter(act, TAG, encounter_id)
    return (await note_station.stand(act, encounter))[1]


async def read(act: Act, encounter_id: UUID) -> Note | None:
    """The actor's draft, if there is one."""
    await access.encounter(act, TAG, encounter_id)
    own = await _own(act, encounter_id)
    if own is None:
        return None
    await note_rows.record_draft(act, own)
    return (await note_rows.opened(act, [own]))[0]


async def save(act: Act, encounter_id: UUID, note_id: UUID, version: int, written: Written) -> Note:
    """Keep what was typed; ``version`` 0 is the first time. Returns the draft as it stands now.

    Raises Conflict: "changed" when another page saved, "signed" when it was signed meanwhile; Invalid for what does not fit.
    """
    encounter = await access.encounter(act, TAG, encounter_id)
    words = note_content.checked(written)
    row = await note_rows.locked(act, note_id)
    if row is None:
        row = await _begin(act, encounter, note_id, version, Content(written=words))
        return (await note_rows.opened(act, [row]))[0]
    note_rows.require_own(act, TAG, row, encounter_id)
    if row.status != PRELIMINARY:
        raise Conflict("signed")
    if (await note_rows.opened(act, [row]))[0].written != words or row.version not in (version, version + 1):
        await _change(act, row, version, words)
    return (await note_rows.opened(act, [row]))[0]


async def addend(act: Act, encounter_id: UUID, note_id: UUID, follows_id: UUID) -> Note:
    """Begin an addendum to one's own signed note: a draft with its words, that replaces it once it is signed.

    A draft that is open already is given back. Raises Conflict "amended" when the note was followed by another.
    """
    encounter = await access.encounter(act, TAG, encounter_id)
    old = await note_rows.locked(act, follows_id)
    if old is None:
        raise NotFound
    note_rows.require_own(act, TAG, old, encounter_id)
    own = await _own(act, encounter_id)
    if own is None:
        if old.status != "final":
            raise Conflict("amended")
        words = (await note_rows.opened(act, [old]))[0].written
        own = await _insert(act, encounter, note_id, Content(written=words), old.id)
    return (await note_rows.opened(act, [own]))[0]


async def discard(act: Act, encounter_id: UUID, note_id: UUID) -> None:
    """Give up an addendum that was begun; the signed note stands as it was. The first draft of a note is never thrown away."""
    await access.encounter(act, "note:delete", encounter_id)
    row = await note_rows.locked(act, note_id)
    if row is None:
        return
    note_rows.require_own(act, "note:delete", row, encounter_id)
    if row.status != PRELIMINARY or row.follows_id is None:
        raise Conflict("signed")
    await audit.record(act, "note:delete", "note", row.id, patient_id=row.patient_id, version=row.version)
    await act.db.delete(row)
    await act.db.flush()


async def _own(act: Act, encounter_id: UUID) -> tables.Note | None:
    rows = await note_rows.for_encounter(act, encounter_id, PRELIMINARY)
    return next((row for row in rows if row.author_id == act.actor.practitioner_id), None)


async def _begin(act: Act, encounter: tables.Encounter, note_id: UUID, version: int, content: Content) -> tables.Note:
    """The first save. Raises Conflict when this doctor already writes, or has signed, a note of this encounter."""
    # Two pages of one doctor may begin at once: they wait for each other here.
    await act.db.execute(select(tables.Encounter.id).where(tables.Encounter.id == encounter.id).with_for_update())
    others = await note_rows.for_encounter(act, encounter.id, PRELIMINARY, "final")
    if any(row.author_id == act.actor.practitioner_id and row.status == "final" for row in others):
        raise Conflict("signed")
    if version or any(row.author_id == act.actor.practitioner_id for row in others):
        raise Conflict("changed")
    return await _insert(act, encounter, note_id, content, None)


async def _insert(
    act: Act, encounter: tables.Encounter, note_id: UUID, content: Content, follows_id: UUID | None,
) -> tables.Note:
    last = await act.db.scalar(select(func.max(tables.Note.number)).where(tables.Note.encounter_id == encounter.id))
    row = tables.Note(
        id=note_id, encounter_id=encounter.id, organization_id=encounter.organization_id, patient_id=encounter.patient_id,
        number=(last or 0) + 1, follows_id=follows_id, status=PRELIMINARY, content=b"", author_id=act.actor.practitioner_id,
        author_organization_id=act.actor.organization_id, created_at=act.at, saved_at=act.at, version=1)
    row.content = await note_rows.seal(act, row, 1, content)
    act.db.add(row)
    await act.db.flush()
    await note_rows.record_draft(act, row)
    return row


async def _change(act: Act, row: tables.Note, version: int, words: Written) -> None:
    if row.version != version:
        raise Conflict("changed")
    # The row is held since it was read, so nobody else can be at this version.
    row.content = await note_rows.seal(act, row, version + 1, Content(written=words))
    row.version, row.saved_at = version + 1, act.at
    await act.db.flush()
    await note_rows.record_draft(act, row)
