"""From the doctor's click on «Nhận» to the first remote picture, against a bare hand-wired pair of pages.

    python -m tests.benchmarks.first_frame [rounds]
    python -m tests.benchmarks.first_frame lines [rounds]      as root: over the shaped lines of tests/netlab

The server is a process of its own and each side a Chromium with its own camera. In the bare pair the station's camera is open
already too, the doctor's opens at the click, and a socket relays offer, answer and candidates as they come. Times are of the
first decoded frame in the page. Rounds alternate after one that does not count; medians. Aim: 1.3.

Over lines the station's is shaped just before the click: round trips of 20 to 600 ms at the rate of `4g`, where our page should
need 1.1 round trips + 200 ms at the station, and `thin`, where the first voice should come within a second.
"""

from __future__ import annotations

import asyncio
import contextlib
import statistics
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

from aiohttp import web
from playwright.async_api import BrowserContext, Page, expect

from records.acts import Actor
from records.care import calls, consents, encounters, observations
from records.care.encounters import Intake
from records.people import patients
from records.people.identities import Identity
from tests.browser.chromiums import opened
from tests.browser.conftest import Theatre, played
from tests.netlab import lab, services, ways
from tests.netlab.lines import Shape

ORANGE, BLUE = (210, 90, 30), (30, 80, 200)
PATIENCE = 30               # seconds for one round
ACCEPT = "dialog.ring [data-accept]"
SIDES = ("station", "doctor")
KINDS = ("bare", "ours")
HEARD = ("station hears", "doctor hears")
ROUND_TRIPS = (20, 100, 300, 600)       # milliseconds
# Both kinds of page are watched alike: the click itself, and the first frame of the other side's picture, whenever it appears.
WATCH = """() => {
  const now = () => performance.timeOrigin + performance.now();
  window.clicked = new Promise((done) => addEventListener("click", () => done(now()), {capture: true, once: true}));
  window.firstFrame = new Promise((done) => {
    const look = () => {
      const video = document.querySelector("[data-remote]");
      if (!video) return false;
      video.requestVideoFrameCallback(() => done(now()));
      return true;
    };
    const watch = new MutationObserver(() => look() && watch.disconnect());
    if (!look()) watch.observe(document, {childList: true, subtree: true});
  });
}"""
# Our page connects while it rings: nobody accepts within the second in which that begins.
CONNECTIONS = """globalThis.connections = [];
globalThis.RTCPeerConnection = class extends RTCPeerConnection { constructor(...given) { super(...given); connections.push(this); } };"""
STANDS = """() => new Promise((done) => {
  const look = setInterval(() => connections.some((one) => one.connectionState === "connected") && done(clearInterval(look)), 20);
  setTimeout(done, 10_000);
})"""
BARE_PAGE = """<!doctype html><meta charset=utf-8><title>bare</title><button>Nhận</button>
<video data-remote autoplay playsinline muted></video><script type=module>
const ours = {audio: {echoCancellation: true, noiseSuppression: true, autoGainControl: true},
              video: {width: {ideal: 1280}, height: {ideal: 720}, frameRate: {ideal: 30}}};
const isStation = location.hash === "#station", early = [];
const socket = new WebSocket(`ws://${location.host}/socket`);
const say = (message) => socket.send(JSON.stringify(message));
const pc = new RTCPeerConnection({bundlePolicy: "max-bundle"});
let stream;
pc.onicecandidate = ({candidate}) => say({candidate});
pc.ontrack = ({streams}) => { document.querySelector("video").srcObject = streams[0]; };
const open = async () => { stream = await navigator.mediaDevices.getUserMedia(ours); };
const add = () => stream.getTracks().forEach((track) => pc.addTrack(track, stream));
const describe = async () => { await pc.setLocalDescription(); say({description: pc.localDescription}); };
const take = async ({ready, description, candidate}) => {
  if (ready) { add(); await describe(); }
  else if (description) {
    await pc.setRemoteDescription(description);
    if (description.type === "offer") { add(); await describe(); }
    for (const one of early.splice(0)) await pc.addIceCandidate(one);
  } else if (candidate) { if (pc.remoteDescription) await pc.addIceCandidate(candidate); else early.push(candidate); }
};
let line = Promise.resolve();
socket.onmessage = ({data}) => { line = line.then(() => take(JSON.parse(data))); };
document.querySelector("button").onclick = async () => { await open(); say({ready: true}); };
const opened = new Promise((done) => { socket.onopen = done; });
if (isStation) await open();
await opened;
document.body.dataset.ready = "";
</script>"""


@dataclass
class Rehearsal:
    """The two browsers: a page of ours in each, and where the bare pages are served."""

    theatre: Theatre
    browsers: dict[str, BrowserContext]
    pages: dict[str, Page]
    bare_url: str

    async def bare(self) -> dict[str, float]:
        pages = {side: await self.browsers[side].new_page() for side in SIDES}
        for side, page in pages.items():
            await page.goto(f"{self.bare_url}/#{side}")
            await expect(page.locator("body[data-ready]")).to_have_count(1)
        times = await _timed(pages, "button")
        for page in pages.values():
            await page.close()
        return times

    async def ours(self) -> dict[str, float]:
        """The nurse calls from a visit, as every day; the case is over before the next round."""
        home, (station, doctor) = self.theatre.stage.server.url, (self.pages[side] for side in SIDES)
        await doctor.goto(home)
        await station.goto(f"{home}/encounters/{await self._case()}")
        await station.get_by_role("button", name="Gọi bác sĩ ngay").click()
        await expect(station.locator("[data-media=good]")).to_be_visible()
        await expect(doctor.locator(ACCEPT)).to_be_visible()
        await expect(station.locator("[data-seen].is-go")).to_be_visible()      # the ring itself is over with
        for page in self.pages.values():
            await page.evaluate(STANDS)
        times = await _timed(self.pages, ACCEPT)
        await self._finish(UUID(doctor.url.rpartition("/")[2]))
        return times

    async def _case(self) -> UUID:
        people = self.theatre.people
        async with self.theatre.archive.act(people.nurse.actor) as act:
            patient = await patients.register(act, uuid4(), Identity(
                full_name="Hoàng Thị Hoa", gender="female", birth_date="1958"))
            encounter = await encounters.start(act, uuid4(), patient)
            await encounters.save_intake(act, encounter, Intake(["cough"], ""))
            await observations.record(act, encounter, uuid4(), "2708-6", "91")
            await consents.save(act, encounter, consult=True, share={people.bach_thong}, photo=False)
        return encounter

    async def _finish(self, call: UUID) -> None:
        for page in self.pages.values():
            await page.goto(f"{self.theatre.stage.server.url}/me")
        async with self.theatre.archive.act(self.theatre.people.doctor.actor) as act:
            armed = (await calls.finish(act, call)).finish_at
        assert armed is not None
        async with self.theatre.archive.act(Actor.of_system("desk")) as act:
            await calls.finish_now(act, call, armed)


async def _timed(pages: dict[str, Page], button: str) -> dict[str, float]:
    """Milliseconds from the doctor's click to the first frame at each side. The pages share the machine's clock."""
    for page in pages.values():
        await page.evaluate(WATCH)
    async with asyncio.timeout(PATIENCE):
        await pages["doctor"].click(button)
        clicked = await pages["doctor"].evaluate("window.clicked")
        return {side: await page.evaluate("window.firstFrame") - clicked for side, page in pages.items()}


@contextlib.asynccontextmanager
async def bare_server() -> AsyncIterator[str]:
    """The bare page, and a socket that passes on whatever comes to everybody else. Gives its address."""
    sockets: set[web.WebSocketResponse] = set()

    async def page(_: web.Request) -> web.Response:
        return web.Response(text=BARE_PAGE, content_type="text/html")

    async def relay(request: web.Request) -> web.WebSocketResponse:
        ws = web.WebSocketResponse(compress=False)
        await ws.prepare(request)
        sockets.add(ws)
        async for message in ws:
            for other in sockets - {ws}:
                await other.send_str(message.data)
        sockets.discard(ws)
        return ws

    app = web.Application()
    app.add_routes([web.get("/", page), web.get("/socket", relay)])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def rehearse(theatre: Theatre, bare_url: str) -> Rehearsal:
    """Both signed in, the doctor on duty."""
    stage, people = theatre.stage, theatre.people
    browsers = {"station": await stage.browser(ORANGE, 440), "doctor": await stage.browser(BLUE, 1_320)}
    for browser in browsers.values():
        await browser.add_init_script(CONNECTIONS)
    persons = {"station": people.nurse, "doctor": people.doctor}
    pages = {side: await stage.sign_in(browsers[side], person) for side, person in persons.items()}
    await pages["doctor"].click("[data-duty=off] button.is-main")
    await expect(pages["doctor"].locator("[data-duty=on] .chip").first).to_be_visible()
    return Rehearsal(theatre, browsers, pages, bare_url)


async def measure(rounds: int) -> None:
    times: dict[str, list[dict[str, float]]] = {kind: [] for kind in KINDS}
    with tempfile.TemporaryDirectory() as folder:
        here = Path(folder)
        async with opened(here) as chromiums, played(chromiums, here) as theatre, bare_server() as bare_url:
            rehearsal = await rehearse(theatre, bare_url)
            for _ in range(rounds + 1):
                times["bare"].append(await rehearsal.bare())
                times["ours"].append(await rehearsal.ours())
    for side in SIDES:
        bare, ours = (statistics.median(one[side] for one in times[kind][1:]) for kind in KINDS)
        print(f"first frame at the {side:8} bare {bare:7.0f} ms   ours {ours:7.0f} ms   ratio {ours / bare:.2f}   at most 1.3")


async def measure_lines(rounds: int) -> None:
    ways_in = {"bare": lambda here: ways.bare(here, services.addresses(1), relay=False), "ours": ways.ours}
    async with lab.opened() as here:
        await here.use_site_of(1)
        for trip in ROUND_TRIPS:
            shape = Shape(4_000, trip / 2)
            times = {kind: [await _over(here, way(here), shape) for _ in range(rounds)] for kind, way in ways_in.items()}
            print(f"{trip:>5} ms " + "   ".join(f"{kind} {_medians(times[kind], SIDES)}" for kind in KINDS)
                  + f"   at most {1.1 * trip + 200:.0f} ms at the station", flush=True)
        times = {kind: [await _over(here, way(here), "thin", heard=True) for _ in range(rounds)] for kind, way in ways_in.items()}
        print(f"{'thin':>8} " + "   ".join(f"{kind} {_medians(times[kind], HEARD)}" for kind in KINDS)
              + "   first voice, at most 1000 ms", flush=True)


async def _over(here: lab.Lab, way: AbstractAsyncContextManager[ways.Way], line: str | Shape, *, heard: bool = False) -> dict[str, float]:
    """One call whose line is ``line`` from just before the click on."""
    async with way as (pages, button):
        await here.line.use(line)
        try:
            if not heard:
                return await _timed(pages, button)
            call = lab.Call(here.line, **pages, accepted_at=lab.now())
            await pages["doctor"].click(button)
            return {f"{side} hears": at - call.accepted_at for side, at in (await call.heard()).items()}
        finally:
            await here.line.calm()


def _medians(times: list[dict[str, float]], names: tuple[str, ...]) -> str:
    return ", ".join(f"{name} {statistics.median(one[name] for one in times):.0f} ms" for name in names)


if __name__ == "__main__":
    given = sys.argv[1:]
    work = measure_lines if given[:1] == ["lines"] else measure
    count = next((int(one) for one in given if one.isdecimal()), 3 if work is measure_lines else 5)
    asyncio.run(work(count))
