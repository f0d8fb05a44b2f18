"""The schema's history makes what the models say, on both databases, and knows when a database is older or newer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine

from records import database, migrations


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    engine = database.make_engine(database_url)
    yield engine
    await engine.dispose()


def differences(connection: Connection) -> list[object]:
    context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
    return list(compare_metadata(context, migrations.metadata()))


async def test_an_empty_database_is_brought_up_to_exactly_what_the_models_say(engine: AsyncEngine) -> None:
    assert await migrations.state(engine) == "empty"

    await migrations.upgrade(engine)

    assert await migrations.state(engine) == "current"
    async with engine.connect() as connection:
        assert await connection.run_sync(differences) == []


async def test_a_second_upgrade_changes_nothing_and_two_at_once_wait_for_each_other(engine: AsyncEngine) -> None:
    await asyncio.gather(migrations.upgrade(engine), migrations.upgrade(engine))

    await migrations.upgrade(engine)

    assert await migrations.current(engine) == migrations.head()


async def test_a_database_of_a_newer_program_is_told_apart(engine: AsyncEngine) -> None:
    await migrations.upgrade(engine)

    async with engine.begin() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = 'from-the-future'"))

    assert await migrations.state(engine) == "newer"


async def test_a_schema_that_differs_from_the_models_is_noticed(engine: AsyncEngine) -> None:
    await migrations.upgrade(engine)

    async with engine.begin() as connection:
        await connection.execute(text("ALTER TABLE patient ADD COLUMN nickname VARCHAR(20)"))

    async with engine.connect() as connection:
        assert await connection.run_sync(differences)
