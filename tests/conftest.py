"""What every test may ask for: a real database, real keys, invented people, the real site on a real port."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from records import database
from records.archive import Archive
from records.guard import keyring
from records.guard.vault import Vault
from tests import builders, postgres, templates
from tests.builders import Clock, People

if TYPE_CHECKING:
    from tests.site import Site

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


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database that is copied for each test."""
    path = tmp_path_factory.mktemp("template") / "telehealth.db"
    templates.migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres_template(postgres_server: postgres.Server) -> str:
    """The same on the PostgreSQL server: its URL."""
    url = postgres_server.database()
    templates.migrate(url)
    return url


@pytest.fixture
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database of this test's own: with every table where the test asks for ``archive``, otherwise empty."""
    migrated = "archive" in request.fixturenames
    if request.param == "sqlite":
        path = tmp_path / "telehealth.db"
        if migrated:
            templates.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    server: postgres.Server = request.getfixturevalue("postgres_server")
    url = server.database(like=request.getfixturevalue("postgres_template") if migrated else "")
    yield url
    server.drop(url)


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    """A fresh key file, readable by us alone."""
    path = tmp_path / "keys" / "telehealth.keys"
    keyring.make_key_file(path)
    return path


@pytest.fixture
def key_store_url(database_url: str, tmp_path: Path) -> str:
    """Where patients' keys lie: a file of their own, or a schema of their own."""
    return f"sqlite:///{tmp_path / 'keys' / 'patients.db'}" if database_url.startswith("sqlite") else database_url


@pytest.fixture
def clock() -> Clock:
    """The time of the test, which stands still until it is moved."""
    return Clock()


@pytest.fixture
async def archive(database_url: str, key_file: Path, key_store_url: str, clock: Clock) -> AsyncIterator[Archive]:
    """The records, migrated, with real keys, at the time of ``clock``."""
    engine = database.make_engine(database_url)
    vault = await Vault.load(key_file=key_file, key_store_url=key_store_url, engine=engine, clock=clock)
    archive = Archive(engine, vault, clock)
    yield archive
    await archive.close()


@pytest.fixture
async def people(archive: Archive) -> People:
    """Invented places and people in the records: see ``builders.People``."""
    return await builders.people(archive)


@pytest.fixture
async def site(
    archive: Archive, people: People, database_url: str, key_file: Path, key_store_url: str, clock: Clock, tmp_path: Path,
) -> AsyncIterator[Site]:
    """The real site on a real port, over the same records as ``archive``; its time runs on from that of ``clock``."""
    from telehealth.settings import Settings  # noqa: PLC0415  tests of the records load no pages
    from tests.site import served  # noqa: PLC0415

    settings = Settings(port=0, data=tmp_path, database_url=database_url, key_file=key_file, key_store_url=key_store_url)
    clock.run()
    async with served(settings, clock, people) as site:
        yield site
