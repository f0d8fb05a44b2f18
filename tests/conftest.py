"""What every test may ask for: a real database, real keys, invented people, the real site on a real port."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import postgres

DATABASES = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]


def pytest_configure(config: pytest.Config) -> None:
    for line in (
        "postgres: needs a PostgreSQL server",
        "both_databases: run on SQLite and on PostgreSQL (tests/records does so by itself)",
        "browser: needs Chromium",
        "coturn: needs coturn",
        "full: only with deploy/test.sh --full",
    ):
        config.addinivalue_line("markers", line)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Tests of the records run on both databases, everything else on SQLite unless it asks for both."""
    if "database_url" in metafunc.fixturenames:
        both = "records" in metafunc.definition.path.parts or metafunc.definition.get_closest_marker("both_databases")
        metafunc.parametrize("database_url", DATABASES if both else ["sqlite"], indirect=True)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[postgres.Server]:
    """One PostgreSQL server for the whole run."""
    if postgres.binaries() is None:
        pytest.skip("PostgreSQL is not installed (Debian: postgresql)")
    with postgres.running() as server:
        yield server


@pytest.fixture
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty database of this test's own."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'telehealth.db'}"
        return
    server: postgres.Server = request.getfixturevalue("postgres_server")
    url = server.database()
    yield url
    server.drop(url)


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    """A fresh key file, readable by us alone."""
    from records.guard import keyring  # noqa: PLC0415

    path = tmp_path / "keys" / "telehealth.keys"
    path.parent.mkdir(mode=0o700)
    keyring.make_key_file(path)
    return path


@pytest.fixture
def clock() -> Any:
    """The time of the test, which stands still until it is moved."""
    from tests import builders  # noqa: PLC0415

    return builders.Clock()


@pytest.fixture
async def archive(database_url: str, key_file: Path, tmp_path: Path, clock: Any) -> AsyncIterator[Any]:
    """The records, with all tables and real keys, at the time of ``clock``."""
    from records import database  # noqa: PLC0415
    from records.archive import Archive  # noqa: PLC0415
    from records.care import tables as _care  # noqa: F401, PLC0415
    from records.guard import tables as _guard  # noqa: F401, PLC0415
    from records.guard.vault import Vault  # noqa: PLC0415
    from records.people import tables as _people  # noqa: F401, PLC0415

    engine = database.make_engine(database_url)
    key_store_url = f"sqlite:///{tmp_path / 'keys' / 'patients.db'}" if engine.dialect.name == "sqlite" else database_url
    async with engine.begin() as connection:
        await connection.run_sync(database.Base.metadata.create_all)
    vault = await Vault.load(key_file=key_file, key_store_url=key_store_url, engine=engine, clock=clock)
    archive = Archive(engine, vault, clock)
    yield archive
    await archive.close()


@pytest.fixture
async def people(archive: Any) -> Any:
    """Invented places and people in the records: see ``builders.People``."""
    from tests import builders  # noqa: PLC0415

    return await builders.people(archive)
