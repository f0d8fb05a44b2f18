"""The call page on the wire: kB and requests of a first and a second visit, in a real Chromium.

    python -m tests.benchmarks.wire [-v]

Aims: first visit at most 80 kB, of it 40 kB script, and 20 requests; second visit 10 kB. The socket counts as a request;
its messages, most of them SDP, stand in a column of their own. ``-v`` names every address with its bytes.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

from playwright.async_api import async_playwright

from tests.browser import conftest, wire
from tests.browser.wire import Meter


async def main() -> None:
    print(f"{'':24} {'kB':>6} {'script':>7} {'socket':>7} {'requests':>9}")
    async with async_playwright() as playwright:
        with tempfile.TemporaryDirectory() as folder:
            async with conftest.played(playwright, Path(folder)) as theatre:
                seen = await wire.visits(theatre, await theatre.accepted())
        for side in ("doctor", "worker"):
            _show(f"{side}, first visit", seen.first[side])
            _show(f"{side}, second visit", seen.second[side])
        with tempfile.TemporaryDirectory() as folder:
            async with conftest.played(playwright, Path(folder)) as theatre:
                for name, part in (await wire.accepting(theatre)).items():
                    _show(name, part)


def _show(name: str, part: Meter) -> None:
    print(f"{name:24} {part.bytes / 1000:6.1f} {part.script / 1000:7.1f} {part.socket / 1000:7.1f} {len(part.requests):9}", flush=True)
    if "-v" in sys.argv:
        print("".join(f"    {size:7} {address}\n" for address, size in part.sizes.items()), end="")


if __name__ == "__main__":
    asyncio.run(main())
