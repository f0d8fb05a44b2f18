"""The trail when it is long: checking it from end to end, and "who read this patient".

    python -m tests.benchmarks.trail [entries] [--all]

200,000 entries unless told, ``--all`` for 1,000,000; written by acts as every entry is. The checking time is also given for
1,000,000, since it grows with their number. Baseline: the bare hash chain over the same texts in memory. Aims: 30 s, 1 s.
"""

from __future__ import annotations

import asyncio
import hashlib
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select

from records import archive as door
from records import database, migrations
from records.acts import Actor
from records.guard import audit, keyring
from records.guard.tables import AuditEvent
from records.guard.vault import Vault
from records.people import patients
from records.people.identities import Identity
from tests import builders
from tests.builders import People

ENTRIES, ALL = 200_000, 1_000_000
BATCH = 2_000               # entries of one act
PATIENTS = 2_000            # whom they are about, in turn
OFTEN = 20                  # one entry of so many is about one much read patient
ROUNDS = 15


async def main(count: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        archive, people, famous = await _furnish(Path(folder))
        began = time.perf_counter()
        await _fill(archive, people, famous, count)
        print(f"{count:,} entries written in {time.perf_counter() - began:.0f} s", flush=True)
        await _check(archive)
        await _readers(archive, people, famous)
        await archive.close()


async def _furnish(folder: Path) -> tuple[door.Archive, People, UUID]:
    engine = database.make_engine(f"sqlite:///{folder / 'trail.db'}")
    await migrations.upgrade(engine)
    keyring.make_key_file(folder / "keys")
    vault = await Vault.load(
        key_file=folder / "keys", key_store_url=f"sqlite:///{folder / 'store.db'}", engine=engine, clock=door.utc_now)
    archive = door.Archive(engine, vault)
    people, patient = await builders.people(archive), uuid4()
    async with archive.act(people.nurse.actor) as act:
        await patients.register(act, patient, Identity(full_name="Hoàng Thị Hoa", gender="female", birth_date="1958"))
    return archive, people, patient


async def _fill(archive: door.Archive, people: People, famous: UUID, count: int) -> None:
    others = [uuid4() for _ in range(PATIENTS)]
    readers: list[Actor] = [people.nurse.actor, people.doctor.actor, people.specialist.actor]
    for first in range(0, count, BATCH):
        async with archive.act(readers[first // BATCH % len(readers)]) as act:
            for number in range(first, min(first + BATCH, count)):
                patient = famous if number % OFTEN == 0 else others[number % PATIENTS]
                await audit.record(act, "note:read", "note", uuid4(), patient_id=patient)


async def _check(archive: door.Archive) -> None:
    """The best of three counts: whatever else the machine does can only slow a round down."""
    texts = await _texts(archive)
    ours, bare = [], []
    for _ in range(3):
        ours.append(await _timed(lambda: audit.verify(archive.engine, vault=archive.vault)))
        began = time.perf_counter()
        hashed = b""
        for text in texts:
            hashed = hashlib.sha256(hashed + text.encode()).digest()
        bare.append(time.perf_counter() - began)
    scaled = min(ours) * ALL / len(texts)
    print(f"checked {len(texts):,} entries in {min(ours):.1f} s   bare chain {min(bare):.2f} s   ratio {min(ours) / min(bare):.0f}"
          f"   1,000,000: {scaled:.1f} s, at most 30", flush=True)


async def _texts(archive: door.Archive) -> list[str]:
    async with archive.act(Actor.of_system("benchmark")) as act:
        return list(await act.db.scalars(select(AuditEvent.entry).order_by(AuditEvent.sequence)))


async def _readers(archive: door.Archive, people: People, famous: UUID) -> None:
    """First and tenth page of who read somebody about whom every twentieth entry is."""
    async def page(before: int | None) -> list[Any]:
        async with archive.act(people.auditor.actor) as act:
            return await audit.readers_of(act, famous, before=before)

    deep = None
    for _ in range(10):
        rows = await page(deep)
        deep = rows[-1].sequence if rows else deep
    for name, before in (("first page", None), ("page 11", deep)):
        spent = [await _timed(lambda before=before: page(before)) for _ in range(ROUNDS)]
        print(f"who read this patient, {name}: {1000 * statistics.median(spent):.1f} ms, at most 1,000", flush=True)


async def _timed(deed: Callable[[], Awaitable[Any]]) -> float:
    began = time.perf_counter()
    found = await deed()
    spent = time.perf_counter() - began
    assert not isinstance(found, audit.Verdict) or found.good, found
    return spent


if __name__ == "__main__":
    numbers = [int(word) for word in sys.argv[1:] if word.isdigit()]
    asyncio.run(main(ALL if "--all" in sys.argv else numbers[0] if numbers else ENTRIES))
