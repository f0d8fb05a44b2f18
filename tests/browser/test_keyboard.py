"""The main steps of a consultation without a mouse: everything is reached by Tab and done by Enter or the space bar."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import pytest
from playwright.async_api import Page, expect

from records.people import patients
from records.people.identities import Identity
from tests.browser.conftest import Theatre
from tests.browser.stage import moving
from tests.builders import PASSWORD, Someone

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]
ORANGE, BLUE = (210, 90, 30), (30, 80, 200)
MOST = 60       # presses of Tab that anybody would spend on a page


async def test_a_consultation_is_led_from_signing_in_to_the_signed_note_by_keyboard_alone(theatre: Theatre) -> None:
    async with theatre.archive.act(theatre.people.nurse.actor) as act:
        await patients.register(act, uuid4(), Identity(full_name="Hoàng Thị Hoa", gender="female", birth_date="1958"))
    nurse = await sign_in(theatre, theatre.people.nurse, ORANGE)
    doctor = await sign_in(theatre, theatre.people.doctor, BLUE)

    await press(doctor, "[data-duty=off] button")
    await expect(doctor.locator("[data-duty=on] .chip.is-go")).to_be_visible()
    await examine(nurse)
    await expect(doctor.locator("dialog.ring")).to_be_visible()
    await press(doctor, "[data-accept]")
    await asyncio.gather(moving(nurse, BLUE), moving(doctor, ORANGE))
    await write(doctor)
    await expect(doctor.locator("[data-signed]")).to_be_visible()
    await press(doctor, "[data-finish-case]")

    await expect(nurse.locator(".glass[data-finish=armed]")).to_be_visible()


async def sign_in(theatre: Theatre, person: Someone, colour: tuple[int, int, int]) -> Page:
    page = await (await theatre.stage.browser(colour, 440)).new_page()
    await page.goto(f"{theatre.stage.server.url}/sign-in")
    await expect(page.locator("#user_name")).to_be_focused()
    await page.keyboard.type(person.user_name)
    await page.keyboard.press("Tab")
    await page.keyboard.type(PASSWORD)
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"{theatre.stage.server.url}/")
    return page


async def examine(nurse: Page) -> None:
    """From the search to the ringing doctor."""
    await reach(nurse, "#find")
    await nurse.keyboard.type("hoa 1958")
    await expect(nurse.locator("#found .person")).to_have_count(1)
    await press(nurse, "#found button")
    await nurse.wait_for_url("**/encounters/*")
    for name in ("consult", "share", "photo"):
        await press(nurse, f"#consents [name={name}]", "Space")
        await expect(nurse.locator(f"#consents [name={name}]").first).to_be_checked()
    await press(nurse, "#call")
    await nurse.wait_for_url("**/requests/*")


async def write(doctor: Page) -> None:
    """From the diagnosis to the signature."""
    await reach(doctor, "[data-picker]")
    await doctor.keyboard.type("viem phoi")
    await expect(doctor.get_by_role("option").first).to_be_visible()
    await doctor.keyboard.press("ArrowDown")
    await doctor.keyboard.press("Enter")
    await reach(doctor, "[name=advice]")
    await doctor.keyboard.type("Uống nước ấm")
    await press(doctor, "[data-review-open]")
    await press(doctor, "[data-sign]")


async def reach(page: Page, what: str) -> None:
    """Press Tab until the focus is on ``what``, and see that it can be seen there."""
    for _ in range(MOST):
        if await page.evaluate("what => document.activeElement?.matches(what) && document.activeElement.matches(':focus-visible')", what):
            return
        await page.keyboard.press("Tab")
    raise AssertionError(f"{what} is not reached by {MOST} presses of Tab on {page.url}")


async def press(page: Page, what: str, key: str = "Enter") -> None:
    await reach(page, what)
    await page.keyboard.press(key)
