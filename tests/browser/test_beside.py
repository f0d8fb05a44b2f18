"""Beside the conversation, between two real browsers: the curtain, who sees the patient, the meter, the saver switch, the battery."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.async_api import Locator, Page, expect
from sqlalchemy import select

from records.acts import Actor
from records.care import tables
from tests.browser.conftest import Theatre
from tests.browser.stage import moving

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

ORANGE, BLUE = (210, 90, 30), (30, 80, 200)
POINTS_24 = 32  # CSS pixels
# Every 20 ms what the other's video would paint, hidden or not: the mean of its red and of its blue, to be read in window.seen.
WATCH = """() => {
  const canvas = new OffscreenCanvas(16, 9), pen = canvas.getContext("2d", {willReadFrequently: true});
  window.seen = [];
  setInterval(() => {
    const video = document.querySelector("[data-remote]");
    if (!video?.videoWidth) return;
    pen.drawImage(video, 0, 0, 16, 9);
    const data = pen.getImageData(0, 0, 16, 9).data, sum = [0, 0];
    for (let at = 0; at < data.length; at += 4) { sum[0] += data[at] / 144; sum[1] += data[at + 2] / 144; }
    window.seen.push(sum[0] - sum[1] > 60 ? "camera" : "curtain");
  }, 20);
}"""
# Which devices the page asks for, and a battery and voices of our own: headless Chromium has none.
ASKED = """(() => {
  const devices = navigator.mediaDevices, ask = devices.getUserMedia.bind(devices);
  window.asked = [];
  devices.getUserMedia = (wanted) => { window.asked.push(...Object.keys(wanted)); return ask(wanted); };
})()"""
BATTERY = """(() => {
  const battery = Object.assign(new EventTarget(), {charging: false, level: 0.08});
  navigator.getBattery = () => Promise.resolve(battery);
  window.plug = (charging) => { battery.charging = charging; battery.dispatchEvent(new Event("chargingchange")); };
})()"""
VOICES = """(() => {
  window.spoken = [];
  const voices = [{lang: "vi-VN", localService: false, name: "far"}, {lang: "vi-VN", localService: true, name: "near"}];
  const speech = Object.assign(new EventTarget(), {
    getVoices: () => voices, cancel: () => {}, speak: ({text, voice}) => window.spoken.push([text, voice.name])});
  Object.defineProperty(window, "speechSynthesis", {value: speech});
  window.SpeechSynthesisUtterance = class { constructor(text) { this.text = text; } };
})()"""


@dataclass
class Two:
    """A nurse and a doctor at the address of one call, each in a browser of their own."""

    theatre: Theatre
    call: Any
    nurse: Page
    doctor: Page

    @property
    def address(self) -> str:
        return f"{self.theatre.stage.server.url}/calls/{self.call}"

    async def meet(self) -> None:
        # A picture that is still on its way holds back the page's load event, and nothing else.
        await asyncio.gather(*(page.goto(self.address, wait_until="commit") for page in (self.nurse, self.doctor)))
        await asyncio.gather(moving(self.nurse, BLUE, within=25), moving(self.doctor, ORANGE, within=25))

    async def kinds(self) -> list[str]:
        async with self.theatre.archive.act(Actor.of_system("test")) as act:
            rows = await act.db.scalars(select(tables.CallEvent).order_by(tables.CallEvent.id))
            return [row.kind for row in rows if row.kind.startswith(("curtain", "saver"))]


@pytest.fixture
async def two(theatre: Theatre) -> Two:
    case = await theatre.accepted()
    station = await theatre.stage.browser(ORANGE, 440)
    ward = await theatre.stage.browser(BLUE, 1_320)
    nurse = await theatre.stage.sign_in(station, theatre.people.nurse)
    doctor = await theatre.stage.sign_in(ward, theatre.people.doctor)
    return Two(theatre, case.call, nurse, doctor)


async def seen(doctor: Page) -> list[str]:
    """What the doctor's video held since the last time this was asked."""
    found: list[str] = await doctor.evaluate("() => window.seen.splice(0)")
    return found


async def curtained(doctor: Page) -> None:
    await expect(doctor.locator(".curtained")).to_be_visible()
    await expect(doctor.locator(".curtained")).to_contain_text("Đang thay đồ")
    await expect(doctor.locator("[data-remote]")).not_to_be_visible()


async def until(page: Page, what: str) -> None:
    """Wait until the video holds ``what``: how long the last frames before are on their way is the line's affair."""
    async with asyncio.timeout(10):
        while (await seen(page))[-1:] != [what]:
            await page.evaluate("() => new Promise(requestAnimationFrame)")


async def frames(page: Page, number: int) -> set[str]:
    """What the next ``number`` looks at the video found."""
    found: list[str] = []
    async with asyncio.timeout(20):
        while len(found) < number:
            found += await seen(page)
            await page.evaluate("() => new Promise(requestAnimationFrame)")
    return set(found)


async def test_behind_the_curtain_not_one_frame_of_the_camera_leaves(two: Two) -> None:
    await two.meet()
    await two.doctor.evaluate(WATCH)
    camera = await two.nurse.evaluate_handle("() => document.querySelector('[data-own]').srcObject.getVideoTracks()[0]")

    await two.nurse.click("[data-curtain-turn]")
    await two.nurse.wait_for_function("(track) => track.readyState === 'ended'", arg=camera)
    await curtained(two.doctor)
    await until(two.doctor, "curtain")
    assert await frames(two.doctor, 100) == {"curtain"}
    await expect(two.doctor.locator("[data-fill=curtainAt]")).to_have_text(re.compile(r"\d\d:\d\d"))
    assert await sounds(two.doctor)
    await expect(two.nurse.locator("[data-curtain-turn]")).to_contain_text("Bỏ che")
    await expect(two.nurse.locator("[data-fill=curtainLeft]")).to_have_text(re.compile(r"0[23]:\d\d"))

    await two.nurse.click("[data-curtain-turn]")
    await moving(two.doctor, ORANGE)
    await expect(two.doctor.locator(".curtained")).not_to_be_visible()
    assert await two.kinds() == ["curtain-up", "curtain-down"]


async def test_a_reload_lifts_no_curtain(two: Two) -> None:
    await two.meet()
    await two.nurse.click("[data-curtain-turn]")
    await curtained(two.doctor)
    await two.doctor.evaluate(WATCH)
    await until(two.doctor, "curtain")

    await two.nurse.add_init_script(ASKED)
    await two.nurse.reload(wait_until="commit")
    await two.nurse.locator("[data-call-root][data-state=connected]").wait_for()
    await curtained(two.doctor)
    await until(two.doctor, "curtain")
    assert await frames(two.doctor, 100) == {"curtain"}
    assert await two.nurse.evaluate("window.asked") == ["audio"]

    await two.doctor.reload(wait_until="commit")
    await curtained(two.doctor)
    await two.doctor.evaluate(WATCH)
    await until(two.doctor, "curtain")
    await two.nurse.click("[data-curtain-turn]")
    await moving(two.doctor, ORANGE)
    assert await two.kinds() == ["curtain-up", "curtain-down"]


async def test_who_leaves_and_comes_back_is_still_behind_the_curtain(two: Two) -> None:
    await two.meet()
    await two.nurse.click("[data-curtain-turn]")
    await curtained(two.doctor)
    await two.doctor.evaluate(WATCH)
    await until(two.doctor, "curtain")

    await two.nurse.click("[data-leave]:visible")
    await two.nurse.click("[data-return]:visible")

    await curtained(two.doctor)
    await until(two.doctor, "curtain")
    assert await frames(two.doctor, 60) == {"curtain"}


async def test_the_meter_shows_what_was_used_and_a_reload_goes_on_counting(two: Two) -> None:
    await two.meet()
    used = two.nurse.locator(".bar [data-fill=used]")

    for page in (two.nurse, two.doctor):
        await expect(page.locator(".bar [data-fill=rate]")).to_have_text(re.compile(r"^\d+,\d$"), timeout=20_000)
    before = await used.text_content()
    await two.nurse.reload(wait_until="commit")
    await moving(two.nurse, BLUE, within=20)

    await expect(used).to_be_visible(timeout=10_000)
    after = await used.text_content()
    assert 0 < number(before) <= number(after)


async def test_the_card_says_in_large_letters_who_sees_the_patient(two: Two) -> None:
    await two.meet()
    people = two.theatre.people

    for who in (people.doctor.name, people.nurse.name):
        row = two.nurse.locator("[data-present] li", has_text=who)
        assert await size(row.locator("b")) >= POINTS_24
        assert await size(row.locator("span")) >= 24

    await two.nurse.set_viewport_size({"width": 360, "height": 740})
    for who in (people.doctor.name, people.nurse.name):
        await expect(two.nurse.locator("[data-present] li", has_text=who)).to_be_in_viewport()
    assert await size(two.nurse.locator("[data-present] li", has_text=people.doctor.name).locator("b")) >= 24


async def test_whoever_comes_in_is_said_aloud_by_a_voice_of_this_device(two: Two) -> None:
    await two.nurse.add_init_script(VOICES)
    await two.meet()
    await two.nurse.wait_for_function("() => window.spoken.length > 0")

    said = await two.nurse.evaluate("window.spoken")
    assert [voice for _, voice in said] == ["near"]
    assert said[0][0].startswith(f"{two.theatre.people.doctor.name}, ")

    await two.nurse.click("[data-devices-open]")
    await two.nurse.uncheck("[data-spoken]")
    await two.nurse.reload(wait_until="commit")
    await moving(two.nurse, BLUE, within=20)
    await two.nurse.wait_for_selector("[data-curtain=open]")       # what comes late to a station is there
    await expect(two.nurse.locator("[data-spoken]")).not_to_be_checked()
    assert await two.nurse.evaluate("window.spoken") == []


async def test_the_doctor_reads_that_the_station_saves_and_that_its_battery_runs_low(two: Two) -> None:
    await two.nurse.add_init_script(BATTERY)
    await two.meet()
    await expect(two.doctor.locator("[data-their-power=low]")).to_contain_text("Trạm còn 8 % pin")

    await two.nurse.click("[data-devices-open]")
    await two.nurse.check("dialog[data-devices] [data-saver]")
    await expect(two.doctor.locator("[data-their-saver=true]")).to_be_visible()
    await two.nurse.evaluate("window.plug(true)")
    await expect(two.doctor.locator("[data-their-power=low]")).not_to_be_visible()
    assert await two.kinds() == ["saver-on"]

    await two.nurse.evaluate("window.plug(false)")
    await expect(two.doctor.locator("[data-their-power=low]")).to_be_visible()
    await vanish(two.nurse)
    await expect(two.doctor.locator("h2[data-cut=power]")).to_be_visible(timeout=20_000)
    await expect(two.doctor.locator(".link-words")).to_contain_text("trạm mất điện?")


async def sounds(page: Page) -> bool:
    """Whether audio arrives now: energy grows."""
    energy = """async () => {
      const context = new AudioContext(), meter = context.createAnalyser();
      context.createMediaStreamSource(document.querySelector("[data-remote]").srcObject).connect(meter);
      await context.resume();
      const wave = new Float32Array(meter.fftSize);
      for (let tries = 0; tries < 40; tries++) {
        await new Promise((resolve) => setTimeout(resolve, 100));
        meter.getFloatTimeDomainData(wave);
        if (Math.max(...wave) > 0.01) break;
      }
      await context.close();
      return Math.max(...wave) > 0.01;
    }"""
    return bool(await page.evaluate(energy))


async def size(found: Locator) -> float:
    """The height of its letters in CSS pixels."""
    return float(await found.evaluate("(element) => parseFloat(getComputedStyle(element).fontSize)"))


def number(text: str | None) -> float:
    return float((text or "").replace(",", "."))


async def vanish(page: Page) -> None:
    """The page dies without a goodbye."""
    async with page.expect_event("crash"):
        tools = await page.context.new_cdp_session(page)
        asyncio.ensure_future(tools.send("Page.crash")).add_done_callback(lambda done: done.exception())
