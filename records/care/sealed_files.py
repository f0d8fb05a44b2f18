"""Files of an encounter as rows: sealed in chunks, type and size sealed beside them. Who may see one is asked elsewhere."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from uuid import UUID

import msgspec
from sqlalchemy import select

from records.acts import Act
from records.care import tables
from records.errors import CannotOpen
from records.guard import sealed
from records.guard.vault import Context


class About(msgspec.Struct, frozen=True):
    """What is sealed beside the bytes. ``size`` in bytes, before sealing."""

    content_type: str
    size: int


@dataclass(frozen=True)
class File:
    """One file in clear. ``kind``: of its row (photo, voice-note, …); ``content_type``: a media type."""

    kind: str
    content_type: str
    content: bytes


async def write(act: Act, id: UUID, encounter: tables.Encounter, file: File) -> tables.Attachment:
    """Seals the file into a new row ``id`` of this encounter and its chunks."""
    row = tables.Attachment(
        id=id, organization_id=encounter.organization_id, patient_id=encounter.patient_id, encounter_id=encounter.id,
        kind=file.kind, status="completed", about=b"", header=b"", chunks=0, padded_size=0, created_at=act.at,
        created_by=act.actor.practitioner_id, seen_at=None, version=1)
    row.about = await sealed.seal_json(act, About(file.content_type, len(file.content)), _context(row, "about"))
    stream = await act.vault.seal_stream(_pieces(file.content), _context(row, "chunk"))
    chunks = [chunk async for chunk in stream.chunks]
    row.header, row.chunks, row.padded_size = stream.header, len(chunks), sum(map(len, chunks))
    act.db.add(row)
    await act.db.flush()
    act.db.add_all(tables.AttachmentChunk(attachment_id=id, number=number, sealed=chunk) for number, chunk in enumerate(chunks))
    await act.db.flush()
    return row


async def read(act: Act, row: tables.Attachment) -> File:
    """Opens the file of ``row``. Raises CannotOpen."""
    about = await sealed.open_json(act, row.about, _context(row, "about"), About)
    query = select(tables.AttachmentChunk).where(tables.AttachmentChunk.attachment_id == row.id)
    chunks = (await act.db.scalars(query.order_by(tables.AttachmentChunk.number))).all()
    context, last = _context(row, "chunk"), row.chunks - 1
    if len(chunks) != row.chunks:
        raise CannotOpen("attachment", row.id, row.patient_id)
    parts = [await act.vault.open_chunk(row.header, one.number, one.number == last, one.sealed, context) for one in chunks]
    return File(row.kind, about.content_type, b"".join(parts))


async def _pieces(content: bytes) -> AsyncIterator[bytes]:
    yield content


def _context(row: tables.Attachment, column: str) -> Context:
    # Bound to version 1: the bytes of a file never change; taking it out changes the row's own version only.
    return Context("attachment", column, row.id, 1, row.organization_id, row.patient_id)
