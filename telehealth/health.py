"""Is the process alive, and may it be given work. ``/healthz`` touches nothing; ``/readyz`` asks database, migrations, keys."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from aiohttp import web

PATIENCE_SECONDS = 2.5   # a database that stopped must be told within 3 s
Check = Callable[[], Awaitable[str]]   # "" when well, else a stable code


@dataclass
class Health:
    """Named checks, asked at each ``/readyz``. ``draining`` is set when the process is about to end."""

    checks: dict[str, Check] = field(default_factory=dict)
    draining: bool = False

    async def faults(self) -> dict[str, str]:
        """What is not well, by name of the check."""
        codes = await asyncio.gather(*(_code(check) for check in self.checks.values()))
        return {name: code for name, code in zip(self.checks, codes, strict=True) if code}

    async def live(self, _request: web.Request) -> web.Response:
        return web.json_response({"alive": True})

    async def ready(self, _request: web.Request) -> web.Response:
        faults = {"server": "draining"} if self.draining else await self.faults()
        return web.json_response({"ready": not faults, "faults": faults}, status=503 if faults else 200)


async def _code(check: Check) -> str:
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            return await check()
    except TimeoutError:
        return "timeout"
    except Exception as error:
        return str(getattr(error, "code", "failed"))
