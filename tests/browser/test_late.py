"""What comes late to a call: pressed or written in before its script is there, and asked for again where it did not arrive."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

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
