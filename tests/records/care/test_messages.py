"""The chat beside a call: kept in order, said once, sealed, for the two sides alone."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from records.acts import Actor
from records.care import messages, tables
from records.errors import Conflict, NotAllowed
from tests.builders import Clock, Someone
from tests.records.care.test_calls import Live, live

__all__ = ["live"]
SECRET = "bà Hoa đau ngực từ đêm qua"


async def say(live: Live, who: Someone, text: str, id: UUID | None = None) -> messages.Line:
    async with live.archive.act(who.actor) as act:
        return await messages.say(act, live.call, id or uuid4(), text)


async def history(live: Live, who: Someone) -> list[messages.Line]:
    async with live.archive.act(who.actor) as act:
        return await messages.history(act, live.call)


async def test_both_sides_read_what_was_said_in_order(live: Live) -> None:
    await say(live, live.people.nurse, SECRET)
    await say(live, live.people.doctor, "đo lại SpO₂ giúp tôi")

    lines = await history(live, live.people.nurse)

    assert [(line.number, line.name, line.text) for line in lines] == [
        (1, live.people.nurse.name, SECRET), (2, live.people.doctor.name, "đo lại SpO₂ giúp tôi")]
    assert await history(live, live.people.doctor) == lines


async def test_the_same_id_says_it_once_and_somebody_elses_id_says_nothing(live: Live) -> None:
    id = uuid4()

    first, again = await say(live, live.people.nurse, "một", id), await say(live, live.people.nurse, "một", id)

    with pytest.raises(Conflict):
        await say(live, live.people.doctor, "hai", id)
    assert first == again
    assert len(await history(live, live.people.nurse)) == 1


async def test_strangers_neither_read_nor_write(live: Live) -> None:
    await say(live, live.people.nurse, SECRET)

    for stranger in (live.people.stranger, live.people.second_doctor):
        with pytest.raises(NotAllowed):
            await history(live, stranger)
        with pytest.raises(NotAllowed):
            await say(live, stranger, "chen vào")


async def test_what_is_said_lies_sealed_in_its_row(live: Live) -> None:
    line = await say(live, live.people.nurse, SECRET)

    async with live.archive.act(Actor.of_system("test")) as act:
        row = (await act.db.scalars(select(tables.Message).where(tables.Message.id == line.id))).one()
    assert SECRET.encode() not in row.text


async def test_arriving_and_being_seen_are_told_apart_and_only_rise(live: Live, clock: Clock) -> None:
    await say(live, live.people.nurse, "một")

    async with live.archive.act(live.people.doctor.actor) as act:
        arrived = await messages.mark(act, live.call, 1, seen=False)
        again = await messages.mark(act, live.call, 1, seen=False)
    before = (await history(live, live.people.nurse))[0]
    clock.forward(seconds=5)
    async with live.archive.act(live.people.doctor.actor) as act:
        seen = await messages.mark(act, live.call, 1, seen=True)
    after = (await history(live, live.people.nurse))[0]

    assert (arrived, again, seen) == (True, False, True)
    assert (before.delivered_at is not None, before.seen_at) == (True, None)
    assert (after.delivered_at, after.seen_at) == (before.delivered_at, clock.now)


async def test_ones_own_mark_moves_nothing_of_ones_own_lines(live: Live) -> None:
    await say(live, live.people.nurse, "một")

    async with live.archive.act(live.people.nurse.actor) as act:
        assert not await messages.mark(act, live.call, 1, seen=True)


async def test_after_the_case_is_finished_it_is_read_but_no_longer_written(live: Live) -> None:
    await live.connect()
    await say(live, live.people.nurse, "một")
    armed = await live.move(live.people.doctor, "finish")
    await live.move(Actor.of_system("deadline"), "finish_now", armed.finish_at)

    with pytest.raises(Conflict):
        await say(live, live.people.nurse, "hai")
    assert [line.text for line in await history(live, live.people.doctor)] == ["một"]
