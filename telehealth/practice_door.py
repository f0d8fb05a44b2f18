"""The simulated doctors' own way to the sockets: a Unix socket in a folder that is ours alone, without cookies or pages.

It does not depend on how browsers come in: no address, no certificate, no reverse proxy.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from pathlib import Path

from aiohttp import web

from web.keys import SIGNED_IN, Handler


class Door:
    """Open from the first practice call on. ``handle`` serves sockets."""

    def __init__(self) -> None:
        self.handle: Handler | None = None
        self._folder: Path | None = None
        self._runner: web.AppRunner | None = None
        self._opening = asyncio.Lock()

    def is_through(self, request: web.Request) -> bool:
        return self._runner is not None and request.app is self._runner.app

    async def open(self) -> Path:
        """Where it is."""
        async with self._opening:
            if self._folder is None:
                self._folder = Path(tempfile.mkdtemp(prefix="telehealth-practice-"))
                await self._listen(self._folder / "door")
        return self._folder / "door"

    async def close(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    async def _listen(self, path: Path) -> None:
        assert self.handle is not None
        app = web.Application(middlewares=[_nobody])
        app.router.add_get("/socket", self.handle)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        await web.UnixSite(self._runner, str(path)).start()


@web.middleware
async def _nobody(request: web.Request, handler: Handler) -> web.StreamResponse:
    request[SIGNED_IN] = None
    return await handler(request)
