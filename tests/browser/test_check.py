"""The check of machine and line in a real browser: camera, recording, loudspeaker, line; what is blocked, and its cure."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, expect

from records.care import line_checks
from tests.browser.conftest import Theatre
from tests.browser.inspector import LOCALES, Inspector
from tests.browser.test_screens import speak
from tests.builders import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]
ORANGE = (210, 90, 30)
PICTURES = os.environ.get("SCREENS", "")


def state(page: Page, test: str, word: str) -> Any:
    return page.locator(f"[data-test={test}] [data-word={word}] >> visible=true")


async def opened(theatre: Theatre, page: Page) -> None:
    await page.goto(f"{theatre.stage.server.url}/check")


async def test_one_click_checks_camera_and_line_and_today_says_the_result(theatre: Theatre) -> None:
    context = await theatre.stage.browser(ORANGE, 440)
    page = await theatre.stage.sign_in(context, theatre.people.nurse)
    await page.click("main a[href='/check']")

    await page.click("[data-start]")
    await state(page, "camera", "good").wait_for()
    await state(page, "line", "done").wait_for(timeout=15_000)

    await expect(page.locator("[data-test=line] [data-fill=words]")).to_have_text("Đường truyền: hình rõ · trên 1 Mb/s lên")
    await expect(page.locator("[data-path=direct] [data-open=yes]")).not_to_have_attribute("hidden", "")
    await expect(page.locator("[data-advice=no-relay]")).to_have_count(0)     # that is the administrator's business
    await page.goto(f"{theatre.stage.server.url}/")
    await expect(page.locator("main a[href='/check']")).to_have_text("Đường truyền: hình rõ · trên 1 Mb/s lên")
    assert await page.evaluate("JSON.parse(sessionStorage.getItem('line')).rung") == "clear"


async def test_three_seconds_of_the_microphone_are_played_back_here_and_sent_nowhere(theatre: Theatre) -> None:
    context = await theatre.stage.browser(ORANGE, 440)
    page = await theatre.stage.sign_in(context, theatre.people.nurse)
    await opened(theatre, page)
    await page.click("[data-start]")
    await state(page, "line", "done").wait_for(timeout=15_000)
    sent: list[int] = []
    page.on("request", lambda request: sent.append(len(request.post_data_buffer or b"")))

    await page.click("[data-record]")
    await state(page, "microphone", "recording").wait_for()
    await expect(page.locator("[data-test=microphone] meter")).to_be_visible()
    await state(page, "microphone", "good").wait_for(timeout=10_000)

    assert await page.evaluate("document.querySelector('[data-playback]').src.startsWith('blob:')")
    assert max(sent, default=0) < 100       # that somebody is there may be said, not what


async def test_the_loudspeaker_is_asked_about(theatre: Theatre) -> None:
    context = await theatre.stage.browser(ORANGE, 440)
    page = await theatre.stage.sign_in(context, theatre.people.nurse)
    await opened(theatre, page)

    await page.click("[data-play]")
    await state(page, "loudspeaker", "playing").wait_for()
    await page.click("[data-no]")
    await state(page, "loudspeaker", "silent").wait_for()
    await page.click("[data-play]")
    await page.click("[data-yes]")

    await state(page, "loudspeaker", "good").wait_for()


async def test_a_blocked_camera_is_named_with_its_cure_before_anybody_presses(theatre: Theatre) -> None:
    page = await blocked(theatre)
    await opened(theatre, page)

    await state(page, "camera", "blocked").wait_for()
    await state(page, "microphone", "blocked").wait_for()
    await expect(page.locator("[data-help]")).to_be_visible()
    await expect(page.locator("[data-cure=chrome]")).to_be_visible()
    await page.click("[data-start]")
    await state(page, "line", "done").wait_for(timeout=15_000)      # the line needs neither

    await state(page, "camera", "blocked").wait_for()


async def test_the_far_end_is_gone_after_the_check(theatre: Theatre) -> None:
    context = await theatre.stage.browser(ORANGE, 440)
    page = await theatre.stage.sign_in(context, theatre.people.nurse)
    await opened(theatre, page)
    await page.click("[data-start]")
    await state(page, "line", "done").wait_for(timeout=15_000)

    process = theatre.stage.server.process
    assert process is not None
    async with asyncio.timeout(5):
        while far_ends(process.pid):
            await page.evaluate("fetch('/healthz').then((answer) => answer.status)")    # the server has a turn


async def test_the_administrator_is_told_that_no_relay_is_installed(theatre: Theatre) -> None:
    context = await theatre.stage.browser(ORANGE, 440)
    page = await context.new_page()
    await page.goto(f"{theatre.stage.server.url}/sign-in")
    await page.fill("#user_name", theatre.people.administrator.user_name)
    await page.fill("#password", PASSWORD)
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/sessions")
    await opened(theatre, page)

    await page.click("[data-start]")
    await state(page, "line", "done").wait_for(timeout=15_000)

    await expect(page.locator("[data-advice=no-relay]")).to_be_visible()


async def test_every_state_has_its_picture(theatre: Theatre, tmp_path: Path) -> None:
    url = theatre.stage.server.url
    inspector = Inspector(url, [one.name for one in theatre.people.everybody] + ["Vi Hương", "Phủ Thông", "Tiếng Việt", "Chrome"],
                          Path(PICTURES or tmp_path / "pictures"), bool(PICTURES))
    page = await blocked(theatre)
    inspector.listen(page.context)
    for locale in LOCALES:
        await speak(page.context, url, locale)
        await opened(theatre, page)
        await state(page, "camera", "blocked").wait_for()
        await page.click("[data-help] details summary")
        await inspector.look(page, "check-blocked", locale)
    page = await theatre.stage.sign_in(await theatre.stage.browser(ORANGE, 440), theatre.people.nurse)
    inspector.listen(page.context)
    for locale in LOCALES:
        await speak(page.context, url, locale)
        await opened(theatre, page)
        await page.click("[data-start]")
        await state(page, "line", "done").wait_for(timeout=15_000)
        await page.click("[data-figures] summary")
        await inspector.look(page, "check", locale, main=True)

    assert inspector.faults == [], "\n".join(inspector.faults)
    async with theatre.archive.act(theatre.people.nurse.actor) as act:
        assert await line_checks.own(act) is None       # kept for the browser that measured, not for the person


async def blocked(theatre: Theatre) -> Page:
    """A nurse whose browser refuses camera and microphone."""
    context = await theatre.stage.browser(ORANGE, 440, more=["--use-fake-ui-for-media-stream=deny"])
    await context.clear_permissions()
    await context.grant_permissions(["geolocation"])       # and nothing else
    return await theatre.stage.sign_in(context, theatre.people.nurse)


def far_ends(server: int) -> list[str]:
    """The far ends that this server started and that still run."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = folder.joinpath("stat").read_text().rpartition(")")[2].split()[1]
            if int(parent) == server and b"signaling.echo" in folder.joinpath("cmdline").read_bytes():
                found.append(folder.name)
        except OSError:
            continue
    return found
