"""The call page on the wire: kB and requests of a first and a second visit, in a real Chromium.

    python -m tests.benchmarks.wire [-v]

Aims: first visit at most 80 kB, of it 40 kB script until both sides see each other, and 20 requests; second visit 10 kB. What
is asked for later stands in a line of its own, "after". The socket counts as a request; its messages, most of them SDP, stand
in a column of their own. ``-v`` names every address with its bytes.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.browser import conftest, wire
from tests.browser.chromiums import Chromiums, opened
from tests.browser.wire import Part


async def main() -> None:
    print(f"{'':24} {'kB':>6} {'script':>7} {'socket':>7} {'requests':>9}")
    with tempfile.TemporaryDirectory() as cameras:
        async with opened(Path(cameras)) as chromiums:
            await _measure(chromiums)


async def _measure(chromiums: Chromiums) -> None:
    async with _theatre(chromiums) as theatre:
        seen = await wire.visits(theatre, await theatre.accepted())
    for side in ("doctor", "worker"):
        for visit, (before, after) in (("first", seen.first[side]), ("second", seen.second[side])):
            _show(f"{side}, {visit} visit", before)
            _show("  after", after)
    async with _theatre(chromiums) as theatre:
        for name, part in (await wire.accepting(theatre)).items():
            _show(name, part)


@asynccontextmanager
async def _theatre(chromiums: Chromiums) -> AsyncIterator[conftest.Theatre]:
    with tempfile.TemporaryDirectory() as folder:
        async with conftest.played(chromiums, Path(folder)) as theatre:
            yield theatre


def _show(name: str, part: Part) -> None:
    print(f"{name:24} {part.bytes / 1000:6.1f} {part.script / 1000:7.1f} {part.socket / 1000:7.1f} {len(part.requests):9}", flush=True)
    if "-v" in sys.argv:
        print("".join(f"    {load.size:7} {load.address}\n" for load in part.loads), end="")


if __name__ == "__main__":
    asyncio.run(main())
