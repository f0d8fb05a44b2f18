"""The way out: a page that does not read loses its socket, and nobody else notices."""

from __future__ import annotations

import socket

import pytest

from signaling import messages
from signaling.messages import Closing


async def stalled(server, person):
    """A page whose machine no longer takes bytes."""
    page = await server.open(person)
    connection = page.ws._response.connection.transport
    connection.pause_reading()
    raw = connection.get_extra_info("socket")
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    return page


def flood(server, page, bytes_: int) -> None:
    """Tell the page that much, in messages of 4 kB."""
    for _ in range(bytes_ // 4_000):
        server.presence.tell(page.person.participant, messages.CallChanged(call=page.tab, state="x", reason="a" * 4_000))


async def test_a_page_that_does_not_read_loses_its_socket_and_keeps_its_session(start):
    server = await start(send=0.2)
    page, other = await stalled(server, server.person()), await server.open(server.person())

    flood(server, page, 8_000_000)

    session = server.presence.sessions.of(page.person.participant)[0]
    assert session.socket.closing is Closing.TOO_SLOW
    await other.sync()
    assert not session.ended
    page.cut()
    assert (await server.open(page.person)).session


async def test_what_is_queued_and_kept_stays_within_its_limits(start):
    server = await start(send=0.2)
    page = await stalled(server, server.person())

    flood(server, page, 8_000_000)

    session = server.presence.sessions.of(page.person.participant)[0]
    assert session.socket._bytes <= session.limits.queue_bytes + 5_000
    assert len(session.socket._queue) <= session.limits.queue_messages + 1
    assert session._replay_bytes <= session.limits.replay_bytes
    assert len(session._replay) <= session.limits.replay_messages
    page.cut()


async def test_one_send_that_takes_too_long_ends_the_socket(start):
    server = await start(send=0.1, queue_messages=1_000_000, queue_bytes=10**9)
    call, worker, doctor = await server.pair()
    worker.ws._response.connection.transport.pause_reading()

    flood(server, worker, 12_000_000)

    assert (await doctor.next("peer-away"))["peer"] == worker.peer
    assert call.id
    worker.cut()


async def test_a_burst_that_a_slow_page_reads_in_time_arrives_whole(start):
    server = await start(queue_messages=10_000, queue_bytes=10**8, replay_messages=10_000)
    page = await server.open(server.person())

    flood(server, page, 8_000_000)
    server.presence.tell(page.person.participant, messages.DutyChanged(duty=True))

    assert (await page.next("duty-changed"))["seq"] == 2_001


async def test_sending_to_a_socket_that_just_broke_raises_nothing(server):
    page = await server.open(server.person())
    session = server.presence.sessions.of(page.person.participant)[0]
    session.socket._transport.abort()

    for _ in range(3):
        session.send(messages.DutyChanged(duty=True))

    assert await page.closing() == 1006
    assert (await server.resume(page)).seen("welcome")[0]["resumed"] is True


@pytest.mark.parametrize("closing", [Closing.SIGNED_OUT, Closing.GOING_AWAY])
async def test_the_last_words_arrive_before_the_close(server, closing):
    page = await server.open(server.person())
    session = server.presence.sessions.of(page.person.participant)[0]

    session.send(messages.DutyChanged(duty=False))
    session.socket.end(closing)

    await page.next("duty-changed")
    assert await page.closing() == closing
