"""The database: engines for SQLite and PostgreSQL, the one type for instants, the base of all tables."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, MetaData, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

# Advisory locks of PostgreSQL, held until the transaction ends. Any numbers that nobody else uses.
TRAIL_LOCK, KEYS_LOCK, MIGRATION_LOCK = 0x7454_0001, 0x7454_0002, 0x7454_0003

# Milliseconds: nobody waits for ever behind a lock; a transaction left open ends by itself.
POSTGRESQL_LIMITS = "-c lock_timeout=10000 -c idle_in_transaction_session_timeout=60000"


class Base(DeclarativeBase):
    """The base of every table; constraints are named by one convention so that migrations can name them."""

    metadata = MetaData(naming_convention=NAMES)


class Instant(TypeDecorator[datetime]):
    """An aware UTC datetime. SQLite forgets the zone; this gives it back and refuses naive values."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def make_engine(url: str) -> AsyncEngine:
    """An engine for ``sqlite:///path`` or ``postgresql://…``; plain names of the drivers are completed here."""
    address = make_url(url)
    if address.get_backend_name() == "sqlite":
        return _sqlite(address.set(drivername="sqlite+aiosqlite"))
    return create_async_engine(
        address.set(drivername="postgresql+psycopg"), hide_parameters=True, pool_pre_ping=True,
        pool_size=10, max_overflow=10, pool_timeout=3,
        connect_args={"connect_timeout": 3, "tcp_user_timeout": 3000, "options": POSTGRESQL_LIMITS},
    )


async def lock(connection: AsyncConnection | AsyncSession, number: int) -> None:
    """Only one transaction at a time goes past this line. SQLite's BEGIN IMMEDIATE has seen to that already."""
    bind = connection.get_bind() if isinstance(connection, AsyncSession) else connection
    if bind.dialect.name == "postgresql":
        await connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": number})


async def turn(db: AsyncSession, known: UUID) -> None:
    """Whoever writes something new under this id goes one after another, until the transaction ends: a command that comes
    twice at the same moment finds what the first one wrote. SQLite has one writer at a time anyhow."""
    # The random half of the id as the signed number that PostgreSQL wants.
    await lock(db, int.from_bytes(known.bytes[8:], signed=True))


async def wait_for_locks(connection: AsyncConnection) -> None:
    """This transaction waits for locks as long as it takes: migrations, which have nothing better to do."""
    if connection.dialect.name == "postgresql":
        await connection.execute(text("SET LOCAL lock_timeout = 0"))


def _sqlite(address: Any) -> AsyncEngine:
    if address.database:
        _make_file(Path(address.database))
    engine = create_async_engine(address, hide_parameters=True)
    event.listen(engine.sync_engine, "connect", _prepare_sqlite)
    event.listen(engine.sync_engine, "begin", _begin_sqlite)
    return engine


def _make_file(path: Path) -> None:
    """An empty file for us alone; SQLite gives its log and its index the same rights."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.touch(mode=0o600, exist_ok=True)


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # The driver's own transactions lose updates: we say BEGIN ourselves (see dependencies, pitfalls).
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=5000", "secure_delete=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Any) -> None:
    if connection.get_execution_options().get("read_only"):
        connection.exec_driver_sql("BEGIN")
    else:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
