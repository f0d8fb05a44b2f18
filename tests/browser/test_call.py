"""The call between two real browsers: seen and heard on both sides, whatever happens to the line, the page or the server."""

from __future__ import annotations

import asyncio
from base64 import b64decode
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.async_api import Page, expect
from sqlalchemy import select

from records.acts import Actor
from records.care import call_events, tables
from tests.browser.conftest import Theatre
from tests.browser.stage import look, moving
from tests.live_cases import Case

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

ORANGE, BLUE = (210, 90, 30), (30, 80, 200)
PNG = b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")
# What is heard of the other side: energy since the connection began, and the strongest tone in hertz.
HEARD = """async () => {
  const context = new AudioContext();
  const meter = context.createAnalyser();
  meter.fftSize = 8192;
  context.createMediaStreamSource(document.querySelector("[data-remote]").srcObject).connect(meter);
  await context.resume();
  const bins = new Float32Array(meter.frequencyBinCount);
  for (let tries = 0; tries < 40; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    meter.getFloatFrequencyData(bins);
    if (Math.max(...bins) > -60) break;
  }
  const strongest = bins.indexOf(Math.max(...bins)) * context.sampleRate / meter.fftSize;
  const loudness = Math.max(...bins);
  await context.close();
  return {strongest, loudness};
}"""


@dataclass
class Pair:
    """A nurse and a doctor in one call, each in a browser of their own."""

    theatre: Theatre
    case: Case
    nurse: Page
    doctor: Page

    @property
    def address(self) -> str:
        return f"{self.theatre.stage.server.url}/calls/{self.case.call}"

    async def both_see_each_other(self, within: float = 20) -> None:
        await asyncio.gather(moving(self.nurse, BLUE, within=within), moving(self.doctor, ORANGE, within=within))

    async def call(self) -> Any:
        async with self.theatre.archive.act(Actor.of_system("test")) as act:
            return (await act.db.scalars(select(tables.Call).where(tables.Call.id == self.case.call))).one()

    async def reaches(self, state: str, within: float = 15) -> Any:
        async with asyncio.timeout(within):
            while (row := await self.call()).state != state:
                await asyncio.sleep(0.1)
        return row

    async def kinds(self) -> list[str]:
        async with self.theatre.archive.act(Actor.of_system("test")) as act:
            return [event.kind for event in await call_events.for_request(act, self.case.request)]


@pytest.fixture
async def pair(theatre: Theatre) -> Pair:
    case = await theatre.accepted()
    station = await theatre.stage.browser(ORANGE, 440)
    ward = await theatre.stage.browser(BLUE, 1_320)
    nurse = await theatre.stage.sign_in(station, theatre.people.nurse)
    doctor = await theatre.stage.sign_in(ward, theatre.people.doctor)
    made = Pair(theatre, case, nurse, doctor)
    await nurse.goto(made.address)
    await doctor.goto(made.address)
    return made


async def heard(page: Page) -> dict[str, float]:
    found: dict[str, float] = await page.evaluate(HEARD)
    return found


async def test_both_see_and_hear_each_other(pair: Pair) -> None:
    await pair.both_see_each_other()

    at_station, at_ward = await heard(pair.nurse), await heard(pair.doctor)

    row = await pair.reaches("connected")
    assert at_station["strongest"] == pytest.approx(1_320, abs=15)
    assert at_ward["strongest"] == pytest.approx(440, abs=15)
    assert row.connected_at is not None
    await expect(pair.nurse.locator("[data-present] b").first).to_have_text(pair.theatre.people.doctor.name)
    await expect(pair.doctor.locator("[data-fill=patient]")).to_have_text("Hoàng Thị Hoa")
    await expect(pair.doctor.locator(".sign.is-red b")).to_have_text("91")


async def test_a_killed_and_restarted_server_does_not_stop_the_picture(pair: Pair) -> None:
    await pair.both_see_each_other()
    await pair.reaches("connected")
    before = await asyncio.gather(look(pair.nurse), look(pair.doctor))

    pair.theatre.stage.server.kill()
    await pair.both_see_each_other(within=5)
    await pair.theatre.stage.server.start()
    await pair.both_see_each_other(within=5)

    # The same connection: a new one would begin counting frames anew.
    after = await asyncio.gather(look(pair.nurse), look(pair.doctor))
    assert all(late["frames"] > early["frames"] for early, late in zip(before, after, strict=True))
    await pair.doctor.locator("[data-say] input").fill("nghe rõ chứ?")
    await pair.doctor.keyboard.press("Enter")
    await expect(pair.nurse.locator(".said [data-fill=text]")).to_have_text("nghe rõ chứ?", timeout=10_000)
    row = await pair.reaches("connected")
    assert (row.cuts, row.reason) == (0, "")


async def test_a_reload_takes_the_same_seat_with_nothing_clicked(pair: Pair) -> None:
    await pair.both_see_each_other()

    await pair.nurse.reload()
    await pair.both_see_each_other()
    await pair.doctor.reload()
    await pair.both_see_each_other()

    assert (await pair.reaches("connected")).ended_at is None


async def test_a_second_tab_says_where_the_call_is_and_moves_it(pair: Pair) -> None:
    await pair.both_see_each_other()
    second = await pair.nurse.context.new_page()

    await second.goto(pair.address)
    await expect(second.locator(".hold[data-line=elsewhere]")).to_be_visible()
    await pair.both_see_each_other()
    await second.locator(".hold[data-line=elsewhere] [data-take-over]").click()
    await asyncio.gather(moving(second, BLUE), moving(pair.doctor, ORANGE))

    await expect(pair.nurse.locator(".hold[data-line=moved]")).to_be_visible()


async def test_leaving_is_not_the_end_and_one_click_leads_back(pair: Pair) -> None:
    await pair.both_see_each_other()

    await pair.doctor.locator("[data-leave]").click()
    await expect(pair.doctor.locator(".hold[data-line=left]")).to_be_visible()
    await expect(pair.nurse.locator(".hold h2[data-line=empty]")).to_be_visible()
    await pair.reaches("reconnecting")
    await pair.doctor.locator("[data-return]").click()

    await pair.both_see_each_other()
    await pair.reaches("connected")
    assert "left" in await pair.kinds()


async def test_the_back_button_asks_before_it_leaves(pair: Pair) -> None:
    await pair.both_see_each_other()

    # As in the page that rang: its address lies one step behind the call's.
    await pair.nurse.evaluate(f"history.replaceState({{}}, '', '/requests/{pair.case.request}')")
    await pair.nurse.evaluate(f"history.pushState({{}}, '', '/calls/{pair.case.call}')")
    await pair.nurse.go_back()
    await expect(pair.nurse.locator("dialog[data-leaving]")).to_be_visible()
    await pair.nurse.locator("dialog[data-leaving] button[value=stay]").click()

    await pair.both_see_each_other()
    assert pair.nurse.url == pair.address


async def test_only_the_doctor_finishes_and_may_take_it_back(pair: Pair) -> None:
    await pair.both_see_each_other()
    assert await pair.nurse.locator("[data-finish-case]").count() == 0

    await pair.doctor.locator("[data-finish-case]").click()
    await expect(pair.nurse.locator(".glass[data-finish=armed]")).to_be_visible()
    await pair.doctor.locator("[data-unfinish]").click()
    await expect(pair.nurse.locator(".glass[data-finish=armed]")).to_be_hidden()
    assert (await pair.call()).finish_at is None


@pytest.mark.full               # half a minute of waiting; ``test_screens`` waits for the same end and looks at both sides
async def test_a_finished_case_is_over_on_both_sides(pair: Pair) -> None:
    await pair.both_see_each_other()

    await pair.doctor.locator("[data-finish-case]").click()

    await expect(pair.doctor.locator(".hold[data-line=over]")).to_be_visible(timeout=40_000)
    await expect(pair.nurse.locator(".hold[data-line=over] [data-advice=waiting]")).to_be_visible()
    assert (await pair.call()).reason == "finished"


async def test_what_is_said_arrives_with_its_marks_and_survives_a_reload(pair: Pair) -> None:
    await pair.both_see_each_other()

    await pair.nurse.locator("[data-say] input").fill("Em gửi ảnh vỉ thuốc bà đang uống ạ")
    await pair.nurse.keyboard.press("Enter")
    await expect(pair.doctor.locator(".said [data-fill=text]")).to_have_text("Em gửi ảnh vỉ thuốc bà đang uống ạ")
    await expect(pair.nurse.locator(".said [data-mark=seen]")).to_be_visible()
    await pair.nurse.reload()

    await expect(pair.nurse.locator(".said [data-fill=text]")).to_have_text("Em gửi ảnh vỉ thuốc bà đang uống ạ")


async def test_what_the_station_writes_during_the_call_stands_at_the_doctors_side(pair: Pair) -> None:
    await pair.both_see_each_other()
    visit = await pair.nurse.context.new_page()
    await visit.goto(f"{pair.theatre.stage.server.url}/encounters/{pair.case.encounter}")

    await visit.locator("[data-vital='2708-6'] input:visible").fill("88")
    await visit.keyboard.press("Tab")
    await expect(pair.doctor.locator(".sign.is-red b").first).to_have_text("88", timeout=15_000)
    await pair.doctor.route("**/photos/*", lambda route: route.abort(), times=1)      # asked for again
    await visit.locator("#photo-file").set_input_files({"name": "a.png", "mimeType": "image/png", "buffer": PNG})

    await expect(pair.doctor.locator("[data-photos] img")).to_have_count(1, timeout=15_000)
    await expect(visit.locator(".photo [data-state=seen]")).to_be_visible(timeout=15_000)
    await expect(visit.locator(".photo [data-removal]")).to_have_count(0)


async def test_a_worker_on_another_page_is_told_that_the_doctor_waits(theatre: Theatre) -> None:
    case = await theatre.accepted()
    station = await theatre.stage.browser(ORANGE, 440)
    nurse = await theatre.stage.sign_in(station, theatre.people.nurse)
    await nurse.goto(f"{theatre.stage.server.url}/patients")

    strip = nurse.locator("[data-strip=doctor-waits]")
    await expect(strip).to_be_visible()
    await strip.get_by_role("link", name="Vào cuộc gọi").click()

    await nurse.wait_for_url(f"**/calls/{case.call}")
    await expect(strip).to_be_hidden()


async def test_an_emergency_pressed_while_the_server_is_away_says_115_and_goes_by_itself(theatre: Theatre) -> None:
    station = await theatre.stage.browser(ORANGE, 440)
    nurse = await theatre.stage.sign_in(station, theatre.people.nurse)
    await nurse.goto(f"{theatre.stage.server.url}/patients")
    await nurse.locator("form[data-emergency] button:visible").first.click()
    box = nurse.get_by_role("dialog")

    theatre.stage.server.kill()
    await expect(nurse.locator("[data-strip=offline]")).to_be_attached()
    await expect(nurse.locator("[data-strip=offline]")).not_to_have_attribute("hidden", "")
    await box.get_by_role("button", name="Chảy máu nhiều").dblclick()
    await expect(box.locator("[data-held]")).to_contain_text("115")
    await theatre.stage.server.start()

    await nurse.wait_for_url("**/requests/*", timeout=15_000)
    async with theatre.archive.act(Actor.of_system("test")) as act:
        assert len((await act.db.scalars(select(tables.Request))).all()) == 1


async def test_what_is_said_while_the_server_is_away_arrives_once(pair: Pair) -> None:
    await pair.both_see_each_other()
    await expect(pair.nurse.locator("header [data-metered~=used]")).to_be_visible(timeout=15_000)      # the late script is there

    pair.theatre.stage.server.kill()
    await pair.nurse.locator("[data-say] input").fill("mất máy chủ rồi")
    await pair.nurse.keyboard.press("Enter")
    await expect(pair.nurse.locator(".said [data-mark=sending]")).to_be_visible()
    await pair.theatre.stage.server.start()

    await expect(pair.doctor.locator(".said [data-fill=text]")).to_have_text(["mất máy chủ rồi"], timeout=10_000)
    await expect(pair.nurse.locator(".said")).to_have_count(1)


async def test_camera_and_microphone_go_off_and_on_and_the_other_side_is_told(pair: Pair) -> None:
    await pair.both_see_each_other()

    await pair.nurse.locator("[data-toggle=video]").click()
    await expect(pair.doctor.locator("[data-theirs~=camera-off]")).to_be_visible()
    await pair.nurse.locator("[data-toggle=video]").click()

    await expect(pair.doctor.locator("[data-theirs~=camera-off]")).to_be_hidden()
    await pair.both_see_each_other()


async def test_without_a_camera_one_joins_by_voice_and_is_told_why(theatre: Theatre) -> None:
    case = await theatre.accepted()
    station = await theatre.stage.browser(ORANGE, 440)
    ward = await theatre.stage.browser(BLUE, 1_320)
    nurse = await theatre.stage.sign_in(station, theatre.people.nurse)
    doctor = await theatre.stage.sign_in(ward, theatre.people.doctor)
    await nurse.add_init_script("""{
      const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
      navigator.mediaDevices.getUserMedia = (wanted) =>
        wanted.video ? Promise.reject(new DOMException("", "NotAllowedError")) : ask(wanted);
    }""")

    await nurse.goto(f"{theatre.stage.server.url}/calls/{case.call}")
    await doctor.goto(f"{theatre.stage.server.url}/calls/{case.call}")

    await expect(nurse.locator("[data-camera=blocked]")).to_be_visible()
    await moving(nurse, BLUE)
    assert (await heard(doctor))["strongest"] == pytest.approx(440, abs=15)
    await expect(doctor.locator("[data-theirs~=camera-off]")).to_be_visible()


async def test_trying_again_makes_a_new_connection_with_the_same_pictures(pair: Pair) -> None:
    await pair.both_see_each_other()
    before = await look(pair.nurse)

    await pair.nurse.evaluate("document.querySelector('[data-retry]').click()")
    await expect(pair.nurse.locator("[data-call-root][data-state=connected]")).to_be_hidden()
    await pair.both_see_each_other()

    await expect(pair.nurse.locator("[data-call-root][data-state=connected]")).to_be_visible()
    await pair.reaches("connected")
    assert before["frames"] > 0


async def test_a_browser_that_allows_no_sound_without_a_click_shows_the_call_all_the_same(theatre: Theatre) -> None:
    case = await theatre.accepted()
    station = await theatre.stage.browser(ORANGE, 440, autoplay=False)
    ward = await theatre.stage.browser(BLUE, 1_320, autoplay=False)
    nurse = await theatre.stage.sign_in(station, theatre.people.nurse)
    doctor = await theatre.stage.sign_in(ward, theatre.people.doctor)

    await nurse.goto(f"{theatre.stage.server.url}/calls/{case.call}")
    await doctor.goto(f"{theatre.stage.server.url}/calls/{case.call}")

    await asyncio.gather(moving(nurse, BLUE), moving(doctor, ORANGE))


async def test_ten_seconds_of_both_sides_are_measured(pair: Pair) -> None:
    await pair.both_see_each_other()

    async with asyncio.timeout(25):
        while True:
            async with pair.theatre.archive.act(Actor.of_system("test")) as act:
                samples = await call_events.samples(act, pair.case.call)
            if {sample.side for sample in samples} == {"worker", "doctor"}:
                break
            await asyncio.sleep(0.2)

    assert all(sample.received_kbps > 10 and sample.sent_kbps > 10 for sample in samples)
    assert (await pair.call()).bytes_used > 0


async def test_the_page_logs_no_error(pair: Pair) -> None:
    faults: list[str] = []
    for page in (pair.nurse, pair.doctor):
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)

    await pair.nurse.reload()
    await pair.doctor.reload()
    await pair.both_see_each_other()

    assert faults == []
