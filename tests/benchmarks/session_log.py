"""The session log over a million calls: page 10,000 against page 1, on SQLite (or TELEHEALTH_BENCHMARK_URL).

    python -m tests.benchmarks.session_log [calls]

Prints milliseconds per page for a province administrator (walks the index of instants) and for a centre that looks after
three stations (merges index seeks), each as the ratio of a deep page to the first; the same by one cause, which one call in
twenty-five has. Aim: 1.2.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

from sqlalchemy import insert

from records import archive as door
from records import database
from records.acts import Actor
from records.care import sessions
from records.care.sessions import Filter
from records.care.tables import Call, Encounter, Request, SessionCause, SessionSent
from records.guard import keyring
from records.guard.vault import Vault
from records.migrations import upgrade
from records.people.tables import Patient
from tests import builders

CALLS = 1_000_000
BATCH = 10_000
PAGE_DEEP = 10_000          # the page of the province that is compared with page 1, at 50 rows a page
ROUNDS = 30
FAULTY = 25                 # one call in so many had a weak line
EVERY = Filter()


async def main(calls: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        archive = await _archive(Path(folder))
        people = await builders.people(archive)
        began = time.perf_counter()
        instants = await _fill(archive, people, calls)
        print(f"{calls:,} calls written in {time.perf_counter() - began:.0f} s", flush=True)
        await _compare(archive, people.administrator.actor, "centre", instants)
        caused = instants[(calls - 1) % FAULTY::FAULTY]
        await _compare(archive, people.root.actor, "by cause", caused, Filter(cause="weak-line"))
        sessions.SEEKS_AT_MOST = 0      # as in a province of 150 stations
        await _compare(archive, people.root.actor, "province", instants)
        await archive.close()


async def _archive(folder: Path) -> door.Archive:
    url = os.environ.get("TELEHEALTH_BENCHMARK_URL", f"sqlite:///{folder / 'log.db'}")
    engine = database.make_engine(url)
    await upgrade(engine)
    keys = folder / "keys"
    keyring.make_key_file(keys)
    store = url if engine.dialect.name == "postgresql" else f"sqlite:///{folder / 'patients.db'}"
    vault = await Vault.load(key_file=keys, key_store_url=store, engine=engine, clock=door.utc_now)
    return door.Archive(engine, vault)


async def _fill(archive: door.Archive, people: builders.People, calls: int) -> list[datetime]:
    """``calls`` requests, one every 30 s, most answered, at three stations in turn. Returns their instants, newest first."""
    start = datetime(2026, 1, 1, tzinfo=UTC)
    stations = [people.phu_thong, people.cam_giang, people.con_minh]
    patient = await _patient(archive, people)
    for first in range(0, calls, BATCH):
        async with archive.act(Actor.of_system("benchmark")) as act:
            numbers = range(first, min(first + BATCH, calls))
            rows = [_rows(people, patient, start, number, stations[number % 3]) for number in numbers]
            for table, index in ((Encounter, 0), (Request, 1), (Call, 2), (SessionSent, 3), (SessionCause, 4)):
                await act.db.execute(insert(table), [row[index] for row in rows if row[index]])
    return [start + timedelta(seconds=30 * number) for number in range(calls - 1, -1, -1)]


async def _patient(archive: door.Archive, people: builders.People) -> UUID:
    known = uuid4()
    async with archive.act(Actor.of_system("benchmark")) as act:
        act.db.add(Patient(id=known, organization_id=people.phu_thong, identity=b"-", created_at=act.at, version=1))
    return known


def _rows(people: builders.People, patient: UUID, start: datetime, number: int,
          station: UUID) -> tuple[dict | None, ...]:
    at, encounter, request = start + timedelta(seconds=30 * number), uuid4(), uuid4()
    answered = number % 40 != 0
    ended = at + timedelta(minutes=12 if answered else 2)
    accepted = at + timedelta(seconds=35)
    return (
        {"id": encounter, "organization_id": station, "patient_id": patient, "status": "finished", "started_at": at,
         "version": 1, "emergency": False, "practice": False, "intake_version": 0},
        {"id": request, "encounter_id": encounter, "organization_id": station, "asked_at": at, "asked_by": people.nurse.id,
         "status": "completed" if answered else "failed", "reason": "" if answered else "timeout", "ended_at": ended,
         "accepted_at": accepted if answered else None, "accepted_by": people.doctor.id if answered else None,
         "version": 5,
         "emergency": False, "practice": False},
        {"id": uuid4(), "request_id": request, "encounter_id": encounter, "organization_id": station,
         "worker_id": people.nurse.id, "doctor_id": people.doctor.id, "state": "ended", "opened_at": accepted,
         "connected_at": accepted, "ended_at": ended,
         "version": 6, "practice": False, "reason": "finished", "cuts": 0, "cut_seconds": 0, "bytes_used": 20_000_000,
         "worker_media": "", "doctor_media": ""} if answered else None,
        {"request_id": request, "side": "worker", "medium": 60, "stills": 8, "lost_percent": 2.5} if answered else None,
        {"request_id": request, "asked_at": at, "kind": "weak-line", "side": "worker"} if number % FAULTY == 0 else None,
    )


async def _compare(archive: door.Archive, actor: Actor, name: str, instants: list[datetime], wanted: Filter = EVERY) -> None:
    deep = min(PAGE_DEEP, len(instants) // (2 * sessions.PAGE) - 1)
    newest, cursor = (sessions.cursor_of(instants[row], UUID(int=2**128 - 1)) for row in (0, deep * sessions.PAGE))
    firsts, deeps = [], []
    for _ in range(ROUNDS):
        firsts.append(await _time(archive, actor, newest, wanted))
        deeps.append(await _time(archive, actor, cursor, wanted))
    first, last = statistics.median(firsts), statistics.median(deeps)
    print(f"{name:9} page 1 {first:6.2f} ms   page {deep:,} {last:6.2f} ms   ratio {last / first:.2f}", flush=True)


async def _time(archive: door.Archive, actor: Actor, cursor: str, wanted: Filter) -> float:
    began = time.perf_counter()
    async with archive.act(actor) as act:
        page = await sessions.page(act, wanted, cursor)
    assert len(page.sessions) == sessions.PAGE
    return 1000 * (time.perf_counter() - began)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else CALLS))
