"""The line check's far end: what it answers, over a real connection too; its processes, and that none is left."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from aioice.ice import get_host_addresses
from aiortc import RTCPeerConnection, RTCSessionDescription
from aiortc.rtcdatachannel import RTCDataChannel

from signaling import far_ends
from signaling.echo import LARGEST, LONGEST_TRAIN, MOST_BYTES, Echo
from signaling.far_ends import AllBusy, FarEnds, Line, NoFarEnd, NoSuchCheck
from signaling.messages import PeerToPeer

pytestmark = pytest.mark.timeout(60)
DIRECT = PeerToPeer(ice_servers=[])


class Browser:
    """The other side of a check, without a browser: one data channel by agreement, and what came over it."""

    def __init__(self) -> None:
        self.connection = RTCPeerConnection()
        self.channel: RTCDataChannel = self.connection.createDataChannel(
            "probe", negotiated=True, id=0, ordered=False, maxRetransmits=0)
        self.inbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.opened, self.closed = asyncio.Event(), asyncio.Event()
        self.channel.on("open", self.opened.set)
        self.channel.on("close", self.closed.set)
        self.channel.on("message", lambda text: self.inbox.put_nowait({**json.loads(text), "size": len(text)}))

    async def meet(self, ends: FarEnds, who: str, line: Line) -> None:
        offer = await ends.offer(who, line.id)
        await self.connection.setRemoteDescription(RTCSessionDescription(sdp=offer, type="offer"))
        await self.connection.setLocalDescription(await self.connection.createAnswer())
        await ends.answer(who, line.id, self.connection.localDescription.sdp)
        async with asyncio.timeout(15):
            await self.opened.wait()

    def say(self, **message: Any) -> None:
        self.channel.send(json.dumps(message))

    async def next(self) -> dict[str, Any]:
        async with asyncio.timeout(10):
            return await self.inbox.get()


@pytest.fixture
async def ends() -> AsyncIterator[FarEnds]:
    made = FarEnds(lambda who: DIRECT)
    running = made.running(None)
    await anext(running)
    yield made
    with suppress(StopAsyncIteration):
        await anext(running)
    assert children() == []


# ---------------------------------------------------------------- what it answers


def echo() -> tuple[Echo, list[dict[str, Any]], Callable[[float], None]]:
    """A far end whose clock is set by hand, and what it sent."""
    sent: list[dict[str, Any]] = []
    now = [0.0]
    made = Echo(clock=lambda: now[0], send=lambda text: sent.append({**json.loads(text), "size": len(text)}))
    return made, sent, lambda at: now.__setitem__(0, at)


def test_a_ping_comes_back_as_long_as_it_was_with_the_count_and_the_time() -> None:
    far, sent, at = echo()

    for number, time in ((4, 10.0), (9, 25.5)):
        at(time)
        far.receive(json.dumps({"ping": number, "pad": "." * 60}))

    assert [(one["pong"], one["got"], one["at"]) for one in sent] == [(4, 1, 10.0), (9, 2, 25.5)]
    assert {one["size"] for one in sent} == {len(json.dumps({"ping": 4, "pad": "." * 60}))}


def test_a_train_down_bears_what_arrived_of_the_train_up_and_is_sent_once_however_often_it_is_asked_for() -> None:
    far, sent, at = echo()
    for place, time in ((0, 100.0), (2, 148.0)):
        at(time)
        far.receive(json.dumps({"up": 3, "n": place, "pad": "." * 40}))

    for _ in range(2):
        far.receive(json.dumps({"down": 3, "count": 5, "size": 300}))

    assert [(one["down"], one["n"], one["size"]) for one in sent] == [(3, place, 300) for place in range(5)]
    assert sent[0]["up"] == [[0, 0], [2, 48.0]]


def test_nobody_gets_more_than_a_check_needs() -> None:
    far, sent, _ = echo()

    for turn in range(100):
        far.receive(json.dumps({"down": turn, "count": 9_999, "size": 99_999}))

    assert len([one for one in sent if one["down"] == 0]) == LONGEST_TRAIN
    assert max(one["size"] for one in sent) == LARGEST
    assert sum(one["size"] for one in sent) <= MOST_BYTES


@pytest.mark.parametrize("text", ["", "[]", "7", '{"ping":"x"}', '{"down":1}', '{"up":null,"n":1}', "\ufffd"])
def test_what_it_does_not_understand_is_left_unanswered(text: str) -> None:
    far, sent, _ = echo()

    assert far.receive(text)
    assert sent == []


def test_a_goodbye_ends_it() -> None:
    assert not echo()[0].receive('{"bye":true}')


# ---------------------------------------------------------------- the process, and a real connection


async def test_round_trip_and_trains_over_a_real_connection(ends: FarEnds) -> None:
    browser = Browser()
    line = await ends.open("a")
    await browser.meet(ends, "a", line)

    browser.say(ping=1)
    pong = await browser.next()
    for place in range(8):
        browser.say(up=1, n=place, pad="." * 900)
    browser.say(down=1, count=10, size=1_000)
    train = [await browser.next() for _ in range(10)]

    assert (pong["pong"], pong["got"]) == (1, 1)
    assert [one["n"] for one in train] == list(range(10))
    assert {one["size"] for one in train} == {1_000}
    assert [place for place, _ in train[-1]["up"]] == list(range(8))
    await browser.connection.close()


async def test_it_offers_the_address_at_which_the_browser_reached_us_and_no_other(ends: FarEnds) -> None:
    addresses = get_host_addresses(use_ipv4=True, use_ipv6=True)
    if not addresses:
        pytest.skip("this machine has no address but loopback")

    async def offered(address: str) -> set[str]:
        line = await ends.open("a", address)
        return {one.split()[4] for one in (await ends.offer("a", line.id)).splitlines() if one.startswith("a=candidate")}

    assert await offered(addresses[0]) == {addresses[0]}
    assert await offered("127.0.0.1") == set(addresses)     # behind a proxy


async def test_a_goodbye_ends_the_process_and_frees_its_place(ends: FarEnds) -> None:
    browser = Browser()
    await browser.meet(ends, "a", await ends.open("a"))
    assert len(children()) == 1

    browser.say(bye=True)

    async with asyncio.timeout(10):
        await browser.closed.wait()
        await gone(ends)
    assert children() == []
    await browser.connection.close()


async def test_a_second_check_of_the_same_browser_takes_the_place_of_the_first(ends: FarEnds) -> None:
    first = await ends.open("a")
    second = await ends.open("a")

    assert (ends.live, len(children())) == (1, 1)
    with pytest.raises(NoSuchCheck):
        await ends.answer("a", first.id, "v=0")
    await ends.answer("a", second.id, "v=0")


async def test_a_line_is_offered_and_answered_once_and_to_its_own_browser_alone(ends: FarEnds) -> None:
    line = await ends.open("a")

    with pytest.raises(NoSuchCheck):
        await ends.offer("b", line.id)
    with pytest.raises(NoSuchCheck):
        await ends.answer("b", line.id, "v=0")
    assert "m=application" in await ends.offer("a", line.id)
    with pytest.raises(NoSuchCheck):
        await ends.offer("a", line.id)
    await ends.answer("a", line.id, "v=0")
    with pytest.raises(NoSuchCheck):
        await ends.answer("a", line.id, "v=0")


async def test_there_are_few_at_once(ends: FarEnds, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(far_ends, "AT_MOST", 1)
    await ends.open("a")

    with pytest.raises(AllBusy):
        await ends.open("b")
    await ends.open("a")        # one's own place is free for oneself


async def test_nobody_answers_and_it_ends_by_itself(ends: FarEnds, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(far_ends, "LIVES", 0.5)
    await ends.open("a")

    async with asyncio.timeout(10):
        await gone(ends)
    assert children() == []


async def test_a_far_end_that_does_not_start_is_told(ends: FarEnds, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken() -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec("/bin/false", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE)

    monkeypatch.setattr(far_ends, "_start", broken)

    line = await ends.open("a")
    with pytest.raises((NoFarEnd, NoSuchCheck)):
        await ends.offer("a", line.id)
    assert ends.live == 0


async def gone(ends: FarEnds) -> None:
    """Until no far end lives."""
    await asyncio.gather(*(far.watch for far in list(ends._live.values())))


def children() -> list[int]:
    """Far ends that this process started and that still run."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            parent = folder.joinpath("stat").read_text().rpartition(")")[2].split()[1]
            if int(parent) == os.getpid() and b"signaling.echo" in folder.joinpath("cmdline").read_bytes():
                found.append(int(folder.name))
    return found
