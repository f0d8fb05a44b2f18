"""Voice notes between two real browsers: held and spoken on one side, heard on the other, in order, once, whatever happens."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import Page, expect

from records.care import voice_notes
from tests.browser.conftest import Theatre
from tests.browser.test_call import BLUE, ORANGE, Pair, pair

__all__ = ["pair"]
pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

# No path but a relay, and no relay: the pages meet on the server, and media never flows.
MUTE = """(() => {
  const Real = RTCPeerConnection;
  window.RTCPeerConnection = class extends Real {
    constructor(given) { super({...given, iceServers: [], iceTransportPolicy: "relay"}); }
    setConfiguration(given) { super.setConfiguration({...given, iceServers: [], iceTransportPolicy: "relay"}); }
  };
})()"""
# For how long each clip was played, in seconds, and how strong its strongest tone is.
EAR = """() => {
  window.heard = [];
  const audio = document.querySelector("[data-voice-player]");
  audio.addEventListener("ended", () => window.heard.push(audio.currentTime));
}"""


async def hold(page: Page, seconds: float) -> None:
    """Speak: the button is held with the mouse for that long."""
    await page.locator("[data-hold]").hover()
    await page.mouse.down()
    await expect(page.locator("[data-hold] [data-voice-now=speaking]")).to_be_visible()
    await page.wait_for_timeout(seconds * 1000)         # somebody speaks: there is no event to wait for
    await page.mouse.up()


async def notes(theatre: Theatre, call: Any) -> list[voice_notes.VoiceNote]:
    async with theatre.archive.act(theatre.people.doctor.actor) as act:
        return await voice_notes.of_call(act, call)


def words(page: Page, word: str) -> Any:
    """The rows of voice notes whose state is ``word``."""
    return page.locator(f"[data-lines] .spoken [data-word={word}]:visible")


@pytest.fixture
async def mute(theatre: Theatre) -> Pair:
    """A nurse and a doctor in one call over which no media ever flows."""
    case = await theatre.accepted()
    pages = []
    for colour, hertz, person in ((ORANGE, 440, theatre.people.nurse), (BLUE, 1_320, theatre.people.doctor)):
        context = await theatre.stage.browser(colour, hertz)
        await context.add_init_script(MUTE)
        pages.append(await theatre.stage.sign_in(context, person))
    made = Pair(theatre, case, *pages)
    for page in pages:
        await page.goto(made.address)
    return made


async def test_over_live_voice_a_note_waits_for_a_click_and_is_heard_whole(pair: Pair) -> None:
    await pair.both_see_each_other()

    await pair.nurse.locator("[data-voice-open]:visible").click()
    await hold(pair.nurse, 3)
    await expect(words(pair.doctor, "unheard")).to_have_count(1, timeout=15_000)
    await expect(words(pair.nurse, "arrived")).to_have_count(1)
    await pair.doctor.evaluate(EAR)
    await pair.doctor.locator(".spoken [data-hear]").click()

    await expect(words(pair.nurse, "heard")).to_have_count(1, timeout=15_000)
    kept = await notes(pair.theatre, pair.case.call)
    assert await pair.doctor.evaluate("heard") == [pytest.approx(kept[0].length_ms / 1000, abs=0.4)]
    assert kept[0].length_ms == pytest.approx(3_100, abs=700)


async def test_without_media_both_speak_in_clips_and_hear_them_in_order_by_themselves(mute: Pair) -> None:
    for page in (mute.nurse, mute.doctor):
        await expect(page.locator("[data-voice-why=cut]")).to_be_visible(timeout=30_000)
    await mute.doctor.evaluate(EAR)

    for seconds in (1, 2.5, 1.5):
        await hold(mute.nurse, seconds)

    await expect(words(mute.doctor, "heard")).to_have_count(3, timeout=30_000)
    await expect(words(mute.nurse, "heard")).to_have_count(3)
    kept = await notes(mute.theatre, mute.case.call)
    assert [note.number for note in kept] == [1, 2, 3]
    assert await mute.doctor.evaluate("heard") == [pytest.approx(note.length_ms / 1000, abs=0.4) for note in kept]


async def test_a_server_killed_in_the_middle_of_a_clip_loses_none_and_keeps_none_twice(mute: Pair) -> None:
    await expect(mute.nurse.locator("[data-voice-why=cut]")).to_be_visible(timeout=30_000)
    server = mute.theatre.stage.server
    await hold(mute.nurse, 1)
    await expect(words(mute.nurse, "heard")).to_have_count(1, timeout=15_000)

    async with mute.nurse.expect_request(lambda request: "offset=2" in request.url or "offset=3" in request.url):
        await mute.nurse.locator("[data-hold]").click()     # a tap: it goes on until the next one
    server.kill()
    await mute.nurse.locator("[data-hold]").click()
    await hold(mute.nurse, 1.5)
    await expect(mute.nurse.locator("[data-strip=voice-unsent]")).to_be_visible(timeout=15_000)
    await server.start()

    await expect(words(mute.doctor, "heard")).to_have_count(3, timeout=40_000)
    await expect(words(mute.nurse, "heard")).to_have_count(3)
    await expect(mute.nurse.locator("[data-strip=voice-unsent]")).to_be_hidden()
    assert [note.number for note in await notes(mute.theatre, mute.case.call)] == [1, 2, 3]


async def test_by_keyboard_it_is_held_tapped_and_given_up(mute: Pair) -> None:
    await expect(mute.nurse.locator("[data-voice-why=cut]")).to_be_visible(timeout=30_000)
    button = mute.nurse.locator("[data-hold]")
    speaking = button.locator("[data-voice-now=speaking]")
    await button.focus()

    await mute.nurse.keyboard.down(" ")
    await expect(speaking).to_be_visible()
    await mute.nurse.wait_for_timeout(900)              # held while somebody speaks
    await mute.nurse.keyboard.up(" ")
    await expect(speaking).to_be_hidden()
    await mute.nurse.keyboard.press("Enter")            # a tap begins
    await expect(speaking).to_be_visible()
    await mute.nurse.wait_for_timeout(900)
    await mute.nurse.keyboard.press("Enter")            # the next one ends
    await expect(speaking).to_be_hidden()
    await mute.nurse.keyboard.press("Enter")
    await expect(speaking).to_be_visible()
    await mute.nurse.keyboard.press("Escape")           # nothing of this one is sent
    await expect(speaking).to_be_hidden()
    await button.evaluate("(button) => button.click()")     # as a screen reader does
    await expect(speaking).to_be_visible()
    await mute.nurse.wait_for_timeout(900)
    await button.evaluate("(button) => button.click()")

    await expect(words(mute.nurse, "heard")).to_have_count(3, timeout=20_000)
    await expect(mute.nurse.locator("[data-lines] .spoken")).to_have_count(3)
    assert len(await notes(mute.theatre, mute.case.call)) == 3


@pytest.mark.full
async def test_what_was_spoken_is_there_after_a_reload_and_in_the_order_of_the_chat(mute: Pair) -> None:
    await expect(mute.nurse.locator("[data-voice-why=cut]")).to_be_visible(timeout=30_000)
    await hold(mute.nurse, 1)
    await expect(words(mute.nurse, "heard")).to_have_count(1, timeout=15_000)
    await mute.doctor.locator("[data-say] input").fill("chụp lại vết thương giúp tôi")
    await mute.doctor.keyboard.press("Enter")
    await expect(mute.nurse.locator(".said [data-fill=text]")).to_have_count(1)
    await hold(mute.nurse, 1)
    await expect(words(mute.nurse, "heard")).to_have_count(2, timeout=15_000)

    await mute.doctor.reload()

    rows = mute.doctor.locator("[data-lines] > li")
    await expect(rows).to_have_count(3, timeout=15_000)
    assert [await row.evaluate("(row) => row.matches('.spoken')") for row in await rows.all()] == [True, False, True]
    await expect(words(mute.doctor, "heard")).to_have_count(2)
