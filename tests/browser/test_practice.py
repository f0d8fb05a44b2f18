"""A practice call in one browser: a worker alone sees the whole path, and nothing of it becomes part of any list."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Page, expect
from sqlalchemy import select

from records.acts import Actor
from records.care import tables
from tests.browser.conftest import Theatre
from tests.browser.hands import Hands
from tests.browser.stage import moving

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]

ORANGE, GREEN = (210, 90, 30), (10, 90, 70)
OVER = ("ended", "finished", "completed")
HELLO = "Tôi nghe và thấy bạn. Đây là cuộc gọi thử."


@pytest.fixture
async def nurse(theatre: Theatre) -> Hands:
    station = await theatre.stage.browser(ORANGE, 440)
    return Hands(await theatre.stage.sign_in(station, theatre.people.nurse))


async def test_one_person_with_one_browser_sees_the_whole_path(theatre: Theatre, nurse: Hands) -> None:
    page = nurse.page

    await nurse.click("button:has-text('Gọi thử')")
    await expect(page.locator("h1")).to_have_text("Đang gọi Bác sĩ mô phỏng")
    await expect(page.locator("[data-fill=seen]")).to_have_text("đã thấy lời gọi")
    await moving(page, GREEN, within=20)
    await nurse.sees(".chip:has-text('Gọi thử, không phải ca thật')")
    await expect(page.locator("aside .advice")).to_be_hidden()
    await expect(_lines(page).first).to_have_text(HELLO, timeout=15_000)
    await nurse.type("[data-say] input", "nghe rõ không")
    await nurse.enter()
    await expect(_lines(page).last).to_contain_text("Tôi đã đọc: “nghe rõ không”")
    assert nurse.clicks == 2

    await nurse.click("[data-practice-end]")
    await page.wait_for_url(f"{theatre.stage.server.url}/")

    assert nurse.clicks == 3
    await expect(page.locator("#waiting ~ .empty, section .empty")).to_be_visible()
    assert "Người bệnh thử" not in await page.inner_text("body")
    await _stands(theatre, OVER)
    office = await theatre.stage.browser(ORANGE, 220)
    log = await _open(theatre, office, "/sessions")
    assert "Vi Hương" not in await log.inner_text("main")


async def test_a_reloaded_page_takes_the_practice_call_up_again(theatre: Theatre, nurse: Hands) -> None:
    page = nurse.page
    await nurse.click("button:has-text('Gọi thử')")
    await moving(page, GREEN, within=20)

    await page.reload()

    await moving(page, GREEN, within=20)
    await expect(page.locator("[data-present] b").first).to_have_text("Bác sĩ mô phỏng")


async def test_a_connection_that_is_built_anew_is_answered(theatre: Theatre, nurse: Hands) -> None:
    page = nurse.page
    await page.add_init_script("""
        const Real = RTCPeerConnection;
        window.made = [];
        window.RTCPeerConnection = class extends Real { constructor(...given) { super(...given); window.made.push(this); } };
    """)
    await nurse.click("button:has-text('Gọi thử')")
    await moving(page, GREEN, within=20)

    await page.evaluate("window.made.at(-1).restartIce()")

    async with asyncio.timeout(20):
        while await page.evaluate("window.made.length") < 2:
            await asyncio.sleep(0.1)
    await moving(page, GREEN, within=20)


async def test_leaving_ends_the_practice_call(theatre: Theatre, nurse: Hands) -> None:
    page = nurse.page
    await nurse.click("button:has-text('Gọi thử')")
    await moving(page, GREEN, within=20)

    await page.goto(f"{theatre.stage.server.url}/me")
    await page.go_back()
    await moving(page, GREEN, within=20)
    await _stands(theatre, ("connected", "in-progress", "in-progress"))
    await page.go_back()
    await page.locator("dialog[data-leaving] button[value=leave]").click()

    await nurse.sees(".hold h2:has-text('Gọi thử đã xong')")
    await _stands(theatre, OVER)


def _lines(page: Page) -> object:
    return page.locator("aside .said [data-fill=text]")


async def _stands(theatre: Theatre, wanted: tuple[str, ...]) -> None:
    stand: tuple[str, ...] = ()
    with suppress(TimeoutError):
        async with asyncio.timeout(10):
            while stand != wanted:
                await asyncio.sleep(0.1)        # another process writes it: there is no event to wait for
                stand = await _stand(theatre)
    assert stand == wanted


async def _stand(theatre: Theatre) -> tuple[str, ...]:
    async with theatre.archive.act(Actor.of_system("test")) as act:
        call = (await act.db.scalars(select(tables.Call))).one()
        encounter = (await act.db.scalars(select(tables.Encounter))).one()
        request = (await act.db.scalars(select(tables.Request))).one()
        return call.state, encounter.status, request.status


async def _open(theatre: Theatre, context: object, path: str) -> Page:
    page = await context.new_page()                     # type: ignore[attr-defined]
    await page.goto(f"{theatre.stage.server.url}/sign-in")
    await page.fill("#user_name", theatre.people.administrator.user_name)
    await page.fill("#password", "ruộng bậc thang")
    await page.keyboard.press("Enter")
    await page.wait_for_url(lambda url: urlsplit(url).path == path)
    return page
