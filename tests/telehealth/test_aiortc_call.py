"""Two aiortc peers meet through the real server: rooms, relaying, the record of the call."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import select

from records.acts import Actor
from records.archive import Archive
from records.care import tables
from tests import live_cases
from tests.builders import People
from tests.live_cases import Case
from tests.signaling_client import Peer, open_page
from tests.site import Site

ORANGE, BLUE = (119, 78, 193), (79, 196, 93)     # as Y, U and V
pytestmark = pytest.mark.timeout(60)


@dataclass
class Meeting:
    """A nurse and a doctor whose pages are open."""

    case: Case
    archive: Archive
    station: Peer
    ward: Peer

    async def call(self) -> Any:
        async with self.archive.act(Actor.of_system("test")) as act:
            return (await act.db.scalars(select(tables.Call).where(tables.Call.id == self.case.call))).one()

    async def connect(self) -> None:
        await self.station.enter()
        entered = await self.ward.enter()
        await asyncio.gather(self.ward.answer(), self.station.offer(entered["peer"]))


@pytest.fixture
async def meeting(site: Site, archive: Archive, people: People) -> AsyncIterator[Meeting]:
    case = await live_cases.accepted(archive, people)
    nurse = await open_page(await site.sign_in(people.nurse))
    doctor = await open_page(await site.sign_in(people.doctor))
    station, ward = Peer(nurse, str(case.call), ORANGE, 440), Peer(doctor, str(case.call), BLUE, 1_320)
    yield Meeting(case, archive, station, ward)
    await station.close()
    await ward.close()


async def test_both_decode_the_others_picture_and_sound(meeting: Meeting) -> None:
    await meeting.connect()

    async with asyncio.timeout(30):
        at_station, at_ward = await asyncio.gather(meeting.station.sees(), meeting.ward.sees())
        tones = await asyncio.gather(meeting.station.hears(), meeting.ward.hears())

    assert at_station == pytest.approx(BLUE, abs=12)
    assert at_ward == pytest.approx(ORANGE, abs=12)
    assert tones == pytest.approx([1_320, 440], abs=10)


async def test_the_server_sets_roles_and_names_and_both_learn_who_is_here(meeting: Meeting, people: People) -> None:
    first = await meeting.station.enter()
    second = await meeting.ward.enter()

    joined = (await meeting.station.page.next("peer-joined"))["peer"]
    assert (first["polite"], second["polite"]) == (False, True)
    assert first["peers"] == [] and second["peers"][0]["peer"] == meeting.station.page.peer
    assert (joined["name"], joined["organization"]) == (people.doctor.name, "Trung tâm Y tế khu vực Bạch Thông")
    assert second["peers"][0]["organization"] == "Trạm Y tế xã Phủ Thông · Vi Hương"


async def test_reports_of_both_sides_make_the_call_connected_and_everybody_is_told(meeting: Meeting) -> None:
    await meeting.station.enter()
    await meeting.ward.enter()
    states = [(await meeting.station.page.next("call-changed"))["state"]]

    for peer in (meeting.station, meeting.ward):
        outcome = await peer.page.command("media-report", call=str(meeting.case.call), media="connected")
        assert outcome["type"] == "ack"
    states.append((await meeting.station.page.next("call-changed"))["state"])

    assert states == ["connecting", "connected"]
    assert (await meeting.call()).state == "connected"


async def test_somebody_who_has_no_seat_in_the_call_is_refused(meeting: Meeting, site: Site, people: People) -> None:
    for stranger in (people.stranger, people.second_doctor):
        page = await open_page(await site.sign_in(stranger))
        outcome = await page.command("enter", call=str(meeting.case.call), peer=page.peer)
        assert (outcome["type"], outcome["code"]) == ("refused", "no-such-call")
        await page.ws.close()

    assert (await meeting.station.enter())["peers"] == []


async def test_leaving_waits_and_finishing_ends(meeting: Meeting, site: Site, people: People) -> None:
    await meeting.station.enter()
    await meeting.ward.enter()
    doctor, nurse = await site.sign_in(people.doctor), await site.sign_in(people.nurse)
    address = f"/calls/{meeting.case.call}"
    json = {"Accept": "application/json"}

    await meeting.ward.page.command("leave", call=str(meeting.case.call))
    assert (await meeting.station.page.next("peer-left"))["reason"] == "left"
    async with nurse.post(f"{address}/finish", json={}, headers=json) as refused:
        assert refused.status == 403
    async with doctor.post(f"{address}/finish", json={}, headers=json) as armed:
        assert 25_000 < (await armed.json())["finishInMs"] <= 30_000
    while (told := await meeting.station.page.next("call-changed"))["finishInMs"] < 0:
        pass
    async with doctor.post(f"{address}/unfinish", json={}, headers=json) as back:
        assert (await back.json())["finishInMs"] == -1

    assert told["finishInMs"] <= 30_000
    assert (await meeting.call()).finish_at is None


async def test_the_chat_reaches_both_sides_with_the_servers_name_for_the_writer(meeting: Meeting, people: People) -> None:
    await meeting.station.enter()
    await meeting.ward.enter()

    await meeting.station.page.command("say", call=str(meeting.case.call), text="bà khó thở hơn")
    line = await meeting.ward.page.next("chat")
    await meeting.ward.page.command("chat-seen", call=str(meeting.case.call), number=line["number"])

    mark = await meeting.station.page.next("chat-mark")
    assert (line["text"], line["name"], line["number"]) == ("bà khó thở hơn", people.nurse.name, 1)
    assert (mark["number"], mark["seen"]) == (1, True)


async def test_the_state_of_a_call_is_for_its_two_sides_alone(meeting: Meeting, site: Site, people: People) -> None:
    for person, status in ((people.nurse, 200), (people.doctor, 200), (people.second_doctor, 404), (people.stranger, 404),
                           (people.administrator, 403), (people.auditor, 403)):
        browser = await site.sign_in(person)
        for path in ("state", "messages"):
            async with browser.get(f"/calls/{meeting.case.call}/{path}", headers={"Accept": "application/json"}) as answer:
                assert answer.status == status, (person.user_name, path)


async def test_the_case_card_says_what_the_doctor_needs_first(meeting: Meeting, site: Site, people: People) -> None:
    doctor = await site.sign_in(people.doctor)

    async with doctor.get(f"/calls/{meeting.case.call}/state", headers={"Accept": "application/json"}) as answer:
        card = (await answer.json())["case"]

    assert (card["patient"], card["allergies"]) == ("Hoàng Thị Hoa", "Penicillin, nổi mẩn 2019")
    assert [(sign["label"], sign["value"], sign["level"]) for sign in card["signs"][:2]] == [
        ("SpO₂", "91", "red"), ("Huyết áp", "150/90", "look")]
    assert card["phones"] == [{"name": "Trạm Vi Hương", "number": "0209 000 111"}]
