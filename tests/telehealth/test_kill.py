"""kill -9 of the real server, again and again while people write: nothing acknowledged is lost, a retried write is one record."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID, uuid4

import pytest
from aiohttp import ClientError, ClientSession, web

from records import migrations
from records.acts import Actor
from records.archive import Archive, utc_now
from records.care import calls, consents, encounters, note_drafts, observations, requests
from records.guard import keyring, verifying
from records.people import duty, patients
from records.people.identities import Identity
from telehealth import parts
from telehealth.settings import Settings
from tests import builders
from tests.builders import People
from tests.processes import Server
from tests.site import Site

PULSE = "8867-4"
ROUNDS = [20, pytest.param(200, marks=[pytest.mark.full, pytest.mark.timeout(1800)])]

pytestmark = [pytest.mark.both_databases, pytest.mark.timeout(300)]


@dataclass
class Case:
    """A consultation that goes on while the server dies: the nurse measures, the doctor writes."""

    archive: Archive
    people: People
    server: Server
    encounter: UUID
    browsers: list[ClientSession] = field(default_factory=list)


@dataclass
class Ledger:
    """What the server has acknowledged, and the two signals between the writers and who kills."""

    up: asyncio.Event = field(default_factory=asyncio.Event)
    sent: asyncio.Condition = field(default_factory=asyncio.Condition)
    writes: int = 0
    over: bool = False
    intake: tuple[int, str] = (0, "")
    draft: tuple[int, str] = (0, "")
    measured: dict[UUID, str] = field(default_factory=dict)

    async def sends(self) -> None:
        async with self.sent:
            self.writes += 1
            self.sent.notify_all()

    async def until(self, writes: int) -> None:
        """Wait until so many more writes have been sent; the last of them is not answered yet."""
        aim = self.writes + writes
        async with self.sent, asyncio.timeout(30):
            await self.sent.wait_for(lambda: self.writes >= aim)


@pytest.fixture
async def case(database_url: str, tmp_path: Path) -> AsyncIterator[Case]:
    folder = tmp_path / "var"
    settings = Settings(data=folder, database_url=database_url)
    keyring.make_key_file(settings.keys)
    archive = parts.make_archive(settings, utc_now)
    await migrations.upgrade(archive.engine)
    await archive.vault.ready()
    people = await builders.people(archive)
    server = Server(folder, settings={"DATABASE_URL": database_url})
    made = Case(archive, people, server, await connected(archive, people))
    yield made
    for browser in made.browsers:
        await browser.close()
    if server.process and server.process.poll() is None:
        server.kill()
    await archive.close()


async def connected(archive: Archive, people: People) -> UUID:
    """An encounter of the nurse with the doctor in a call."""
    encounter, request = uuid4(), uuid4()
    async with archive.act(people.nurse.actor) as act:
        patient = await patients.register(act, uuid4(), Identity(full_name="Hoàng Thị Hoa", birth_date="1958"))
        await encounters.start(act, encounter, patient)
        await consents.save(act, encounter, consult=True, share={people.bach_thong}, photo=False)
        await requests.ask(act, request, encounter)
    async with archive.act(people.doctor.actor) as act:
        await duty.begin(act)
    async with archive.act(Actor.of_system("desk")) as act:
        await requests.offer(act, request)
    async with archive.act(people.doctor.actor) as act:
        call = await requests.accept(act, request)
        await calls.entered(act, call, "doctor", together=False)
    async with archive.act(people.nurse.actor) as act:
        await calls.entered(act, call, "worker", together=True)
    return encounter


# ---------------------------------------------------------------- who writes


async def acknowledged(browser: ClientSession, ledger: Ledger, path: str, content: dict[str, Any]) -> dict[str, Any]:
    """Send the same until it is acknowledged, as a page does."""
    while True:
        await ledger.up.wait()
        await ledger.sends()
        try:
            async with browser.put(path, json=content, headers={"Accept": "application/json"}) as answer:
                if answer.status < 500:
                    assert answer.status == 200, (answer.status, await answer.text())
                    return dict(await answer.json())
        except ClientError:
            await asyncio.sleep(0)      # until who kills has noticed


async def types_why(browser: ClientSession, case: Case, ledger: Ledger) -> None:
    while not ledger.over:
        version, text = ledger.intake[0], f"ho lần {ledger.intake[0] + 1}"
        content = {"complaints": ["cough"], "text": text, "version": version}
        answer = await acknowledged(browser, ledger, f"/encounters/{case.encounter}/intake", content)
        assert answer["version"] == version + 1
        ledger.intake = (version + 1, text)


async def measures(browser: ClientSession, case: Case, ledger: Ledger) -> None:
    while not ledger.over:
        id, typed = uuid4(), str(60 + len(ledger.measured) % 60)
        content = {"id": str(id), "code": PULSE, "typed": typed, "version": 0}
        content |= {"after": str(list(ledger.measured)[-1])} if ledger.measured else {}
        await acknowledged(browser, ledger, f"/encounters/{case.encounter}/observations", content)
        ledger.measured[id] = typed


async def writes_note(browser: ClientSession, case: Case, ledger: Ledger) -> None:
    note_id = str(uuid4())
    while not ledger.over:
        version, text = ledger.draft[0], f"Theo dõi viêm phổi, bản {ledger.draft[0] + 1}"
        content = {"id": note_id, "version": version, "assessment": text}
        answer = await acknowledged(browser, ledger, f"/encounters/{case.encounter}/note/draft", content)
        ledger.draft = (answer["version"], text)


# ---------------------------------------------------------------- who kills


async def restart(server: Server, ledger: Ledger) -> None:
    await asyncio.to_thread(server.start)
    ledger.up.set()


async def kill_again_and_again(case: Case, ledger: Ledger, rounds: int) -> None:
    chance = Random(rounds)
    for _ in range(rounds):
        await ledger.until(chance.randint(2, 25))
        ledger.up.clear()
        case.server.kill()
        await restart(case.server, ledger)
    await ledger.until(10)
    ledger.over = True


@pytest.mark.parametrize("rounds", ROUNDS)
async def test_nothing_acknowledged_is_lost_when_the_server_is_killed_again_and_again(case: Case, rounds: int) -> None:
    ledger = Ledger()
    await restart(case.server, ledger)
    site = Site(case.server.url, web.Application(), case.people)
    nurse, doctor = await site.sign_in(case.people.nurse), await site.sign_in(case.people.doctor)
    case.browsers.extend(site.browsers)

    async with asyncio.TaskGroup() as tasks:
        for write, browser in ((types_why, nurse), (measures, nurse), (writes_note, doctor)):
            tasks.create_task(write(browser, case, ledger))
        tasks.create_task(kill_again_and_again(case, ledger, rounds))

    await everything_acknowledged_is_there_once(case, ledger)
    assert (await verifying.verify(case.archive.engine, vault=case.archive.vault)).good


async def everything_acknowledged_is_there_once(case: Case, ledger: Ledger) -> None:
    async with case.archive.act(case.people.nurse.actor) as act:
        seen = await encounters.read(act, case.encounter)
        measured = await observations.every(act, case.encounter)
    async with case.archive.act(case.people.doctor.actor) as act:
        draft = await note_drafts.read(act, case.encounter)

    assert (seen.intake_version, seen.intake.text) == ledger.intake
    assert {one.id: one.typed for one in measured} == ledger.measured
    assert max(Counter(one.id for one in measured).values()) == 1
    assert draft and (draft.version, draft.written.assessment) == ledger.draft
