"""The schema's history, inside the wheel: one for SQLite and PostgreSQL. ``upgrade`` brings a database up to the code."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Literal

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData
from sqlalchemy.ext.asyncio import AsyncEngine

from records import database
from records.care import tables as _care
from records.care import voice_note_table as _voice_notes
from records.guard import tables as _guard
from records.people import tables as _people

State = Literal["empty", "behind", "current", "newer"]
FOLDER = Path(__file__).parent


def metadata() -> MetaData:
    """Every table of the records."""
    for module in (_care, _guard, _people, _voice_notes):
        assert module.Base is database.Base
    return database.Base.metadata


async def upgrade(engine: AsyncEngine) -> None:
    """Brings the schema up to the code, in one transaction; several processes wait for each other."""
    async with engine.begin() as connection:
        await database.wait_for_locks(connection)
        await database.lock(connection, database.MIGRATION_LOCK)
        await connection.run_sync(_upgrade)


async def state(engine: AsyncEngine) -> State:
    """Whether the database has no schema, an older one, the code's, or one this code does not know."""
    found = await current(engine)
    if found is None:
        return "empty"
    if found == head():
        return "current"
    known = {revision.revision for revision in ScriptDirectory.from_config(config()).walk_revisions()}
    return "behind" if found in known else "newer"


async def current(engine: AsyncEngine) -> str | None:
    """The revision of the database, None before the first."""
    async with engine.execution_options(read_only=True).connect() as connection:
        return await connection.run_sync(lambda sync: MigrationContext.configure(sync).get_current_revision())


@functools.cache
def head() -> str:
    """The newest revision of the code."""
    found = ScriptDirectory.from_config(config()).get_current_head()
    assert found is not None
    return found


def config(connection: Connection | None = None) -> Config:
    """Alembic's configuration without a file."""
    made = Config(attributes={"connection": connection})
    made.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    made.set_main_option("path_separator", "os")
    return made


def _upgrade(connection: Connection) -> None:
    command.upgrade(config(connection), "head")
