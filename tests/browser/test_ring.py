"""The ring in real browsers: on whatever page is open, beside the work, for one winner; and the worker's waiting page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import BrowserContext, Page, expect

from records.care import consents, encounters, observations
from records.care.encounters import Intake
from records.people import patients
from records.people.identities import Identity

pytestmark = pytest.mark.browser
AXE = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}
RING = "dialog.ring"
SECONDS = 3_000     # milliseconds: within which it must ring (E3)


@dataclass
class Desk:
    """A nurse with a case that may be asked about, and a doctor on duty; each in a browser of their own."""

    theatre: Any
    nurse: Page
    doctor: Page
    doctors_browser: BrowserContext

    async def case(self) -> UUID:
        people = self.theatre.people
        async with self.theatre.archive.act(people.nurse.actor) as act:
            patient = await patients.register(act, uuid4(), Identity(
                full_name="Nguyễn Thị Phương Thảo", gender="female", birth_date="1958"))
            encounter = await encounters.start(act, uuid4(), patient)
            await encounters.save_intake(act, encounter, Intake(["cough", "breathless"], ""))
            await observations.record(act, encounter, uuid4(), "2708-6", "91")
            await consents.save(act, encounter, consult=True, share={people.bach_thong}, photo=False)
        return encounter

    async def ask(self) -> None:
        """Press "Gọi bác sĩ ngay" of the visit."""
        await self.nurse.goto(f"{self.theatre.stage.server.url}/encounters/{await self.case()}")
        await self.nurse.get_by_role("button", name="Gọi bác sĩ ngay").click()
        await self.nurse.wait_for_url("**/requests/*")

    async def colleague(self, who: Any) -> Page:
        """Another doctor, on duty, in another browser."""
        stage = self.theatre.stage
        page = await stage.sign_in(await stage.browser((40, 40, 200), 880), who)
        await page.click("[data-duty=off] button")
        await expect(page.locator("[data-duty=on] .chip")).to_be_visible()
        return page


@pytest.fixture
async def desk(theatre: Any) -> Desk:
    stage, people = theatre.stage, theatre.people
    doctors = await stage.browser((200, 40, 40), 440)
    doctor = await stage.sign_in(doctors, people.doctor)
    nurse = await stage.sign_in(await stage.browser((40, 160, 60), 660), people.nurse)
    await doctor.click("[data-duty=off] button")
    await expect(doctor.locator("[data-duty=on] .chip")).to_be_visible()
    return Desk(theatre, nurse, doctor, doctors)


async def test_it_rings_on_any_page_beside_the_work(desk: Desk) -> None:
    await desk.doctor.goto(f"{desk.theatre.stage.server.url}/me")
    field = desk.doctor.locator("input[type=password]").first
    await field.fill("đang gõ")

    await desk.ask()

    ring = desk.doctor.locator(RING)
    await expect(ring).to_be_visible(timeout=SECONDS)
    await expect(ring).to_contain_text("Nữ, 68 tuổi · Ho, khó thở")
    await expect(ring).to_contain_text("SpO₂ 91 thấp")
    assert "Thảo" not in await desk.doctor.content()
    await expect(field).to_be_focused()
    await expect(desk.nurse.locator("[data-seen]")).to_contain_text("đã thấy lời gọi")
    await expect(desk.nurse.locator("[data-rung] .is-now")).to_contain_text(desk.theatre.people.doctor.name)


async def test_the_title_calls_in_words_and_is_itself_again(desk: Desk) -> None:
    before = await desk.doctor.title()
    await desk.ask()

    await expect(desk.doctor).to_have_title("Trạm Vi Hương gọi")
    await desk.nurse.click("form[action$='/cancel'] button")

    await expect(desk.doctor.locator(RING)).to_have_count(0)
    assert await desk.doctor.title() == before
    await expect(desk.doctor.locator("[data-strip=ring-over]")).to_be_visible()


async def test_one_wins_and_the_other_learns_who(desk: Desk) -> None:
    other = await desk.colleague(desk.theatre.people.second_doctor)
    await desk.ask()
    for page in (desk.doctor, other):
        await expect(page.locator(RING)).to_be_visible(timeout=SECONDS)

    await desk.doctor.dblclick(f"{RING} [data-accept]")

    await expect(desk.doctor.locator("[data-call-root]")).to_be_visible()
    await expect(other.locator(RING)).to_have_count(0)
    await expect(other.locator("[data-strip=ring-taken]")).to_contain_text(f"{desk.theatre.people.doctor.name} đã nhận ca này.")
    await expect(desk.nurse.locator("[data-call-root]")).to_be_visible()
    assert "/calls/" in desk.nurse.url and "/calls/" in desk.doctor.url


async def test_a_second_tab_of_the_same_doctor_stops_ringing_too(desk: Desk) -> None:
    tab = await desk.doctors_browser.new_page()
    await tab.goto(f"{desk.theatre.stage.server.url}/me")
    await desk.ask()
    await expect(tab.locator(RING)).to_be_visible(timeout=SECONDS)

    await desk.doctor.click(f"{RING} [data-accept]")

    await expect(tab.locator(RING)).to_have_count(0)
    await expect(tab.locator("[data-strip=ring-mine]")).to_be_visible()


async def test_when_nobody_can_there_are_numbers_and_one_click_to_call_again(desk: Desk) -> None:
    await desk.ask()
    await desk.doctor.click(f"{RING} [data-decline]")

    await expect(desk.nurse.locator("h1")).to_have_text("Các bác sĩ đều không nhận được")
    await expect(desk.nurse.locator(".phones a").first).to_be_visible()
    await desk.nurse.click("[data-again]")

    await expect(desk.doctor.locator(RING)).to_be_visible(timeout=SECONDS)


async def test_an_emergency_rings_in_two_clicks(desk: Desk) -> None:
    await desk.nurse.click("form[data-emergency] button")
    await desk.nurse.click("#emergency [value=bleeding]")

    await expect(desk.doctor.locator(f"{RING}.is-emergency")).to_be_visible(timeout=SECONDS)
    await expect(desk.nurse.locator("a[href='tel:115']").first).to_be_visible()


async def test_camera_and_microphone_are_tried_while_it_rings(desk: Desk) -> None:
    await desk.ask()

    await expect(desk.nurse.locator("[data-media=good]")).to_be_visible()
    await expect(desk.nurse.locator("[data-level]")).not_to_have_js_property("value", 0)
    await desk.nurse.click("[data-devices] summary")
    await expect(desk.nurse.locator("[data-choose=video] option")).not_to_have_count(0)


async def test_the_list_of_waiting_cases_lives_by_itself(desk: Desk) -> None:
    await desk.ask()
    row = desk.doctor.locator("[data-row]")
    await expect(row).to_contain_text("Trạm Vi Hương")
    await expect(desk.doctor.locator("[data-count]")).to_have_text("1")

    await desk.nurse.click("form[action$='/cancel'] button")

    await expect(row).to_have_count(0)
    await expect(desk.doctor.locator("[data-nobody]")).to_be_visible()


async def test_the_pages_that_ring_have_no_serious_fault_for_those_who_cannot_see(desk: Desk) -> None:
    await desk.ask()
    await expect(desk.doctor.locator(RING)).to_be_visible()
    for page in (desk.doctor, desk.nurse):
        found = await Axe().run(page, options=AXE)
        serious = [one for one in found.response["violations"] if one["impact"] in ("serious", "critical")]
        assert serious == [], [(one["id"], [node["target"] for node in one["nodes"]]) for one in serious]
