"""The door: one act is one transaction, and a database that is away or full is told apart from a mistake of ours."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError, TimeoutError

from records import database, migrations
from records.acts import Act, Actor
from records.archive import Archive, unavailable
from records.errors import Unavailable
from records.guard import audit
from records.guard.vault import Vault
from records.people.tables import Organization
from tests import builders, postgres
from tests.builders import Clock

SYSTEM = Actor.of_system("test")


async def test_an_act_that_ends_well_is_kept_and_bears_one_instant(archive: Archive, clock: Clock) -> None:
    place = builders.organization("Nà Phặc", "commune_health_station", "19021")

    async with archive.act(SYSTEM) as act:
        clock.forward(hours=1)
        act.db.add(place)

    assert act.at == builders.MORNING
    async with archive.act(SYSTEM) as act:
        assert await act.db.get(Organization, place.id)


async def test_an_act_that_fails_leaves_nothing(archive: Archive) -> None:
    place = builders.organization("Nà Phặc", "commune_health_station", "19021")

    with pytest.raises(ZeroDivisionError):
        async with archive.act(SYSTEM) as act:
            act.db.add(place)
            await act.db.flush()
            raise ZeroDivisionError

    async with archive.act(SYSTEM) as act:
        assert await act.db.get(Organization, place.id) is None


async def test_a_hundred_counts_at_once_lose_none(archive: Archive) -> None:
    place = builders.organization("Nà Phặc", "commune_health_station", "19021")
    async with archive.act(SYSTEM) as act:
        act.db.add(place)

    async def count() -> None:
        async with archive.act(SYSTEM) as act:
            row = await act.db.get(Organization, place.id, with_for_update=True)
            assert row is not None
            row.version += 1

    await asyncio.gather(*(count() for _ in range(100)))

    async with archive.act(SYSTEM) as act:
        row = await act.db.get(Organization, place.id)
        assert row is not None and row.version == 101


async def test_a_mistake_of_ours_is_not_taken_for_an_outage(archive: Archive) -> None:
    place = builders.organization("Nà Phặc", "commune_health_station", "19021")
    async with archive.act(SYSTEM) as act:
        act.db.add(place)

    with pytest.raises(IntegrityError):
        async with archive.act(SYSTEM) as act:
            act.db.add(builders.organization("Nà Phặc", "commune_health_station", "19021"))
    with pytest.raises(DBAPIError) as broken:
        async with archive.act(SYSTEM) as act:
            await act.db.execute(text("SELECT nonsense FROM organization"))

    assert not isinstance(broken.value, Unavailable)


class State(psycopg.OperationalError):
    """A fault of PostgreSQL with a state of our choice."""

    def __init__(self, sqlstate: str) -> None:
        super().__init__("told by the server")
        self.sqlstate = sqlstate


@pytest.mark.parametrize(("fault", "reason"), [
    (sqlite3.OperationalError("database or disk is full"), "disk-full"), (State("53100"), "disk-full"),
    (sqlite3.OperationalError("database is locked"), "database"), (sqlite3.OperationalError("disk I/O error"), "database"),
    (sqlite3.OperationalError("unable to open database file"), "database"), (State("57P01"), "database"),
    (State("08006"), "database"), (State("53300"), "database"), (State("40P01"), "database"),
    (psycopg.OperationalError("connection refused"), "database"), (State("23505"), ""),
    (sqlite3.OperationalError("near SELEC: syntax error"), ""), (psycopg.errors.SyntaxError("at or near"), "")])
def test_each_fault_is_named_for_what_it_is(fault: Exception, reason: str) -> None:
    assert unavailable(OperationalError("", {}, fault)) == reason


def test_no_free_connection_is_an_outage() -> None:
    assert unavailable(TimeoutError("QueuePool limit")) == "database"


async def test_a_full_disk_is_told_and_passes_when_there_is_space_again(tmp_path: Path, key_file: Path, clock: Clock) -> None:
    archive = await opened(f"sqlite:///{tmp_path / 'small.db'}", key_file, tmp_path, clock)
    pages = await _pragma(archive, "PRAGMA page_count")
    await _pragma(archive, f"PRAGMA max_page_count = {pages + 2}")

    with pytest.raises(Unavailable) as refused:
        for _ in range(100):
            async with archive.act(SYSTEM) as act:
                await _pragma_of(act, f"PRAGMA max_page_count = {pages + 2}")
                for _ in range(50):
                    await audit.record(act, "patient:search", "patient", uuid4())

    assert refused.value.reason == "disk-full"
    async with archive.act(SYSTEM) as act:
        await _pragma_of(act, "PRAGMA max_page_count = 1000000")
        await audit.record(act, "patient:search")
    assert (await audit.verify(archive.engine)).good
    await archive.close()


@pytest.fixture
async def stoppable(tmp_path: Path, key_file: Path, clock: Clock) -> AsyncIterator[tuple[postgres.Server, Archive]]:
    """Records on a PostgreSQL server of their own, which may be stopped."""
    with postgres.running() as server:
        archive = await opened(keeping(server.database()), key_file, tmp_path, clock)
        yield server, archive
        await archive.close()


@pytest.mark.postgres
async def test_a_database_that_stops_is_told_within_three_seconds_and_heals_by_itself(
        stoppable: tuple[postgres.Server, Archive]) -> None:
    server, archive = stoppable
    async with archive.act(SYSTEM) as act:
        await audit.record(act, "patient:search")

    await asyncio.to_thread(server.stop)
    for _ in range(3):
        async with asyncio.timeout(3):
            with pytest.raises(Unavailable) as refused:
                async with archive.act(SYSTEM) as act:
                    await audit.record(act, "patient:search")
        assert refused.value.reason == "database"
    await asyncio.to_thread(server.start)

    async with asyncio.timeout(5), archive.act(SYSTEM) as act:
        await audit.record(act, "patient:search")
    assert (await audit.verify(archive.engine)).head.sequence == 2


def keeping(url: str) -> str:
    """The database, told to forget nothing that it has acknowledged: the tests' server is in a hurry otherwise."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f'ALTER DATABASE "{url.rpartition("/")[2]}" SET synchronous_commit = on'.encode())
    return url


async def opened(url: str, key_file: Path, folder: Path, clock: Clock) -> Archive:
    engine = database.make_engine(url)
    await migrations.upgrade(engine)
    vault = await Vault.load(key_file=key_file, key_store_url=f"sqlite:///{folder / 'patients.db'}", engine=engine, clock=clock)
    return Archive(engine, vault, clock)


async def _pragma(archive: Archive, statement: str) -> int:
    async with archive.engine.connect() as connection:
        return (await connection.execute(text(statement))).scalar_one()


async def _pragma_of(act: Act, statement: str) -> None:
    await act.db.execute(text(statement))
