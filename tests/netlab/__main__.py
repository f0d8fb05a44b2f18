"""Figures of calls on named lines, ours beside the bare pages, as a table for README.md.

    python -m tests.netlab [line …] [--minutes N] [--ours]

Without a line: the seven that stay as they are. ``thin+bursts`` loses in bursts. ``--ours``: without the bare pages. Each call is made on the
line, given ten seconds, and measured for N minutes (default 1). Needs root; see README.md.
"""

from __future__ import annotations

import argparse
import asyncio
import sys

from tests.netlab import browsers, lab, report, rooms

STEADY = ["worst", "thin", "edge", "3g", "poor4g", "4g", "lan"]


async def run(names: list[str], *, minutes: float, kinds: tuple[bool, ...]) -> None:
    async with lab.opened() as here:
        print(report.HEAD, flush=True)
        for name in names:
            for bare in kinds:
                print(await report.row(here, name, seconds=minutes * 60, bare=bare), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.netlab", description=__doc__)
    parser.add_argument("lines", nargs="*", default=STEADY)
    parser.add_argument("--minutes", type=float, default=1)
    parser.add_argument("--ours", action="store_true")
    given = parser.parse_args()
    if why := rooms.lacking() or browsers.lacking():
        sys.exit(f"no lab: {why}")
    asyncio.run(run(given.lines, minutes=given.minutes, kinds=(False,) if given.ours else (False, True)))


if __name__ == "__main__":
    main()
