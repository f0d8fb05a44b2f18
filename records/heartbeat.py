"""Whether a PostgreSQL server still answers. One that hangs keeps its sockets open: nothing that waits for it would ever end.

A question of no consequence is asked all the time; where the answer fails to come, every connection is shut: whoever waits
on one is told at once that the database is gone, and nobody new begins to wait until it answers again.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any
from weakref import WeakSet

from sqlalchemy import NullPool, event, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

PATIENCE = 1.5      # seconds: people are told within 3
INTERVAL = 0.5      # seconds between an answer and the next question


class Heartbeat:
    """Watches one engine while ``running``. An engine of SQLite has no server: it always answers."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.answers = True
        self._engine = engine
        self._connections: WeakSet[Any] = WeakSet()
        if engine.dialect.name == "postgresql":
            event.listen(engine.sync_engine, "connect", self._opened)
            event.listen(engine.sync_engine, "do_connect", self._opening)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Asks again and again while the block runs."""
        if self._engine.dialect.name != "postgresql":
            yield
            return
        asking = asyncio.create_task(self._ask())
        try:
            yield
        finally:
            asking.cancel()
            self._shut()
            await asyncio.gather(asking, return_exceptions=True)

    def _opened(self, connection: Any, _record: Any) -> None:
        self._connections.add(connection.driver_connection)

    def _opening(self, dialect: Any, *_more: Any) -> None:
        # Whoever was shut out would knock again, and wait at the door of a server that hangs.
        if not self.answers:
            raise dialect.loaded_dbapi.OperationalError("the database does not answer")

    async def _ask(self) -> None:
        # An engine of its own: a question must not wait for a connection that those who hang hold.
        engine = create_async_engine(self._engine.url, poolclass=NullPool, hide_parameters=True,
                                     connect_args={"connect_timeout": 2, "tcp_user_timeout": 2000})
        event.listen(engine.sync_engine, "connect", self._opened)
        while True:
            with suppress(Exception):           # it does not answer: said by ``answers``
                async with engine.connect() as connection:
                    await self._ask_on(connection)
            self.answers = False
            await asyncio.sleep(INTERVAL)

    async def _ask_on(self, connection: AsyncConnection) -> None:
        """Until an answer fails to come."""
        for _ in itertools.count():
            await self._ask_once(connection)
            await asyncio.sleep(INTERVAL)

    async def _ask_once(self, connection: AsyncConnection) -> None:
        question = asyncio.ensure_future(connection.execute(text("SELECT 1")))
        done, _ = await asyncio.wait([question], timeout=PATIENCE)
        if not done:
            self.answers = False
            self._shut()
        await question                          # a connection that was shut ends it
        self.answers = True

    def _shut(self) -> None:
        """Shuts the sockets below the connections: their owners see an end, and clean up in their own time."""
        for connection in list(self._connections):
            with suppress(OSError, ValueError):
                if not connection.closed:
                    _shut(connection.fileno())


def _shut(file: int) -> None:
    with socket.socket(fileno=os.dup(file)) as same:
        same.shutdown(socket.SHUT_RDWR)
