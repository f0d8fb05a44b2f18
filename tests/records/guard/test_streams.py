"""Photos lie sealed in chunks: none can be changed, cut off, moved, repeated or taken from elsewhere."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from uuid import uuid4

import pytest

from records.archive import Archive
from records.errors import CannotOpen
from records.guard import streams
from records.guard.vault import Context, Vault
from tests.records.guard import cases

PHOTO = os.urandom(150_000)


@dataclass(frozen=True)
class Stored:
    """A photo as its rows hold it."""

    vault: Vault
    where: Context
    header: bytes
    chunks: list[bytes]

    async def chunk(self, number: int, *, last: bool | None = None, sealed: bytes | None = None) -> bytes:
        is_last = number == len(self.chunks) - 1 if last is None else last
        content = self.chunks[number] if sealed is None else sealed
        return await self.vault.open_chunk(self.header, number, is_last, content, self.where)

    async def whole(self) -> bytes:
        return b"".join([await self.chunk(number) for number in range(len(self.chunks))])


async def store(vault: Vault, photo: bytes, where: Context | None = None) -> Stored:
    where = where or cases.context(table="attachment", column="chunk")
    stream = await vault.seal_stream(cases.pieces(photo), where)
    return Stored(vault, where, stream.header, [chunk async for chunk in stream.chunks])


@pytest.fixture
async def photo(archive: Archive) -> Stored:
    return await store(archive.vault, PHOTO)


async def test_a_photo_comes_back_whole_and_each_chunk_by_itself(photo: Stored) -> None:
    assert await photo.whole() == PHOTO
    assert await photo.chunk(1) == PHOTO[streams.CHUNK_BYTES:2 * streams.CHUNK_BYTES]
    assert [len(chunk) for chunk in photo.chunks[:2]] == [streams.CHUNK_BYTES + 16] * 2
    assert (len(photo.chunks[2]) - 16) % streams.LAST_STEP == 0


@pytest.mark.parametrize("size", [0, 1, 1023, 1024, 65_535, 65_536, 65_537, 131_072])
async def test_every_length_comes_back(archive: Archive, size: int) -> None:
    stored = await store(archive.vault, PHOTO[:size])

    assert await stored.whole() == PHOTO[:size]
    assert len(stored.chunks) == size // streams.CHUNK_BYTES + 1


async def test_no_byte_of_a_stored_photo_can_be_changed(archive: Archive) -> None:
    stored = await store(archive.vault, PHOTO[:3000])

    for header in cases.flipped(stored.header):
        with pytest.raises(CannotOpen):
            await replace(stored, header=header).chunk(0)
    for chunk in cases.flipped(stored.chunks[0]):
        with pytest.raises(CannotOpen):
            await stored.chunk(0, sealed=chunk)


async def test_no_byte_of_a_full_chunk_can_be_changed(photo: Stored) -> None:
    sealed = photo.chunks[0]

    for at in range(0, len(sealed), 97):
        with pytest.raises(CannotOpen):
            await photo.chunk(0, sealed=sealed[:at] + bytes((sealed[at] ^ 128,)) + sealed[at + 1:])


async def test_a_photo_cut_off_after_a_chunk_does_not_open(photo: Stored) -> None:
    shortened = replace(photo, chunks=photo.chunks[:-1])

    assert await shortened.chunk(0)
    with pytest.raises(CannotOpen):
        await shortened.chunk(1)


async def test_a_photo_cannot_be_lengthened(photo: Stored) -> None:
    longer = replace(photo, chunks=[*photo.chunks, photo.chunks[-1]])

    for number in (2, 3):
        with pytest.raises(CannotOpen):
            await longer.chunk(number)


async def test_chunks_cannot_change_places(photo: Stored) -> None:
    for number, other in ((0, 1), (1, 0), (2, 0), (0, 2)):
        with pytest.raises(CannotOpen):
            await photo.chunk(number, sealed=photo.chunks[other])
        with pytest.raises(CannotOpen):
            await photo.chunk(number, sealed=photo.chunks[other], last=other == 2)


async def test_a_truncated_chunk_does_not_open(photo: Stored) -> None:
    for length in (0, 1, 15, 16, 1000, len(photo.chunks[0]) - 1):
        with pytest.raises(CannotOpen):
            await photo.chunk(0, sealed=photo.chunks[0][:length])


async def test_chunks_of_two_photos_of_the_same_patient_cannot_be_exchanged(archive: Archive, photo: Stored) -> None:
    other = await store(archive.vault, PHOTO, replace(photo.where, row_id=uuid4()))

    with pytest.raises(CannotOpen):
        await photo.chunk(0, sealed=other.chunks[0])
    with pytest.raises(CannotOpen):
        await replace(photo, header=other.header, chunks=other.chunks).chunk(0)


@pytest.mark.parametrize("part", ["table", "column", "row_id", "version", "organization_id", "patient_id"])
async def test_a_photo_opens_only_in_its_own_row(photo: Stored, part: str) -> None:
    with pytest.raises(CannotOpen):
        await replace(photo, where=cases.wrong_contexts(photo.where)[part]).chunk(0)


async def test_a_note_is_no_stream_and_a_stream_no_note(archive: Archive, photo: Stored) -> None:
    note = await archive.vault.seal(cases.NOTE, photo.where)

    with pytest.raises(CannotOpen):
        await replace(photo, header=note[:128], chunks=[note[128:]]).chunk(0)
    with pytest.raises(CannotOpen):
        await archive.vault.open(photo.header + photo.chunks[0], photo.where)
