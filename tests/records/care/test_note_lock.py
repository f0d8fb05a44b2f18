"""A signed note never changes, whoever holds a connection to the database. On SQLite and on PostgreSQL."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import delete, text, update
from sqlalchemy.exc import DBAPIError

from records.acts import Actor
from records.archive import Archive
from records.care import note_lock, note_rows, tables
from records.care.note_rows import Note
from records.guard import envelope
from tests import note_cases
from tests.builders import MORNING, People
from tests.note_cases import WRITTEN, Case

THEN = MORNING.replace(year=2020)
OTHER: list[tuple[str, object]] = [
    ("number", 7), ("created_at", THEN), ("saved_at", THEN), ("signed_at", THEN), ("signed_at", None), ("licence_number", "000999"),
    ("content_hash", bytes(32)), ("code", "XX-2611-AAAA"), ("version", 9), ("content", b"altered"), ("status", "preliminary"),
]
OWNERS = ("encounter_id", "organization_id", "patient_id", "author_id", "author_organization_id", "id")


@pytest.fixture
async def case(archive: Archive, people: People) -> Case:
    return await note_cases.accepted(archive, people)


@pytest.fixture
async def note(case: Case) -> Note:
    return await case.signed()


async def run(case: Case, statement: Any) -> None:
    async with case.archive.engine.begin() as connection:
        await connection.execute(statement)


async def refused(case: Case, statement: Any) -> None:
    with pytest.raises(DBAPIError, match=note_lock.REFUSAL):
        await run(case, statement)


async def test_no_column_of_a_signed_note_can_be_changed(case: Case, note: Note) -> None:
    for column, value in OTHER:
        await refused(case, update(tables.Note).where(tables.Note.id == note.id).values({column: value}))

    changed = {column for column, _ in OTHER} | set(OWNERS)
    assert changed == {column.key for column in tables.Note.__table__.columns} - {"follows_id", "signed_by"}
    assert await case.versions(case.people.nurse) == [note]


async def test_a_signed_note_cannot_be_moved_to_somebody_else(case: Case, note: Note) -> None:
    for column in (*OWNERS, "follows_id", "signed_by"):
        await refused(case, update(tables.Note).where(tables.Note.id == note.id).values({column: uuid4()}))


async def test_a_signed_note_cannot_be_deleted_replaced_or_emptied_away(case: Case, note: Note) -> None:
    await refused(case, delete(tables.Note).where(tables.Note.id == note.id))
    if case.archive.engine.dialect.name == "sqlite":
        await refused(case, text("INSERT OR REPLACE INTO note SELECT * FROM note"))
    else:
        await refused(case, text("TRUNCATE note"))

    assert await case.versions(case.people.nurse) == [note]


async def test_an_amended_note_does_not_become_final_again(case: Case, note: Note) -> None:
    draft = await case.addend(note.id)
    await case.sign(draft.id, 1)

    for status in ("final", "preliminary"):
        await refused(case, update(tables.Note).where(tables.Note.id == note.id).values(status=status))
    await refused(case, delete(tables.Note).where(tables.Note.id == note.id))


async def test_a_draft_may_be_changed_and_deleted(case: Case) -> None:
    draft = await case.save(uuid4(), 0, WRITTEN)

    await run(case, update(tables.Note).where(tables.Note.id == draft.id).values(saved_at=MORNING))
    await run(case, delete(tables.Note).where(tables.Note.id == draft.id))

    assert await case.versions(case.people.nurse) == []


async def test_the_data_key_of_a_signed_note_may_be_wrapped_anew(case: Case, note: Note) -> None:
    old, new, new_id = bytes(range(32)), bytes(reversed(range(32))), uuid4()
    row_context = envelope.Context("note", "content", note.id, 1, note.organization_id, note.patient_id)
    sealed = envelope.seal(b"x", old, uuid4(), 1, uuid4(), row_context)

    rewrapped = envelope.rewrap(sealed, old, new, new_id, 2)

    # What the lock keeps of the content is exactly what a rotation leaves alone.
    assert sealed != rewrapped
    assert (sealed[:8], sealed[28:44], sealed[84:]) == (rewrapped[:8], rewrapped[28:44], rewrapped[84:])
    content = await _content(case, note)
    turned = content[:8] + bytes(20) + content[28:44] + bytes(40) + content[84:]
    await run(case, update(tables.Note).where(tables.Note.id == note.id).values(content=turned))
    for place in (0, 28, 84, len(content) - 1):
        altered = turned[:place] + bytes([turned[place] ^ 1]) + turned[place + 1:]
        await refused(case, update(tables.Note).where(tables.Note.id == note.id).values(content=altered))


async def test_every_byte_of_a_stored_note_that_is_flipped_is_noticed(case: Case, note: Note) -> None:
    content = await _content(case, note)
    async with case.archive.act(Actor.of_system("test")) as act:
        row = await act.db.get_one(tables.Note, note.id)
        act.db.expunge(row)
        for place in range(len(content)):
            row.content = content[:place] + bytes([content[place] ^ 1]) + content[place + 1:]
            with pytest.raises(note_rows.CannotOpen):
                await note_rows.opened(act, [row])
        row.content = content
        assert await note_rows.opened(act, [row]) == [note]


async def test_the_content_of_another_version_does_not_open_in_its_place(case: Case, note: Note) -> None:
    draft = await case.addend(note.id)
    newer = await case.sign(draft.id, 1)

    async with case.archive.act(Actor.of_system("test")) as act:
        first, second = [await act.db.get_one(tables.Note, one.id) for one in (note, newer)]
        act.db.expunge_all()
        first.content, second.content = second.content, first.content
        for row in (first, second):
            with pytest.raises(note_rows.CannotOpen):
                await note_rows.opened(act, [row])


async def _content(case: Case, note: Note) -> bytes:
    async with case.archive.act(Actor.of_system("test")) as act:
        return (await act.db.get_one(tables.Note, note.id)).content
