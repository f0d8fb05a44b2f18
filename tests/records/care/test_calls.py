"""The call's machine: who moves it, where it goes, what it leaves behind, and what it never does."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select, update

from records.acts import Actor
from records.archive import Archive
from records.care import call_events, call_reports, calls, consents, encounters, request_clock, requests, tables
from records.errors import Conflict, NotAllowed
from records.guard.tables import AuditEvent
from records.people import duty, patients
from records.people.identities import Identity
from signaling.messages import Quality
from tests.builders import Clock, People, Someone

SYSTEM = Actor.of_system("deadline")


@dataclass
class Live:
    """A call that a doctor has just accepted, and short ways to move it."""

    archive: Archive
    people: People
    clock: Clock
    request: UUID
    encounter: UUID
    call: UUID

    async def move(self, who: Someone | Actor, deed: str, *parts: Any, **named: Any) -> Any:
        actor = who if isinstance(who, Actor) else who.actor
        async with self.archive.act(actor) as act:
            return await getattr(calls, deed)(act, self.call, *parts, **named)

    async def enter_both(self) -> calls.Call:
        await self.move(self.people.nurse, "entered", "worker", together=False)
        call: calls.Call = await self.move(self.people.doctor, "entered", "doctor", together=True)
        return call

    async def connect(self) -> calls.Call:
        await self.enter_both()
        await self.move(self.people.nurse, "media", "worker", "connected")
        call: calls.Call = await self.move(self.people.doctor, "media", "doctor", "connected")
        return call

    async def read(self, table: Any, id: UUID) -> Any:
        async with self.archive.act(SYSTEM) as act:
            return await act.db.get(table, id)

    async def kinds(self) -> list[str]:
        async with self.archive.act(SYSTEM) as act:
            return [event.kind for event in await call_events.for_request(act, self.request)]

    async def trail(self, tag: str) -> int:
        async with self.archive.act(SYSTEM) as act:
            count = await act.db.scalar(select(func.count()).select_from(AuditEvent).where(AuditEvent.tag == tag))
        return count or 0


@pytest.fixture
async def live(archive: Archive, people: People, clock: Clock) -> Live:
    patient, encounter, request = uuid4(), uuid4(), uuid4()
    async with archive.act(people.nurse.actor) as act:
        await patients.register(act, patient, Identity(full_name="Bàn Thị Xuân", gender="female", birth_date="1960"))
        await encounters.start(act, encounter, patient)
        await consents.save(act, encounter, consult=True, share={people.bach_thong}, photo=False)
        await requests.ask(act, request, encounter)
    async with archive.act(people.doctor.actor) as act:
        await duty.begin(act)
    async with archive.act(SYSTEM) as act:
        await requests.offer(act, request)
    async with archive.act(people.doctor.actor) as act:
        call = await requests.accept(act, request)
    return Live(archive, people, clock, request, encounter, call)


async def test_the_call_is_connecting_when_both_have_entered_and_the_case_is_in_progress(live: Live) -> None:
    alone = await live.move(live.people.nurse, "entered", "worker", together=False)
    both = await live.move(live.people.doctor, "entered", "doctor", together=True)

    assert (alone.state, both.state) == ("opened", "connecting")
    assert both.deadline_at == live.clock.now + timedelta(seconds=30)
    assert (await live.read(tables.Request, live.request)).status == "in-progress"
    assert (await live.read(tables.Encounter, live.encounter)).status == "in-progress"


async def test_the_call_is_connected_when_both_report_media_and_not_when_one_does(live: Live) -> None:
    await live.enter_both()

    one = await live.move(live.people.nurse, "media", "worker", "connected")
    both = await live.move(live.people.doctor, "media", "doctor", "connected")

    assert (one.state, both.state) == ("connecting", "connected")
    assert both.connected_at == live.clock.now
    assert both.deadline_at == live.clock.now + timedelta(hours=4)


async def test_a_cut_is_counted_with_its_seconds_and_ends_nothing(live: Live) -> None:
    await live.connect()

    live.clock.forward(minutes=1)
    cut = await live.move(live.people.nurse, "media", "worker", "lost")
    live.clock.forward(seconds=38)
    back = await live.move(live.people.nurse, "media", "worker", "connected")

    row = await live.read(tables.Call, live.call)
    assert (cut.state, back.state, row.cuts, row.cut_seconds) == ("reconnecting", "connected", 1, 38)
    assert (await live.read(tables.Request, live.request)).status == "in-progress"


async def test_the_same_report_again_moves_nothing(live: Live) -> None:
    first = await live.connect()

    again = await live.move(live.people.doctor, "media", "doctor", "connected")

    assert again.version == first.version


async def test_leaving_is_no_end_and_coming_back_takes_the_call_up(live: Live) -> None:
    await live.connect()

    left = await live.move(live.people.doctor, "left", "doctor", "left", empty=False)
    await live.move(live.people.doctor, "entered", "doctor", together=True)
    back = await live.move(live.people.doctor, "media", "doctor", "connected")

    assert (left.state, back.state) == ("reconnecting", "connected")


async def test_somebody_silent_may_still_be_seen_so_only_an_empty_room_is_a_cut(live: Live) -> None:
    await live.connect()

    silent = await live.move(live.people.doctor, "left", "doctor", "gone", empty=False)
    empty = await live.move(live.people.nurse, "left", "worker", "gone", empty=True)

    assert (silent.state, empty.state) == ("connected", "reconnecting")


async def test_a_call_that_does_not_connect_says_so_and_stays(live: Live) -> None:
    call = await live.enter_both()

    live.clock.forward(seconds=30)
    late = await live.move(SYSTEM, "expire", call.deadline_at, occupied=True)
    live.clock.forward(minutes=10)
    later = await live.move(SYSTEM, "expire", late.deadline_at, occupied=True)

    assert (late.state, later.state) == ("reconnecting", "reconnecting")
    assert "not-connected" in await live.kinds()
    assert later.deadline_at == live.clock.now + timedelta(minutes=10)


async def test_nobody_there_for_ten_minutes_ends_the_call_but_not_the_encounter(live: Live) -> None:
    await live.connect()
    cut = await live.move(live.people.nurse, "left", "worker", "gone", empty=True)

    live.clock.forward(minutes=10)
    over = await live.move(SYSTEM, "expire", cut.deadline_at, occupied=False)

    request = await live.read(tables.Request, live.request)
    assert (over.state, over.reason, over.deadline_at) == ("ended", "lost", None)
    assert (request.status, request.reason) == ("completed", "lost")
    assert (await live.read(tables.Encounter, live.encounter)).status == "in-progress"


async def test_an_empty_room_that_never_connected_fails_with_its_request(live: Live) -> None:
    call = await live.enter_both()
    late = await live.move(SYSTEM, "expire", call.deadline_at, occupied=False)

    over = await live.move(SYSTEM, "expire", late.deadline_at, occupied=False)

    request = await live.read(tables.Request, live.request)
    assert (over.state, over.reason, request.status, request.reason) == ("failed", "not-connected", "failed", "not-connected")


async def test_an_occupied_room_waits_four_hours_at_most(live: Live) -> None:
    call = await live.enter_both()
    late = await live.move(SYSTEM, "expire", call.deadline_at, occupied=True)

    live.clock.forward(hours=4)
    over = await live.move(SYSTEM, "expire", late.deadline_at, occupied=True)

    assert over.is_over


async def test_an_alarm_of_a_state_that_has_passed_changes_nothing(live: Live) -> None:
    call = await live.enter_both()
    connected = await live.connect()

    late = await live.move(SYSTEM, "expire", call.deadline_at, occupied=True)

    assert (late.state, late.version) == ("connected", connected.version)


async def test_only_the_doctor_finishes_and_has_thirty_seconds_to_take_it_back(live: Live) -> None:
    await live.connect()

    with pytest.raises(NotAllowed):
        await live.move(live.people.nurse, "finish")
    with pytest.raises(NotAllowed):
        await live.move(live.people.second_doctor, "finish")
    armed = await live.move(live.people.doctor, "finish")
    back = await live.move(live.people.doctor, "unfinish")
    late = await live.move(SYSTEM, "finish_now", armed.finish_at)

    assert armed.finish_at == live.clock.now + timedelta(seconds=30)
    assert (back.finish_at, late.state) == (None, "connected")


async def test_a_finish_that_was_not_taken_back_completes_everything(live: Live) -> None:
    await live.connect()
    armed = await live.move(live.people.doctor, "finish")

    again = await live.move(live.people.doctor, "finish")
    live.clock.forward(seconds=30)
    over = await live.move(SYSTEM, "finish_now", armed.finish_at)

    encounter = await live.read(tables.Encounter, live.encounter)
    assert again.finish_at == armed.finish_at
    assert (over.state, over.reason, over.ended_at) == ("ended", "finished", live.clock.now)
    assert (await live.read(tables.Request, live.request)).status == "completed"
    assert (encounter.status, encounter.ended_at) == ("finished", live.clock.now)


async def test_what_is_over_stays_over(live: Live) -> None:
    await live.connect()
    armed = await live.move(live.people.doctor, "finish")
    over = await live.move(SYSTEM, "finish_now", armed.finish_at)

    with pytest.raises(Conflict):
        await live.move(live.people.doctor, "entered", "doctor", together=True)
    with pytest.raises(Conflict):
        await live.move(live.people.doctor, "unfinish")
    media = await live.move(live.people.nurse, "media", "worker", "lost")
    left = await live.move(live.people.nurse, "left", "worker", "left", empty=True)

    assert {media.version, left.version} == {over.version}


async def test_a_restart_keeps_the_state_and_gives_sixty_seconds_at_least(live: Live) -> None:
    await live.enter_both()
    await live.move(live.people.doctor, "finish")

    live.clock.forward(minutes=5)
    async with live.archive.act(SYSTEM) as act:
        again = await calls.rearm(act)

    assert (await live.kinds())[-1] == "restarted"
    assert [call.state for call in again] == ["connecting"]
    assert again[0].deadline_at == again[0].finish_at == live.clock.now + timedelta(seconds=60)


async def test_a_doctor_who_does_not_join_gives_the_call_to_the_next_one(live: Live) -> None:
    row = await live.read(tables.Request, live.request)
    async with live.archive.act(live.people.second_doctor.actor) as act:
        await duty.begin(act)
    async with live.archive.act(SYSTEM) as act:
        await request_clock.expire(act, live.request, row.deadline_at)
        released = await calls.for_request(act, live.request)
        await requests.offer(act, live.request)
    async with live.archive.act(live.people.second_doctor.actor) as act:
        call = await requests.accept(act, live.request)

    with pytest.raises(NotAllowed):
        async with live.archive.act(live.people.doctor.actor) as act:
            await calls.read(act, live.call)
    assert released is not None and released.doctor_id is None
    assert call == live.call


async def test_strangers_do_not_learn_that_the_call_exists(live: Live) -> None:
    for stranger in (live.people.stranger, live.people.second_doctor, live.people.specialist):
        with pytest.raises(NotAllowed) as refused:
            await live.move(stranger, "read")
        assert refused.value.hidden
    assert (await live.move(live.people.nurse, "read")).id == live.call
    assert (await live.move(live.people.doctor, "read")).id == live.call


async def test_everybody_sits_on_their_own_side(live: Live) -> None:
    async def side(person: Someone) -> str:
        async with live.archive.act(person.actor) as act:
            return calls.side_of(act, await calls.read(act, live.call))

    assert await side(live.people.nurse) == await side(live.people.colleague) == "worker"
    assert await side(live.people.doctor) == "doctor"


async def test_every_move_leaves_one_entry_in_the_trail(live: Live) -> None:
    await live.connect()
    await live.move(live.people.doctor, "finish")

    assert [await live.trail(f"call:{kind}") for kind in ("opened", "connecting", "connected", "finish")] == [1, 1, 1, 1]
    assert await live.trail("call:entered") == 2
    kinds = [kind for kind in await live.kinds() if kind in ("opened", "entered", "connecting", "connected", "finish-armed")]
    assert kinds == ["opened", "entered", "entered", "connecting", "connected", "finish-armed"]


async def test_a_curtain_is_a_row_of_the_time_line_and_moves_nothing(live: Live) -> None:
    before = await live.connect()

    await live.move(live.people.nurse, "switched", "worker", "curtain-up")

    assert (await live.kinds())[-1] == "curtain-up"
    assert (await live.read(tables.Call, live.call)).version == before.version


async def test_a_move_from_a_state_that_somebody_else_has_changed_is_refused(live: Live) -> None:
    from records.care import call_rows  # noqa: PLC0415  the step itself is what is tested

    with pytest.raises(Conflict):
        async with live.archive.act(SYSTEM) as act:
            row = await call_rows.locked(act, live.call)
            await act.db.execute(update(tables.Call).where(tables.Call.id == live.call).values(version=row.version + 1)
                                 .execution_options(synchronize_session=False))
            await call_rows.set_(act, row, state="connected")


async def test_many_reports_at_once_make_one_connection(live: Live) -> None:
    await live.enter_both()

    await asyncio.gather(*(
        live.move(person, "media", side, "connected")
        for person, side in [(live.people.nurse, "worker"), (live.people.doctor, "doctor")] * 10))

    assert (await live.kinds()).count("connected") == 1
    assert (await live.read(tables.Call, live.call)).state == "connected"


async def test_ten_seconds_of_each_side_are_kept_and_bytes_are_counted_at_the_station(live: Live) -> None:
    await live.connect()
    quality = Quality(received_kbps=310.5, sent_kbps=120, lost_percent=1.5, round_trip_ms=85, concealed_percent=0.5, jitter_ms=12,
                      available_kbps=700, path="relay-tls", network="cellular", rung="medium", bytes_used=540_000)

    for _ in range(2):
        await live.move(live.people.nurse, "measured", "worker", quality, quality.bytes_used)
        await live.move(live.people.doctor, "measured", "doctor", quality, quality.bytes_used)

    async with live.archive.act(SYSTEM) as act:
        samples = await call_events.samples(act, live.call)
    assert [(one.side, one.received_kbps) for one in samples] == [("worker", 310.5), ("doctor", 310.5)] * 2
    assert samples[0] == call_events.Sample(live.clock.now, "worker", 310.5, 120, 1.5, 85, "medium", 0.5, 12, 700, "relay-tls", "cellular")
    assert (await live.read(tables.Call, live.call)).bytes_used == 1_080_000


async def test_what_pages_and_sockets_tell_is_in_the_time_line_and_moves_nothing(live: Live) -> None:
    before = (await live.connect()).version
    told = len(await live.kinds())

    async with live.archive.act(live.people.nurse.actor) as act:
        await call_reports.tell(act, live.call, "worker", "away", "silent")
        await call_reports.tell(act, live.call, "worker", "line-out", "38")

    async with live.archive.act(SYSTEM) as act:
        events = (await call_events.for_request(act, live.request))[told:]
    assert [(one.kind, one.side, one.detail, one.practitioner_id) for one in events] == [
        ("away", "worker", "silent", live.people.nurse.id), ("line-out", "worker", "38", live.people.nurse.id)]
    assert (await live.read(tables.Call, live.call)).version == before


async def test_a_time_line_that_is_full_takes_no_more_reports_and_a_call_that_is_over_none(
        live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    await live.connect()
    monkeypatch.setattr(call_reports, "ROWS_AT_MOST", len(await live.kinds()) + 1)

    async with live.archive.act(live.people.nurse.actor) as act:
        for _ in range(3):
            await call_reports.tell(act, live.call, "worker", "line-out", "5")
    full = await live.kinds()
    monkeypatch.setattr(call_reports, "ROWS_AT_MOST", 500)
    async with live.archive.act(SYSTEM) as act:
        await calls.abandon(act, live.request, "cancelled")
        await call_reports.tell(act, live.call, "worker", "line-out", "5")

    assert full.count("line-out") == 1
    assert (await live.kinds()).count("line-out") == 1
