"""What ``/metrics`` tells, on a second loopback port: requests, sockets, calls, rings, lag. No ids in labels."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

from aiohttp import web
from prometheus_client import CollectorRegistry, Gauge, Histogram
from prometheus_client.aiohttp import make_aiohttp_handler

from telehealth.logs import route_of

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
LAG_EVERY_SECONDS = 0.5
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
LAG = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1)


class Metrics:
    """The counters of one application; two applications in one process share none."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Histogram(
            "telehealth_request_seconds", "Time to answer, by the route's pattern", ["method", "route", "status"],
            buckets=SECONDS, registry=self.registry)
        self.lag = Histogram(
            "telehealth_event_loop_lag_seconds", "How late the event loop wakes", buckets=LAG, registry=self.registry)

    def gauge(self, name: str, help_text: str, value: Callable[[], float]) -> None:
        """A number that is asked when somebody looks."""
        Gauge(f"telehealth_{name}", help_text, registry=self.registry).set_function(value)

    @web.middleware
    async def count(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """The middleware that times every answer."""
        start, status = time.perf_counter(), 500
        try:
            response = await handler(request)
            status = response.status
            return response
        except web.HTTPException as answer:
            status = answer.status
            raise
        finally:
            self._note(request, status, time.perf_counter() - start)

    def _note(self, request: web.Request, status: int, seconds: float) -> None:
        if status != 101:   # a socket lasts for hours
            self.requests.labels(request.method, route_of(request), f"{status // 100}xx").observe(seconds)

    async def watch_lag(self) -> None:
        while True:
            start = time.perf_counter()
            await asyncio.sleep(LAG_EVERY_SECONDS)
            self.lag.observe(max(0.0, time.perf_counter() - start - LAG_EVERY_SECONDS))

    @asynccontextmanager
    async def served(self, port: int) -> AsyncIterator[None]:
        """``/metrics`` on loopback while the block runs; nothing at all for port 0."""
        watch = asyncio.create_task(self.watch_lag())
        runner = await self._listen(port) if port else None
        try:
            yield
        finally:
            watch.cancel()
            with suppress(asyncio.CancelledError):
                await watch
            if runner:
                await runner.cleanup()

    async def _listen(self, port: int) -> web.AppRunner:
        app = web.Application()
        app.router.add_get("/metrics", make_aiohttp_handler(self.registry))
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        return runner
