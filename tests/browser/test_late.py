"""What comes late to a call: pressed or written in before its script is there, and asked for again where it did not arrive."""

from __future__ import annotations

import asyncio

import pytest
from playwright.async_api import Page, Route, WebSocketRoute, expect

from tests.browser import wire
from tests.browser.conftest import Theatre

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]


async def doctor_alone(theatre: Theatre, lost: str) -> Page:
    """In a call that nobody else has entered; the script ``lost`` does not arrive the first time."""
    case = await theatre.accepted()
    page, _ = await wire.newcomer(theatre, "doctor")
    await page.route(f"**/js/{lost}", lambda route: route.abort(), times=1)
    await page.goto(f"{theatre.stage.server.url}/calls/{case.call}")
    return page


async def test_a_line_written_before_the_page_knows_its_call_is_said(theatre: Theatre) -> None:
    case = await theatre.accepted()
    page, _ = await wire.newcomer(theatre, "doctor")
    known = asyncio.Event()

    async def later(route: Route) -> None:
        await known.wait()
        await route.continue_()

    await page.route("**/state", later)
    await page.goto(f"{theatre.stage.server.url}/calls/{case.call}")
    await page.fill("[data-say] input", "bà hay quên thuốc")
    await page.press("[data-say] input", "Enter")
    await expect(page.locator(".said [data-fill=text]")).to_have_text("bà hay quên thuốc")
    known.set()

    await expect(page.locator(".said [data-mark=sent]")).to_be_visible()


async def test_a_line_said_before_the_other_side_had_its_seat_stands_there(theatre: Theatre) -> None:
    doctor = await doctor_alone(theatre, lost="nothing")
    nurse, _ = await wire.newcomer(theatre, "worker")
    admitted = asyncio.Event()

    async def at_the_door(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()

        async def pass_on(message: str | bytes) -> None:
            if '"enter"' in str(message):
                await admitted.wait()
            server.send(message)

        socket.on_message(pass_on)

    await nurse.route_web_socket("**/socket", at_the_door)
    async with nurse.expect_response("**/state"):
        await nurse.goto(doctor.url)
    await doctor.fill("[data-say] input", "bà hay quên thuốc")
    await doctor.press("[data-say] input", "Enter")
    await expect(doctor.locator(".said [data-mark=sent]")).to_be_visible()
    admitted.set()

    await expect(nurse.locator(".said [data-fill=text]")).to_have_text("bà hay quên thuốc")


async def test_a_button_pressed_early_is_heard_once_its_script_has_arrived(theatre: Theatre) -> None:
    page = await doctor_alone(theatre, lost="call/beside.js")

    await page.click("[data-devices-open]")

    await expect(page.locator("dialog[data-devices]")).to_be_visible(timeout=15_000)


async def test_what_is_written_before_the_note_is_there_is_kept_and_saved(theatre: Theatre) -> None:
    page = await doctor_alone(theatre, lost="note.js")
    advice = page.get_by_label("P · Lời dặn")

    await advice.fill("Uống nước ấm")
    await expect(page.locator("[data-save=saved]")).to_be_visible(timeout=15_000)
    await expect(advice).to_have_value("Uống nước ấm")
    await page.reload()
    await advice.focus()

    await expect(advice).to_have_value("Uống nước ấm", timeout=15_000)
