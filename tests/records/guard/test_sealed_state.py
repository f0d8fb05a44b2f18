"""Wrong, missing or badly protected keys: the records close, and open again by themselves when the key is back."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from records import database, migrations
from records.archive import Archive
from records.errors import Sealed, Unavailable
from records.guard import audit, keyring
from records.guard.tables import AuditEvent
from records.guard.vault import Vault
from records.people import patients
from records.people.identities import Identity
from records.people.tables import Patient
from tests.builders import Clock, People
from tests.records.guard import cases


def take_away(key_file: Path) -> None:
    key_file.rename(key_file.with_name("away"))


def bring_back(key_file: Path) -> None:
    key_file.with_name("away").replace(key_file)


def let_others_read(key_file: Path, may: bool) -> None:
    key_file.chmod(0o444 if may else 0o400)


def replace(key_file: Path, content: str) -> None:
    key_file.chmod(0o600)
    key_file.write_text(content)


def replaced(key_file: Path, old: bytes, new: bytes) -> str:
    """The content of a key file with one key in place of another."""
    return key_file.read_text().replace(base64.b64encode(old).decode(), base64.b64encode(new).decode())


async def entries_of(archive: Archive) -> int:
    async with archive.engine.connect() as connection:
        return (await connection.execute(select(func.count()).select_from(AuditEvent))).scalar_one()


async def search(archive: Archive, people: People) -> None:
    async with archive.act(people.nurse.actor) as act:
        await audit.record(act, "patient:search")


async def test_a_vault_with_its_keys_is_ready(archive: Archive) -> None:
    assert await archive.vault.ready() == ""


async def test_a_key_file_that_vanishes_closes_the_records_until_it_is_back(
        archive: Archive, people: People, key_file: Path) -> None:
    where = cases.context()
    note = await archive.vault.seal(cases.NOTE, where)

    take_away(key_file)

    with pytest.raises(Sealed):
        await search(archive, people)
    assert await archive.vault.ready() == "key-missing"
    with pytest.raises(Sealed):
        await archive.vault.open(note, where)
    with pytest.raises(Sealed):
        archive.vault.token("login", b"")
    with pytest.raises(Sealed):
        archive.vault.digest("phone", None, "0912345678")
    assert await entries_of(archive) == 0

    bring_back(key_file)

    await search(archive, people)
    assert await archive.vault.open(note, where) == cases.NOTE
    assert await archive.vault.ready() == "" and await entries_of(archive) == 1


async def test_a_key_file_that_others_can_read_closes_the_records(archive: Archive, people: People, key_file: Path) -> None:
    let_others_read(key_file, True)

    with pytest.raises(Sealed):
        await search(archive, people)
    assert await archive.vault.ready() == "key-readable"

    let_others_read(key_file, False)

    await search(archive, people)


async def test_other_keys_close_the_records(archive: Archive, people: People, key_file: Path) -> None:
    take_away(key_file)
    keyring.make_key_file(key_file)

    with pytest.raises(Sealed):
        await search(archive, people)
    assert await archive.vault.ready() == "key-wrong"

    bring_back(key_file)

    await search(archive, people)


async def test_the_right_root_with_another_key_encryption_key_is_noticed(
        archive: Archive, key_file: Path, tmp_path: Path) -> None:
    ring, other = keyring.read(key_file), tmp_path / "other"
    keyring.make_key_file(other)
    mixed = replaced(other, keyring.read(other).root, ring.root)
    replace(key_file, mixed)

    assert await archive.vault.ready() == "key-wrong"


async def test_keys_that_open_none_of_the_records_are_wrong_however_well_they_fit(
        archive: Archive, people: People, key_file: Path, key_store_url: str, clock: Clock) -> None:
    async with archive.act(people.nurse.actor) as act:
        patient_id = await patients.register(act, cases.context().row_id, Identity(full_name="Hoàng Thị Hoa", gender="female"))
        row = await act.db.get(Patient, patient_id)
        assert row is not None
        row.identity = row.identity[:-1] + bytes((row.identity[-1] ^ 1,))

    again = await Vault.load(key_file=key_file, key_store_url=key_store_url, engine=archive.engine, clock=clock)

    assert await again.ready() == "key-wrong"
    await again.close()


@pytest.fixture
async def unready(database_url: str, key_file: Path, key_store_url: str, clock: Clock) -> AsyncIterator[Archive]:
    """Records over a database that has no tables yet."""
    engine = database.make_engine(database_url)
    archive = Archive(engine, await Vault.load(
        key_file=key_file, key_store_url=key_store_url, engine=engine, clock=clock), clock)
    yield archive
    await archive.close()


async def test_without_tables_the_vault_says_so_and_opens_once_they_are_there(unready: Archive) -> None:
    assert await unready.vault.ready() == "store-unavailable"
    with pytest.raises(Unavailable):
        await unready.vault.require()

    await migrations.upgrade(unready.engine)

    assert await unready.vault.ready() == ""
