"""Photos of an encounter: sealed in chunks, a large and a small one each, seen by a doctor or not yet.

Nothing leaves the station before the patient agreed to it: a doctor sees no photo without that consent or an emergency.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from sqlalchemy import select, update

from records import database
from records.acts import Act, Role
from records.care import consents, sealed_files, tables
from records.care.pictures import Picture
from records.errors import Conflict, NotAllowed, NotFound
from records.guard import access, audit

OPEN = ("planned", "arrived", "in-progress", "onleave")
LARGE, STILL, SMALL = "photo", "still", "photo-small"   # Attachment.kind; a still: asked for by the doctor in a call
SHOWN = (LARGE, STILL)
JPEG = "image/jpeg"
MOST = 20                                   # photos of one encounter


@dataclass(frozen=True, kw_only=True)
class Photo:
    """One photo of an encounter. ``seen_at``: when a doctor first opened it. ``still``: asked for by the doctor in a call."""

    id: UUID
    encounter_id: UUID
    created_at: datetime
    created_by: UUID | None
    seen_at: datetime | None
    still: bool = False


@dataclass(frozen=True)
class Opened:
    """``newly_seen``: by this reading a doctor saw it for the first time."""

    content_type: str
    content: bytes
    encounter_id: UUID
    newly_seen: bool


async def store(act: Act, id: UUID, encounter_id: UUID, picture: Picture) -> Photo:
    """Keep a photo and its small form; the same ``id`` again changes nothing.

    Raises Conflict when the case is over ("finished") or has too many photos ("too-many").
    """
    encounter = await access.encounter(act, "attachment:store", encounter_id)
    await database.turn(act.db, id)
    known = await find(act, encounter_id, id)
    if known is not None:
        return known
    await refuse_more(act, encounter)
    return await keep(act, encounter, id, picture)


async def find(act: Act, encounter_id: UUID, id: UUID) -> Photo | None:
    """The photo if it is kept already. Raises NotFound when the id is that of something else. Checks no access."""
    row = await act.db.get(tables.Attachment, id)
    if row is not None and (row.encounter_id != encounter_id or row.kind not in SHOWN):
        raise NotFound
    return _photo(row) if row else None


async def keep(act: Act, encounter: tables.Encounter, id: UUID, picture: Picture, *, still: bool = False,
               seen: bool = False) -> Photo:
    """Seal a new photo into an encounter that the caller has loaded through the actor. ``seen``: a doctor has seen it."""
    kind = STILL if still else LARGE
    row = await sealed_files.write(act, id, encounter, sealed_files.File(kind, JPEG, picture.content))
    row.seen_at = act.at if seen else None
    await sealed_files.write(act, small_id(id), encounter, sealed_files.File(SMALL, JPEG, picture.small))
    await audit.record(act, "attachment:store", "attachment", id, patient_id=encounter.patient_id)
    return _photo(row)


async def for_encounter(act: Act, encounter_id: UUID) -> list[Photo]:
    """The photos of an encounter, oldest first; none for a doctor when the patient did not agree to photos."""
    encounter = await access.encounter(act, "attachment:read", encounter_id)
    if not await _may_see(act, encounter):
        return []
    query = select(tables.Attachment).where(
        tables.Attachment.encounter_id == encounter_id, tables.Attachment.kind.in_(SHOWN),
        tables.Attachment.status == "completed")
    return [_photo(row) for row in await act.db.scalars(query.order_by(tables.Attachment.created_at))]


async def open(act: Act, id: UUID, *, small: bool = False) -> Opened:
    """The bytes of a photo. The reading is audited; a doctor's first reading of the large one marks it as seen."""
    row = await access.attachment(act, "attachment:read", id)
    if row.kind not in SHOWN or row.status != "completed":
        raise NotFound
    if not await _may_see(act, row):
        raise NotAllowed("attachment:read", "attachment", id, hidden=True)
    await audit.record(act, "attachment:read", "attachment", id, patient_id=row.patient_id)
    is_first = act.actor.has(Role.DOCTOR) and not small and row.seen_at is None
    if is_first:
        await act.db.execute(update(tables.Attachment).where(
            tables.Attachment.id == id, tables.Attachment.seen_at.is_(None)).values(seen_at=act.at))
    file = await sealed_files.read(act, await act.db.get_one(tables.Attachment, small_id(id)) if small else row)
    return Opened(file.content_type, file.content, row.encounter_id, newly_seen=is_first)


async def remove(act: Act, id: UUID) -> UUID:
    """Taken by mistake: the photo is shown to nobody any more. Returns its encounter. Raises Conflict once a doctor saw it."""
    row = await access.attachment(act, "attachment:remove", id)
    if row.kind not in SHOWN:
        raise NotFound
    if row.seen_at is not None:
        raise Conflict("seen")
    row.status, row.version = "entered-in-error", row.version + 1
    await audit.record(act, "attachment:remove", "attachment", id, patient_id=row.patient_id)
    return row.encounter_id


def small_id(id: UUID) -> UUID:
    """The id of the small form of a photo."""
    return uuid5(id, SMALL)


async def _may_see(act: Act, row: tables.Encounter | tables.Attachment) -> bool:
    """Whether the photo is at home here, or may leave the station. A worker of elsewhere may be its doctor as well."""
    at_home = act.actor.has(Role.WORKER) and act.actor.organization_id == row.organization_id
    encounter_id = row.id if isinstance(row, tables.Encounter) else row.encounter_id
    return at_home or await consents.may_show_photos(act, encounter_id)


async def refuse_more(act: Act, encounter: tables.Encounter) -> None:
    """Raises Conflict when the case is over ("finished") or has too many photos ("too-many")."""
    if encounter.status not in OPEN:
        raise Conflict("finished")
    if len(await for_encounter(act, encounter.id)) >= MOST:
        raise Conflict("too-many")


def _photo(row: tables.Attachment) -> Photo:
    return Photo(id=row.id, encounter_id=row.encounter_id, created_at=row.created_at, created_by=row.created_by,
                 seen_at=row.seen_at, still=row.kind == STILL)
