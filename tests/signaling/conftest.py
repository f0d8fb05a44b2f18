"""Starts a signaling server on a real port for each test."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from aiohttp import web

from signaling.limits import Limits
from tests.signaling.pages import Server

Start = Callable[..., Any]


@pytest.fixture
async def start() -> AsyncIterator[Start]:
    """Starts a server with these limits: ``await start(ping=0.1)``."""
    async with contextlib.AsyncExitStack() as stack:

        async def begin(*, clock: Callable[[], float] | None = None, **limits: Any) -> Server:
            loop = asyncio.get_running_loop()
            server = Server(Limits(**limits), clock or loop.time)
            app = web.Application()
            app.router.add_get("/socket", server.endpoint.handle)
            app.cleanup_ctx.append(server.endpoint.running)
            app.on_shutdown.append(server.endpoint.drain)
            runner = web.AppRunner(app)
            await runner.setup()
            stack.push_async_callback(server.client.close)
            stack.push_async_callback(runner.cleanup)
            site = web.TCPSite(runner, "127.0.0.1", 0)
            await site.start()
            server.url = f"http://127.0.0.1:{runner.addresses[0][1]}/socket"
            return server

        yield begin


@pytest.fixture
async def server(start: Start) -> Server:
    return await start()
