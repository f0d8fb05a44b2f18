"""A still over HTTP: asked for first, from whoever has it, told to both sides; what is no picture is refused in words."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import aiohttp
import pytest
from PIL import Image

from records.archive import Archive
from records.care import attachments, consents
from tests import live_cases
from tests.builders import People
from tests.live_cases import Case
from tests.signaling.pages import Page
from tests.signaling_client import close_page, open_page
from tests.site import Site


@dataclass
class Two:
    """A nurse and a doctor in one call, each signed in and with a page on the socket."""

    site: Site
    case: Case
    nurse: aiohttp.ClientSession
    doctor: aiohttp.ClientSession
    at_station: Page
    at_ward: Page

    async def want(self) -> UUID:
        still = uuid4()
        await self.at_ward.command("photo-wanted", call=str(self.case.call), still=str(still))
        await self.at_station.next("photo-asked")
        return still

    async def answer(self, still: UUID, *, agreed: bool) -> int:
        async with self.nurse.post(f"/calls/{self.case.call}/stills/{still}/consent", json={"agreed": agreed}) as answer:
            return answer.status

    async def send(self, browser: aiohttp.ClientSession, still: UUID, content: bytes) -> tuple[int, Any]:
        form = aiohttp.FormData()
        form.add_field("photo", content, filename="still.jpg", content_type="image/jpeg")
        headers = {"Accept": "application/json"}
        async with browser.post(f"/calls/{self.case.call}/stills/{still}", data=form, headers=headers) as answer:
            return answer.status, await answer.json()

    async def kept(self, still: UUID) -> bool:
        async with self.nurse.get(f"/calls/{self.case.call}/stills/{still}") as answer:
            return bool((await answer.json())["kept"])


@pytest.fixture
async def two(site: Site, archive: Archive, people: People) -> AsyncIterator[Two]:
    case = await live_cases.accepted(archive, people)
    async with archive.act(people.nurse.actor) as act:
        await consents.save(act, case.encounter, consult=True, share={people.bach_thong}, photo=False)
    browsers = [await site.sign_in(one) for one in (people.nurse, people.doctor)]
    pages = [await open_page(browser) for browser in browsers]
    for page in pages:
        assert (await page.command("enter", call=str(case.call), peer=page.peer))["type"] == "ack"
    yield Two(site, case, *browsers, *pages)
    for page in pages:
        await close_page(page)


async def test_a_still_is_asked_for_agreed_to_and_kept(two: Two, archive: Archive, people: People) -> None:
    still = await two.want()

    assert await two.answer(still, agreed=True) == 200
    assert not await two.kept(still)
    status, content = await two.send(two.doctor, still, picture())

    assert (status, content["id"]) == (201, str(still))
    for page in (two.at_station, two.at_ward):
        told = await page.next("peer-photo")
        assert (told["still"], told["state"]) == (str(still), "kept")
        assert (await page.next("case-changed"))["encounter"] == str(two.case.encounter)
    assert await two.kept(still)
    async with two.nurse.get(f"/calls/{two.case.call}/state") as answer:
        assert "bác sĩ chụp" in (await answer.json())["case"]["photos"][0]["caption"]
    async with two.nurse.get(f"/encounters/{two.case.encounter}") as answer:
        assert "Bác sĩ chụp trong cuộc gọi" in await answer.text()
    async with archive.act(people.doctor.actor) as act:
        opened = await attachments.open(act, still)
    assert Image.open(io.BytesIO(opened.content)).size == (1280, 720)


async def test_the_doctor_reads_of_a_refusal_and_is_refused_from_then_on(two: Two) -> None:
    still = await two.want()

    assert await two.answer(still, agreed=False) == 200

    told = await two.at_ward.next("peer-photo")
    assert (told["still"], told["state"]) == (str(still), "refused")
    again = await two.at_ward.command("photo-wanted", call=str(two.case.call), still=str(uuid4()))
    assert again["code"] == "refused"
    assert (await two.send(two.doctor, still, picture()))[0] == 409


async def test_the_station_brings_it_when_the_doctors_page_could_not(two: Two) -> None:
    still = await two.want()
    await two.answer(still, agreed=True)

    first, second = await two.send(two.nurse, still, picture()), await two.send(two.nurse, still, picture())

    assert first == second == (201, {"id": str(still)})


async def test_why_none_was_taken_reaches_the_doctor(two: Two) -> None:
    still = await two.want()

    await two.at_station.command("photo-state", call=str(two.case.call), still=str(still), state="camera-off")

    assert (await two.at_ward.next("peer-photo"))["state"] == "camera-off"


@pytest.mark.parametrize(("content", "status"), [(b"<html>", 422), (b"", 422)])
async def test_what_is_no_picture_is_refused(two: Two, content: bytes, status: int) -> None:
    still = await two.want()
    await two.answer(still, agreed=True)

    assert (await two.send(two.doctor, still, content))[0] == status
    assert not await two.kept(still)


async def test_what_nobody_asked_for_is_not_found(two: Two) -> None:
    assert (await two.send(two.doctor, uuid4(), picture()))[0] == 404
    assert await two.answer(uuid4(), agreed=True) == 404


def picture() -> bytes:
    file = io.BytesIO()
    Image.effect_noise((1280, 720), 40).convert("RGB").save(file, "JPEG", quality=40)
    return file.getvalue()
