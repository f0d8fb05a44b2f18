"""How soon people are told that PostgreSQL hangs or has stopped, and how soon all is well once it is back.

    python -m tests.benchmarks.faults

The baseline is the same request while the database is well, in the same run.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Awaitable
from pathlib import Path

from tests import postgres
from tests.telehealth import test_drills as drills


async def seconds(deed: Awaitable[object]) -> float:
    begun = time.monotonic()
    await deed
    return time.monotonic() - begun


async def measure(fault: drills.Fault) -> None:
    with postgres.running() as database, tempfile.TemporaryDirectory() as folder:
        async with drills.town(Path(folder) / "var", database.database()) as place:
            await place.reads()
            well = await seconds(place.reads())
            with fault(database):
                told = await seconds(place.reads())
                again = await seconds(place.reads())
            back = await seconds(place.is_well_again())
    print(f"{fault.__name__:8} told after {told:.2f} s, then {again * 1000:.0f} ms (well: {well * 1000:.0f} ms, "
          f"ratio {again / well:.2f}); well again {back:.2f} s after it came back")


async def main() -> None:
    for fault in (drills.hanging, drills.stopped):
        await measure(fault)


if __name__ == "__main__":
    asyncio.run(main())
