"""Who is reachable, on which pages, and how a login that ended reaches them."""

from __future__ import annotations

import asyncio

import pytest

from signaling import house, messages
from signaling.messages import Closing
from tests.signaling.memory_house import new_id


async def test_everybody_who_is_told_hears_it_on_every_page(server):
    doctor = server.person()
    pages = [await server.open(doctor), await server.open(doctor)]
    other = await server.open(server.person())
    ring = messages.Ring(request=new_id(), emergency=True)

    assert server.presence.tell(doctor.participant, ring) == 2
    assert server.presence.tell(new_id(), ring) == 0

    for page in pages:
        assert (await page.next("ring"))["request"] == ring.request
    await other.sync()
    assert other.seen("ring") == []


async def test_a_person_is_online_while_a_lease_is_valid(start):
    server = await start(lease=0.2, ping=60.0)
    doctor = server.person()
    assert not server.presence.is_online(doctor.participant)

    page = await server.open(doctor)
    assert server.presence.is_online(doctor.participant)
    await server.house.until(lambda: server.house.reachable == {doctor.participant})

    await page.ws.close()
    await server.house.until(lambda: not server.house.reachable)
    assert not server.presence.is_online(doctor.participant)


async def test_one_page_that_closes_leaves_the_other(start):
    server = await start(lease=60.0)
    doctor = server.person()
    first, second = await server.open(doctor), await server.open(doctor)

    await first.ws.close()

    await second.sync()
    assert server.presence.is_online(doctor.participant)
    assert server.house.counts["offline"] == 0


async def test_the_house_is_told_again_what_it_failed_to_hear(server, caplog, monkeypatch):
    monkeypatch.setattr("signaling.watch.PAUSE", 0.01)
    server.house.faults["online"] = RuntimeError("down")
    doctor = await server.open(server.person())
    await server.house.until(lambda: server.house.counts["online"] >= 2)

    del server.house.faults["online"]

    await server.house.until(lambda: server.house.reachable == {doctor.person.participant})


async def test_a_person_is_in_a_call_while_holding_a_seat(server):
    call, worker, _ = await server.pair()
    assert server.presence.is_in_call(worker.person.participant)

    await worker.command("leave", call=call.id)

    assert not server.presence.is_in_call(worker.person.participant)


@pytest.mark.parametrize("by", ["login", "participant"])
async def test_signing_out_closes_the_pages_and_empties_the_seat(server, by):
    call, worker, doctor = await server.pair()
    elsewhere = await server.open(server.another_login(worker.person))
    who = {"login": worker.person.login} if by == "login" else {"participant": worker.person.participant}

    told = server.presence.dismiss(Closing.SIGNED_OUT, **who)

    assert await worker.closing() == Closing.SIGNED_OUT
    assert (await doctor.next("peer-left"))["reason"] == "dismissed"
    await server.house.until(lambda: [left.reason for left in server.house.of(house.Left)] == ["dismissed"])
    assert (told, len(server.rooms.peers(call.id))) == ((1, 1) if by == "login" else (2, 1))
    if by == "login":
        await elsewhere.sync()
    else:
        assert await elsewhere.closing() == Closing.SIGNED_OUT


async def test_a_dismissed_session_cannot_be_resumed(server):
    page = await server.open(server.person())
    server.presence.dismiss(Closing.SIGNED_OUT, login=page.person.login)
    await page.closing()

    again = await server.connect(page.person, tab=page.tab)

    assert (await again.hello(page.resume()))["resumed"] is False


async def test_a_dismissal_of_nobody_ends_nothing(server):
    page = await server.open(server.person())

    assert server.presence.dismiss(Closing.SIGNED_OUT) == 0

    await page.sync()


async def test_a_login_that_ended_elsewhere_is_found(start):
    server = await start(revocations=0.05)
    page, other = await server.open(server.person()), await server.open(server.person())

    server.house.ended[page.person.login] = Closing.DISABLED

    assert await page.closing() == Closing.DISABLED
    await other.sync()


async def test_logins_are_asked_for_again_after_an_outage(start, caplog):
    server = await start(revocations=0.05)
    page = await server.open(server.person())
    server.house.faults["revoked"] = RuntimeError("down")
    await server.house.until(lambda: server.house.counts["revoked"] >= 1)

    del server.house.faults["revoked"]
    server.house.ended[page.person.login] = Closing.DISABLED

    assert await page.closing() == Closing.DISABLED


async def test_a_login_that_ends_while_its_page_connects_is_closed_with_its_reason(server):
    nurse = server.person()
    server.house.wait["snapshot"] = asyncio.Event()
    page = await server.connect(nurse)
    await page.send(type="hello", tab=page.tab)
    await server.house.until(lambda: server.house.counts["snapshot"] == 1)

    server.presence.dismiss(Closing.SIGNED_OUT, login=nurse.login)
    server.house.wait["snapshot"].set()

    assert await page.closing() == Closing.SIGNED_OUT
    assert page.log == []
