"""What is sealed opens in its place with its key, and nowhere else; without keys nothing is read or written."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import msgspec
import pytest
from sqlalchemy import delete, select, update

from records import database
from records.archive import Archive
from records.errors import CannotOpen, Sealed
from records.guard import keyring, patient_keys, sealed, vault
from records.guard.key_store import KeyStore, PatientKey
from records.guard.tables import KeyCheck
from records.guard.vault import Vault
from tests.builders import Clock, People
from tests.records.guard import cases


class Advice(msgspec.Struct):
    text: str
    days: int


@pytest.fixture
async def store(archive: Archive, key_store_url: str) -> AsyncIterator[KeyStore]:
    """A second hand on the key store."""
    store = KeyStore(key_store_url)
    yield store
    await store.close()


async def test_every_single_byte_of_a_sealed_note_matters(archive: Archive) -> None:
    where = cases.context()
    note = await archive.vault.seal(cases.NOTE, where)

    assert await archive.vault.open(note, where) == cases.NOTE
    for other in cases.flipped(note):
        with pytest.raises(CannotOpen) as refused:
            await archive.vault.open(other, where)
        assert str(refused.value) == "a sealed text did not open"


@pytest.mark.parametrize("part", ["table", "column", "row_id", "version", "organization_id", "patient_id", "boundary"])
async def test_a_note_opens_only_in_its_own_row(archive: Archive, part: str) -> None:
    where = cases.context()
    note = await archive.vault.seal(cases.NOTE, where)
    # The other patient exists too, so that it is the binding which refuses and not an absent key.
    other = cases.wrong_contexts(where)[part]
    await archive.vault.seal(b"", other)

    with pytest.raises(CannotOpen):
        await archive.vault.open(note, other)


async def test_notes_swapped_between_rows_do_not_open(archive: Archive) -> None:
    one = cases.context()
    others = [replace(one, row_id=uuid4()), replace(one, row_id=uuid4(), patient_id=uuid4())]
    texts = [await archive.vault.seal(cases.NOTE, where) for where in others]

    for text, place in zip(texts, reversed(others), strict=True):
        with pytest.raises(CannotOpen):
            await archive.vault.open(text, place)
    assert await archive.vault.open_many(zip(texts, others, strict=True)) == [cases.NOTE, cases.NOTE]


async def test_a_refusal_says_which_row_did_not_open_and_never_why(archive: Archive) -> None:
    where = cases.context()

    with pytest.raises(CannotOpen) as refused:
        await archive.vault.open(b"TLHS", where)

    assert (refused.value.object_type, refused.value.object_id) == ("note", where.row_id)
    assert refused.value.patient_id == where.patient_id


async def test_many_open_in_order_and_one_bad_one_refuses_them_all(archive: Archive) -> None:
    places = [cases.context() for _ in range(vault.IN_A_THREAD + 1)]
    items = [(await archive.vault.seal(str(number).encode(), where), where) for number, where in enumerate(places)]

    assert await archive.vault.open_many(items) == [str(number).encode() for number in range(len(items))]

    with pytest.raises(CannotOpen):
        await archive.vault.open_many([*items[:-1], (items[0][0], places[-1])])


async def test_values_come_back_as_what_they_were(archive: Archive, people: People) -> None:
    where = cases.context()

    async with archive.act(people.nurse.actor) as act:
        text = await sealed.seal_json(act, Advice("Uống nhiều nước ấm", 5), where)
        assert await sealed.open_json(act, text, where, Advice) == Advice("Uống nhiều nước ấm", 5)


async def test_a_value_of_another_shape_is_a_fault_like_any_other(archive: Archive, people: People) -> None:
    where = cases.context()

    with pytest.raises(CannotOpen) as refused:
        async with archive.act(people.nurse.actor) as act:
            text = await sealed.seal_json(act, {"text": "Nghỉ ngơi", "days": "năm"}, where)
            await sealed.open_json(act, text, where, Advice)

    assert "năm" not in str(refused.value) and refused.value.__cause__ is None


async def test_the_text_is_nowhere_in_the_sealed_bytes(archive: Archive) -> None:
    note = await archive.vault.seal(cases.NOTE, cases.context())

    assert cases.NOTE not in note and "viêm phổi".encode() not in note


async def test_a_patient_has_one_key_even_when_two_write_at_once(archive: Archive, store: KeyStore) -> None:
    where = cases.context()

    notes = await asyncio.gather(*(archive.vault.seal(cases.NOTE, where) for _ in range(8)))

    assert len({note[8:24] for note in notes}) == 1
    async with store.engine.connect() as connection:
        assert len((await connection.execute(select(PatientKey.id))).all()) == 1


async def test_without_the_patients_key_nothing_of_theirs_opens(
        archive: Archive, store: KeyStore, key_file: Path, key_store_url: str, clock: Clock) -> None:
    where, other = cases.context(), cases.context()
    note, others = await archive.vault.seal(cases.NOTE, where), await archive.vault.seal(cases.NOTE, other)

    async with store.engine.begin() as connection:
        await connection.execute(delete(PatientKey).where(PatientKey.patient_id == where.patient_id))
    again = await Vault.load(key_file=key_file, key_store_url=key_store_url, engine=archive.engine, clock=clock)

    assert await again.open(others, other) == cases.NOTE
    with pytest.raises(CannotOpen):
        await again.open(note, where)
    await again.close()


async def test_keys_swapped_between_patients_do_not_open(
        archive: Archive, store: KeyStore, key_file: Path, key_store_url: str, clock: Clock) -> None:
    where, other = cases.context(), cases.context()
    note = await archive.vault.seal(cases.NOTE, where)
    await archive.vault.seal(cases.NOTE, other)

    async with store.engine.begin() as connection:
        rows = (await connection.execute(select(PatientKey.id, PatientKey.wrapped).order_by(PatientKey.id))).all()
        for row, wrong in zip(rows, reversed(rows), strict=True):
            change = update(PatientKey).where(PatientKey.id == row.id).values(wrapped=wrong.wrapped)
            await connection.execute(change)
    again = await Vault.load(key_file=key_file, key_store_url=key_store_url, engine=archive.engine, clock=clock)

    assert await again.ready() == "key-wrong"
    with pytest.raises(Sealed):
        await again.open(note, where)
    await again.close()


async def test_a_key_that_was_used_enough_gives_way_to_the_next_and_older_texts_still_open(
        archive: Archive, store: KeyStore, key_file: Path, key_store_url: str, clock: Clock) -> None:
    where = cases.context()
    first = await archive.vault.seal(cases.NOTE, where)

    async with store.engine.begin() as connection:
        await connection.execute(update(PatientKey).values(uses=patient_keys.ROTATE))
    again = await Vault.load(key_file=key_file, key_store_url=key_store_url, engine=archive.engine, clock=clock)
    second = await again.seal(cases.NOTE, where)

    assert (first[24:28], second[24:28]) == (b"\0\0\0\1", b"\0\0\0\2") and first[8:24] != second[8:24]
    assert await again.open_many([(first, where), (second, where)]) == [cases.NOTE, cases.NOTE]
    await again.close()


async def test_uses_are_counted_ahead_so_that_a_crash_never_counts_too_few(archive: Archive, store: KeyStore) -> None:
    where = cases.context()

    for _ in range(3):
        await archive.vault.seal(cases.NOTE, where)

    found = await store.latest(where.patient_id)
    assert found is not None and found.uses == patient_keys.BLOCK


async def test_two_installations_with_the_same_keys_cannot_read_each_other(
        archive: Archive, key_file: Path, key_store_url: str, clock: Clock, tmp_path: Path) -> None:
    where = cases.context()
    note = await archive.vault.seal(cases.NOTE, where)

    elsewhere = database.make_engine(f"sqlite:///{tmp_path / 'elsewhere.db'}")
    async with elsewhere.begin() as connection:
        await connection.run_sync(database.Base.metadata.create_all)
    other = await Vault.load(key_file=key_file, key_store_url=key_store_url, engine=elsewhere, clock=clock)

    assert await other.ready() == "key-wrong"
    with pytest.raises(Sealed):
        await other.open(note, where)
    await other.close()
    await elsewhere.dispose()


async def test_the_check_values_say_nothing_of_the_keys(archive: Archive, key_file: Path) -> None:
    ring = keyring.read(key_file)

    async with archive.engine.connect() as connection:
        rows = (await connection.execute(select(KeyCheck.version, KeyCheck.check))).all()

    assert {row.version for row in rows} == {0, 1}
    assert all(key not in row[1] for row in rows for key in (ring.root, *ring.keks.values()))


async def test_tokens_of_two_purposes_differ(archive: Archive) -> None:
    token = os.urandom(32)

    assert archive.vault.token("login", token) == archive.vault.token("login", token)
    assert archive.vault.token("login", token) != archive.vault.token("resume", token)
    assert archive.vault.token("ab", b"c") != archive.vault.token("a", b"bc")


async def test_a_number_has_another_index_at_every_organization(archive: Archive) -> None:
    one, other = uuid4(), uuid4()

    found = archive.vault.digest("phone", one, "0912 345 678")

    assert found == archive.vault.digest("phone", one, "0912345678") and len(found) == 16
    assert found != archive.vault.digest("phone", other, "0912345678")
    assert found != archive.vault.digest("insurance_number", one, "0912345678")
