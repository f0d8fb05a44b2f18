"""Rows of notes and their values: opening, sealing, checking the hash. Decides nothing about who may."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import select

from records.acts import Act
from records.care import note_content, tables
from records.care.note_content import Content, Written
from records.errors import CannotOpen, NotAllowed
from records.guard import audit
from records.guard.tables import AuditEvent
from records.guard.vault import Context

SIGNED = ("final", "amended")
PRELIMINARY = "preliminary"
_DECODER = msgspec.json.Decoder(Content)


@dataclass(frozen=True, kw_only=True)
class Note:
    """One version of a note, opened. ``status``: preliminary, final, amended; the rest as the table says."""

    id: UUID
    encounter_id: UUID
    organization_id: UUID
    patient_id: UUID
    number: int
    follows_id: UUID | None
    status: str
    author_id: UUID
    author_organization_id: UUID
    saved_at: datetime
    signed_at: datetime | None
    licence_number: str
    content_hash: bytes | None
    code: str
    version: int
    content: Content

    @property
    def written(self) -> Written:
        return self.content.written

    @property
    def is_signed(self) -> bool:
        return self.status in SIGNED

    @property
    def revision(self) -> int:
        """0 for what was signed first, then 1, 2, …"""
        return self.content.signature.revision if self.content.signature else 0


def context(row: tables.Note, version: int) -> Context:
    return Context("note", "content", row.id, version, row.organization_id, row.patient_id)


async def seal(act: Act, row: tables.Note, version: int, content: Content) -> bytes:
    return await act.vault.seal(note_content.canonical(content), context(row, version))


async def opened(act: Act, rows: Collection[tables.Note]) -> list[Note]:
    """The rows as values, in order. Raises CannotOpen when a seal or the hash of a signed note does not fit."""
    plains = await act.vault.open_many([(row.content, context(row, row.version)) for row in rows])
    return [_value(row, plain) for row, plain in zip(rows, plains, strict=True)]


async def for_encounter(act: Act, encounter_id: UUID, *status: str) -> list[tables.Note]:
    """The rows of an encounter in these states, newest first."""
    query = select(tables.Note).where(tables.Note.encounter_id == encounter_id, tables.Note.status.in_(status))
    return list(await act.db.scalars(query.order_by(tables.Note.number.desc()).execution_options(populate_existing=True)))


async def locked(act: Act, note_id: UUID) -> tables.Note | None:
    """The row as it stands now, held until the act ends."""
    query = select(tables.Note).where(tables.Note.id == note_id).with_for_update()
    return (await act.db.scalars(query.execution_options(populate_existing=True))).first()


def require_own(act: Act, tag: str, row: tables.Note, encounter_id: UUID) -> None:
    """A draft belongs to who writes it, and to its encounter; for everybody else it does not exist."""
    if row.author_id != act.actor.practitioner_id or row.encounter_id != encounter_id:
        raise NotAllowed(tag, "note", row.id, hidden=True)


async def record_draft(act: Act, row: tables.Note) -> None:
    """One entry per note, author and login while it is preliminary: it is saved every other second."""
    query = select(AuditEvent.sequence).where(
        AuditEvent.patient_id == row.patient_id, AuditEvent.tag == "note:draft", AuditEvent.object_id == str(row.id),
        AuditEvent.actor_id == act.actor.practitioner_id, AuditEvent.entry.contains(f'"login":{_login(act)}'))
    if (await act.db.scalars(query.limit(1))).first() is None:
        await audit.record(act, "note:draft", "note", row.id, patient_id=row.patient_id, version=row.version)


def _login(act: Act) -> str:
    return f'"{act.actor.login_id}"' if act.actor.login_id else "null"


def _value(row: tables.Note, plain: bytes) -> Note:
    if row.content_hash is not None and note_content.hash_of(plain) != row.content_hash:
        raise CannotOpen("note", row.id, row.patient_id)
    try:
        content = _DECODER.decode(plain)
    except msgspec.DecodeError:
        raise CannotOpen("note", row.id, row.patient_id) from None
    return Note(
        id=row.id, encounter_id=row.encounter_id, organization_id=row.organization_id, patient_id=row.patient_id,
        number=row.number, follows_id=row.follows_id, status=row.status, author_id=row.author_id,
        author_organization_id=row.author_organization_id, saved_at=row.saved_at, signed_at=row.signed_at,
        licence_number=row.licence_number, content_hash=row.content_hash, code=row.code or "", version=row.version,
        content=content)
