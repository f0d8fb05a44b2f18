"""What the database holds of a real case: every byte of every sealed thing matters, and nothing opens in another row."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, update

from records.acts import Act
from records.archive import Archive
from records.care import attachments, calls, encounters, messages, observations, voice_notes
from records.care.pictures import Picture
from records.care.tables import Attachment, AttachmentChunk, Call, Encounter, Observation
from records.errors import CannotOpen
from records.guard import audit, samples
from records.guard.samples import KINDS
from records.guard.vault import Context
from records.people import patients
from records.people.tables import Patient
from tests import note_cases
from tests.builders import People
from tests.clips import clip
from tests.records.guard import cases

Stored = tuple[bytes, Context]


@dataclass(frozen=True)
class Two:
    """Two patients, each with a signed note, a photo of two chunks, a line of chat and a voice note."""

    archive: Archive
    people: People
    cases: list[note_cases.Case]
    photos: list[Any]
    spoken: list[Any]

    async def rows(self, table: Any) -> list[Any]:
        async with self.archive.engine.connect() as connection:
            return list(await connection.execute(select(*table.__table__.columns)))

    async def sealed(self, table: Any, column: str) -> list[Stored]:
        return [(getattr(row, column), samples.context(table, column, row)) for row in await self.rows(table)]

    async def swap(self, table: Any, *columns: str) -> None:
        """Exchanges these columns between the first rows of the two patients, as somebody with the database might."""
        rows = await self.rows(table)
        one = rows[0]
        other = next(row for row in rows if samples.context(table, columns[0], row).patient_id
                     != samples.context(table, columns[0], one).patient_id)
        async with self.archive.engine.begin() as connection:
            for row, source in ((one, other), (other, one)):
                values = {column: getattr(source, column) for column in columns}
                await connection.execute(update(table).where(table.id == row.id).values(**values))


@pytest.fixture
async def two(archive: Archive, people: People) -> Two:
    made, photos, spoken = [], [], []
    for _ in range(2):
        case, photo, voice = await note_cases.accepted(archive, people), uuid4(), uuid4()
        async with archive.act(people.nurse.actor) as act:
            await attachments.store(act, photo, case.encounter, Picture(os.urandom(70_000), os.urandom(500)))
        async with archive.act(people.doctor.actor) as act:
            call = await calls.for_request(act, case.request)
            assert call is not None
            await messages.say(act, call.id, uuid4(), "Chụp lại giúp tôi môi của bà, gần cửa sổ")
            await voice_notes.store(act, call.id, voice, clip())
        await case.signed()
        await end(archive, call.id)
        made.append(case)
        photos.append(photo)
        spoken.append(voice)
    return Two(archive, people, made, photos, spoken)


async def end(archive: Archive, call_id: UUID) -> None:
    """Past the machine, so that the doctor is free for the second case."""
    async with archive.engine.begin() as connection:
        await connection.execute(update(Call).where(Call.id == call_id).values(state="ended"))


@pytest.mark.parametrize(("table", "column"), KINDS, ids=lambda value: getattr(value, "__tablename__", value))
async def test_no_byte_of_anything_sealed_can_be_changed(two: Two, table: Any, column: str) -> None:
    found = [(sealed, where) for sealed, where in await two.sealed(table, column) if sealed]

    assert found
    for sealed, where in found[:1]:
        assert await two.archive.vault.open(sealed, where)
        for other in cases.flipped(sealed):
            with pytest.raises(CannotOpen):
                await two.archive.vault.open(other, where)


@pytest.mark.parametrize(("table", "column"), KINDS, ids=lambda value: getattr(value, "__tablename__", value))
async def test_nothing_sealed_opens_in_another_row(two: Two, table: Any, column: str) -> None:
    found = await two.sealed(table, column)

    assert len(found) >= 2
    for sealed, right in found:
        for _, where in found:
            if where != right:
                with pytest.raises(CannotOpen):
                    await two.archive.vault.open(sealed, where)


@pytest.mark.parametrize("kind", ["photos", "spoken"])
async def test_no_byte_of_a_stored_file_can_be_changed(two: Two, kind: str) -> None:
    file = next(row for row in await two.rows(Attachment) if row.id == getattr(two, kind)[0])
    chunks = [row for row in await two.rows(AttachmentChunk) if row.attachment_id == file.id]
    where = Context("attachment", "chunk", file.id, 1, file.organization_id, file.patient_id)
    last = max(chunks, key=lambda row: row.number)

    assert await two.archive.vault.open_chunk(file.header, last.number, True, last.sealed, where)
    for other in cases.flipped(file.header):
        with pytest.raises(CannotOpen):
            await two.archive.vault.open_chunk(other, last.number, True, last.sealed, where)
    for other in cases.flipped(last.sealed):
        with pytest.raises(CannotOpen):
            await two.archive.vault.open_chunk(file.header, last.number, True, other, where)


async def open_photo(two: Two) -> None:
    async with two.archive.act(two.people.nurse.actor) as act:
        await attachments.open(act, two.photos[0])


async def change_chunk(two: Two, number: int, **values: object) -> None:
    chosen = (AttachmentChunk.attachment_id == two.photos[0]) & (AttachmentChunk.number == number)
    async with two.archive.engine.begin() as connection:
        await connection.execute(update(AttachmentChunk).where(chosen).values(**values))


async def test_a_photo_with_a_chunk_of_another_photo_does_not_open(two: Two) -> None:
    await open_photo(two)
    other = next(row for row in await two.rows(AttachmentChunk) if row.attachment_id == two.photos[1] and row.number == 0)

    await change_chunk(two, 0, sealed=other.sealed)

    with pytest.raises(CannotOpen):
        await open_photo(two)


async def test_a_photo_that_was_cut_off_does_not_open(two: Two) -> None:
    async with two.archive.engine.begin() as connection:
        chosen = (AttachmentChunk.attachment_id == two.photos[0]) & (AttachmentChunk.number == 1)
        await connection.execute(AttachmentChunk.__table__.delete().where(chosen))
        await connection.execute(update(Attachment).where(Attachment.id == two.photos[0]).values(chunks=1))

    with pytest.raises(CannotOpen):
        await open_photo(two)


READINGS: list[tuple[Any, str, Callable[[Act, note_cases.Case], Awaitable[object]]]] = [
    (Patient, "identity", lambda act, case: patients.read(act, case.patient)),
    (Encounter, "intake", lambda act, case: encounters.read(act, case.encounter)),
    (Observation, "value", lambda act, case: observations.for_encounter(act, case.encounter)),
]


@pytest.mark.parametrize(("table", "column", "read"), READINGS, ids=lambda value: getattr(value, "__tablename__", ""))
async def test_what_was_swapped_in_the_database_does_not_open_through_the_records(
        two: Two, table: Any, column: str, read: Callable[[Act, note_cases.Case], Awaitable[object]]) -> None:
    nurse = two.people.nurse.actor
    async with two.archive.act(nurse) as act:
        assert await read(act, two.cases[0])

    await two.swap(table, column)

    for case in two.cases:
        with pytest.raises(CannotOpen):
            async with two.archive.act(nurse) as act:
                await read(act, case)


async def test_the_whole_trail_of_both_cases_is_good_and_every_note_opens(two: Two) -> None:
    assert (await audit.verify(two.archive.engine, vault=two.archive.vault)).good
