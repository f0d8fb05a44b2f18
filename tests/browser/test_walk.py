"""The walk that must work: from the worker's first click to the signed note, the printed advice, the log and the trail.

Clicks are counted against the budgets of the product; the data folder is searched byte by byte at the end.
"""

from __future__ import annotations

import asyncio
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from unicodedata import normalize
from uuid import uuid4

import pytest
from PIL import Image
from playwright.async_api import Page, expect

from records.people import patients
from records.people.identities import Identity
from tests.browser.conftest import Theatre
from tests.browser.hands import Hands
from tests.browser.stage import moving

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

ORANGE, BLUE = (210, 90, 30), (30, 80, 200)
COMPLAINT = "Ho đờm vàng ba ngày, mệt khi leo dốc"
FINDING = "Bà bị viêm phổi nhẹ, uống thuốc ở nhà được"
ADVICE = "Uống nước ấm, nằm đầu cao\nChiều nay lên trạm đo lại"
DANGER = "khó thở cả lúc nằm"
SAID = "bà hay quên uống thuốc buổi tối"
# Never in clear on the disk: what was typed, said, and who it is about.
SECRETS = ("Hoàng Thị Hoa", "Nà Ít", "0987654321", COMPLAINT, "leo dốc", FINDING, "viêm phổi nhẹ", "nằm đầu cao", DANGER, SAID,
           "J18.9", "Exif-Vi-Huong")


@dataclass
class Walk:
    theatre: Theatre
    worker: Hands
    doctor: Hands

    @property
    def url(self) -> str:
        return self.theatre.stage.server.url


@pytest.fixture
async def walk(theatre: Theatre) -> Walk:
    async with theatre.archive.act(theatre.people.nurse.actor) as act:
        for name, year in (("Hoàng Thị Hoa", "1958"), ("Nguyễn Thị Phương Hoa", "1958"), ("Hoàng Văn Hòa", "1958")):
            await patients.register(act, uuid4(), Identity(
                full_name=name, gender="female", birth_date=year, village="Nà Ít",
                phone="0987654321" if name == "Hoàng Thị Hoa" else ""))
    station = await theatre.stage.browser(ORANGE, 440)
    ward = await theatre.stage.browser(BLUE, 1_320)
    nurse = await theatre.stage.sign_in(station, theatre.people.nurse)
    doctor = await theatre.stage.sign_in(ward, theatre.people.doctor)
    return Walk(theatre, Hands(nurse), Hands(doctor))


async def test_the_walk(walk: Walk) -> None:
    await _begin_duty(walk)
    await _visit(walk)
    await _ring_and_accept(walk)
    await _survive_a_killed_server(walk)
    await _write_and_sign(walk)
    await _take_the_advice_home(walk)
    await _see_why_in_the_log(walk)
    await _see_who_read(walk)

    assert walk.worker.clicks <= 22
    assert not list(_leaks(walk.theatre.stage.folder))


async def _begin_duty(walk: Walk) -> None:
    await walk.doctor.click("[data-duty=off] button.is-main")
    await walk.doctor.sees("[data-duty=on] .chip.is-go")
    assert walk.doctor.clicks <= 2
    await walk.doctor.page.goto(f"{walk.url}/notes")


async def _visit(walk: Walk) -> None:
    worker = walk.worker
    await worker.page.locator("#find").press_sequentially("hoa 1958")
    line = worker.page.locator(".person", has_text="Hoàng Thị Hoa")
    await worker.click(line.get_by_role("button", name="Khám"))
    await worker.page.wait_for_url("**/encounters/*")
    await worker.click("label.choice:has-text('Ho') >> nth=0")
    await worker.type("[name=reason-text]", COMPLAINT)
    await worker.type("[data-vital='8867-4'] input", "96")
    await worker.type("[data-vital='85354-9'] input", "15/9")
    await worker.type("[data-vital='2708-6'] input", "91")
    await worker.click("[data-vital='85354-9'] button:has-text('150/90')")
    await expect(worker.page.locator("[data-vital='2708-6']")).to_have_class("field is-red")
    await expect(worker.page.locator("[data-vital='85354-9'] input:visible")).to_have_value("150/90")
    await _photo(worker)
    for name in ("consult", "share", "photo"):
        await worker.click(worker.page.locator(f"#consents [name={name}]").first)
    await worker.click("#call")
    await worker.page.wait_for_url("**/requests/*")
    assert worker.clicks <= 15


async def _photo(worker: Hands) -> None:
    worker.clicks += 2                                      # "Chụp", and the shutter or the file of the picker
    await worker.page.locator("#photo-file").set_input_files(
        {"name": "anh.jpg", "mimeType": "image/jpeg", "buffer": _picture()})
    await worker.sees("[data-state=arrived], .photo .icon")


def _picture() -> bytes:
    picture, file = Image.effect_noise((2400, 1800), 60).convert("RGB"), io.BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "Exif-Vi-Huong"
    picture.save(file, "JPEG", exif=exif)
    return file.getvalue()


async def _ring_and_accept(walk: Walk) -> None:
    ring = await walk.doctor.sees("dialog.ring")
    text = await ring.inner_text()
    assert "68 tuổi" in text and "ho" in text.lower() and "91" in text
    assert "Hoa" not in text
    await expect(walk.worker.page.locator("#request")).to_contain_text("đã thấy")
    walk.doctor.start()
    await walk.doctor.click("dialog.ring [data-accept]")
    await _both_see(walk)


async def _both_see(walk: Walk, within: float = 20) -> None:
    await asyncio.gather(
        moving(walk.worker.page, BLUE, within=within), moving(walk.doctor.page, ORANGE, within=within))


async def _survive_a_killed_server(walk: Walk) -> None:
    server = walk.theatre.stage.server
    server.kill()
    await _both_see(walk, within=5)
    await server.start()
    await _both_see(walk, within=5)
    await walk.doctor.type("[data-say] input", SAID)
    await walk.doctor.page.locator("[data-say] input").press("Enter")
    await expect(walk.worker.page.locator(".said [data-fill=text]").first).to_have_text(SAID, timeout=15_000)


async def _write_and_sign(walk: Walk) -> None:
    doctor = walk.doctor
    await doctor.page.locator("[data-picker]").press_sequentially("viem phoi")
    await doctor.click(doctor.page.locator("[data-found] li", has_text="J18.9"))
    for name, text in (("finding", FINDING), ("advice", ADVICE), ("danger_signs", DANGER)):
        await doctor.type(f"[data-note-form] [name={name}]", text)
    await doctor.click("[data-note-form] label.choice:has-text('3 ngày')")
    await expect(walk.worker.page.locator("aside [data-advice=waiting]")).to_be_visible()
    await doctor.click("[data-review-open]")
    await doctor.click("[data-sign]")
    await doctor.sees("[data-signed]")
    await doctor.click("[data-finish-case]")
    await doctor.sees("[data-unfinish]")
    assert doctor.clicks <= 11


async def _take_the_advice_home(walk: Walk) -> None:
    worker = walk.worker
    await worker.sees("aside [data-advice-link]", within=15)
    await worker.click("aside [data-advice-link]")
    paper = await _paper(worker.page)
    for text in ("Hoàng Thị Hoa", FINDING, "nằm đầu cao", DANGER, walk.theatre.people.doctor.full_name):
        await expect(paper.locator(".sheet")).to_contain_text(text)
    await paper.evaluate("window.print = () => { document.body.dataset.printed = 'yes'; }")
    worker.clicks += 1
    await paper.locator("[data-print]").click()
    await expect(paper.locator("body")).to_have_attribute("data-printed", "yes")


async def _paper(page: Page) -> Page:
    for one in page.context.pages:
        if one.url.endswith("/advice"):
            return one
    await page.wait_for_url("**/advice")
    return page


async def _see_why_in_the_log(walk: Walk) -> None:
    office = await walk.theatre.stage.browser(BLUE, 220)
    hands = Hands(await _sign_in(walk, office, walk.theatre.people.root, "/sessions"))
    await hands.click(".log tbody tr:first-child a")
    sentence = await hands.sees(".sentence")
    assert "Bs. Hà Quang Minh nhận sau" in await sentence.inner_text()
    assert "bác sĩ ký lúc" in await sentence.inner_text()
    await hands.sees(".timeline rect.band-video")
    assert hands.clicks <= 3


async def _see_who_read(walk: Walk) -> None:
    desk = await walk.theatre.stage.browser(BLUE, 220)
    hands = Hands(await _sign_in(walk, desk, walk.theatre.people.auditor, "/audit"))
    await hands.type("#q", "hoa 1958")
    await hands.page.locator("#q").focus()
    await hands.enter()
    await hands.click(hands.page.locator(".person", has_text="Hoàng Thị Hoa").get_by_role("link"))
    table = await hands.sees("table.log")
    text = await table.inner_text()
    for deed in ("xem tóm tắt khi chuông reo", "nhận ca", "ký ghi chú", "xem ảnh"):
        assert deed in text, text
    assert hands.clicks <= 3


async def _sign_in(walk: Walk, context: object, person: object, home: str) -> Page:
    page = await context.new_page()                     # type: ignore[attr-defined]
    await page.goto(f"{walk.url}/sign-in")
    await page.fill("#user_name", person.user_name)    # type: ignore[attr-defined]
    await page.fill("#password", "ruộng bậc thang")
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"{walk.url}{home}")
    return page


def _leaks(folder: Path) -> Iterator[str]:
    """Every secret that lies in clear in a file below the data folder, in any common spelling of it."""
    spellings = [
        (secret, normalize(form, secret).encode(code))
        for secret in SECRETS for form in ("NFC", "NFD") for code in ("utf-8", "utf-16-le")
    ]
    for path in (folder / "var").rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            yield from (f"{secret} in {path.name}" for secret, spelling in spellings if spelling in content)
