"""Every page in both languages, on a laptop and on a phone, and what can be wrong with a page.

``SCREENS`` names a folder for a picture of each, also at 200 % zoom and in the dark.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from playwright.async_api import BrowserContext, Page
from sqlalchemy import text

from records.acts import Actor
from records.care import consents, encounters, note_lists, observations, requests
from records.care.encounters import Intake
from tests.browser import stage as stages
from tests.browser import town as towns
from tests.browser.chromiums import Chromiums
from tests.browser.inspector import LOCALES, Inspector
from tests.browser.stage import Stage, moving
from tests.browser.town import Town
from tests.builders import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
SAID = "Chị đo lại SpO₂ giúp tôi nhé"
ORANGE, BLUE = (210, 90, 30), (30, 80, 200)

Prepare = Callable[[Page], Awaitable[object]]


@dataclass
class Album:
    """The town, its server, one browser per person, and the inspector who looks at their pages."""

    stage: Stage
    town: Town
    inspector: Inspector

    @property
    def url(self) -> str:
        return self.stage.server.url

    async def person(self, user_name: str, colour: tuple[int, int, int] = BLUE) -> Page:
        """A browser in which this person has signed in."""
        context = await self.stage.browser(colour, 440)
        self.inspector.listen(context)
        page = await context.new_page()
        await page.goto(f"{self.url}/sign-in")
        await page.fill("#user_name", user_name)
        await page.fill("#password", PASSWORD)
        await page.keyboard.press("Enter")
        await page.wait_for_url(lambda url: "sign-in" not in url)
        return page

    async def stranger(self) -> Page:
        context = await self.stage.browser(BLUE, 440)
        self.inspector.listen(context)
        return await context.new_page()

    async def states(self, page: Page, name: str, path: str, prepare: Prepare | None = None, *, main: bool = False) -> None:
        """The page at ``path`` in both languages, after ``prepare`` has brought it to the state called ``name``."""
        for locale in LOCALES:
            await speak(page.context, self.url, locale)
            await page.goto(f"{self.url}{path}", wait_until="load")
            if prepare:
                await prepare(page)
            await self.inspector.look(page, name, locale, main=main)

    def flawless(self) -> None:
        assert self.inspector.faults == [], "\n" + "\n".join(self.inspector.faults)


async def speak(context: BrowserContext, url: str, locale: str) -> None:
    await context.add_cookies([{"name": "locale", "value": locale, "url": url}])


@pytest.fixture
async def album(chromiums: Chromiums, tmp_path: Path) -> AsyncIterator[Album]:
    folder = tmp_path / "var"
    folder.mkdir()
    town = await towns.furnish(folder)
    pictures = os.environ.get("SCREENS", "")
    with stages.server(folder) as server:
        await server.start()
        async with stages.opened(chromiums, tmp_path, server) as stage:
            yield Album(stage, town, Inspector(server.url, [*town.words(), SAID], Path(pictures or tmp_path / "pictures"), bool(pictures)))
    await town.archive.close()


# ---------------------------------------------------------------- cases


async def begun(town: Town, name: str = towns.THAO.full_name, *, agreed: bool = True) -> UUID:
    """A visit of today with complaint, red marks and, where ``agreed``, consent."""
    encounter = uuid4()
    async with town.archive.act(town.staff.actors["tuyet"]) as act:
        await encounters.start(act, encounter, town.patients[name])
        await encounters.save_intake(act, encounter, Intake(["cough", "breathless"], towns.STORY))
        for code, typed in (("8867-4", "96"), ("2708-6", "91"), ("8310-5", "37,5"), ("9279-1", "24"), ("29463-7", "48")):
            await observations.record(act, encounter, uuid4(), code, typed)
        if agreed:
            share = {town.staff.places["bach-thong"], town.staff.places["hospital"]}
            await consents.save(act, encounter, consult=True, share=share, photo=True)
    return encounter


async def asked(town: Town, encounter: UUID) -> UUID:
    async with town.archive.act(town.staff.actors["tuyet"]) as act:
        return await requests.ask(act, uuid4(), encounter)


async def unanswered(town: Town) -> UUID:
    """A request while nobody is on duty."""
    request = await asked(town, await begun(town, towns.SINH.full_name))
    async with town.archive.act(Actor.of_system("desk")) as act:
        await requests.offer(act, request)
    return request


async def own_notes(town: Town) -> tuple[UUID, UUID]:
    """The encounters of the doctor's first unsigned and of the newest signed note."""
    async with town.archive.act(town.staff.actors["minh"]) as act:
        own = await note_lists.own(act)
    return own.waiting[0].encounter.id, own.signed[0].encounter.id


# ---------------------------------------------------------------- the pages


async def test_pages_of_the_door_and_of_the_station(album: Album) -> None:
    town, url = album.town, album.url
    stranger, nurse = await album.stranger(), await album.person("tuyet", ORANGE)
    _, signed = await own_notes(town)
    full, alone = await begun(town), await begun(town, towns.HOA.full_name, agreed=False)
    lost, patient = await unanswered(town), town.patients[towns.THAO.full_name]
    await add_photo(nurse, f"{url}/encounters/{full}")

    await album.states(stranger, "sign-in", "/sign-in", main=True)
    await album.states(stranger, "sign-in-wrong", "/sign-in", wrong_password, main=True)
    await album.states(nurse, "today", "/")
    await album.states(nurse, "today-search", "/", lambda page: search(page, "thao 1958"))
    await album.states(nurse, "patients", "/patients")
    await album.states(nurse, "patient-new", "/patients/new", main=True)
    await album.states(nurse, "patient-faults", "/patients/new", send_nonsense)
    await album.states(nurse, "patient", f"/patients/{patient}", main=True)
    await album.states(nurse, "visit-empty", f"/encounters/{alone}", main=True)
    await album.states(nurse, "visit-full", f"/encounters/{full}", offer_pressure, main=True)
    await album.states(nurse, "visit-closed", f"/encounters/{signed}")
    await album.states(nurse, "unanswered", f"/requests/{lost}", main=True)
    await album.states(nurse, "emergency", "/", ask_why)
    await album.states(nurse, "advice", f"/encounters/{signed}/advice")
    await album.states(nurse, "me", "/me")
    await album.states(nurse, "menu", "/me", lambda page: page.click(".who-menu summary"))
    await album.states(nurse, "not-found", f"/patients/{uuid4()}")
    await album.states(nurse, "forbidden", "/audit")
    await spoil(town, patient)
    await album.states(nurse, "broken", f"/patients/{patient}")

    album.flawless()


async def test_pages_of_doctors_and_of_the_office(album: Album) -> None:
    town = album.town
    unsigned, signed = await own_notes(town)
    doctor, office, auditor = await album.person("minh"), await album.person("yen"), await album.person("kiem")
    station, nurse_id = town.staff.places["phu-thong"], town.staff.actors["tuyet"].practitioner_id

    await album.states(doctor, "waiting-off-duty", "/", main=True)
    await doctor.click("[data-duty=off] button.is-main")
    await album.states(doctor, "waiting", "/")
    await album.states(doctor, "notes", "/notes")
    await album.states(doctor, "note-write", f"/encounters/{unsigned}/note")
    await album.states(doctor, "note-find", f"/encounters/{unsigned}/note", find_condition)
    await album.states(doctor, "note-review", f"/encounters/{unsigned}/note", review)
    await album.states(doctor, "note-signed", f"/encounters/{signed}/note")
    await doctor.goto(f"{album.url}/encounters/{signed}/note")
    await doctor.click("form[action$=addendum] button")
    await album.states(doctor, "note-addendum", f"/encounters/{signed}/note")
    await album.states(office, "sessions", "/sessions")
    await album.states(office, "sessions-none", "/sessions?outcome=not-connected")
    await album.states(office, "session", "/sessions", lambda page: open_first(page, ".log tr:has-text('×') a, .log tr.is-look a, .log tbody a"))
    await album.states(office, "session-failed", "/sessions?outcome=failed", lambda page: open_first(page, ".log tbody a"))
    await album.states(office, "places", "/places")
    await album.states(office, "place", f"/places/{station}")
    await album.states(office, "place-new", "/places/new")
    await album.states(office, "people", "/people")
    await album.states(office, "person", f"/people/{nurse_id}")
    await album.states(office, "person-new", "/people/new")
    await album.states(auditor, "audit", "/audit")
    await album.states(auditor, "audit-found", "/audit", lambda page: search_trail(page, "nguyễn"))
    await album.states(auditor, "readers", "/audit", readers)

    album.flawless()


async def test_pages_of_ringing_and_of_the_call(album: Album) -> None:
    town, look = album.town, album.inspector.look
    encounter, urgent = await begun(town), await begun(town, towns.HOA.full_name, agreed=False)
    nurse, doctor = await album.person("tuyet", ORANGE), await album.person("minh")
    await doctor.click("[data-duty=off] button.is-main")
    await doctor.locator("[data-duty=on] .chip.is-go").wait_for()
    await nurse.goto(f"{album.url}/encounters/{encounter}")
    await nurse.click("#call")
    await nurse.wait_for_url("**/requests/*")
    request = nurse.url
    for locale in LOCALES:
        for page in (nurse, doctor):
            await speak(page.context, album.url, locale)
        await asyncio.gather(nurse.goto(request), doctor.goto(f"{album.url}/notes"))
        await doctor.locator("dialog.ring").wait_for()
        await nurse.locator("[data-media=good]").wait_for()
        await asyncio.gather(look(nurse, "ringing", locale), look(doctor, "ring-panel", locale, main=True))
    await nurse.goto(f"{album.url}/")
    await look(nurse, "today-ringing", "en")
    await nurse.goto(request)
    await doctor.click("dialog.ring [data-accept]")
    await connected(nurse, doctor)
    await doctor.fill("[data-say] input", SAID)
    await doctor.press("[data-say] input", "Enter")
    await nurse.locator(".said").wait_for()
    for locale in LOCALES:
        for page in (nurse, doctor):
            await speak(page.context, album.url, locale)
        await asyncio.gather(nurse.reload(), doctor.reload())
        await connected(nurse, doctor)
        await asyncio.gather(*(page.locator(".said").wait_for(state="attached") for page in (nurse, doctor)))     # the chat comes late
        await asyncio.gather(look(nurse, "call-station", locale), look(doctor, "call-doctor", locale, main=True))
        await tabs(album, doctor, locale)
    nurse, doctor = await cut(album, nurse, doctor)
    await finish(album, nurse, doctor)
    await nurse.goto(f"{album.url}/encounters/{urgent}")
    await nurse.click("form[data-emergency] button >> visible=true")
    await nurse.click("#emergency button[value=bleeding]")
    await nurse.wait_for_url("**/requests/*")
    await album.states(nurse, "ringing-emergency", nurse.url.removeprefix(album.url))

    album.flawless()


async def tabs(album: Album, doctor: Page, locale: str) -> None:
    """The parts of the case that a phone shows one at a time."""
    for name in ("note", "chat"):
        await doctor.set_viewport_size({"width": 360, "height": 740})
        await doctor.click(f"[data-tab-of={name}]")
        await album.inspector.look(doctor, f"call-doctor-{name}", locale)
    await doctor.set_viewport_size({"width": 360, "height": 740})
    await doctor.click("[data-tab-of=case]")
    await doctor.set_viewport_size({"width": 1366, "height": 768})


async def cut(album: Album, nurse: Page, doctor: Page) -> tuple[Page, Page]:
    """First the doctor's page dies, then the nurse's, each without a goodbye; each comes back in a new one."""
    address = nurse.url
    await crash(doctor)
    await nurse.locator(".hold[data-line=reconnecting]").wait_for(timeout=20_000)
    await album.inspector.look(nurse, "call-station-reconnecting", "en")
    doctor = await again(doctor, address)
    await connected(nurse, doctor)
    await crash(nurse)
    await doctor.locator(".hold[data-line=reconnecting]").wait_for(timeout=20_000)
    await album.inspector.look(doctor, "call-doctor-reconnecting", "en", main=True)
    nurse = await again(nurse, address)
    await connected(nurse, doctor)
    return nurse, doctor


async def connected(nurse: Page, doctor: Page) -> None:
    await asyncio.gather(moving(nurse, BLUE), moving(doctor, ORANGE))
    for page in (nurse, doctor):
        await page.locator("[data-call-root][data-state=connected]").wait_for()


async def crash(page: Page) -> None:
    async with page.expect_event("crash"):
        tools = await page.context.new_cdp_session(page)
        asyncio.ensure_future(tools.send("Page.crash")).add_done_callback(lambda done: done.exception())


async def again(page: Page, address: str) -> Page:
    fresh = await page.context.new_page()
    await fresh.goto(address)
    await fresh.click(".hold[data-line=elsewhere] [data-take-over]")    # the server still waits for the page that died
    return fresh


async def finish(album: Album, nurse: Page, doctor: Page) -> None:
    await doctor.click("[data-finish-case]")
    await nurse.locator(".glass[data-finish=armed]").wait_for()
    await asyncio.gather(album.inspector.look(nurse, "call-station-finishing", "en"), album.inspector.look(doctor, "call-doctor-finishing", "en"))
    await nurse.locator(".hold[data-line=over]").wait_for(timeout=40_000)
    await asyncio.gather(album.inspector.look(nurse, "call-station-over", "en"), album.inspector.look(doctor, "call-doctor-over", "en"))


# ---------------------------------------------------------------- what brings a page to its state


async def wrong_password(page: Page) -> None:
    await page.fill("#user_name", "tuyet")
    await page.fill("#password", "không phải")
    await page.click("button.is-main")
    await page.locator(".door-notice").wait_for()


async def search(page: Page, words: str) -> None:
    await page.locator("#find").press_sequentially(words)
    await page.locator("#found .person").first.wait_for()


async def send_nonsense(page: Page) -> None:
    await page.fill("#full_name", "Nguyễn Thị Phương Thảo")
    await page.fill("#birth_date", "31/02/1958")
    await page.fill("#phone", "12")
    await page.click("button.is-main")
    await page.locator(".faults").wait_for()


async def offer_pressure(page: Page) -> None:
    await page.fill("[data-vital='85354-9'] input", "15/9")
    await page.keyboard.press("Tab")
    await page.locator("[data-vital='85354-9'] button >> visible=true").wait_for()


async def add_photo(page: Page, visit: str) -> None:
    await page.goto(visit)
    await page.locator("#photo-file").set_input_files({"name": "a.jpg", "mimeType": "image/jpeg", "buffer": towns.picture()})
    await page.locator("[data-state=arrived] >> visible=true").wait_for()


async def ask_why(page: Page) -> None:
    await page.click("form[data-emergency] button >> visible=true")
    await page.locator("#emergency[open]").wait_for()


async def find_condition(page: Page) -> None:
    await page.locator("[data-picker]").press_sequentially("viem")
    await page.get_by_role("option").first.wait_for()


async def review(page: Page) -> None:
    await page.click("[data-review-open]")
    await page.locator("dialog[data-review][open]").wait_for()


async def open_first(page: Page, which: str) -> None:
    await page.locator(which).first.click()
    await page.wait_for_url("**/sessions/*")


async def search_trail(page: Page, words: str) -> None:
    await page.fill("#q", words)
    await page.press("#q", "Enter")
    await page.locator("#found-title").wait_for()


async def readers(page: Page) -> None:
    await search_trail(page, "nguyễn thị phương thảo")
    await page.locator("section[aria-labelledby=found-title] a").first.click()
    await page.locator("table.log").wait_for()


async def spoil(town: Town, patient: UUID) -> None:
    """Somebody writes into the database by hand: this patient's identity opens no more."""
    async with town.archive.engine.begin() as connection:
        await connection.execute(text("UPDATE patient SET identity = substr(identity, 1, length(identity) - 1) WHERE id = :id"),
                                 {"id": patient.hex})
