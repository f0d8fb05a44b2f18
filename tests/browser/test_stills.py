"""The sharp still between two real browsers: asked for, agreed to, seen tile by tile, kept; through cuts and reloads."""

from __future__ import annotations

import asyncio
import io
import os
from dataclasses import dataclass
from pathlib import Path

import pytest
from PIL import Image
from playwright.async_api import Locator, Page, expect

from records.acts import Actor
from records.care import attachments, call_events, consents
from tests.browser import stage as stages
from tests.browser.chromiums import yuv
from tests.browser.conftest import Theatre
from tests.browser.stage import moving
from tests.live_cases import Case

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

ORANGE, BLUE = (210, 90, 30), (30, 80, 200)


@dataclass
class Pair:
    """A nurse with a camera of 1280x720 and a doctor, in one call."""

    theatre: Theatre
    case: Case
    nurse: Page
    doctor: Page

    @property
    def address(self) -> str:
        return f"{self.theatre.stage.server.url}/calls/{self.case.call}"

    async def forget_consent(self) -> None:
        people = self.theatre.people
        async with self.theatre.archive.act(people.nurse.actor) as act:
            await consents.save(act, self.case.encounter, consult=True, share={people.bach_thong}, photo=False)

    async def press(self) -> None:
        await self.doctor.locator("[data-still-ask]").click()

    def says(self, page: Page, state: str) -> Locator:
        return page.locator(f"[data-still~={state}]")

    async def kept(self) -> list[attachments.Photo]:
        async with self.theatre.archive.act(self.theatre.people.nurse.actor) as act:
            return await attachments.for_encounter(act, self.case.encounter)

    async def content(self) -> Image.Image:
        photo = (await self.kept())[-1]
        async with self.theatre.archive.act(self.theatre.people.nurse.actor) as act:
            return Image.open(io.BytesIO((await attachments.open(act, photo.id)).content))

    async def agreed(self) -> bool:
        async with self.theatre.archive.act(self.theatre.people.nurse.actor) as act:
            return (await consents.choices(act, self.case.encounter)).photo

    async def is_kept(self) -> None:
        await expect(self.says(self.doctor, "kept")).to_be_visible(timeout=45_000)

    async def picture(self, name: str) -> None:
        """Both sides as they look, into the folder that ``SCREENS`` names."""
        if folder := os.environ.get("SCREENS"):
            for side, page in (("station", self.nurse), ("doctor", self.doctor)):
                for width, height in ((1366, 768), (360, 740)):
                    await page.set_viewport_size({"width": width, "height": height})
                    await page.screenshot(path=Path(folder) / f"still-{name}-{side}-{width}.png")
                await page.set_viewport_size({"width": 1366, "height": 768})

    async def curtain(self, *, drawn: bool) -> None:
        """Wait until the server has heard of it: the time line has a row of it."""
        kind = "curtain-up" if drawn else "curtain-down"
        async with asyncio.timeout(10):
            while kind not in await self.line():
                await asyncio.sleep(0.1)        # another process writes it: there is no event to wait for

    async def line(self) -> set[str]:
        async with self.theatre.archive.act(Actor.of_system("test")) as act:
            return {event.kind for event in await call_events.for_request(act, self.case.request)}

    async def hold(self, after: int) -> None:
        """The station's channel is full after so many pieces, until ``release``."""
        await self.nurse.evaluate(HOLD, after)

    async def release(self) -> None:
        await self.nurse.evaluate("() => { window.released = true; }")


HOLD = """(after) => {
  const send = RTCDataChannel.prototype.send;
  let left = after;
  window.released = false;
  RTCDataChannel.prototype.send = function (frame) {
    if (this.label === "pieces" && new Uint8Array(frame)[0] === 2) left -= 1;
    return send.call(this, frame);
  };
  Object.defineProperty(RTCDataChannel.prototype, "bufferedAmount", { configurable: true, get() { return left > 0 || window.released ? 0 : 9999; } });
}"""


def film(path: Path) -> None:
    """A Y4M film of 1280x720: orange, with detail that a sharp picture shows; a bar walks across it. Slow: encoding it is what costs."""
    y, u, v = yuv(ORANGE)
    shades = bytes(max(16, min(235, y + (one - 128) // 3)) for one in range(256))
    noise = Image.effect_noise((1280, 720), 60).tobytes().translate(shades)
    with path.open("wb") as file:
        file.write(b"YUV4MPEG2 W1280 H720 F5:1 Ip A1:1 C420jpeg\n")
        for frame in range(5):
            rows = bytearray(noise)
            for row in range(720):
                start = row * 1280 + frame * 256
                rows[start:start + 160] = bytes([230]) * 160
            file.write(b"FRAME\n" + bytes(rows) + bytes([u]) * (640 * 360) + bytes([v]) * (640 * 360))


@pytest.fixture(scope="session")
def sharp(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sharp") / "sharp.y4m"
    film(path)
    return path


@pytest.fixture
async def pair(theatre: Theatre, sharp: Path) -> Pair:
    case = await theatre.accepted()
    station = await theatre.stage.browser(ORANGE, 440, more=[f"--use-file-for-fake-video-capture={sharp}"])
    ward = await theatre.stage.browser(BLUE, 1_320)
    nurse = await theatre.stage.sign_in(station, theatre.people.nurse)
    doctor = await theatre.stage.sign_in(ward, theatre.people.doctor)
    made = Pair(theatre, case, nurse, doctor)
    await nurse.goto(made.address)
    await doctor.goto(made.address)
    await asyncio.gather(moving(nurse, BLUE), moving(doctor, ORANGE))
    return made


async def test_a_still_comes_tile_by_tile_and_lies_in_the_record(pair: Pair) -> None:
    await pair.hold(40)

    await pair.press()
    await expect(pair.says(pair.doctor, "receiving")).to_be_visible()
    await expect(pair.doctor.locator("[data-still-picture]")).to_be_visible()
    await expect(pair.says(pair.nurse, "sending")).to_be_visible()
    await pair.picture("arriving")
    await pair.press()
    await expect(pair.doctor.locator("[data-still-already]")).to_be_visible()
    await pair.release()
    await pair.is_kept()

    picture = await pair.content()
    assert picture.size == (1280, 720)
    assert differs(picture, (400, 300)) and stages.nearest(picture.resize((1, 1)).getpixel((0, 0))) == stages.nearest(ORANGE)
    await expect(pair.says(pair.nurse, "kept")).to_be_visible()
    await expect(pair.doctor.locator("[data-photos] figcaption")).to_contain_text("bác sĩ chụp")
    await pair.picture("kept")
    await pair.doctor.locator("[data-still-open]").click()
    await expect(pair.doctor.locator("[data-still-large] canvas")).to_be_visible()
    assert await pair.doctor.locator("[data-still-large] canvas").get_attribute("width") == "1280"
    await pair.picture("large")


async def test_consent_is_asked_once_and_recorded(pair: Pair) -> None:
    await pair.forget_consent()
    question = pair.nurse.locator("[data-still-consent]")

    await pair.press()
    await expect(question).to_be_visible()
    await expect(pair.says(pair.doctor, "asking")).to_be_visible()
    await expect(question.locator("h2")).to_be_focused()        # Enter, pressed for something else, agrees to nothing
    await pair.picture("question")
    assert await pair.kept() == []
    await question.locator("[value=yes]").click()
    await pair.is_kept()
    await pair.press()
    await expect(pair.says(pair.doctor, "receiving")).to_be_visible()
    await pair.is_kept()

    await expect(question).to_be_hidden()
    assert len(await pair.kept()) == 2
    assert await pair.agreed()


async def test_a_refusal_is_read_by_the_doctor_and_not_asked_again(pair: Pair) -> None:
    await pair.forget_consent()

    await pair.press()
    await pair.nurse.locator("[data-still-consent] [value=no]").click()
    await expect(pair.says(pair.doctor, "refused")).to_be_visible()
    await expect(pair.says(pair.nurse, "refused")).to_be_visible()
    await pair.doctor.locator("[data-still-close]").click()
    await pair.press()

    await expect(pair.says(pair.doctor, "refused")).to_be_visible()
    await expect(pair.nurse.locator("[data-still-consent]")).to_be_hidden()
    assert await pair.kept() == [] and not await pair.agreed()


async def test_a_camera_that_was_switched_off_is_not_opened_from_afar(pair: Pair) -> None:
    await pair.nurse.locator("[data-toggle=video]").click()

    await pair.press()

    await expect(pair.says(pair.doctor, "camera-off")).to_be_visible()
    await expect(pair.says(pair.nurse, "camera-off")).to_be_visible()
    assert await pair.kept() == []
    await pair.nurse.locator("[data-toggle=video]").click()
    await pair.press()
    await pair.is_kept()


async def test_behind_the_curtain_nothing_is_taken(pair: Pair) -> None:
    await pair.nurse.locator("[data-curtain-turn]").click()
    await pair.curtain(drawn=True)

    await pair.press()
    await expect(pair.says(pair.doctor, "curtain")).to_be_visible()
    assert await pair.kept() == []
    await pair.nurse.locator("[data-curtain-turn]").click()
    await pair.curtain(drawn=False)
    await pair.press()

    await pair.is_kept()
    assert len(await pair.kept()) == 1


@pytest.mark.parametrize("who", [pytest.param("station's connection", marks=pytest.mark.full), "doctor's page", "station's page"])
async def test_a_still_survives_what_happens_in_the_middle(pair: Pair, who: str) -> None:
    await pair.hold(40)
    await pair.press()
    await expect(pair.doctor.locator("[data-still-picture]")).to_be_visible()

    match who:
        case "station's connection":
            await pair.nurse.evaluate("() => document.querySelector('[data-retry]').click()")
        case "doctor's page":
            await pair.doctor.reload()
        case _:
            await pair.nurse.reload()
    if who != "station's page":
        await pair.release()
    await pair.is_kept()

    assert (await pair.content()).size == (1280, 720)


@pytest.mark.full
async def test_the_station_brings_what_the_doctors_page_could_not(pair: Pair) -> None:
    await pair.doctor.route("**/stills/*", lambda route: route.abort())
    await pair.press()
    await expect(pair.says(pair.nurse, "sent")).to_be_visible(timeout=45_000)

    await pair.doctor.locator("[data-leave]").click()

    await expect(pair.says(pair.nurse, "kept")).to_be_visible(timeout=30_000)
    (photo,) = await pair.kept()
    assert photo.created_by == pair.theatre.people.nurse.id and photo.seen_at is None


def differs(picture: Image.Image, at: tuple[int, int]) -> bool:
    """Whether there is detail around ``at``: neighbours of more than one brightness."""
    x, y = at
    return len(set(picture.convert("L").crop((x, y, x + 24, y + 24)).tobytes())) > 8
