"""A sealed note of 3 kB against the same note in clear: same act, same table, same trail, one transaction a note.

    python -m tests.benchmarks.notes [notes]

Prints notes written and read per second by the median act, sealed and in clear, as ratios (aim of writing: 0.8), and how long
it takes to open 10,000 names (what a search needs after a minute of quiet). On SQLite with synchronous=FULL, as installed.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from uuid import UUID, uuid4

from sqlalchemy import select

from records import archive as door
from records import database, migrations
from records.acts import Act, Actor
from records.care import encounters
from records.care.tables import Note
from records.guard import audit, keyring
from records.guard.vault import Context, Vault
from records.people import patients
from records.people.identities import Identity
from tests import builders

KINDS = ("sealed", "clear")
WARM_UP = 50                # notes before the first that counts
NAMES = 10_000
TEXT = json.dumps({"advice": "Uống nước ấm, nằm đầu cao. " * 85}, ensure_ascii=False).encode()[:3_000]
WRITER = Actor.of_system("benchmark")


@dataclass
class Desk:
    """A case to write notes of."""

    archive: door.Archive
    people: builders.People
    patient: UUID
    encounter: UUID
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def context(self, note: UUID) -> Context:
        return Context("note", "content", note, 1, self.people.phu_thong, self.patient)


async def main(notes: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        desk = await _furnish(Path(folder))
        await _round(desk, WARM_UP)
        times = await _round(desk, notes)
        for deed in ("write", "read"):
            sealed, clear = (1 / statistics.median(times[deed, kind]) for kind in KINDS)
            print(f"{deed:6} sealed {sealed:7.0f}/s   clear {clear:7.0f}/s   ratio {sealed / clear:.2f}", flush=True)
        await _names(desk)
        await desk.archive.close()


async def _furnish(folder: Path) -> Desk:
    engine = database.make_engine(f"sqlite:///{folder / 'notes.db'}")
    await migrations.upgrade(engine)
    keyring.make_key_file(folder / "keys")
    vault = await Vault.load(
        key_file=folder / "keys", key_store_url=f"sqlite:///{folder / 'store.db'}", engine=engine, clock=door.utc_now)
    archive = door.Archive(engine, vault)
    people = await builders.people(archive)
    patient, encounter = uuid4(), uuid4()
    async with archive.act(people.nurse.actor) as act:
        await patients.register(act, patient, Identity(full_name="Hoàng Thị Hoa", gender="female", birth_date="1958"))
        await encounters.start(act, encounter, patient)
    return Desk(archive, people, patient, encounter)


async def _round(desk: Desk, notes: int) -> dict[tuple[str, str], list[float]]:
    """Seconds of each act. Sealed and clear take turns note by note, and in being first: a busy disk hurts both alike."""
    times: dict[tuple[str, str], list[float]] = {}
    for number in range(notes):
        for kind in KINDS if number % 2 else KINDS[::-1]:
            note = uuid4()
            for deed, do in DEEDS[kind].items():
                began = time.perf_counter()
                async with desk.archive.act(WRITER) as act:
                    await do(desk, act, note, next(desk.numbers))
                times.setdefault((deed, kind), []).append(time.perf_counter() - began)
    return times


async def _write_sealed(desk: Desk, act: Act, note: UUID, number: int) -> None:
    await _insert(desk, act, note, number, await act.vault.seal(TEXT, desk.context(note)))


async def _write_clear(desk: Desk, act: Act, note: UUID, number: int) -> None:
    await _insert(desk, act, note, number, TEXT)


async def _insert(desk: Desk, act: Act, note: UUID, number: int, content: bytes) -> None:
    doctor = desk.people.doctor
    act.db.add(Note(
        id=note, encounter_id=desk.encounter, organization_id=desk.people.phu_thong, patient_id=desk.patient, number=number,
        status="preliminary", content=content, author_id=doctor.id, author_organization_id=doctor.organization_id,
        created_at=act.at, saved_at=act.at, version=1))
    await audit.record(act, "note:draft", "note", note, patient_id=desk.patient)


async def _read_sealed(desk: Desk, act: Act, note: UUID, _: int) -> None:
    assert await act.vault.open(await _content(desk, act, note), desk.context(note)) == TEXT


async def _read_clear(desk: Desk, act: Act, note: UUID, _: int) -> None:
    assert await _content(desk, act, note) == TEXT


async def _content(desk: Desk, act: Act, note: UUID) -> bytes:
    await audit.record(act, "note:read", "note", note, patient_id=desk.patient)
    return (await act.db.scalars(select(Note.content).where(Note.id == note))).one()


DEEDS = {"sealed": {"write": _write_sealed, "read": _read_sealed}, "clear": {"write": _write_clear, "read": _read_clear}}


async def _names(desk: Desk) -> None:
    """NAMES patients of one organization, each under a key of their own, opened at once; then again with keys at hand."""
    async with desk.archive.act(WRITER) as act:
        owners = [Context("patient", "identity", one, 1, desk.people.phu_thong, one) for one in (uuid4() for _ in range(NAMES))]
        sealed = [(await act.vault.seal(b'{"full_name":"Hoang Thi Hoa","birth_date":"1958"}', one), one) for one in owners]
    for name in ("first time", "again"):
        began = time.perf_counter()
        async with desk.archive.act(WRITER) as act:
            await act.vault.open_many(sealed)
        print(f"{NAMES:,} names opened, {name}: {time.perf_counter() - began:.2f} s", flush=True)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000))
