"""The one door into the records: ``async with archive.act(actor) as act``."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

from records.acts import Act, Actor
from records.errors import CannotOpen, NotAllowed
from records.guard import audit
from records.guard.vault import Vault


def utc_now() -> datetime:
    return datetime.now(UTC)


class Archive:
    """Opens acts. ``clock`` gives the instant of each act; everything below takes it from the act."""

    def __init__(self, engine: AsyncEngine, vault: Vault, clock: Callable[[], datetime] = utc_now) -> None:
        self.engine = engine
        self.vault = vault
        self.clock = clock
        self._sessions = async_sessionmaker(engine, expire_on_commit=False)

    @asynccontextmanager
    async def act(self, actor: Actor) -> AsyncIterator[Act]:
        """One transaction: committed on leaving, rolled back on error; refusals leave their trace in a second one."""
        try:
            async with self._sessions() as db, db.begin():
                yield Act(actor, self.clock(), db, self.vault)
        except (NotAllowed, CannotOpen) as refusal:
            await self._trace(actor, refusal)
            raise

    async def _trace(self, actor: Actor, refusal: NotAllowed | CannotOpen) -> None:
        async with self._sessions() as db, db.begin():
            await audit.refused(Act(actor, self.clock(), db, self.vault), refusal)

    async def close(self) -> None:
        await self.vault.close()
        await self.engine.dispose()
