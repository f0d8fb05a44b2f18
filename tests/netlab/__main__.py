"""Figures of calls on bad lines, ours beside the bare pages, as tables for README.md. Needs root; see README.md.

    python -m tests.netlab [line or table …] [--minutes N] [--ours]

Lines: those of lines.py; ``thin+bursts`` loses in bursts. Each call is made on its line, given ten seconds, and measured for N minutes
(default 1). Tables: cuts, long-cut, moves, relays, paths, opening, stills, notes,
saver, checks. Without either: all of them. ``--ours``: without the bare pages.
"""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys

from tests.netlab import browsers, lab, lines, rooms, tables

STEADY = ["worst", "worst+bursts", "thin", "thin+bursts", "edge", "3g", "poor4g", "4g", "sawtooth", "tunnel"]


async def run(names: list[str], *, minutes: float, kinds: tuple[bool, ...]) -> None:
    found = [name for name in names if name not in tables.TABLES]
    async with lab.opened() as here:
        if found:
            await tables.steady(here, kinds, found, minutes * 60)
        for name in names:
            if name in tables.TABLES:
                print(flush=True)
                await tables.TABLES[name](here, kinds)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.netlab", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", nargs="*", default=[*STEADY, *tables.TABLES])
    parser.add_argument("--minutes", type=float, default=1)
    parser.add_argument("--ours", action="store_true")
    given = parser.parse_args()
    for name in given.what:
        if name not in tables.TABLES and name.removesuffix("+bursts") not in lines.LINES:
            parser.error(f"{name} is neither a line nor a table")
    if why := rooms.lacking() or browsers.lacking():
        sys.exit(f"no lab: {why}")
    signal.signal(signal.SIGTERM, signal.default_int_handler)      # leaves as by Ctrl-C: with the rooms gone
    asyncio.run(run(given.what, minutes=given.minutes, kinds=(False,) if given.ours else (False, True)))


if __name__ == "__main__":
    main()
