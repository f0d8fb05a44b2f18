"""The door: who comes in, in which order, and how each fault is answered."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest

from signaling import house, messages
from signaling.messages import MAX_FRAME_BYTES, Closing


async def test_a_page_is_welcomed_and_told_how_things_stand(server):
    nurse = server.person()

    page = await server.open(nurse)

    assert page.seen("welcome")[0]["participant"] == nurse.participant
    assert (await page.next("snapshot"))["duty"] is False


async def test_what_happens_while_the_snapshot_is_read_follows_it(server):
    nurse = server.person()
    server.house.wait["snapshot"] = asyncio.Event()
    page = await server.connect(nurse)
    await page.send(type="hello", tab=page.tab)
    await server.house.until(lambda: server.house.counts["snapshot"] == 1)

    server.presence.tell(nurse.participant, messages.DutyChanged(duty=True))
    server.house.wait["snapshot"].set()

    await page.next("duty-changed")
    assert [message["type"] for message in page.log] == ["welcome", "snapshot", "duty-changed"]


async def test_a_visitor_without_a_login_is_sent_to_sign_in(server):
    page = await server.connect(None)

    assert await page.closing() == Closing.SIGN_IN_NEEDED


async def test_a_disabled_person_is_told_so(server):
    nurse = server.person()
    server.house.closings[nurse.login] = Closing.DISABLED

    page = await server.connect(nurse)

    assert await page.closing() == Closing.DISABLED


@pytest.mark.parametrize("protocols", [(), ("telehealth.v0",)])
async def test_a_page_of_another_version_is_told_to_reload(server, protocols):
    page = await server.connect(server.person(), protocols=protocols)

    assert page.ws.protocol == (protocols[0] if protocols else None)
    assert await page.closing() == Closing.WRONG_VERSION


async def test_a_page_that_also_speaks_another_version_is_understood(server):
    page = await server.connect(server.person(), protocols=("telehealth.v2", "telehealth.v1"))

    assert page.ws.protocol == "telehealth.v1"
    assert (await page.hello())["resumed"] is False


async def test_a_page_that_says_nothing_is_closed(start):
    server = await start(hello=0.05)

    page = await server.connect(server.person())

    assert await page.closing() == Closing.BAD_HELLO


async def test_a_page_that_begins_with_something_else_is_closed(server):
    page = await server.connect(server.person())

    await page.send(type="pong", received=0)

    assert await page.closing() == Closing.BAD_HELLO


async def test_a_page_on_our_own_site_may_connect_and_one_on_another_may_not(server):
    nurse, own = server.person(), server.url.removesuffix("/socket")
    page = await server.connect(nurse, headers={"Origin": own})
    assert (await page.hello())["resumed"] is False

    for foreign in ("http://evil.example", own.replace("http", "ftp"), own + "1", "null"):
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await server.connect(nurse, headers={"Origin": foreign})
        assert refused.value.status == 403


async def test_an_address_may_have_so_many_sockets_that_nobody_knows(start):
    server = await start(unknown_per_address=2)
    first, second = await server.connect(server.person()), await server.connect(server.person())

    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await server.connect(server.person())
    assert refused.value.status == 429

    await first.hello()
    assert (await (await server.connect(server.person())).hello())["session"]
    await second.hello()


async def test_the_server_has_so_many_sockets_in_all(start):
    server = await start(sockets=1)
    await server.open(server.person())

    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await server.connect(server.person())

    assert refused.value.status == 429


async def test_an_account_may_have_so_many_sockets(start):
    server = await start(sockets_per_account=2)
    nurse = server.person()
    first = await server.open(nurse)
    await server.open(nurse)

    assert await (await server.connect(nurse)).closing() == Closing.TOO_MANY_SOCKETS
    assert (await server.open(server.person())).session

    await first.ws.close()
    assert (await server.open(nurse)).session


async def test_a_frame_of_64_kib_is_read_and_a_larger_one_ends_the_socket(server):
    page = await server.open(server.person())

    await page.ws.send_str(" " * MAX_FRAME_BYTES)
    assert (await page.next("refused"))["code"] == "bad-message"

    await page.ws.send_str(" " * (MAX_FRAME_BYTES + 1))
    assert await page.closing() == 1009


async def test_nothing_is_compressed(server):
    page = await server.connect(server.person(), compress=15)

    assert page.ws.compress == 0


async def test_a_binary_frame_is_refused_and_the_call_goes_on(server):
    page = await server.open(server.person())

    await page.ws.send_bytes(b'{"type":"pong","received":0}')

    assert (await page.next("refused"))["code"] == "bad-message"
    await page.sync()


@pytest.mark.parametrize(("frame", "path"), [
    ("", ""),
    ("{", ""),
    ("[]", ""),
    ('{"type":"pong"}', ""),
    ('{"type":"nothing"}', "$.type"),
    ('{"type":"pong","received":"7"}', "$.received"),
    ('{"type":"pong","received":-1}', "$.received"),
    ('{"type":"pong","received":1,"sender":"x"}', ""),
    ('{"type":"pong","received":' + "[" * 60_000, "$.received"),
    ('{"x":' + "[" * 60_000, ""),
    ('{"x":' + '{"a":' * 9 + "1" + "}" * 9 + ',"type":"pong","received":1}', ""),
    ('{"type":"hello","tab":"' + "-" * 36 + '"}', "$.tab"),
    ('{"type":"hello","tab":"00000001-0000-4000-8000-000000000000"}', ""),
])
async def test_a_bad_message_is_refused_with_its_place_and_without_its_words(server, frame, path):
    page = await server.open(server.person())

    await page.ws.send_str(frame)

    refused = await page.next("refused")
    assert (refused["code"], refused["path"]) == ("bad-message", path)
    await page.sync()


async def test_a_bad_command_is_refused_by_its_id(server):
    page = await server.open(server.person())

    outcome = await page.command("say", call="x", text="ho")

    assert (outcome["code"], outcome["path"]) == ("bad-message", "$.call")


async def test_of_two_equal_keys_the_last_wins(server):
    call, worker, doctor = await server.pair()

    await worker.ws.send_str(f'{{"type":"offer","call":"{call.id}","to":"{doctor.peer}","round":1,"round":2,"sdp":"v=0"}}')

    assert (await doctor.next("relayed-offer"))["round"] == 2


async def test_a_page_that_keeps_sending_nonsense_is_closed(start):
    server = await start(refusals=3)
    page = await server.open(server.person())

    for _ in range(4):
        await page.ws.send_str("nonsense")

    assert await page.closing() == Closing.BAD_MESSAGES
    assert len(page.seen("refused")) == 4


async def test_a_page_that_sends_too_fast_is_refused_and_then_closed(start):
    server = await start(rate=0.001, burst=3, refusals=2)
    page = await server.open(server.person())

    for _ in range(3):
        await page.sync()
    assert (await page.command("leave", call=page.peer))["code"] == "too-fast"

    for _ in range(2):
        await page.send(type="pong", received=0)
    assert await page.closing() == Closing.TOO_FAST


async def test_candidates_have_a_budget_of_their_own(start):
    server = await start(rate=0.001, burst=10, candidates=30)
    call, worker, doctor = await server.pair()

    for number in range(31):
        await worker.send(type="candidate", call=call.id, to=doctor.peer, round=number, candidate="")

    assert (await worker.next("refused"))["code"] == "too-fast"
    await doctor.sync()
    assert len(doctor.seen("relayed-candidate")) == 30


async def test_a_silent_page_is_asked_and_then_closed(start):
    server = await start(ping=0.05, answer=0.2)
    page = await server.connect(server.person())
    page.answers_pings = False
    await page.hello()

    await page.next("ping")

    assert await page.closing() == Closing.SILENT


async def test_a_page_that_answers_stays(start):
    server = await start(ping=0.05, answer=0.2)
    page = await server.open(server.person())

    for _ in range(3):
        await page.next("ping")

    assert not page.ws.closed


async def test_in_a_call_a_page_is_asked_more_often(start):
    server = await start(ping=60.0, ping_in_call=0.05)
    _, worker, _ = await server.pair()

    await worker.next("ping")

    assert not worker.ws.closed


async def test_a_house_that_fails_at_the_door_ends_the_socket_and_the_next_one_begins(server, caplog):
    nurse = server.person()
    server.house.faults["snapshot"] = RuntimeError("down")
    page = await server.connect(nurse)
    await page.send(type="hello", tab=page.tab)

    assert await page.closing() == Closing.INTERNAL
    assert len(server.presence.sessions) == 0

    del server.house.faults["snapshot"]
    assert (await server.open(nurse)).session


async def test_a_house_that_hangs_at_the_door_holds_no_socket(start, caplog):
    server = await start(greet=0.05)
    server.house.wait["greet"] = asyncio.Event()

    page = await server.connect(server.person())

    assert await page.closing() == Closing.INTERNAL


async def test_when_the_server_goes_down_pages_are_told_to_come_back(server):
    call, worker, doctor = await server.pair()

    await server.endpoint.drain()

    assert (await worker.next("drain"))["withinMs"] > 0
    assert await worker.closing() == await doctor.closing() == Closing.GOING_AWAY
    assert server.house.of(house.Left) == []
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await server.connect(worker.person)
    assert refused.value.status == 503
    assert call.id
