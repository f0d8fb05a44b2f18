"""What the log keeps of a call when it is over: its weightiest cause and what each side sent; and the list by cause."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select

from records.acts import Actor
from records.care import call_reports, session_summaries, sessions, tables
from records.care.session_summaries import Summary
from records.errors import NotAllowed
from records.guard.tables import AuditEvent
from signaling.messages import Quality
from tests.records.care.test_calls import SYSTEM, Live, live  # noqa: F401  a call that was just accepted
from tests.records.care.test_sessions import walk

GOOD = Quality(received_kbps=600, sent_kbps=620, lost_percent=0.4, round_trip_ms=80, rung="medium")
LOSSY = Quality(received_kbps=30, sent_kbps=40, lost_percent=14, round_trip_ms=180, concealed_percent=2, rung="voice")


async def measure(live: Live, count: int, worker: Quality, doctor: Quality) -> None:  # noqa: F811
    for _ in range(count):
        live.clock.forward(seconds=10)
        await live.move(live.people.nurse, "measured", "worker", worker, 0)
        await live.move(live.people.doctor, "measured", "doctor", doctor, 0)


async def lose(live: Live) -> None:  # noqa: F811
    """The station's line is out for forty seconds."""
    await live.move(live.people.doctor, "media", "doctor", "lost")
    live.clock.forward(seconds=9)
    async with live.archive.act(live.people.nurse.actor) as act:
        await call_reports.tell(act, live.call, "worker", "away", "silent")
    live.clock.forward(seconds=31)
    await live.move(live.people.nurse, "media", "worker", "lost")
    await live.move(live.people.nurse, "media", "worker", "connected")
    await live.move(live.people.doctor, "media", "doctor", "connected")


async def finish(live: Live) -> None:  # noqa: F811
    call = await live.move(live.people.doctor, "finish")
    live.clock.forward(seconds=30)
    await live.move(SYSTEM, "finish_now", call.finish_at)


async def summary(live: Live) -> Summary | None:  # noqa: F811
    async with live.archive.act(SYSTEM) as act:
        return (await session_summaries.of(act, [live.request])).get(live.request)


async def test_a_call_that_is_over_keeps_what_each_side_sent_and_its_weightiest_cause(live: Live) -> None:  # noqa: F811
    await live.connect()
    await measure(live, 3, GOOD, GOOD)
    await lose(live)
    live.clock.forward(seconds=30)
    await measure(live, 5, GOOD, LOSSY)

    assert await summary(live) is None
    await finish(live)

    kept = await summary(live)
    assert kept is not None
    assert (kept.cause, kept.cause_side, kept.rung) == ("network-lost", "worker", ("medium", 100))
    assert (kept.sent["worker"].used, kept.sent["doctor"].used) == ({"medium": 8}, {"medium": 3, "voice": 5})
    assert (kept.sent["worker"].lost_percent, kept.sent["doctor"].lost_percent) == (8.9, 0.4)     # by who sends
    assert (kept.sent["worker"].round_trip_ms, kept.sent["worker"].kbps) == (80, 620)


async def test_a_call_that_went_well_has_no_cause_and_one_that_never_connected_has_no_figures(live: Live) -> None:  # noqa: F811
    await live.connect()
    await measure(live, 2, GOOD, GOOD)
    await finish(live)

    kept = await summary(live)

    assert kept is not None and (kept.cause, kept.rung) == ("", ("medium", 100))


async def test_a_call_whose_sides_found_no_way_keeps_that(live: Live) -> None:  # noqa: F811
    call = await live.enter_both()
    async with live.archive.act(live.people.doctor.actor) as act:
        await call_reports.tell(act, live.call, "doctor", "path-failed", "no-relay")
    live.clock.forward(seconds=30)
    call = await live.move(SYSTEM, "expire", call.deadline_at, occupied=True)
    live.clock.forward(minutes=10)
    await live.move(SYSTEM, "expire", call.deadline_at, occupied=False)

    assert await summary(live) == Summary(cause="no-path")


async def test_the_log_is_filtered_by_cause_page_by_page(live: Live) -> None:  # noqa: F811
    await live.connect()
    await lose(live)
    await finish(live)
    others = [await another(live, number) for number in range(1, 5)]

    lost = sessions.Filter(cause="network-lost")
    assert await walk(live.archive, live.people.root, lost, size=2) == [*reversed(others), live.request]
    assert await walk(live.archive, live.people.root, sessions.Filter(cause="weak-line"), size=2) == []
    assert await walk(live.archive, live.people.root, sessions.Filter(cause="network-lost", station_id=live.people.con_minh)) == []
    async with live.archive.act(live.people.root.actor) as act:
        assert await sessions.counts(act, lost) == (5, 0)
        [row] = (await sessions.page(act, sessions.Filter(cause="network-lost", doctor_id=live.people.doctor.id))).sessions
    assert (row.request_id, row.summary.cause_side) == (live.request, "worker")


async def another(live: Live, number: int) -> UUID:  # noqa: F811
    """One more session that was cut at the station, ``number`` minutes later."""
    async with live.archive.act(SYSTEM) as act:
        first = await act.db.get_one(tables.Request, live.request)
        row = tables.Request(
            id=UUID(int=number), encounter_id=first.encounter_id, organization_id=first.organization_id, status="completed",
            asked_at=first.asked_at + timedelta(minutes=number), asked_by=first.asked_by, version=1)
        act.db.add(row)
        await act.db.flush()
        act.db.add(tables.SessionCause(request_id=row.id, asked_at=row.asked_at, kind="network-lost", side="worker"))
    return row.id


async def test_an_export_is_told_apart_from_a_look_at_the_list_in_the_trail(live: Live) -> None:  # noqa: F811
    async with live.archive.act(live.people.administrator.actor) as act:
        await sessions.page(act, sessions.Filter(), tag="session:export")
    with pytest.raises(NotAllowed):
        async with live.archive.act(live.people.auditor.actor) as act:
            await sessions.page(act, sessions.Filter(), tag="session:export")

    async with live.archive.act(Actor.of_system("test")) as act:
        tags = (await act.db.execute(select(AuditEvent.tag, AuditEvent.outcome, func.count()).where(
            AuditEvent.tag.startswith("session:")).group_by(AuditEvent.tag, AuditEvent.outcome))).all()
    assert sorted((tag, count) for tag, _, count in tags) == [("session:export", 1), ("session:export", 1)]
