"""The note and the paper in a real browser: typed by keyboard alone, kept while the line is down, printed on one A5 page."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator

import msgspec
import pypdf
import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, expect

from records.archive import Archive
from tests import note_cases
from tests.browser.chromiums import Chromiums
from tests.builders import PASSWORD, People, Someone
from tests.note_cases import WRITTEN, Case
from tests.site import Site

pytestmark = pytest.mark.browser
A5 = (420, 595)                 # points
AXE = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}


@pytest.fixture
async def browser(chromiums: Chromiums) -> AsyncIterator[Browser]:
    browser = (await chromiums.context((30, 80, 200), 440)).browser
    assert browser
    yield browser
    for context in browser.contexts:
        await context.close()


@pytest.fixture
async def case(archive: Archive, people: People) -> Case:
    return await note_cases.accepted(archive, people)


async def signed_in(browser: Browser, site: Site, who: Someone) -> Page:
    page = await (await browser.new_context(viewport={"width": 1366, "height": 768}, locale="vi")).new_page()
    await page.goto(f"{site.url}/sign-in")
    await page.fill("[name=user_name]", who.user_name)
    await page.fill("[name=password]", PASSWORD)
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"{site.url}/")
    return page


async def writing(page: Page, site: Site, case: Case) -> Page:
    """The page of the note, ready to find diagnoses."""
    async with page.expect_response(lambda answer: "/conditions/" in answer.url):
        await page.goto(f"{site.url}/encounters/{case.encounter}/note")
    return page


async def test_a_note_is_written_and_signed_with_the_keyboard_alone(browser: Browser, site: Site, case: Case) -> None:
    page = await writing(await signed_in(browser, site, case.people.doctor), site, case)
    field, options = page.get_by_role("combobox"), page.get_by_role("option")

    await field.focus()
    await page.keyboard.type("viem phoi")
    await expect(options.first).to_contain_text("J18.9 Viêm phổi, chưa rõ tác nhân")
    await expect(field).to_have_attribute("aria-expanded", "true")
    await page.keyboard.press("ArrowDown")
    marked = await field.get_attribute("aria-activedescendant")
    await expect(page.locator(f"#{marked}")).to_have_attribute("aria-selected", "true")
    await page.keyboard.press("Escape")
    await expect(field).to_have_attribute("aria-expanded", "false")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await expect(page.locator("[data-chosen]")).to_contain_text("J18.9")
    await page.get_by_label("P · Lời dặn").focus()
    await page.keyboard.type("Uống nước ấm")
    await page.get_by_role("button", name="Xem lại và ký").focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("dialog")).to_contain_text("Uống nước ấm")
    await page.keyboard.press("Enter")

    await expect(page.get_by_role("heading", name="Các bản đã ký")).to_be_visible()
    assert (await case.versions(case.people.nurse))[0].written.advice == "Uống nước ấm"


async def test_what_is_typed_while_the_line_is_down_is_kept_told_and_sent_later(browser: Browser, site: Site, case: Case) -> None:
    page = await writing(await signed_in(browser, site, case.people.doctor), site, case)
    await page.context.set_offline(True)

    await page.get_by_label("P · Lời dặn").fill("Nghỉ ngơi")
    await expect(page.locator('[data-save="stuck"]')).to_be_visible()
    await expect(page.locator('[data-strip="unsent"]')).to_be_visible()
    await page.context.set_offline(False)

    await expect(page.locator('[data-save="saved"]')).to_be_visible(timeout=15_000)
    await expect(page.locator('[data-strip="unsent"]')).to_be_hidden()
    await page.reload()
    await expect(page.get_by_label("P · Lời dặn")).to_have_value("Nghỉ ngơi")


async def test_signing_while_the_line_is_down_says_so_and_signs_once_when_it_is_back(browser: Browser, site: Site, case: Case) -> None:
    page = await writing(await signed_in(browser, site, case.people.doctor), site, case)
    await page.get_by_role("combobox").fill("J18.9")
    await page.keyboard.press("Enter")
    await page.get_by_label("P · Lời dặn").fill("Uống nước ấm")
    await page.get_by_role("button", name="Xem lại và ký").click()
    await expect(page.get_by_role("dialog")).to_be_visible()

    await page.context.set_offline(True)
    await page.get_by_role("button", name="Ký", exact=True).dblclick()
    await expect(page.get_by_role("dialog")).to_contain_text("Chưa gửi được. Máy đang thử lại")
    await page.context.set_offline(False)

    await expect(page.get_by_role("heading", name="Các bản đã ký")).to_be_visible(timeout=15_000)
    assert len(await case.versions(case.people.nurse)) == 1


async def test_whoever_goes_on_writing_while_the_line_is_down_has_not_signed(browser: Browser, site: Site, case: Case) -> None:
    page = await writing(await signed_in(browser, site, case.people.doctor), site, case)
    await page.get_by_role("combobox").fill("J18.9")
    await page.keyboard.press("Enter")
    await page.get_by_label("P · Lời dặn").fill("Uống nước ấm")
    await page.get_by_role("button", name="Xem lại và ký").click()
    await page.context.set_offline(True)
    await page.get_by_role("button", name="Ký", exact=True).click()
    await expect(page.get_by_role("dialog")).to_contain_text("Chưa gửi được")

    await page.get_by_role("button", name="Sửa tiếp").click()
    await page.context.set_offline(False)
    await page.get_by_label("P · Lời dặn").fill("Uống nước ấm, nằm nghỉ")

    await expect(page.locator('[data-save="saved"]')).to_be_visible(timeout=15_000)
    assert await case.versions(case.people.nurse) == []


@pytest.mark.parametrize(("choice", "kept", "shown"), [
    ("Giữ chữ của trang này", "Đi lại nhẹ", "Nghỉ ngơi"), ("Lấy bản kia", "Nghỉ ngơi", "Đi lại nhẹ"),
])
async def test_two_tabs_that_differ_show_both_texts(
    browser: Browser, site: Site, case: Case, choice: str, kept: str, shown: str,
) -> None:
    first = await writing(await signed_in(browser, site, case.people.doctor), site, case)
    await first.get_by_label("P · Lời dặn").fill("Uống nước ấm")
    await expect(first.locator('[data-save="saved"]')).to_be_visible()
    second = await writing(await first.context.new_page(), site, case)
    await second.get_by_label("P · Lời dặn").fill("Nghỉ ngơi")
    await expect(second.locator('[data-save="saved"]')).to_be_visible()

    await first.get_by_label("P · Lời dặn").fill("Đi lại nhẹ")
    await expect(first.locator("[data-theirs]")).to_contain_text("Nghỉ ngơi")
    await first.get_by_role("button", name=choice).click()

    await expect(first.locator('[data-save="saved"]')).to_be_visible()
    await expect(first.get_by_label("P · Lời dặn")).to_have_value(kept)
    await expect(first.locator("[data-mine-text]")).to_contain_text(shown)
    await second.reload()
    await expect(second.get_by_label("P · Lời dặn")).to_have_value(kept)


async def test_the_waiting_page_of_the_station_becomes_the_paper_by_itself(browser: Browser, site: Site, case: Case) -> None:
    nurse = await signed_in(browser, site, case.people.nurse)
    await nurse.goto(f"{site.url}/encounters/{case.encounter}/advice")
    await expect(nurse.get_by_role("heading", level=1)).to_have_text("Bs. Hà Quang Minh đang viết lời dặn.")
    doctor = await writing(await signed_in(browser, site, case.people.doctor), site, case)
    await doctor.get_by_role("combobox").fill("J18.9")
    await doctor.keyboard.press("Enter")
    await doctor.get_by_label("P · Lời dặn").fill("Uống nước ấm")

    await doctor.get_by_role("button", name="Xem lại và ký").click()
    await doctor.get_by_role("button", name="Ký", exact=True).click()

    await expect(nurse.get_by_role("heading", level=1)).to_have_text("Bà Nguyễn Thị Phương Thảo, 68 tuổi")


async def test_the_paper_is_one_page_of_a5_even_with_long_names_and_many_lines(browser: Browser, site: Site, case: Case) -> None:
    many = "\n".join(f"Lời dặn thứ {number}: uống nước ấm, nằm đầu cao, nghỉ ngơi." for number in range(1, 8))
    note = await case.signed(msgspec.structs.replace(WRITTEN, advice=many))
    page = await signed_in(browser, site, case.people.nurse)
    await page.goto(f"{site.url}/encounters/{case.encounter}/advice")

    paper = pypdf.PdfReader(io.BytesIO(await page.pdf(prefer_css_page_size=True)))

    assert len(paper.pages) == 1
    assert tuple(round(float(side)) for side in paper.pages[0].mediabox[2:]) == A5
    text = " ".join(paper.pages[0].extract_text().split())
    for words in ("Bà Nguyễn Thị Phương Thảo, 68 tuổi", "Trung tâm Y tế khu vực Bạch Thông", note.code, "Lời dặn thứ 7", "39 °C"):
        assert words in text, words
    assert "In lời dặn" not in text and "SHA-256" not in text


async def test_pages_of_notes_have_no_serious_fault_of_accessibility(browser: Browser, site: Site, case: Case) -> None:
    doctor, nurse = await signed_in(browser, site, case.people.doctor), await signed_in(browser, site, case.people.nurse)
    await faultless(await writing(doctor, site, case))
    await doctor.get_by_role("combobox").fill("viem")
    await expect(doctor.get_by_role("option").first).to_be_visible()
    await faultless(doctor)
    await case.signed()
    for page, path in ((doctor, f"/encounters/{case.encounter}/note"), (doctor, "/notes"), (nurse, f"/encounters/{case.encounter}/advice")):
        await page.goto(f"{site.url}{path}")
        await faultless(page)


async def faultless(page: Page) -> None:
    found = await Axe().run(page, options=AXE)
    serious = [one["id"] for one in found.response["violations"] if one["impact"] in ("serious", "critical")]
    assert serious == [], found.generate_report()
