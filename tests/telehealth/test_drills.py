"""Faults of the machine under a running site, with two people in a call: a database that hangs or stops, a disk that is full.

People are told, the call goes on, nothing acknowledged is lost, and it passes without a restart. How soon they are told is printed by
``python -m tests.benchmarks.faults``.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from aiohttp import ClientSession, web

from records import migrations
from records.archive import Archive, utc_now
from records.care import encounters
from records.guard import keyring, verifying
from telehealth import parts
from telehealth.settings import Settings
from tests import builders, live_cases, postgres
from tests.builders import People
from tests.live_cases import Case
from tests.processes import Server
from tests.signaling.pages import Page
from tests.signaling_client import close_page, open_page
from tests.site import Site

PATIENCE = 30           # seconds for an answer or for being well again, on a crowded machine
JSON = {"Accept": "application/json"}
Fault = Callable[[postgres.Server], AbstractContextManager[None]]


@dataclass
class Town:
    """A running server, and the two people of one call with a socket each."""

    archive: Archive
    people: People
    case: Case
    server: Server
    nurse: ClientSession
    pages: list[Page]
    version: int = 1        # of the intake, as acknowledged

    async def writes(self, text: str) -> int:
        """The status of writing the reason of the visit."""
        content = {"complaints": ["cough"], "text": text, "version": self.version}
        path = f"/encounters/{self.case.encounter}/intake"
        async with asyncio.timeout(PATIENCE), self.nurse.put(path, json=content, headers=JSON) as answer:
            if answer.status == 200:
                self.version = (await answer.json())["version"]
        return answer.status

    async def reads(self) -> int:
        """The same for opening the patient's page: a reading, which is audited."""
        path = f"/patients/{self.case.patient}"
        async with asyncio.timeout(PATIENCE), self.nurse.get(path, headers=JSON) as answer:
            return answer.status

    async def talks(self) -> bool:
        """Whether one side's candidate still arrives at the other."""
        one, other = self.pages
        await one.send(type="candidate", call=str(self.case.call), to=other.peer, round=1, candidate="")
        return bool((await other.next("relayed-candidate"))["sender"] == one.peer)

    async def is_well_again(self) -> None:
        """Until a write is taken: asked again as a page would."""
        async with asyncio.timeout(PATIENCE):
            while await self.writes("ho, đã có lại") != 200:
                await asyncio.sleep(0.1)        # a foreign program comes back: there is no event to wait for

    async def text(self) -> str:
        async with self.archive.act(self.people.nurse.actor) as act:
            return (await encounters.read(act, self.case.encounter)).intake.text


@asynccontextmanager
async def town(folder: Path, url: str = "") -> AsyncIterator[Town]:
    settings = Settings(data=folder, database_url=url)
    keyring.make_key_file(settings.keys)
    archive = parts.make_archive(settings, utc_now)
    await migrations.upgrade(archive.engine)
    await archive.vault.ready()
    people = await builders.people(archive)
    case = await live_cases.accepted(archive, people)
    server = Server(folder, settings={"DATABASE_URL": url} if url else {})
    await asyncio.to_thread(server.start)
    site = Site(server.url, web.Application(), people)
    try:
        browsers = [await site.sign_in(people.nurse), await site.sign_in(people.doctor)]
        pages = [await open_page(browser) for browser in browsers]
        for page in pages:
            assert (await page.command("enter", call=str(case.call), peer=page.peer))["type"] == "ack"
        yield Town(archive, people, case, server, browsers[0], pages)
        for page in pages:
            await close_page(page)
    finally:
        await site.close()
        server.kill()
        await archive.close()


@contextmanager
def hanging(server: postgres.Server) -> Iterator[None]:
    """Every process of the server stands still: its sockets stay open, nothing is answered."""
    postmaster = int((server.folder / "data" / "postmaster.pid").read_text().split()[0])
    children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
    everybody = [postmaster, *map(int, children)]
    for one in everybody:
        os.kill(one, signal.SIGSTOP)
    try:
        yield
    finally:
        for one in everybody:
            os.kill(one, signal.SIGCONT)


@contextmanager
def stopped(server: postgres.Server) -> Iterator[None]:
    server.stop("fast")
    try:
        yield
    finally:
        server.start()


@contextmanager
def small_disk(folder: Path) -> Iterator[None]:
    """A disk of 24 MiB of its own at ``folder``."""
    folder.mkdir(mode=0o700)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m,mode=0700", "drill", folder], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def fill(folder: Path) -> Path:
    """A file that takes all the room that is left."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            return ballast


@pytest.mark.postgres
@pytest.mark.parametrize("fault", [hanging, stopped])
async def test_a_database_that_no_longer_answers_is_told_at_once_and_ends_no_call(tmp_path: Path, fault: Fault) -> None:
    if postgres.binaries() is None:
        pytest.skip("PostgreSQL is not installed (Debian: postgresql)")
    with postgres.running() as database:        # of its own: others work on the one that all share
        async with town(tmp_path / "var", database.database()) as place:
            assert await place.writes("ho ba ngày") == 200
            with fault(database):
                answers = [await place.writes("ho, chưa lưu"), await place.reads(), await place.writes("ho, chưa lưu")]
                talking = await place.talks()
            await place.is_well_again()
            again = await place.text()
            verdict = await verifying.verify(place.archive.engine, vault=place.archive.vault)

    assert answers == [503, 503, 503]
    assert talking
    assert again == "ho, đã có lại"
    assert verdict.good


async def test_a_full_disk_is_told_and_ends_no_call(tmp_path: Path) -> None:
    if os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("a disk of its own needs root and mount")
    folder = tmp_path / "var"
    with small_disk(folder):
        async with town(folder) as place:
            assert await place.writes("ho ba ngày") == 200
            ballast = fill(folder)
            statuses = [await place.writes("ho, chưa lưu"), await place.reads()]
            talking = await place.talks()
            ballast.unlink()
            kept = await place.text()
            await place.is_well_again()
            verdict = await verifying.verify(place.archive.engine, vault=place.archive.vault)

    assert statuses == [507, 507]               # no reading without its trace
    assert talking
    assert kept == "ho ba ngày"
    assert verdict.good
