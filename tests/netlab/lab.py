"""A lab: the site, relays and two browsers around a bad line, and calls between them. See README.md for how to use it."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, BrowserContext, Error, Page, Playwright, async_playwright

from records.archive import Archive
from tests.browser import stage
from tests.builders import People, Someone
from tests.netlab import browsers, cast, figures, radio, rooms, services, ways
from tests.netlab.figures import Figures, Row
from tests.netlab.lines import Shape
from tests.netlab.radio import Radio
from tests.netlab.rooms import RELAYS, Rooms
from tests.netlab.services import Papers, Service

SIDES = ("station", "doctor")
PATIENCE = 90           # seconds until both hear each other on the worst of lines


@dataclass
class Call:
    """A call under way. ``accepted_at`` is the moment of the doctor's click, in milliseconds since 1970."""

    line: Radio
    station: Page
    doctor: Page
    accepted_at: float = 0

    @property
    def pages(self) -> dict[str, Page]:
        return {"station": self.station, "doctor": self.doctor}

    async def heard(self, within: float = PATIENCE) -> dict[str, float]:
        """Wait until each side hears the other; the moments, in milliseconds since 1970."""
        return dict(zip(SIDES, await asyncio.gather(*(until(page, "heard", within) for page in self.pages.values())), strict=True))

    async def rows(self, since: float = 0) -> dict[str, list[Row]]:
        """What ``hooks.js`` wrote down on both sides since then (milliseconds since 1970)."""
        return {side: await page.evaluate("(at) => window.lab.since(at)", since) for side, page in self.pages.items()}

    async def figures(self, since: float = 0) -> dict[str, Figures]:
        """What each side received since then, at least a second ago."""
        return {side: figures.of(rows) for side, rows in (await self.rows(since)).items()}

    async def measure(self, seconds: float) -> dict[str, Figures]:
        """What each side receives from now on for so long."""
        begun = now()
        await asyncio.sleep(seconds)        # the time that is measured
        return await self.figures(begun)

    async def voice_back(self, after: float, *, within: float = 30) -> dict[str, float | None]:
        """Seconds from an event at ``after`` (milliseconds since 1970) until each side hears the other again and goes on hearing.

        Gives up ``within`` so many seconds: None.
        """
        while True:
            rows = await self.rows(after - 1_000)
            back = {side: figures.voice_back(rows[side], after) for side in SIDES}
            if None not in back.values() or now() > after + within * 1_000:
                return back
            await asyncio.sleep(0.5)        # rows grow five times a second

    async def moments(self, side: str, within: float) -> dict[str, float]:
        """Of this side: the last click, the first sound and the first picture of the other (``hooks.js``); 0 for what did not come in time."""
        ends = time.monotonic() + within
        while True:
            found: dict[str, float] = await self.pages[side].evaluate("window.lab.moments")
            if all(found[what] for what in ("voice", "picture")) or time.monotonic() > ends:
                return found
            await asyncio.sleep(0.2)        # written down as it happens


@dataclass
class Lab:
    """Everything around the line. One call at a time."""

    folder: Path
    rooms: Rooms
    line: Radio
    papers: Papers
    archive: Archive
    people: People
    playwright: Playwright
    site: Service
    relays: list[Service]
    browsers: dict[str, Browser] = field(default_factory=dict)
    contexts: dict[str, BrowserContext] = field(default_factory=dict)
    settings: dict[str, str] = field(default_factory=dict)

    def person(self, side: str) -> Someone:
        return self.people.nurse if side == "station" else self.people.doctor

    async def context(self, side: str) -> BrowserContext:
        """The side's browser, signed in."""
        if side not in self.contexts:
            self.contexts[side] = await browsers.context_of(self.browsers[side])
            await (await browsers.sign_in(self.contexts[side], self.person(side))).close()
        return self.contexts[side]

    async def use_site_of(self, relays: int, relay: bool = False) -> None:
        """The site that names so many relays, which run; ``relay``: media goes through them only."""
        await self._use_site(TURN_URLS=services.addresses(relays), ICE_POLICY="relay" if relay else "all")
        for one in self.relays[:relays]:
            await one.ensure()

    async def _use_site(self, **settings: str) -> None:
        """The site with these TELEHEALTH_* settings besides the usual ones; it begins anew where they differ."""
        if settings != self.settings or self.site.process is None:
            await self.site.stop()
            self.settings = settings
            self.site = services.site(self.rooms.server, self.folder / "var", self.papers, **settings)
            await self.site.start()

    @asynccontextmanager
    async def call(self, line: str | Shape = "lan", *, relay: bool = False, relays: int = 1, allow: str = "all",
                   bare: bool = False) -> AsyncIterator[Call]:
        """A call through the real pages: the station asks, the doctor accepts. The line becomes ``line`` between the ring and the click.

        ``relay``: through TURN only. ``relays``: how many are offered. ``allow``: the firewall at the station, before it rings.
        ``bare``: between hand-wired pages instead.
        """
        await self.use_site_of(relays, relay)
        way = ways.bare(self, services.addresses(relays), relay) if bare else ways.ours(self)
        try:
            await self.line.allow(allow)        # our pages connect while it rings
            async with way as (pages, button):
                await self.line.use(line)
                call = Call(self.line, **pages)
                call.accepted_at = now()
                await pages["doctor"].click(button)
                yield call
        finally:
            await self.line.calm()


async def until(page: Page, what: str, within: float) -> float:
    """The moment at which the page hears (``heard``) or sees (``seen``) the other, over changes of the document."""
    async with asyncio.timeout(within):
        while True:
            try:
                moment: float = await page.evaluate("(what) => window.lab.until(what)", what)
                return moment
            except Error:           # another document has come
                await page.wait_for_load_state()


def now() -> float:
    """Milliseconds since 1970, as pages count them."""
    return time.time() * 1_000


@asynccontextmanager
async def opened(folder: Path | None = None) -> AsyncIterator[Lab]:
    """A lab in a folder of its own; at its end nothing is left of it."""
    async with AsyncExitStack() as stack:
        here = folder or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bad-line-")))
        made = stack.enter_context(rooms.opened())
        papers = Papers.issue(here)
        (here / "var").mkdir()
        archive, people = await stage.furnish(here / "var")
        stack.push_async_callback(archive.close)
        line = await stack.enter_async_context(radio.opened(made, here))
        playwright = await stack.enter_async_context(async_playwright())
        lab = Lab(here, made, line, papers, archive, people, playwright, services.site(made.server, here / "var", papers),
                  [services.relay(made.server, here, papers, address) for address in RELAYS])
        stack.push_async_callback(_stop, lab)
        await _open_browsers(lab)
        yield lab


async def _open_browsers(lab: Lab) -> None:
    async def one(side: str, room: str) -> None:
        picture, voice = lab.folder / f"{side}.y4m", lab.folder / f"{side}.wav"
        await asyncio.to_thread(cast.film, side, picture)
        await asyncio.to_thread(cast.speak, side, voice)
        lab.browsers[side] = await browsers.open_browser(lab.playwright, room, lab.folder, lab.papers, picture=picture, voice=voice)

    await asyncio.gather(one("station", lab.rooms.station), one("doctor", lab.rooms.doctor))


async def _stop(lab: Lab) -> None:
    for browser in lab.browsers.values():
        await browser.close()
    for service in (lab.site, *lab.relays):
        await service.stop()


@asynccontextmanager
async def one_call(line: str = "lan", **how: Any) -> AsyncIterator[Call]:
    """A lab for a single call, for experiments."""
    async with opened() as lab, lab.call(line, **how) as call:
        yield call
