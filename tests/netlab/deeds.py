"""What people do in a call on a bad line, through the real pages, and how long it takes: a still, a voice note, saving data, a line check."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

from playwright.async_api import Error, Locator, Page

from tests.netlab.figures import Figures
from tests.netlab.lab import Call, Lab, now
from tests.netlab.lines import Shape
from tests.netlab.services import URL

SETTLED = 12            # seconds of the call before anything is asked of it
NOTE = 9.0              # seconds that a voice note is spoken
LOADED = """() => ["call/beside.js", "call/voice_notes.js", "call/still_parts.js"].every((end) =>
  performance.getEntriesByType("resource").some((one) => one.name.endsWith(end) && one.responseEnd))"""
CHECKING = 40           # seconds after which a check is given up


@dataclass(frozen=True)
class Still:
    """Seconds from the doctor's press to the first sight of the picture and to all of it; None: not while it was watched."""

    sight: float | None
    whole: float | None
    size: tuple[int, int]               # of the canvas, when it was whole
    voice: dict[str, Figures]           # of both sides meanwhile


async def still(lab: Lab, line: str, *, within: float = 90) -> Still:
    """«Chụp nét» in a call on this line, while both talk."""
    async with lab.call(line) as call:
        await call.heard()
        await asyncio.sleep(SETTLED)
        begun, pressed = now(), time.monotonic()
        await call.doctor.locator("[data-still-ask]").click()
        sight = await _seen(call.doctor.locator("[data-still-picture]"), pressed, within)
        whole = await _seen(call.doctor.locator("[data-still=keeping]:visible, [data-still=kept]:visible").first, pressed, within)
        size = await call.doctor.evaluate("(() => { const one = document.querySelector('[data-still-canvas]'); return [one.width, one.height]; })()")
        return Still(sight, whole, tuple(size), await call.figures(begun))


async def notes(lab: Lab, line: str, *, times: int = 2, within: float = 60) -> list[float | None]:
    """So many voice notes from the station in a call that turned to this line: seconds from letting go to being playable at the doctor's.

    The station's page had time to load all of itself: on 12 kbit/s it is not loaded at all.
    """
    async with lab.call("4g") as call:
        await call.heard()
        await call.station.wait_for_function(LOADED)
        await call.line.use(line)
        await asyncio.sleep(SETTLED)
        return [await _speak(call, number, within) for number in range(times)]


async def _speak(call: Call, number: int, within: float) -> float | None:
    hold = call.station.locator("[data-hold]")
    if not await hold.is_visible():
        await call.station.locator("[data-voice-open]").click()
    await hold.hover()
    await call.station.mouse.down()
    await asyncio.sleep(NOTE)           # somebody speaks
    await call.station.mouse.up()
    return await _seen(call.doctor.locator(".spoken [data-hear]:visible").nth(number), time.monotonic(), within)


async def saver(lab: Lab, seconds: float) -> float:
    """MB that 15 minutes cost the station on ``4g`` with both switches at saving, from so many seconds; IP headers and the socket included."""
    async with lab.call("4g") as call:
        await call.heard()
        for page in call.pages.values():
            await page.evaluate("document.querySelector('[data-call-root] [data-saver]').click()")
        await asyncio.sleep(SETTLED)
        before = await call.line.counts()
        await asyncio.sleep(seconds)        # the time that is measured
        after = await call.line.counts()
    used = sum(after[way]["sent_bytes"] - before[way]["sent_bytes"] for way in ("up", "down"))
    return used / 1e6 * 900 / seconds


@dataclass(frozen=True)
class Check:
    """What the page of the line check said, how long it took in seconds, and what it cost in bytes both ways."""

    seconds: float | None
    bytes: int
    words: str
    up: str
    down: str
    paths: list[str]


async def check(lab: Lab, line: str | Shape, *, allow: str = "all") -> Check:
    """The station checks its line: from the press to the result in words."""
    await lab.use_site_of(relays=1)
    page = await (await lab.context("station")).new_page()
    try:
        await page.goto(f"{URL}/check")
        await lab.line.allow(allow)
        await lab.line.use(line)
        before, pressed = await _bytes(lab), time.monotonic()
        await page.locator("[data-start]").click()
        seconds = await _seen(page.locator("[data-test=line] [data-word=done]"), pressed, CHECKING)
        return Check(seconds, await _bytes(lab) - before, *await _result(page))
    finally:
        await lab.line.calm()
        await page.close()


async def _result(page: Page) -> tuple[str, str, str, list[str]]:
    texts = [await page.locator(f"[data-test=line] [data-fill={name}]").text_content() for name in ("words", "up", "down")]
    paths = await page.locator("[data-test=line] [data-path]:has([data-open=yes]:not([hidden]))").evaluate_all("(all) => all.map((one) => one.dataset.path)")
    return (texts[0] or "").strip(), (texts[1] or "").strip(), (texts[2] or "").strip(), paths


async def _bytes(lab: Lab) -> int:
    counts = await lab.line.counts()
    return sum(counts[way]["sent_bytes"] for way in ("up", "down"))


async def _seen(what: Locator, since: float, within: float) -> float | None:
    """Seconds of the monotonic clock until it is on the page; None where it is not in time."""
    try:
        await what.wait_for(state="visible", timeout=within * 1_000)
    except Error:
        return None
    return time.monotonic() - since
