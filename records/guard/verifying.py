"""Checks the trail from its first entry to its last, and that each signed note is the one the trail last spoke of.

Reads in a stream, one snapshot, without keys; with a vault it also opens every signed note.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from records.care.tables import Note
from records.errors import CannotOpen
from records.guard import entries, samples
from records.guard.tables import AuditEvent, Deployment
from records.guard.vault import Vault

AT_A_TIME = 500                 # entries between two breaths of the event loop, some 5 ms


class Checkpoint(NamedTuple):
    """What the trail's head was at some moment, kept where the application cannot change it."""

    sequence: int
    hash: bytes


@dataclass(frozen=True)
class Verdict:
    """``first_bad`` names the first entry that does not fit, None when all do; ``note_id`` the note, where one is at fault.

    ``fault``: "", missing (a sequence), changed (hash, or columns beside the entry), truncated or rewritten (against the
    checkpoint), note-changed, note-missing, note-unknown (signed, but not in the trail), note-unreadable.
    """

    head: Checkpoint
    fault: str = ""
    first_bad: int | None = None
    note_id: UUID | None = None

    @property
    def good(self) -> bool:
        return not self.fault


class _Object(msgspec.Struct):
    type: str
    id: str
    version: int | None


class _Entry(msgspec.Struct):
    """The parts of an entry that stand in columns too."""

    sequence: int
    at: str
    action: str
    outcome: str
    purpose: str
    actor: str
    organization: str | None
    patient: str | None
    object: _Object
    content_hash: str | None


@dataclass
class _Walk:
    """How far the chain has been followed, and which note bore which hash last."""

    head: Checkpoint
    checkpoint: Checkpoint | None
    notes: dict[str, tuple[int, str]] = field(default_factory=dict)


async def verify(engine: AsyncEngine, *, checkpoint: Checkpoint | None = None, vault: Vault | None = None) -> Verdict:
    """Recomputes everything. With ``checkpoint`` a cut-off or rewritten trail is found too; 1,000,000 entries in 30 s."""
    async with _snapshot(engine).connect() as connection:
        deployment = (await connection.execute(select(Deployment.id))).scalar_one_or_none()
        walk = _Walk(Checkpoint(0, entries.genesis(deployment) if deployment else b""), checkpoint)
        async for rows in _events(connection):
            if bad := _follow(walk, rows):
                return bad
        if checkpoint and checkpoint.sequence > walk.head.sequence:
            return Verdict(walk.head, "truncated", walk.head.sequence + 1)
        return await _check_notes(connection, walk, vault)


def _snapshot(engine: AsyncEngine) -> AsyncEngine:
    options: dict[str, Any] = {"read_only": True}
    if engine.dialect.name == "postgresql":
        options["isolation_level"] = "REPEATABLE READ"
    return engine.execution_options(**options)


async def _events(connection: AsyncConnection) -> AsyncIterator[Iterable[Row[Any]]]:
    query = select(*AuditEvent.__table__.columns).order_by(AuditEvent.sequence)
    result = await connection.stream(query, execution_options={"yield_per": AT_A_TIME})
    async for rows in result.partitions(AT_A_TIME):
        yield rows


def _follow(walk: _Walk, rows: Iterable[Row[Any]]) -> Verdict | None:
    """Goes on along the chain; a verdict at the first entry that does not fit."""
    for row in rows:
        number = walk.head.sequence + 1
        if row.sequence != number:
            return Verdict(walk.head, "missing", number)
        if entries.chained(walk.head.hash, row.entry) != row.hash or not _fits(walk, row):
            return Verdict(walk.head, "changed", number)
        walk.head = Checkpoint(number, row.hash)
        if walk.checkpoint and number == walk.checkpoint.sequence and row.hash != walk.checkpoint.hash:
            return Verdict(walk.head, "rewritten", number)
    return None


def _fits(walk: _Walk, row: Row[Any]) -> bool:
    """Whether the columns say what the entry says; remembers the hashes of notes."""
    try:
        entry = _DECODER.decode(row.entry)
    except msgspec.DecodeError:
        return False
    if entry.content_hash and entry.object.type == "note":
        walk.notes[entry.object.id] = (entry.sequence, entry.content_hash)
    return (
        entry.sequence == row.sequence and entry.action == row.tag and entry.outcome == row.outcome
        and entry.purpose == row.purpose and entry.object.type == row.object_type and entry.object.id == row.object_id
        and entry.patient == _text(row.patient_id) and entry.organization == _text(row.organization_id)
        and (row.actor_id is None or entry.actor == str(row.actor_id)) and (row.actor_id is not None or _nobody(entry))
        and entry.at == entries.instant(row.at)
    )


def _nobody(entry: _Entry) -> bool:
    """Whether the entry is by the software or a visitor."""
    return entry.actor.startswith(("system", "anonymous", "practitioner"))


def _text(value: UUID | None) -> str | None:
    return None if value is None else str(value)


async def _check_notes(connection: AsyncConnection, walk: _Walk, vault: Vault | None) -> Verdict:
    """Each signed note against the last entry about it, then those entries whose note is gone."""
    result = await connection.stream(select(*Note.__table__.columns).where(Note.content_hash.is_not(None)))
    async for row in result:
        sequence, known = walk.notes.pop(str(row.id), (None, ""))
        if fault := await _note_fault(row, known, vault):
            return Verdict(walk.head, fault, sequence, row.id)
    if gone := min(walk.notes.items(), key=lambda item: item[1], default=None):
        return Verdict(walk.head, "note-missing", gone[1][0], UUID(gone[0]))
    return Verdict(walk.head)


async def _note_fault(row: Row[Any], known: str, vault: Vault | None) -> str:
    if not known:
        return "note-unknown"
    if known != row.content_hash.hex():
        return "note-changed"
    try:
        if vault:
            await vault.open(row.content, samples.context(Note, "content", row))
    except CannotOpen:
        return "note-unreadable"
    return ""


_DECODER = msgspec.json.Decoder(_Entry)
