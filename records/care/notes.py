"""Signed notes: signing and locking, reading every version, the paper, and each doctor's own list.

Before signing there is nothing here for anybody but the author (note_drafts.py); after it the station and the care team
read every version. A signed version never changes (note_lock.py); an addendum is a new version that names the one before.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update

from records.acts import Act
from records.care import note_content, note_rows, note_station, tables
from records.care.note_content import Content, Signature
from records.care.note_rows import PRELIMINARY, SIGNED, Note
from records.errors import Conflict, NotAllowed, NotFound
from records.guard import access, audit
from records.people import listing, organizations, practitioners
from records.people.practitioners import Person

CODE_TRIES = 8                  # two equal codes of one place and month: about one in 390,000
# Requests whose doctor has a note to write.
TAKEN = ("accepted", "in-progress", "completed")


class LicenceExpired(NotAllowed):
    """The licence to practise is missing or has run out: nothing can be signed until it is renewed."""

    code = "licence-expired"


@dataclass(frozen=True, kw_only=True)
class State:
    """How far the note of an encounter is, without a word of it: "none", "writing" or "signed".

    ``doctor``: who writes or signed. ``revised``: the newest version is an addendum.
    """

    encounter_id: UUID
    state: str
    author_id: UUID | None = None
    doctor: str = ""
    note_id: UUID | None = None
    code: str = ""
    signed_at: datetime | None = None
    revised: bool = False


async def sign(act: Act, encounter_id: UUID, note_id: UUID, version: int) -> Note:
    """Lock the draft with signer, licence, instant and content hash. Signing twice signs once.

    Raises LicenceExpired, Invalid (what is missing), Conflict "changed" (saved since it was reviewed) or "amended".
    """
    encounter = await access.encounter(act, "note:sign", encounter_id)
    row = await note_rows.locked(act, note_id)
    if row is None:
        raise NotFound
    note_rows.require_own(act, "note:sign", row, encounter_id)
    if row.status == PRELIMINARY:
        await _sign(act, encounter, row, version)
    return (await note_rows.opened(act, [row]))[0]


async def versions(act: Act, encounter_id: UUID) -> list[Note]:
    """Every signed version, newest first: for the station and the doctor who accepted. Each reading is audited."""
    await access.encounter(act, "note:read", encounter_id)
    return await _read(act, encounter_id, "note:read")


async def for_print(act: Act, encounter_id: UUID) -> list[Note]:
    """The same to put on paper, which the trail tells apart. Raises NotFound before anything was signed."""
    await access.encounter(act, "note:print", encounter_id)
    found = await _read(act, encounter_id, "note:print")
    if not found:
        raise NotFound
    return found


async def state(act: Act, encounter_id: UUID) -> State:
    """What the station may know before it is signed: that a doctor writes. Nothing is opened, so nothing is audited."""
    await access.encounter(act, "note:read", encounter_id)
    signed = await note_rows.for_encounter(act, encounter_id, "final")
    if signed:
        return await _told(act, signed[0])
    query = select(tables.Request.accepted_by).where(
        tables.Request.encounter_id == encounter_id, tables.Request.status.in_(TAKEN), tables.Request.practice.is_(False))
    doctor = await act.db.scalar(query.order_by(tables.Request.accepted_at.desc()).limit(1))
    if doctor is None:
        return State(encounter_id=encounter_id, state="none")
    names = await practitioners.names(act, [doctor])
    return State(encounter_id=encounter_id, state="writing", author_id=doctor, doctor=names.get(doctor, ""))


async def _told(act: Act, row: tables.Note) -> State:
    names = await practitioners.names(act, [row.author_id])
    return State(
        encounter_id=row.encounter_id, state="signed", author_id=row.author_id, doctor=names.get(row.author_id, ""),
        note_id=row.id, code=row.code or "", signed_at=row.signed_at, revised=row.follows_id is not None)


async def may_sign(act: Act) -> bool:
    """Whether the actor's licence is valid today; a page says so before anything is typed."""
    return act.actor.practitioner_id is not None and _valid(act, await practitioners.read(act, act.actor.practitioner_id))


def _valid(act: Act, signer: Person) -> bool:
    return signer.licence_is_valid(listing.day_of(act.at))


async def _sign(act: Act, encounter: tables.Encounter, row: tables.Note, version: int) -> None:
    if row.version != version:
        raise Conflict("changed")
    signer = await practitioners.read(act, row.author_id)
    if not _valid(act, signer):
        raise LicenceExpired("note:sign", "note", row.id)
    draft = (await note_rows.opened(act, [row]))[0]
    note_content.ready(draft.written)
    before = await _amend(act, row.follows_id)
    content = await _final(act, encounter, draft, signer, before)
    await _lock(act, row, content, signer)
    await audit.record(act, "note:sign", "note", row.id, patient_id=row.patient_id, version=row.version,
                       content_hash=row.content_hash)


async def _amend(act: Act, follows_id: UUID | None) -> Note | None:
    """The version that is followed now, from final to amended; None for the first one."""
    if follows_id is None:
        return None
    done = await act.db.execute(
        update(tables.Note).where(tables.Note.id == follows_id, tables.Note.status == "final").values(status="amended")
        .execution_options(synchronize_session=False))
    if done.rowcount != 1:  # type: ignore[attr-defined]
        raise Conflict("amended")
    row = await act.db.get_one(tables.Note, follows_id, populate_existing=True)
    await audit.record(act, "note:amend", "note", row.id, patient_id=row.patient_id, version=row.version,
                       content_hash=row.content_hash)
    return (await note_rows.opened(act, [row]))[0]


async def _final(act: Act, encounter: tables.Encounter, draft: Note, signer: Person, before: Note | None) -> Content:
    """The whole note: the station's rows frozen as they stand, the doctor's words, the signature."""
    subject, station = await note_station.stand(act, encounter)
    place = await organizations.read(act, encounter.organization_id)
    home = await organizations.read(act, draft.author_organization_id)
    signature = Signature(
        name=signer.called, licence_number=signer.licence_number, organization=home.name, signed_at=act.at,
        code=await _code(act, station.point or place.short_name), revision=before.revision + 1 if before else 0,
        replaces=before.code if before else "")
    return Content(written=draft.written, subject=subject, station=station, signature=signature)


async def _code(act: Act, place: str) -> str:
    for _ in range(CODE_TRIES):
        code = note_content.make_code(place, act.at)
        if await act.db.scalar(select(tables.Note.id).where(tables.Note.code == code)) is None:
            return code
    raise Conflict("no-code")


async def _lock(act: Act, row: tables.Note, content: Content, signer: Person) -> None:
    plain = note_content.canonical(content)
    row.content = await act.vault.seal(plain, note_rows.context(row, row.version + 1))
    row.version, row.status, row.saved_at = row.version + 1, "final", act.at
    row.signed_at, row.signed_by, row.licence_number = act.at, signer.id, signer.licence_number
    row.content_hash, row.code = note_content.hash_of(plain), content.signature.code if content.signature else None
    await act.db.flush()


async def _read(act: Act, encounter_id: UUID, tag: str) -> list[Note]:
    found = await note_rows.opened(act, await note_rows.for_encounter(act, encounter_id, *SIGNED))
    for one in found:
        await audit.record(act, tag, "note", one.id, patient_id=one.patient_id, version=one.version,
                           content_hash=one.content_hash)
    return found
