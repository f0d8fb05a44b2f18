"""A database that has been migrated once, to be copied for each test: migrating anew would be most of what a test does.

The migrations themselves are tested from an empty database, see tests/records/test_migrations.py.
"""

from __future__ import annotations

import asyncio
import shutil
import threading
from pathlib import Path

from records import database, migrations


def migrate(url: str) -> None:
    """Every table in the empty database at ``url``. In a thread of its own: whoever calls may have a loop already."""
    thread = threading.Thread(target=lambda: asyncio.run(_migrate(url)))
    thread.start()
    thread.join()


def copy(template: Path, to: Path) -> None:
    """A SQLite file like ``template``, for us alone."""
    shutil.copyfile(template, to)
    to.chmod(0o600)


async def _migrate(url: str) -> None:
    engine = database.make_engine(url)
    await migrations.upgrade(engine)
    await engine.dispose()
