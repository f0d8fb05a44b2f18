"""The one door into the records: ``async with archive.act(actor) as act``."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from sqlalchemy.exc import DBAPIError, TimeoutError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

from records.acts import Act, Actor
from records.errors import CannotOpen, NotAllowed, Unavailable
from records.guard import audit
from records.guard.vault import Vault
from records.heartbeat import Heartbeat
from records.people.names import NameCache

DISK_FULL = ("53100", "database or disk is full")       # PostgreSQL's state, SQLite's words
# Beginnings of PostgreSQL states: not there, ending, exhausted, read-only, deadlock, lock not free in time.
GONE = ("08", "57P", "53", "25006", "40P01", "55P03")
SQLITE_GONE = ("locked", "disk I/O error", "unable to open", "readonly database", "no such table", "malformed")


def utc_now() -> datetime:
    return datetime.now(UTC)


class Archive:
    """Opens acts. ``clock`` gives the instant of each act; everything below takes it from the act."""

    def __init__(self, engine: AsyncEngine, vault: Vault, clock: Callable[[], datetime] = utc_now) -> None:
        self.engine = engine
        self.vault = vault
        self.clock = clock
        self.names = NameCache()
        self._hearts = [Heartbeat(engine), Heartbeat(vault.store_engine)]
        self._sessions = async_sessionmaker(engine, expire_on_commit=False)
        self._glances = async_sessionmaker(engine.execution_options(read_only=True), expire_on_commit=False)

    @asynccontextmanager
    async def act(self, actor: Actor) -> AsyncIterator[Act]:
        """One transaction: committed on leaving, rolled back on error; refusals leave their trace in a second one.

        Raises Sealed when the keys cannot be used, Unavailable when the database does not answer or its disk is full.
        """
        await self.vault.require()
        try:
            async with self._transaction(actor, self._sessions) as act:
                yield act
        except (NotAllowed, CannotOpen) as refusal:
            async with self._transaction(actor, self._sessions) as act:
                await audit.refused(act, refusal)
            raise

    @asynccontextmanager
    async def glance(self, actor: Actor) -> AsyncIterator[Act]:
        """An act that only looks at what stands in clear and leaves no trace, as: who is signed in.

        It waits for no writer and works while the keys are missing, so that nobody is signed out by that.
        """
        async with self._transaction(actor, self._glances) as act:
            yield act

    @asynccontextmanager
    async def watched(self) -> AsyncIterator[None]:
        """While the block runs, a database that hangs is found out: acts that wait for it end with Unavailable."""
        async with self._hearts[0].running(), self._hearts[1].running():
            yield

    @asynccontextmanager
    async def _transaction(self, actor: Actor, sessions: async_sessionmaker[AsyncSession]) -> AsyncIterator[Act]:
        if not all(heart.answers for heart in self._hearts):
            raise Unavailable
        try:
            async with sessions() as db, db.begin():
                act = Act(actor, self.clock(), db, self.vault, self.names)
                yield act
                await audit.append(act)
        except (DBAPIError, TimeoutError, OSError) as error:
            if reason := unavailable(error):
                raise Unavailable(reason) from error
            raise

    async def close(self) -> None:
        await self.vault.close()
        await self.engine.dispose()


def unavailable(error: Exception) -> str:
    """``disk-full`` or ``database`` when the fault lies with the database's condition, "" when it lies with us."""
    if isinstance(error, TimeoutError):
        return "database"                       # no connection became free
    if not isinstance(error, DBAPIError):
        return ""
    state, words = getattr(error.orig, "sqlstate", None) or "", str(error.orig)
    if state == DISK_FULL[0] or DISK_FULL[1] in words:
        return "disk-full"
    if error.connection_invalidated or state.startswith(GONE):
        return "database"
    return "database" if _no_connection(error, state, words) else ""


def _no_connection(error: DBAPIError, state: str, words: str) -> bool:
    if type(error.orig).__module__.startswith("psycopg"):
        return not state and type(error.orig).__name__ in ("OperationalError", "ConnectionTimeout", "InterfaceError")
    return any(part in words for part in SQLITE_GONE)
