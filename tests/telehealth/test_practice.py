"""Practice calls through the real server: a real simulated doctor in its own process, and a worker without a browser."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from aiohttp import ClientSession, UnixConnector, WSMsgType
from sqlalchemy import select

from records.acts import Actor
from records.archive import Archive
from records.care import encounters, practice, progress, requests, sessions, tables
from records.errors import Conflict, NotAllowed, NotFound
from records.people import audited, duty, patients, rehearsal
from signaling.messages import SUBPROTOCOL, Closing
from telehealth import practice as rehearsals
from telehealth.app import SITE
from tests import live_cases
from tests.builders import People
from tests.signaling.memory_house import new_id
from tests.signaling.pages import Page
from tests.signaling_client import Peer, close_page, open_page
from tests.site import Site

pytestmark = pytest.mark.timeout(90)
GREY = (120, 128, 128)


class Worker:
    """A nurse at a page without a browser."""

    def __init__(self, browser: ClientSession, page: Page) -> None:
        self.browser, self.page = browser, page

    async def begins(self, id: UUID | None = None) -> str:
        """Presses "Gọi thử"; returns the request."""
        async with self.browser.post("/practice", data={"id": str(id or uuid4())}, allow_redirects=False) as answer:
            assert answer.status == 303, await answer.text()
            return answer.headers["Location"].rpartition("/")[2]

    async def waits_for_the_call(self, request: str) -> str:
        """The call of the request, once it was taken."""
        async with asyncio.timeout(30):
            while True:
                state = await self.state(request)
                if state["call"]:
                    return str(state["call"])
                await self.page.next("request-changed")

    async def state(self, request: str) -> dict[str, Any]:
        async with self.browser.get(f"/requests/{request}/state") as answer:
            state: dict[str, Any] = await answer.json()
            return state

    async def ends(self, call: str) -> int:
        async with self.browser.post(f"/calls/{call}/practice-end", json={}) as answer:
            return answer.status


@pytest.fixture
async def nurse(site: Site) -> AsyncIterator[Worker]:
    browser = await site.sign_in(site.people.nurse)
    page = await open_page(browser)
    yield Worker(browser, page)
    await close_page(page)


async def meets(worker: Worker, call: str) -> Peer:
    """The worker's side of the call, connected."""
    peer = Peer(worker.page, call, GREY, 440)
    entered = await peer.enter()
    other = entered["peers"][0] if entered["peers"] else (await worker.page.next("peer-joined"))["peer"]
    await peer.offer(other["peer"])
    return peer


async def rows(archive: Archive, table: Any) -> list[Any]:
    async with archive.act(Actor.of_system("test")) as act:
        return list(await act.db.scalars(select(table)))


async def test_one_worker_alone_sees_and_hears_the_simulated_doctor(site: Site, nurse: Worker) -> None:
    request = await nurse.begins()
    assert (await nurse.state(request))["title"] == "Đang gọi Bác sĩ mô phỏng"

    call = await nurse.waits_for_the_call(request)
    peer = await meets(nurse, call)
    async with asyncio.timeout(20):
        pictures = [bytes((await peer.tracks["video"].recv()).planes[0]) for _ in range(12)]
        assert pictures[0] != pictures[-1]
        assert max(bytes((await peer.tracks["audio"].recv()).planes[0])) > 0
    await nurse.page.command("media-report", call=call, media="connected")
    said = await nurse.page.next("chat")

    assert (said["name"], said["text"]) == ("Bác sĩ mô phỏng", "Tôi nghe và thấy bạn. Đây là cuộc gọi thử.")
    assert await nurse.ends(call) == 200
    assert (await nurse.page.next("call-changed"))["state"]
    await peer.connection.close()


async def test_the_chat_is_answered_and_marked_as_seen(site: Site, nurse: Worker) -> None:
    call = await nurse.waits_for_the_call(await nurse.begins())
    peer = await meets(nurse, call)
    await nurse.page.next("chat")       # the greeting

    await nurse.page.command("say", call=call, text="nghe rõ không")

    assert (await nurse.page.next("chat-mark"))["seen"]
    async with asyncio.timeout(10):
        while "nghe rõ không" not in (answer := await nurse.page.next("chat"))["text"] or answer["name"] != "Bác sĩ mô phỏng":
            pass
    async with nurse.browser.get(f"/calls/{call}/messages") as listed:
        names = [line["name"] for line in (await listed.json())["messages"]]
    assert names == ["Bác sĩ mô phỏng", "Nông Thị Tuyết", "Bác sĩ mô phỏng"]
    await peer.connection.close()


async def test_a_worker_who_leaves_ends_it_and_nothing_is_left_running(site: Site, archive: Archive, nurse: Worker) -> None:
    request = await nurse.begins()
    call = await nurse.waits_for_the_call(request)
    peer = await meets(nurse, call)
    await nurse.page.next("chat")
    task = site.app[SITE].practice._live[UUID(request)].task
    assert task is not None

    await nurse.page.command("leave", call=call)
    async with asyncio.timeout(10):
        await task

    (row,), (encounter,) = await rows(archive, tables.Call), await rows(archive, tables.Encounter)
    assert (row.state, row.reason, row.doctor_id, encounter.status) == ("failed", "practice-over", None, "finished")
    assert site.app[SITE].practice.requests == frozenset()
    assert _children() == []
    await peer.connection.close()


async def test_an_end_that_met_the_workers_own_move_is_tried_again(
        site: Site, archive: Archive, nurse: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    end, met = practice.end, [Conflict("changed"), Conflict("changed")]

    async def crossed(*args: Any) -> None:
        if met:
            raise met.pop()
        await end(*args)

    monkeypatch.setattr(practice, "end", crossed)
    request = await nurse.begins()
    peer = await meets(nurse, call := await nurse.waits_for_the_call(request))
    task = site.app[SITE].practice._live[UUID(request)].task
    assert task is not None

    await nurse.page.command("leave", call=call)
    async with asyncio.timeout(15):
        await task

    (row,) = await rows(archive, tables.Call)
    assert row.state == "failed" and not met
    await peer.connection.close()


async def test_what_is_practised_is_in_no_list_no_log_and_no_figure(
    site: Site, archive: Archive, people: People, nurse: Worker,
) -> None:
    request = await nurse.begins()
    call = await nurse.waits_for_the_call(request)

    async with archive.act(people.nurse.actor) as act:
        today = await progress.today(act)
        assert (today.waiting, today.done) == ((), ())
        assert await patients.find(act, "nguoi benh thu") == []
        assert await patients.recent(act) == []
        with pytest.raises(NotFound):
            await patients.read(act, rehearsal.patient_id(people.phu_thong))
        with pytest.raises(NotFound):
            await encounters.start(act, uuid4(), rehearsal.patient_id(people.phu_thong))
    async with archive.act(people.root.actor) as act:
        assert (await sessions.page(act, sessions.Filter())).sessions == []
        with pytest.raises(NotFound):
            await sessions.read(act, UUID(request))
    async with archive.act(people.auditor.actor) as act:
        assert await audited.find(act, "nguoi benh thu") == []
    figures = _figures(site)
    assert (figures["calls_live"], figures["requests_live"], figures["people_online"]) == (0, 0, 1)
    (encounter,) = await rows(archive, tables.Encounter)
    async with nurse.browser.get(f"/encounters/{encounter.id}") as page:
        assert page.status == 404
    assert await nurse.ends(call) == 200


async def test_no_real_doctor_is_rung_and_nobody_else_may_begin(
    site: Site, archive: Archive, people: People, nurse: Worker,
) -> None:
    async with archive.act(people.doctor.actor) as act:
        await duty.begin(act)
    doctor = await site.sign_in(people.doctor)
    page = await open_page(doctor)

    async with doctor.post("/practice", data={"id": str(uuid4())}, allow_redirects=False) as answer:
        assert answer.status == 403
    request = await nurse.begins()
    await site.app[SITE].desk.asked(UUID(request))      # as when a doctor becomes free
    call = await nurse.waits_for_the_call(request)
    await page.sync()

    assert page.seen("ring") == []
    assert await rows(archive, tables.Offer) == []
    async with doctor.post(f"/calls/{call}/practice-end", json={}) as answer:
        assert answer.status == 403
    async with doctor.get(f"/calls/{call}/state") as answer:
        assert answer.status == 404
    await close_page(page)
    assert await nurse.ends(call) == 200


async def test_pressing_twice_practises_once(site: Site, archive: Archive, nurse: Worker) -> None:
    once = uuid4()

    assert {await nurse.begins(once), await nurse.begins(once), await nurse.begins()} == {str(once)}

    assert len(await rows(archive, tables.Request)) == 1
    assert len(site.app[SITE].practice.requests) == 1


async def test_a_worker_may_take_it_back_while_it_rings(site: Site, archive: Archive, nurse: Worker) -> None:
    request = await nurse.begins()
    task = site.app[SITE].practice._live[UUID(request)].task

    async with nurse.browser.post(f"/requests/{request}/cancel", allow_redirects=False) as answer:
        assert answer.headers["Location"] == "/"
    assert task is not None
    async with asyncio.timeout(15):
        await task

    assert await rows(archive, tables.Call) == []
    assert (await nurse.state(request))["title"] == "Đã dừng gọi thử"


async def test_more_than_four_at_once_are_told_to_wait(
    site: Site, people: People, nurse: Worker, monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rehearsals, "AT_MOST", 1)
    colleague = Worker(await site.sign_in(people.colleague), nurse.page)
    await nurse.begins()

    state = await nurse.state(await colleague.begins())

    assert (state["phase"], state["title"]) == ("failed", "Gọi thử không thành")
    assert "thử lại sau vài phút" in state["lead"]


async def test_an_emergency_during_practice_is_real(archive: Archive, people: People, site: Site, nurse: Worker) -> None:
    await nurse.begins()
    (encounter,) = await rows(archive, tables.Encounter)
    patient = rehearsal.patient_id(people.phu_thong)

    async with archive.act(people.nurse.actor) as act:
        made = await requests.emergency(act, uuid4(), "bleeding", encounter_id=encounter.id, patient_id=patient)

    urgent = next(row for row in await rows(archive, tables.Request) if row.id == made)
    assert (urgent.practice, urgent.emergency) == (False, True)
    assert urgent.encounter_id != encounter.id


async def test_a_practice_case_never_asks_real_doctors(archive: Archive, people: People, site: Site, nurse: Worker) -> None:
    request = await nurse.begins()
    (encounter,) = await rows(archive, tables.Encounter)

    async with archive.act(people.nurse.actor) as act:
        with pytest.raises(NotFound):
            await requests.ask(act, uuid4(), encounter.id)
    async with nurse.browser.post(f"/requests/{request}/again", data={"id": str(uuid4())}) as answer:
        assert answer.status == 404


# ---------------------------------------------------------------- the door


class Silent:
    """In the place of the simulated doctor's process: takes its order and does nothing."""

    def __init__(self) -> None:
        self.order: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self.gone = asyncio.Event()
        self.stdout = self.stdin = self

    async def readline(self) -> bytes:
        return b"ready\n"

    def write(self, order: bytes) -> None:
        self.order.set_result(json.loads(order))

    async def drain(self) -> None: ...

    def close(self) -> None: ...

    async def wait(self) -> None:
        await self.gone.wait()


@pytest.fixture
def silent(monkeypatch: pytest.MonkeyPatch) -> list[Silent]:
    """The orders that were given, instead of processes."""
    made: list[Silent] = []

    @asynccontextmanager
    async def start() -> AsyncIterator[Silent]:
        made.append(Silent())
        yield made[-1]

    monkeypatch.setattr(rehearsals, "_simulated_doctor", start)
    return made


async def comes_in(door: str, token: str) -> Page:
    """Whoever has a token, at the simulated doctors' door. The connection lives as long as the test."""
    client = ClientSession(connector=UnixConnector(door))
    ws = await client.ws_connect(
        "http://practice/socket", headers={"Authorization": f"Practice {token}"}, protocols=(SUBPROTOCOL,))
    page = Page(ws, None, new_id())
    page._reader.add_done_callback(lambda _: asyncio.ensure_future(client.close()))
    return page


async def test_a_token_opens_the_door_once(site: Site, nurse: Worker, silent: list[Silent]) -> None:
    call = await nurse.waits_for_the_call(await nurse.begins())
    order = await silent[0].order

    doctor = await comes_in(order["door"], order["token"])
    await doctor.hello()
    assert (await doctor.command("enter", call=call, peer=doctor.peer))["type"] == "ack"
    thief = await comes_in(order["door"], order["token"])
    stranger = await comes_in(order["door"], "x" * 43)

    assert await thief.closing() == Closing.SIGN_IN_NEEDED
    assert await stranger.closing() == Closing.SIGN_IN_NEEDED
    await doctor.ws.close()


async def test_a_token_opens_one_call_and_no_other(
    site: Site, archive: Archive, people: People, nurse: Worker, silent: list[Silent],
) -> None:
    await nurse.waits_for_the_call(await nurse.begins())
    colleague = Worker(await site.sign_in(people.colleague), await open_page(await site.sign_in(people.colleague)))
    other = await colleague.waits_for_the_call(await colleague.begins())
    real = (await live_cases.accepted(archive, people)).call
    order = await silent[0].order

    doctor = await comes_in(order["door"], order["token"])
    await doctor.hello()

    for call in (other, str(real)):
        refused = await doctor.command("enter", call=call, peer=doctor.peer)
        assert (refused["type"], refused["code"]) == ("refused", "no-such-call")
    await doctor.ws.close()
    await close_page(colleague.page)


async def test_a_token_is_worth_nothing_at_the_browsers_door(site: Site, nurse: Worker, silent: list[Silent]) -> None:
    await nurse.waits_for_the_call(await nurse.begins())
    token = (await silent[0].order)["token"]

    headers = {"Authorization": f"Practice {token}", "Origin": site.url}
    async with ClientSession() as client, client.ws_connect(
            f"{site.url}/socket", headers=headers, protocols=(SUBPROTOCOL,)) as ws:
        message = await ws.receive()

    assert (message.type, message.data) == (WSMsgType.CLOSE, Closing.SIGN_IN_NEEDED)


async def test_the_door_is_ours_alone(nurse: Worker, silent: list[Silent]) -> None:
    await nurse.waits_for_the_call(await nurse.begins())

    folder = Path((await silent[0].order)["door"]).parent

    assert folder.stat().st_mode & 0o077 == 0


async def test_a_simulated_doctor_who_does_not_come_is_told_and_the_call_is_over(
    archive: Archive, nurse: Worker, silent: list[Silent],
) -> None:
    request = await nurse.begins()
    await nurse.waits_for_the_call(request)
    await silent[0].order

    silent[0].gone.set()

    async with asyncio.timeout(10):
        while (state := await nurse.state(request))["phase"] != "failed":
            await nurse.page.next("request-changed")
    assert state["title"] == "Gọi thử không thành"


async def test_after_a_restart_what_was_practised_is_over(archive: Archive, people: People) -> None:
    async with archive.act(people.nurse.actor) as act:
        request = await practice.begin(act, uuid4())
    async with archive.act(Actor.of_system("practice")) as act:
        await practice.show(act, request)
        await practice.accept(act, request)

    async with archive.act(Actor.of_system("practice")) as act:
        assert await practice.end_all(act) == [request]
    async with archive.act(Actor.of_system("practice")) as act:
        assert await practice.end_all(act) == []

    (row,), (call,) = await rows(archive, tables.Request), await rows(archive, tables.Call)
    assert (row.status, row.reason, call.state) == ("failed", "practice-over", "failed")


async def test_only_a_practice_call_ends_at_once(archive: Archive, people: People) -> None:
    real = await live_cases.accepted(archive, people)

    with pytest.raises(NotFound):
        async with archive.act(people.nurse.actor) as act:
            await practice.finish(act, real.call)
    with pytest.raises(NotAllowed):
        async with archive.act(people.doctor.actor) as act:
            await practice.begin(act, uuid4())


def test_the_server_itself_loads_nothing_of_the_media() -> None:
    code = "import sys, telehealth.app; print([one for one in ('av', 'aiortc') if one in sys.modules])"

    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "[]"


def _figures(site: Site) -> dict[str, float]:
    registry = site.app[SITE].metrics.registry
    return {name: registry.get_sample_value(f"telehealth_{name}") or 0
            for name in ("calls_live", "requests_live", "people_online")}


def _children() -> list[int]:
    """Processes of simulated doctors that this process started and that still run."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            parent = folder.joinpath("stat").read_text().rpartition(")")[2].split()[1]
            if int(parent) == os.getpid() and b"simulated_doctor" in folder.joinpath("cmdline").read_bytes():
                found.append(int(folder.name))
    return found
