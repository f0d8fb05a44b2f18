"""How long a browser may take to say what it wants: aiohttp waits for ever, for a header and for a body. We do not.

A line of 48 kbit/s must still do: a photo of 250 kB takes 42 s on it. So a body may be slow, but never silent and never below
8 kbit/s on average. A small body (a piece of a voice note) is given a minute: where every fifth packet is lost, one packet
may take that long, and a new connection in its place would take longer.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

import structlog
from aiohttp import web
from aiohttp.typedefs import Middleware

from web.keys import Handler

log = structlog.get_logger("web")


@dataclass(frozen=True)
class Deadlines:
    """Seconds, and bits per second. ``grace``: from when on the average counts, and for bodies up to ``small`` bytes."""

    header: float = 10.0
    silence: float = 30.0
    slowest: float = 8_000.0
    grace: float = 10.0
    small: int = 16 * 1024
    small_grace: float = 60.0
    look_every: float = 1.0


class Connection(web.RequestHandler):
    """A connection that must finish a header within the deadline, from its first byte on, the very first included."""

    __slots__ = ("_header_deadline", "_header_timer")

    def __init__(self, manager: web.Server, *, header_deadline: float, **kwargs: Any) -> None:
        super().__init__(manager, **kwargs)
        self._header_deadline = header_deadline
        self._header_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._expect_header()

    def data_received(self, data: bytes) -> None:
        before = self._request_count
        super().data_received(data)
        if self._request_count != before:
            self._stop_waiting()
        elif data and self._header_timer is None and self._current_request is None and not self._upgraded:
            self._expect_header()

    def connection_lost(self, exc: BaseException | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    def _expect_header(self) -> None:
        self._header_timer = self._loop.call_later(self._header_deadline, self._give_up)

    def _stop_waiting(self) -> None:
        if self._header_timer is not None:
            self._header_timer.cancel()
            self._header_timer = None

    def _give_up(self) -> None:
        self._header_timer = None
        if self._current_request is None:
            self.force_close()


class Server(web.Server):
    """Makes such connections."""

    def __init__(self, handler: Any, *, header_deadline: float, **kwargs: Any) -> None:
        super().__init__(handler, **kwargs)
        self._header_deadline = header_deadline

    def __call__(self) -> Connection:
        return Connection(self, header_deadline=self._header_deadline, loop=self._loop, **self._kwargs)


class Runner(web.AppRunner):
    """An AppRunner whose connections keep the header deadline. telehealth serves the site with it."""

    __slots__ = ("_deadlines",)

    def __init__(self, app: web.Application, *, deadlines: Deadlines | None = None, **kwargs: Any) -> None:
        super().__init__(app, **kwargs)
        self._deadlines = deadlines or Deadlines()

    async def _make_server(self) -> web.Server:
        plain = await super()._make_server()
        return Server(
            plain.request_handler, request_factory=plain.request_factory, header_deadline=self._deadlines.header,
            **self._kwargs,
        )


def limit_body(deadlines: Deadlines) -> Middleware:
    """The middleware that watches bodies arrive."""

    @web.middleware
    async def watch_body(request: web.Request, handler: Handler) -> web.StreamResponse:
        if not request.can_read_body:
            return await handler(request)
        watching = asyncio.create_task(_watch(request, deadlines))
        try:
            return await handler(request)
        finally:
            watching.cancel()

    return watch_body


async def _watch(request: web.Request, deadlines: Deadlines) -> None:
    """Closes the connection of a body that has gone silent or crawls."""
    clock = asyncio.get_running_loop().time
    began = heard = clock()
    is_small = request.content_length is not None and request.content_length <= deadlines.small
    grace = deadlines.small_grace if is_small else deadlines.grace
    received = request.content.total_bytes
    while not request.content.is_eof():
        await asyncio.sleep(deadlines.look_every)
        if request.content.total_bytes != received:
            received, heard = request.content.total_bytes, clock()
        elapsed = clock() - began
        crawls = elapsed > grace and received * 8 / elapsed < deadlines.slowest
        if request.content.is_eof() or not (crawls or clock() - heard > deadlines.silence):
            continue
        log.warning("body too slow", method=request.method, seconds=round(elapsed), bytes=received)
        if request.protocol is not None:
            request.protocol.force_close()
        return
