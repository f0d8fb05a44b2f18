"""Finding one of 50,000 patients: the search box on the server, warm, against a bare scan of folded names in a list.

    python -m tests.benchmarks.search [patients]

Warm means that the organization's names were opened within the last minute; a search is a whole act with its entry in the trail.
Prints the slowest of the typed texts and each of them, median and best; aim: 150 ms. Also the first, cold search, which opens
every name.
"""

from __future__ import annotations

import asyncio
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

from records import archive as door
from records import database, migrations
from records.guard import keyring
from records.guard.vault import Vault
from records.people import patients
from records.people.folding import fold
from records.people.identities import Identity
from records.people.patients import Row
from tests import builders
from tests.builders import People

PATIENTS = 50_000
BATCH = 1_000               # patients written in one act
ROUNDS = 15
FAMILY, MIDDLE, GIVEN = (words.split() for words in (
    "Hoàng Nông Triệu Lý Ma Đàm Hà Bế Vi Lường Nguyễn Trần Phạm Vũ Đặng Đinh Bàn Phùng Dương Lâm",
    "Thị Văn Quang Hồng Đức Minh Ngọc Thúy Xuân Kim Thanh Mạnh",
    "Hoa Hòa Hùng Mai Lan Minh Tuyết Sơn Yến Quân Hạnh Thảo Sinh Dũng Đông Phượng Thắm Kiên Ích Nga Oanh Quyên Thu Xoan",
))
# As typed: without marks, in another order, with a year, one letter wrong, nobody's name.
TYPED = ["hoa 1958", "nguyen thi hoa", "Hoa Nguyễn", "đông", "hoang vn hua", "phuowng mai", "qqqq zzzz"]


async def main(count: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        archive, people = await _furnish(Path(folder))
        began = time.perf_counter()
        names = await _fill(archive, people, count)
        print(f"{count:,} patients written in {time.perf_counter() - began:.0f} s", flush=True)
        print(f"cold: {await _search(archive, people, TYPED[0]):8.1f} ms, every name opened", flush=True)
        await _compare(archive, people, names)
        await archive.close()


async def _furnish(folder: Path) -> tuple[door.Archive, People]:
    engine = database.make_engine(f"sqlite:///{folder / 'search.db'}")
    await migrations.upgrade(engine)
    keyring.make_key_file(folder / "keys")
    vault = await Vault.load(
        key_file=folder / "keys", key_store_url=f"sqlite:///{folder / 'store.db'}", engine=engine, clock=door.utc_now)
    archive = door.Archive(engine, vault)
    return archive, await builders.people(archive)


async def _fill(archive: door.Archive, people: People, count: int) -> list[str]:
    chance, names = random.Random(1958), []
    for first in range(0, count, BATCH):
        async with archive.act(people.nurse.actor) as act:
            for _ in range(first, min(first + BATCH, count)):
                identity = Identity(full_name=" ".join(chance.choice(part) for part in (FAMILY, MIDDLE, GIVEN)),
                                    gender="female", birth_date=str(chance.randint(1930, 2025)), village="Nà Ít")
                names.append(fold(identity.full_name))
                row = Row(id=uuid4(), organization_id=people.phu_thong, identity=b"", unnamed=False, created_at=act.at, version=1)
                row.identity = await patients.sealed.seal_json(act, identity, patients.context(row))
                act.db.add(row)
    return names


async def _compare(archive: door.Archive, people: People, names: list[str]) -> None:
    worst = 0.0
    for typed in TYPED:
        ours, bare = [], []
        for _ in range(ROUNDS):
            ours.append(await _search(archive, people, typed))
            bare.append(_timed(lambda typed=typed: _scan(names, typed)))
        middle, least = statistics.median(ours), min(ours)
        worst = max(worst, middle)
        print(f"{typed:16} {middle:8.1f} ms   best {least:6.1f}   bare scan {min(bare):6.1f}   ratio {least / min(bare):.1f}", flush=True)
    print(f"slowest, warm: {worst:.1f} ms, at most 150")


async def _search(archive: door.Archive, people: People, typed: str) -> float:
    began = time.perf_counter()
    async with archive.act(people.nurse.actor) as act:
        await patients.find(act, typed)
    return 1000 * (time.perf_counter() - began)


def _scan(names: list[str], typed: str) -> list[str]:
    words = fold(typed).split()
    return [name for name in names if all(word in name for word in words)][:20]


def _timed(deed: Callable[[], object]) -> float:
    began = time.perf_counter()
    deed()
    return 1000 * (time.perf_counter() - began)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else PATIENTS))
