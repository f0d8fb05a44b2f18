"""How two browsers come into a call: through the pages of the site, as every day, or through the bare pages. Each gives the pages and the
button that begins it; everything before it happens on a good line."""

from __future__ import annotations

import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from playwright.async_api import Page, expect

from records.acts import Actor
from records.care import calls, consents, encounters, observations
from records.care.encounters import Intake
from records.people import patients
from records.people.identities import Identity
from signaling import turn
from tests.netlab.rooms import SITE
from tests.netlab.services import SECRET, URL, Service

if TYPE_CHECKING:
    from tests.netlab.lab import Lab

ACCEPT = "dialog.ring [data-accept]"
BARE_PORT = 8_443
# Until the connection stands that is made while it rings, for a while.
STANDS = """() => new Promise((done) => {
  const look = setInterval(() => [...window.lab.peers].some((one) => one.connectionState === "connected") && done(clearInterval(look)), 20);
  setTimeout(done, 10_000);
})"""
Way = tuple[dict[str, Page], str]


@asynccontextmanager
async def ours(lab: Lab) -> AsyncIterator[Way]:
    """The nurse calls from a visit; it rings at the doctor's, who is on duty. The case is over after the block."""
    pages = {side: await (await lab.context(side)).new_page() for side in ("station", "doctor")}
    await _go_on_duty(pages["doctor"])
    await pages["station"].goto(f"{URL}/encounters/{await _case(lab)}")
    await pages["station"].get_by_role("button", name="Gọi bác sĩ ngay").click()
    await expect(pages["station"].locator("[data-media=good]")).to_be_visible()
    await expect(pages["doctor"].locator(ACCEPT)).to_be_visible()
    await expect(pages["station"].locator("[data-seen].is-go")).to_be_visible()      # the ring itself is over with
    for page in pages.values():
        await page.evaluate(STANDS)         # nobody accepts within the second in which it begins to ring
    try:
        yield pages, ACCEPT
    finally:
        for page in pages.values():
            await page.close()
        await _finish(lab)


async def _go_on_duty(doctor: Page) -> None:
    await doctor.goto(URL)
    on, begin = doctor.locator("[data-duty=on] .chip.is-go"), doctor.locator("[data-duty=off] button.is-main")
    await expect(begin.or_(on).locator("visible=true").first).to_be_visible()
    if await begin.is_visible():
        await begin.click()
    await expect(on).to_be_visible()


async def _case(lab: Lab) -> UUID:
    people = lab.people
    async with lab.archive.act(people.nurse.actor) as act:
        patient = await patients.register(act, uuid4(), Identity(full_name="Hoàng Thị Hoa", gender="female", birth_date="1958"))
        encounter = await encounters.start(act, uuid4(), patient)
        await encounters.save_intake(act, encounter, Intake(["cough"], ""))
        await observations.record(act, encounter, uuid4(), "2708-6", "91")
        await consents.save(act, encounter, consult=True, share={people.bach_thong}, photo=True)
    return encounter


async def _finish(lab: Lab) -> None:
    """Whatever call the doctor is in is over."""
    doctor = lab.people.doctor
    async with lab.archive.act(doctor.actor) as act:
        ended = [await calls.finish(act, call.id) for call in await calls.live_of(act, doctor.id)]
    for call in ended:
        async with lab.archive.act(Actor.of_system("desk")) as act:
            assert call.finish_at is not None
            await calls.finish_now(act, call.id, call.finish_at)


@asynccontextmanager
async def bare(lab: Lab, urls: str, relay: bool) -> AsyncIterator[Way]:
    """The hand-wired pages, with the same relays and rules as ours."""
    given = turn.credentials(SECRET.encode(), "bare", now=datetime.now(UTC), lifetime=timedelta(hours=1), urls=urls.split())
    configuration = {"iceServers": [{"urls": urls.split(), "username": given.username, "credential": given.credential}],
                     "iceTransportPolicy": "relay" if relay else "all"}
    command = [sys.executable, "-m", "tests.netlab.bare", SITE, str(BARE_PORT), str(lab.papers.certificate), str(lab.papers.key),
               json.dumps(configuration)]
    server = Service(lab.rooms.server, command, lab.folder / "bare.log", (SITE, BARE_PORT))
    await server.start()
    pages = {side: await (await lab.context(side)).new_page() for side in ("station", "doctor")}
    try:
        for side, page in pages.items():
            await page.goto(f"https://{SITE}:{BARE_PORT}/#{side}")
            await expect(page.locator("body[data-ready]")).to_have_count(1)
        yield pages, "button"
    finally:
        for page in pages.values():
            await page.close()
        await server.stop()
