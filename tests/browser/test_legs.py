"""Connected while it rings, in real browsers: nothing is sent before «Nhận», one leg becomes the call, the others are gone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import pytest
from playwright.async_api import BrowserContext, Page, expect

from records.care import consents, encounters
from records.care.encounters import Intake
from records.people import duty, patients
from records.people.identities import Identity
from tests.browser.conftest import Theatre
from tests.browser.stage import moving
from tests.builders import Someone

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

ORANGE, BLUE, GREEN = (210, 90, 30), (30, 80, 200), (40, 170, 60)
ACCEPT = "dialog.ring [data-accept]"
# Keeps every connection that a page makes, and what it had sent and received when it was closed.
WATCH = """
globalThis.connections = [];
globalThis.RTCPeerConnection = class extends RTCPeerConnection {
  wasConnected = false;
  constructor(...given) {
    super(...given);
    connections.push(this);
    this.addEventListener("connectionstatechange", () => { this.wasConnected ||= this.connectionState === "connected"; });
  }
  close() {
    this.atClose ??= this.getStats();
    super.close();
  }
};
"""
TRAFFIC = """async () => Promise.all(connections.map(async (one) => {
  const report = await (one.atClose ?? one.getStats());
  const sum = {state: one.connectionState, stood: one.wasConnected, packets: 0, messages: 0, streams: 0};
  for (const entry of report.values()) {
    if (entry.type === "outbound-rtp") sum.packets += entry.packetsSent;
    if (entry.type === "inbound-rtp") sum.packets += entry.packetsReceived;
    if (entry.type === "data-channel") sum.messages += entry.messagesSent + entry.messagesReceived;
    if (entry.type === "data-channel") sum.streams += 1;
  }
  return sum;
}))"""
STANDS = """() => new Promise((resolve) => {
  const look = () => connections.filter((one) => one.connectionState === "connected").length >= %d && resolve(true);
  setInterval(look, 20);
})"""


@dataclass
class Ringing:
    """A station that asks, and doctors who are rung; each in a browser of their own."""

    theatre: Theatre
    station: Page
    doctors: list[Page]

    async def ask(self) -> None:
        await self.station.goto(f"{self.theatre.stage.server.url}/encounters/{await self._case()}")
        await self.station.get_by_role("button", name="Gọi bác sĩ ngay").click()
        await self.station.wait_for_url("**/requests/*")
        for doctor in self.doctors:
            await expect(doctor.locator(ACCEPT)).to_be_visible()

    async def stand(self, *, station: int, doctors: int = 1) -> None:
        """Wait until the connections stand on every page."""
        async with asyncio.timeout(15):
            await asyncio.gather(self.station.evaluate(STANDS % station), *(one.evaluate(STANDS % doctors) for one in self.doctors))

    async def _case(self) -> UUID:
        people = self.theatre.people
        async with self.theatre.archive.act(people.nurse.actor) as act:
            patient = await patients.register(act, uuid4(), Identity(full_name="Hoàng Thị Hoa", gender="female", birth_date="1958"))
            encounter = await encounters.start(act, uuid4(), patient)
            await encounters.save_intake(act, encounter, Intake(["cough"], ""))
            await consents.save(act, encounter, consult=True, share={people.bach_thong}, photo=False)
        return encounter


async def traffic(page: Page) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = await page.evaluate(TRAFFIC)
    return found


@pytest.fixture
async def ringing(theatre: Theatre) -> AsyncIterator[Ringing]:
    people = theatre.people

    async def page(who: Someone, colour: tuple[int, int, int], hertz: int) -> Page:
        browser: BrowserContext = await theatre.stage.browser(colour, hertz)
        await browser.add_init_script(WATCH)
        return await theatre.stage.sign_in(browser, who)

    station = await page(people.nurse, ORANGE, 440)
    doctors = [await page(people.doctor, BLUE, 1_320), await page(people.second_doctor, GREEN, 880)]
    for doctor in (people.doctor, people.second_doctor):
        async with theatre.archive.act(doctor.actor) as act:
            await duty.begin(act)
    yield Ringing(theatre, station, doctors)


async def test_one_accepts_and_nothing_of_the_other_leg_was_ever_sent(ringing: Ringing) -> None:
    winner, loser = ringing.doctors
    await ringing.ask()
    await ringing.stand(station=2)
    before = [one for page in (ringing.station, winner, loser) for one in await traffic(page)]
    assert [(one["packets"], one["messages"], one["streams"]) for one in before] == [(0, 0, 2)] * 4

    await winner.click(ACCEPT)
    await asyncio.gather(moving(ringing.station, BLUE), moving(winner, ORANGE))

    # The connection that stood is the one that shows the picture: no other was made.
    at_station, at_winner, at_loser = [await traffic(page) for page in (ringing.station, winner, loser)]
    assert [one["state"] for one in at_winner] == ["connected"]
    assert sorted(one["state"] for one in at_station) == ["closed", "connected"]
    assert [(one["state"], one["stood"]) for one in at_loser] == [("closed", True)]
    for one in [*at_loser, *(one for one in at_station if one["state"] == "closed")]:
        assert (one["packets"], one["messages"]) == (0, 0)
    await expect(ringing.station.locator("[data-call-root][data-state=connected]")).to_be_visible()
    await expect(ringing.station.locator("[data-present] b").first).to_have_text(ringing.theatre.people.doctor.name)
    await expect(winner.locator("[data-call-root][data-state=connected]")).to_be_visible()


async def test_who_declines_has_no_connection_any_more(ringing: Ringing) -> None:
    first, second = ringing.doctors
    await ringing.ask()
    await ringing.stand(station=2)

    await first.click("dialog.ring [data-decline]")

    await expect(first.locator("dialog.ring")).to_have_count(0)
    assert [one["state"] for one in await traffic(first)] == ["closed"]
    assert [one["state"] for one in await traffic(second)] == ["connected"]
    await second.click(ACCEPT)
    await asyncio.gather(moving(ringing.station, GREEN), moving(second, ORANGE))
    assert len(await traffic(second)) == 1


async def test_a_server_that_is_killed_while_it_rings_costs_no_picture(ringing: Ringing) -> None:
    await ringing.ask()
    await ringing.stand(station=2)
    server = ringing.theatre.stage.server

    server.kill()
    await server.start()
    # Whoever comes back holds the leg again; then one accepts.
    for page in (ringing.station, *ringing.doctors):
        await expect(page.locator("[data-strip=offline]")).to_be_hidden(timeout=15_000)
    await ringing.doctors[0].click(ACCEPT)
    await asyncio.gather(moving(ringing.station, BLUE, within=25), moving(ringing.doctors[0], ORANGE, within=25))


async def test_a_doctor_whose_page_is_new_is_connected_anew(ringing: Ringing) -> None:
    await ringing.ask()
    await ringing.stand(station=2)

    await ringing.doctors[0].reload()
    await expect(ringing.doctors[0].locator(ACCEPT)).to_be_visible()
    await ringing.stand(station=2)
    await ringing.doctors[0].click(ACCEPT)

    await asyncio.gather(moving(ringing.station, BLUE), moving(ringing.doctors[0], ORANGE))
    assert len(await traffic(ringing.doctors[0])) == 1


async def test_without_a_leg_the_call_comes_as_ever(ringing: Ringing) -> None:
    await ringing.ask()
    await ringing.stand(station=2)
    # Another tab of the same doctor has no leg: the one in the first tab counts.
    tab = await ringing.doctors[0].context.new_page()
    await tab.goto(f"{ringing.theatre.stage.server.url}/me")
    await expect(tab.locator(ACCEPT)).to_be_visible()
    assert await traffic(tab) == []

    await tab.click(ACCEPT)

    await asyncio.gather(moving(ringing.station, BLUE), moving(tab, ORANGE))
    assert [one["state"] for one in await traffic(ringing.doctors[0])] == ["closed"]
