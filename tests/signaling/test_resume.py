"""A session outlives its socket: resumed by its own page, fenced from older sockets, out of reach for anybody else."""

from __future__ import annotations

import asyncio

import pytest

from signaling import messages
from signaling.messages import Closing
from tests.signaling.memory_house import new_id


class Hand:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def duty(on: bool = True) -> messages.DutyChanged:
    return messages.DutyChanged(duty=on)


async def test_a_page_that_comes_back_gets_the_snapshot_and_then_what_it_missed(server):
    nurse = server.person()
    page = await server.open(nurse)
    server.presence.tell(nurse.participant, duty())
    await page.next("duty-changed")
    page.cut()
    await page.closing()
    for _ in range(3):
        server.presence.tell(nurse.participant, duty(False))

    again = await server.resume(page)

    await again.sync()
    assert again.seen("welcome")[0]["resumed"] is True
    assert again.session == page.session
    assert [message["type"] for message in again.log[:5]] == ["welcome", "snapshot", *["duty-changed"] * 3]
    assert again.log[2]["seq"] == 2


async def test_a_new_socket_beside_the_old_one_takes_over_and_the_old_one_changes_nothing(server):
    page = await server.open(server.person())

    again = await server.resume(page)

    assert await page.closing() == Closing.REPLACED
    await again.sync()
    assert not again.ws.closed
    assert len(server.presence.sessions) == 1


async def test_a_token_opens_once(server):
    page = await server.open(server.person())
    again = await server.resume(page)

    thief = await server.connect(page.person, tab=page.tab)
    welcome = await thief.hello(page.resume())

    assert welcome["resumed"] is False
    assert welcome["session"] != again.session
    await again.sync()


@pytest.mark.parametrize("who", ["another person", "another login", "another tab", "another token"])
async def test_only_the_page_itself_may_resume_and_the_victim_is_undisturbed(server, who):
    nurse = server.person()
    victim = await server.open(nurse)
    person = {"another person": server.person(), "another login": server.another_login(nurse)}.get(who, nurse)
    resume = victim.resume() | ({"token": "A" * 43} if who == "another token" else {})

    thief = await server.connect(person, tab=new_id() if who == "another tab" else victim.tab)
    welcome = await thief.hello(resume)

    assert welcome["resumed"] is False
    assert welcome["session"] != victim.session
    await victim.sync()
    assert (await server.resume(victim)).seen("welcome")[0]["resumed"] is True


@pytest.mark.parametrize(("after", "resumed"), [(59.0, True), (61.0, False)])
async def test_a_session_may_be_resumed_for_a_minute(start, after, resumed):
    clock = Hand()
    server = await start(clock=clock)
    _, page, doctor = await server.pair()
    await page.ws.close()
    await doctor.next("peer-away")

    clock.now += after
    again = await server.resume(page)

    assert again.seen("welcome")[0]["resumed"] is resumed


async def test_a_page_that_missed_more_than_is_kept_starts_from_the_snapshot(start):
    server = await start(replay_messages=2)
    page = await server.open(server.person())
    page.cut()
    await page.closing()
    for _ in range(3):
        server.presence.tell(page.person.participant, duty())

    again = await server.connect(page.person, tab=page.tab)
    welcome = await again.hello(page.resume())

    assert (welcome["resumed"], welcome["seq"]) == (False, 0)
    assert welcome["session"] != page.session


async def test_what_a_page_says_it_has_handled_is_no_longer_kept(server):
    page = await server.open(server.person())
    server.presence.tell(page.person.participant, duty())
    await page.next("duty-changed")
    await page.send(type="pong", received=1)
    await page.sync()

    again = await server.connect(page.person, tab=page.tab)
    welcome = await again.hello(page.resume() | {"received": 0})

    assert welcome["resumed"] is False


async def test_a_page_cannot_have_received_what_was_never_sent(server):
    page = await server.open(server.person())

    again = await server.connect(page.person, tab=page.tab)

    assert (await again.hello(page.resume() | {"received": 7}))["resumed"] is False


async def test_two_sockets_that_resume_at_once_leave_one_session_with_one_socket(server):
    page = await server.open(server.person())
    server.house.wait["snapshot"] = asyncio.Event()
    rivals = [await server.connect(page.person, tab=page.tab) for _ in range(2)]
    for rival in rivals:
        await rival.send(type="hello", tab=rival.tab, resume=page.resume())
    await server.house.until(lambda: server.house.counts["snapshot"] == 3)

    server.house.wait["snapshot"].set()

    welcomes = [await rival.next("welcome") for rival in rivals]
    assert sorted(welcome["resumed"] for welcome in welcomes) == [False, True]
    assert welcomes[0]["session"] != welcomes[1]["session"]


async def test_a_reloaded_page_begins_anew_and_its_old_socket_ends(server):
    page = await server.open(server.person())

    again = await server.open(page.person, tab=page.tab)

    assert await page.closing() == Closing.REPLACED
    assert again.seen("welcome")[0]["resumed"] is False
    assert len(server.presence.sessions) == 1


async def test_another_tab_is_another_session(server):
    first = await server.open(server.person())

    second = await server.open(first.person)

    await first.sync()
    await second.sync()
    assert len(server.presence.sessions) == 2


async def test_offers_that_did_not_arrive_are_counted(server):
    call, worker, doctor = await server.pair()
    await worker.send(type="offer", call=call.id, to=doctor.peer, round=1, sdp="v=0")
    await worker.send(type="candidate", call=call.id, to=doctor.peer, round=1, candidate="")
    await worker.ws.send_str(f'{{"type":"candidate","call":"{call.id}","to":"","round":1,"candidate":""}}')
    await worker.next("refused")

    again = await server.resume(worker)

    assert again.seen("welcome")[0]["relayed"] == 3


async def test_a_command_sent_again_after_a_cut_has_one_effect_and_is_answered(server):
    call, worker, doctor = await server.pair()
    say = {"type": "say", "id": new_id(), "call": call.id, "text": "Bệnh nhân ho ba ngày."}
    server.house.wait["say"] = asyncio.Event()
    await worker.send(**say)
    await server.house.until(lambda: server.house.counts["say"] == 1)
    worker.cut()

    again = await server.resume(worker)
    await again.send(**say)
    server.house.wait["say"].set()

    assert (await again.outcome(say["id"]))["type"] == "ack"
    await again.send(**say)
    assert (await again.outcome(say["id"]))["type"] == "ack"
    await doctor.sync()
    assert (server.house.counts["say"], len(doctor.seen("chat"))) == (1, 1)


async def test_a_command_sent_again_in_a_new_session_of_the_tab_has_one_effect(server):
    page = await server.open(server.person())
    ring = {"type": "ring-shown", "id": new_id(), "request": new_id()}
    await page.send(**ring)
    await page.outcome(ring["id"])

    again = await server.open(page.person, tab=page.tab)
    await again.send(**ring)

    assert (await again.outcome(ring["id"]))["type"] == "ack"
    assert len(server.house.events) == 1
