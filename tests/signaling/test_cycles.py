"""Connect, call, leave, again and again: nothing stays behind."""

from __future__ import annotations

import asyncio
import gc
import os
from pathlib import Path

import pytest

AT_ONCE = 20                # pairs
MEMORY = 20 * 2**20         # bytes that 10,000 cycles may cost


def resident() -> int:
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


async def cycle(server) -> None:
    """Two people connect, meet, talk and leave; every other pair just closes the browser."""
    call, worker, doctor = await server.pair()
    await worker.send(type="offer", call=call.id, to=doctor.peer, round=1, sdp="v=0")
    await doctor.next("relayed-offer")
    await worker.command("leave", call=call.id)
    await doctor.next("peer-left")
    for page in (worker, doctor):
        await page.ws.close()
        await page.closing()
        server.presence.dismiss(1000, login=page.person.login)     # as if 85 s had passed
        del server.house.people[page.person.login]
    del server.house.calls[call.id]
    server.house.events.clear()


async def cycles(server, times: int) -> None:
    for _ in range(times // AT_ONCE):
        async with asyncio.TaskGroup() as group:
            for _ in range(AT_ONCE):
                group.create_task(cycle(server))


async def leave_nothing(server, times: int) -> int:
    """The bytes that ``times`` cycles have cost, after a first round has filled every pool."""
    await cycles(server, 10 * AT_ONCE)
    before, files, tasks = resident(), descriptors(), len(asyncio.all_tasks())

    await cycles(server, times)

    await server.house.until(lambda: not server.house.reachable)
    assert len(server.presence.sessions) == len(server.rooms) == server.endpoint.sockets == 0
    assert not server.rooms._doors
    assert not server.endpoint._gate._accounts
    assert not server.endpoint._gate._unknown
    assert descriptors() <= files
    assert len(asyncio.all_tasks()) <= tasks
    return resident() - before


async def test_after_two_hundred_calls_nothing_is_left(start):
    assert await leave_nothing(await start(unknown_per_address=1_000), 200) < MEMORY


@pytest.mark.full
@pytest.mark.timeout(900)
async def test_after_ten_thousand_calls_nothing_is_left(start):
    assert await leave_nothing(await start(unknown_per_address=1_000), 10_000) < MEMORY
