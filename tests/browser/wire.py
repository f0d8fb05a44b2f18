"""What a page costs on the wire: every answer Chromium got for it, headers and compressed body, without what its cache held."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from playwright.async_api import Page

from tests.browser.conftest import Theatre
from tests.browser.stage import moving
from tests.live_cases import Case

ORANGE, BLUE = (210, 90, 30), (30, 80, 200)


@dataclass
class Meter:
    """Counts for one page from ``listen`` on; ``lap`` gives what came since, and begins anew. 1 kB is 1,000 bytes.

    ``bytes`` is what the page and its parts cost, ``socket`` what came over its socket: the negotiation is not the page.
    """

    page: Page
    bytes: int = 0
    script: int = 0
    socket: int = 0
    requests: list[str] = field(default_factory=list)
    sizes: dict[str, int] = field(default_factory=dict)          # bytes by address
    _kinds: dict[str, tuple[str, str]] = field(default_factory=dict)
    _cached: set[str] = field(default_factory=set)

    @classmethod
    async def listen(cls, page: Page) -> Meter:
        meter, cdp = cls(page), await page.context.new_cdp_session(page)
        cdp.on("Network.responseReceived", meter._answered)
        cdp.on("Network.requestServedFromCache", lambda event: meter._cached.add(event["requestId"]))
        cdp.on("Network.loadingFinished", meter._finished)
        cdp.on("Network.webSocketCreated", lambda event: meter.requests.append(event["url"]))
        cdp.on("Network.webSocketFrameReceived", meter._frame)
        await cdp.send("Network.enable")
        return meter

    def lap(self) -> Meter:
        done = Meter(self.page, self.bytes, self.script, self.socket, self.requests, self.sizes)
        self.bytes, self.script, self.socket, self.requests, self.sizes = 0, 0, 0, [], {}
        return done

    def _answered(self, event: dict[str, Any]) -> None:
        answer = event["response"]
        if answer["url"].startswith("http") and not answer.get("fromDiskCache") and event["requestId"] not in self._cached:
            self._kinds[event["requestId"]] = event["type"], answer["url"]
            self.requests.append(answer["url"])

    def _finished(self, event: dict[str, Any]) -> None:
        if event["requestId"] in self._kinds:
            kind, address = self._kinds[event["requestId"]]
            size = int(event["encodedDataLength"])
            self.bytes += size
            self.script += size if kind == "Script" else 0
            self.sizes[address] = self.sizes.get(address, 0) + size

    def _frame(self, event: dict[str, Any]) -> None:
        self.socket += len(event["response"]["payloadData"].encode())


@dataclass
class Visits:
    """What the call cost each side: opened at its own address for the first and the second time."""

    first: dict[str, Meter] = field(default_factory=dict)
    second: dict[str, Meter] = field(default_factory=dict)


async def newcomer(theatre: Theatre, side: str) -> tuple[Page, Meter]:
    """Somebody signed in whose browser has never loaded a file of ours."""
    colour, person = (ORANGE, theatre.people.nurse) if side == "worker" else (BLUE, theatre.people.doctor)
    known = await theatre.stage.browser(colour, 440)
    page = await theatre.stage.sign_in(known, person)
    assert known.browser is not None
    fresh = await known.browser.new_context(locale="vi-VN", permissions=["camera", "microphone"],
                                            storage_state=await known.storage_state(), viewport={"width": 1366, "height": 768})
    theatre.stage.contexts.append(fresh)
    await page.close()
    page = await fresh.new_page()
    return page, await Meter.listen(page)


async def visits(theatre: Theatre, case: Case) -> Visits:
    """Both open the call's address, twice, until they see each other."""
    address, found = f"{theatre.stage.server.url}/calls/{case.call}", Visits()
    both = {side: await newcomer(theatre, side) for side in ("worker", "doctor")}
    for laps in (found.first, found.second):
        for page, _ in both.values():
            await page.goto(address)
        await _see_each_other(both["worker"][0], both["doctor"][0])
        for side, (page, meter) in both.items():
            laps[side] = meter.lap()
            await page.goto("about:blank")
            meter.lap()
    return found


async def accepting(theatre: Theatre) -> dict[str, Meter]:
    """The worker asks and the doctor accepts, each in the page that is open: all of it on a first visit."""
    worker, at_worker = await newcomer(theatre, "worker")
    doctor, at_doctor = await newcomer(theatre, "doctor")
    await doctor.goto(theatre.stage.server.url)
    await doctor.locator("[data-duty=off] button.is-main").click()
    await doctor.locator("[data-duty=on] .chip.is-go").wait_for()
    before = at_doctor.lap()
    await worker.goto(theatre.stage.server.url)
    await worker.wait_for_load_state("networkidle")
    started = at_worker.lap()
    await worker.locator("button.emergency:visible").first.click()
    await worker.locator("#emergency button[name=reason]").first.click()
    await worker.wait_for_url("**/requests/*")
    await doctor.locator("dialog.ring [data-accept]").click()
    await _see_each_other(worker, doctor)
    return {"doctor's open page": before, "doctor from accept on": at_doctor.lap(),
            "worker's open page": started, "worker from asking on": at_worker.lap()}


async def _see_each_other(worker: Page, doctor: Page) -> None:
    await moving(worker, BLUE, within=30)
    await moving(doctor, ORANGE, within=30)
    for page in (worker, doctor):
        await page.wait_for_load_state("networkidle")
