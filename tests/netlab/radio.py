"""The line as a test holds it in its hand: starts the shaper's process and tells it what to be."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from tests.netlab import lines
from tests.netlab.lines import Line, Phase, Shape
from tests.netlab.rooms import STATION, Rooms

ROOT = Path(__file__).parents[2]
PATIENCE = 10       # seconds for the shaper to begin


class Radio:
    """The station's line. Everything takes effect at once, while packets pass."""

    def __init__(self, rooms: Rooms, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.line = lines.LINES["lan"]
        self.device = "wlan0"
        self._rooms, self._reader, self._writer = rooms, reader, writer
        self._turn = asyncio.Lock()
        self._playing: asyncio.Task[None] | None = None

    async def use(self, what: str | Shape) -> None:
        """Become the line of this name, or of this shape; one that changes by itself begins its first phase now."""
        await self.still()
        self.line = lines.named(what) if isinstance(what, str) else Line("", what)
        await self.shape(self.line.shape)
        if self.line.phases:
            self._playing = asyncio.create_task(self._play(self.line.phases))

    async def shape(self, both: Shape | None = None, *, up: Shape | None = None, down: Shape | None = None) -> None:
        """Both directions, or one of them."""
        given = {"shape": both, "up": up, "down": down}
        await self._order({name: asdict(one) for name, one in given.items() if one})

    async def round_trip(self, milliseconds: float) -> None:
        """The line as it is, as far away as this."""
        await self.shape(replace(self.line.shape, delay_ms=milliseconds / 2))

    async def cut(self, seconds: float) -> float:
        """No line for so long. Returns when it is back, and the moment of that, in milliseconds since 1970."""
        await self.down()
        await asyncio.sleep(seconds)        # the cut itself
        return await self.up()

    async def down(self) -> None:
        await self._order({"cut": True})

    async def up(self) -> float:
        await self._order({"cut": False})
        return _now()

    async def allow(self, rule: str) -> None:
        """A firewall at the station's net: ``all``, ``no-udp`` or ``tls-443``."""
        await self._order({"open": rule})

    async def move(self) -> float:
        """The station goes over to its other net and address: wireless to mobile or back. The moment of that."""
        self.device = next(one for one in STATION if one != self.device)
        await self._order({"device": self.device})
        await asyncio.to_thread(self._rooms.move, self.device)
        return _now()

    async def counts(self) -> dict[str, dict[str, int]]:
        """``direction.Counts`` of ``up`` and ``down`` since the shaper began."""
        return await self._order({})

    async def calm(self) -> None:
        """A good line again: nothing cut, nothing shut."""
        await self._order({"cut": False, "open": "all"})
        await self.use("lan")

    async def still(self) -> None:
        """A line that changes by itself stays as it is now."""
        if self._playing:
            self._playing.cancel()
            with suppress(asyncio.CancelledError):
                await self._playing
            self._playing = None

    async def _play(self, phases: tuple[Phase, ...]) -> None:
        while True:
            for phase in phases:
                await self._order({"cut": phase.shape is None} | ({"shape": asdict(phase.shape)} if phase.shape else {}))
                await asyncio.sleep(phase.seconds)

    async def _order(self, order: dict[str, Any]) -> dict[str, dict[str, int]]:
        async with self._turn:
            self._writer.write(json.dumps(order).encode() + b"\n")
            answer = await self._reader.readline()
        if not answer:
            raise ConnectionError(f"the shaper did not take {order}")
        counts: dict[str, dict[str, int]] = json.loads(answer)
        return counts


@asynccontextmanager
async def opened(rooms: Rooms, folder: Path) -> AsyncIterator[Radio]:
    """The line between the station's room and the server's, ``lan`` at first."""
    socket = folder / "shaper"
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.netlab.shaper", rooms.station, rooms.server, str(socket),
        *(f"{device}={address}" for device, address in STATION.items()), cwd=ROOT, stdin=PIPE)
    try:
        reader, writer = await _connected(socket, process)
        radio = Radio(rooms, reader, writer)
        await radio.use("lan")
        yield radio
        await radio.still()
        writer.close()
    finally:
        assert process.stdin is not None
        process.stdin.close()
        await process.wait()


async def _connected(socket: Path, process: asyncio.subprocess.Process) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    async with asyncio.timeout(PATIENCE):
        while True:
            if process.returncode is not None:
                raise RuntimeError("the shaper did not begin")
            with suppress(FileNotFoundError, ConnectionRefusedError):
                return await asyncio.open_unix_connection(socket)
            await asyncio.sleep(0.02)       # another program starts: there is no event to wait for


def _now() -> float:
    return time.time() * 1_000
