"""The check of machine and line over HTTP: the far end's offer, what is kept, and where its words are shown."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from records.acts import Actor
from records.archive import Archive
from records.care import requests
from records.people import duty
from signaling.far_ends import AllBusy, Line, NoFarEnd, NoSuchCheck
from signaling.messages import IceServer, PeerToPeer
from tests import live_cases
from tests.builders import People, Someone

JSON = {"Accept": "application/json"}
MEASURED = {"rung": "medium", "kbpsUp": 412.4, "kbpsDown": 950, "roundTripMs": 81.5, "jitterUpMs": 4, "jitterDownMs": 3,
            "lostUpPercent": 1.2, "lostDownPercent": 0, "paths": ["direct", "tls"]}
WORDS = "Đường truyền: hình vừa · 0,4 Mb/s lên"


class Ends:
    """Far ends that only write down what they are asked, or refuse it."""

    def __init__(self, refusal: Exception | None = None) -> None:
        self.refusal = refusal
        self.asked: list[tuple[str, ...]] = []

    async def open(self, who: str, address: str) -> Line:
        self.asked.append((who, address))
        if self.refusal:
            raise self.refusal
        return Line("line-1", PeerToPeer([IceServer(["turn:relay.example"], "name", "word")], "relay"))

    async def offer(self, who: str, line: str) -> str:
        self.asked.append((who, line))
        return "v=0\r\n"

    async def answer(self, who: str, line: str, sdp: str) -> None:
        self.asked.append((who, line, sdp))
        if self.refusal:
            raise self.refusal


@pytest.fixture
def start(start_site: Callable[..., Awaitable[Any]], browse: Callable[[Any], Any]) -> Callable[..., Awaitable[Any]]:
    async def start(person: Someone, ends: Ends | None = None) -> Any:
        visitor = browse(await start_site(far_ends=ends or Ends()))
        await visitor.sign_in(person)
        return visitor
    return start


async def test_the_far_ends_offer_and_the_pages_answer_belong_to_one_browser(start: Any, people: People) -> None:
    ends = Ends()
    nurse = await start(people.nurse, ends)

    begun = await (await nurse.post("/check/line", json={})).json()
    offer = await (await nurse.get("/check/line/line-1")).json()
    taken = await nurse.post("/check/line/line-1", json={"sdp": "v=0\r\na=x\r\n"})

    assert offer == {"sdp": "v=0\r\n"}
    assert begun == {"line": "line-1", "policy": "relay",
                     "iceServers": [{"urls": ["turn:relay.example"], "username": "name", "credential": "word"}]}
    assert taken.status == 200
    (opened, address), offered, answered = ends.asked
    assert address == "127.0.0.1"
    assert [offered, answered] == [(opened, "line-1"), (opened, "line-1", "v=0\r\na=x\r\n")]


@pytest.mark.parametrize(("refusal", "status", "code", "words"), [
    (AllBusy(), 503, "check-busy", "Máy chủ đang đo đường truyền cho nhiều nơi"),
    (NoFarEnd(), 503, "check-failed", "Lần đo này không thành"), (NoSuchCheck(), 404, "check-over", "Lần đo này không thành")])
async def test_a_refusal_is_told_in_words(
    start: Any, people: People, refusal: Exception, status: int, code: str, words: str,
) -> None:
    nurse = await start(people.nurse, Ends(refusal))

    path, content = ("/check/line/x", {"sdp": "v=0"}) if isinstance(refusal, NoSuchCheck) else ("/check/line", {})
    answer = await nurse.post(path, json=content, headers=JSON)

    told = await answer.json()
    assert (answer.status, told["error"], told["message"]) == (status, code, words)


async def test_the_result_is_told_in_words_and_stands_on_today_and_on_the_page(start: Any, people: People) -> None:
    nurse = await start(people.nurse)
    assert "Chưa đo." in await (await nurse.get("/check")).text()

    told = await (await nurse.post("/check/results", json=MEASURED)).json()

    assert told == {
        "words": WORDS, "steps": 6, "weak": False, "paths": ["direct", "tls"], "up": "0,4 Mb/s", "down": "0,9 Mb/s",
        "roundTrip": "82 ms", "lostUp": "1 %", "lostDown": "0 %", "jitterUp": "4 ms", "jitterDown": "3 ms"}
    for path in ("/", "/check"):
        assert WORDS in await (await nurse.get(path)).text()


@pytest.mark.parametrize("change", [{"rung": "splendid"}, {"kbpsUp": -1}, {"paths": ["pigeon"]}, {"patient": "Hoa"}])
async def test_what_is_no_result_is_refused(start: Any, people: People, change: dict[str, Any]) -> None:
    nurse = await start(people.nurse)

    assert (await nurse.post("/check/results", json=MEASURED | change, headers=JSON)).status == 422


async def test_only_who_installs_reads_about_a_missing_relay(
    start_site: Callable[..., Awaitable[Any]], browse: Callable[[Any], Any], people: People,
) -> None:
    site = await start_site(far_ends=Ends())
    pages = {}
    for person in (people.nurse, people.doctor, people.administrator):
        visitor = browse(site)
        await visitor.sign_in(person)
        pages[person.user_name] = await (await visitor.get("/check")).text()

    assert [name for name, page in pages.items() if "TELEHEALTH_TURN_URLS" in page] == [people.administrator.user_name]


@pytest.mark.parametrize(("agent", "kind"), [
    ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0 Safari/537.36", "chrome"),
    ("Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0 Mobile Safari/537.36", "android"),
    ("Mozilla/5.0 (Windows NT 10.0; rv:150.0) Gecko/20100101 Firefox/150.0", "firefox"),
    ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/604.1", "safari"),
    ("", "chrome")])
async def test_the_cure_of_ones_own_browser_comes_first(start: Any, people: People, agent: str, kind: str) -> None:
    nurse = await start(people.nurse)

    page = await (await nurse.get("/check", headers={"User-Agent": agent})).text()

    cures = [part.split('"')[0] for part in page.split('data-cure="')[1:]]
    assert cures[0] == kind
    assert sorted(cures) == ["android", "chrome", "firefox", "safari"]


async def test_the_doctor_who_is_rung_and_the_worker_who_waits_read_it(
    start_site: Callable[..., Awaitable[Any]], browse: Callable[[Any], Any], archive: Archive, people: People,
) -> None:
    site = await start_site(far_ends=Ends())
    nurse, doctor = browse(site), browse(site)
    await nurse.sign_in(people.nurse)
    await doctor.sign_in(people.doctor)
    await nurse.post("/check/results", json=MEASURED | {"rung": "stills", "kbpsUp": 48})
    async with archive.act(people.doctor.actor) as act:
        await duty.begin(act)
    case = await live_cases.asked(archive, people)
    async with archive.act(Actor.of_system("desk")) as act:
        await requests.offer(act, case.request)

    await nurse.post("/check/results", json=MEASURED | {"rung": "voice", "kbpsUp": 30})
    assert site.desk.told[-1] == ("line_measured", case.request)        # measured again while it rings
    await nurse.post("/check/results", json=MEASURED | {"rung": "stills", "kbpsUp": 48})
    ring = await (await doctor.get(f"/requests/{case.request}/ring")).json()
    state = await (await nurse.get(f"/requests/{case.request}/state")).json()
    waiting = await (await doctor.get("/")).text()

    assert (ring["carries"], ring["weak"]) == ("ảnh + tiếng · 48 kb/s lên", True)
    assert state["line"] == "Đường truyền: ảnh + tiếng · 48 kb/s lên"
    assert state["start"] == {"rung": "stills", "kbpsUp": 48}
    assert "ảnh + tiếng · 48 kb/s lên" in waiting
