"""What a page costs on the wire: every answer Chromium got for it, headers and compressed body, without what its cache held.

Of a call two sums are taken: ``before``, of all that was asked for until both sides had the other's first frame, and ``after``,
of what was asked for later. Nothing is left out of the two together.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from playwright.async_api import CDPSession, Page

from tests.browser.conftest import Theatre
from tests.browser.stage import moving
from tests.live_cases import Case

ORANGE, BLUE = (210, 90, 30), (30, 80, 200)
# Runs in the page: when it had the first frame of the other side, in milliseconds of the wall clock.
SAW = """addEventListener("loadeddata", ({ target }) => {
  if (target instanceof Element && target.matches("[data-remote]")) globalThis.sawAt ??= Date.now();
}, { capture: true });"""
# What a call loads last, by the ends of the addresses: once they are here, nothing more comes by itself for half a minute.
LAST = {"worker": ("/js/call/beside.js", "/messages", "/js/call/station.js"),
        "doctor": ("/js/call/beside.js", "/messages", "/js/note.js", "/note/draft")}
# Loaded from the third second of ringing on, when the line has nothing better to do, and waited for by nobody.
WHILE_IT_RINGS = ("/js/call/station.js", "/js/call/still_parts.js", "/js/photo.js")
HERE = """(ends) => ends.every((end) => performance.getEntriesByType("resource").some((one) => one.name.endsWith(end) && one.responseEnd > 0))"""


@dataclass(frozen=True)
class Load:
    """One answer: ``asked_at`` in seconds of the wall clock, ``size`` in bytes with its headers."""

    address: str
    kind: str
    asked_at: float
    size: int


@dataclass(frozen=True)
class Part:
    """What a page and its parts cost for a while. 1 kB is 1,000 bytes.

    ``socket`` is what came over its socket: the negotiation is not the page. The socket itself counts as a request.
    """

    loads: tuple[Load, ...] = ()
    sockets: tuple[str, ...] = ()
    socket: int = 0

    @property
    def bytes(self) -> int:
        return sum(load.size for load in self.loads)

    @property
    def script(self) -> int:
        return sum(load.size for load in self.loads if load.kind == "Script")

    @property
    def requests(self) -> list[str]:
        return [*(load.address for load in self.loads), *self.sockets]

    def before(self, moment: float) -> Part:
        return Part(tuple(load for load in self.loads if load.asked_at <= moment), self.sockets, self.socket)

    def after(self, moment: float) -> Part:
        return Part(tuple(load for load in self.loads if load.asked_at > moment))

    def of(self, ends: tuple[str, ...]) -> Part:
        return Part(tuple(load for load in self.loads if load.address.endswith(ends)))

    def without(self, ends: tuple[str, ...]) -> Part:
        return Part(tuple(load for load in self.loads if not load.address.endswith(ends)), self.sockets, self.socket)

    def __add__(self, other: Part) -> Part:
        return Part(self.loads + other.loads, self.sockets + other.sockets, self.socket + other.socket)


@dataclass
class Meter:
    """Counts for one page from ``listen`` on; ``lap`` gives what came since, and begins anew."""

    page: Page
    cdp: CDPSession
    _loads: list[Load] = field(default_factory=list)
    _sockets: list[str] = field(default_factory=list)
    _socket: int = 0
    _asked: dict[str, float] = field(default_factory=dict)
    _kinds: dict[str, tuple[str, str]] = field(default_factory=dict)
    _cached: set[str] = field(default_factory=set)

    @classmethod
    async def listen(cls, page: Page) -> Meter:
        cdp = await page.context.new_cdp_session(page)
        meter = cls(page, cdp)
        cdp.on("Network.requestWillBeSent", lambda event: meter._asked.update({event["requestId"]: event["wallTime"]}))
        cdp.on("Network.responseReceived", meter._answered)
        cdp.on("Network.requestServedFromCache", lambda event: meter._cached.add(event["requestId"]))
        cdp.on("Network.loadingFinished", meter._finished)
        cdp.on("Network.webSocketCreated", lambda event: meter._sockets.append(event["url"]))
        cdp.on("Network.webSocketFrameReceived", meter._frame)
        await cdp.send("Network.enable")
        await page.add_init_script(SAW)
        return meter

    async def lap(self) -> Part:
        await self.cdp.send("Network.enable")        # behind it, every event so far has been heard
        done = Part(tuple(self._loads), tuple(self._sockets), self._socket)
        self._loads, self._sockets, self._socket = [], [], 0
        return done

    def _answered(self, event: dict[str, Any]) -> None:
        answer = event["response"]
        if answer["url"].startswith("http") and not answer.get("fromDiskCache") and event["requestId"] not in self._cached:
            self._kinds[event["requestId"]] = event["type"], answer["url"]

    def _finished(self, event: dict[str, Any]) -> None:
        if kind := self._kinds.get(event["requestId"]):
            self._loads.append(Load(kind[1], kind[0], self._asked[event["requestId"]], int(event["encodedDataLength"])))

    def _frame(self, event: dict[str, Any]) -> None:
        self._socket += len(event["response"]["payloadData"].encode())


@dataclass
class Visits:
    """What the call cost each side, opened at its own address for the first and the second time: (before, after)."""

    first: dict[str, tuple[Part, Part]] = field(default_factory=dict)
    second: dict[str, tuple[Part, Part]] = field(default_factory=dict)


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
        moment = await _see_each_other(both["worker"][0], both["doctor"][0])
        for side, (page, meter) in both.items():
            part = await meter.lap()
            laps[side] = part.before(moment), part.after(moment)
            await page.goto("about:blank")
            await meter.lap()
    return found


async def accepting(theatre: Theatre) -> dict[str, Part]:
    """The worker asks and the doctor accepts, each in the page that is open: all of it on a first visit."""
    worker, at_worker = await newcomer(theatre, "worker")
    doctor, at_doctor = await newcomer(theatre, "doctor")
    await doctor.goto(theatre.stage.server.url)
    await doctor.locator("[data-duty=off] button.is-main").click()
    await doctor.locator("[data-duty=on] .chip.is-go").wait_for()
    before = await at_doctor.lap()
    await worker.goto(theatre.stage.server.url)
    await worker.wait_for_load_state("networkidle")
    started = await at_worker.lap()
    await worker.locator("button.emergency:visible").first.click()
    await worker.locator("#emergency button[name=reason]").first.click()
    await worker.wait_for_url("**/requests/*")
    await doctor.locator("dialog.ring [data-accept]").click()
    moment = await _see_each_other(worker, doctor)
    accepted, asked = await at_doctor.lap(), await at_worker.lap()
    early, late = asked.before(moment), asked.after(moment)
    return {"doctor's open page": before, "doctor from accept on": accepted.before(moment), "doctor, after": accepted.after(moment),
            "worker's open page": started, "worker from asking on": early.without(WHILE_IT_RINGS), "worker, after": late,
            "while it rang": early.of(WHILE_IT_RINGS)}


async def _see_each_other(worker: Page, doctor: Page) -> float:
    """Until all is here that the call loads; the moment from which both had seen the other, in seconds of the wall clock."""
    await moving(worker, BLUE, within=30)
    await moving(doctor, ORANGE, within=30)
    for page, ends in ((worker, LAST["worker"]), (doctor, LAST["doctor"])):
        await page.wait_for_function(HERE, arg=ends)
        await page.wait_for_load_state("networkidle")
    return max([await page.evaluate("globalThis.sawAt") for page in (worker, doctor)]) / 1000
