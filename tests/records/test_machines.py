"""The request and its call as state machines: whatever people, lines and restarts do, the invariants of safety.md hold.

Hypothesis plays a station, two doctors, a cut line and a server that dies; the clock moves only when it says so. Every rule is
one act over the real records. Cases that once failed are kept below as explicit tests.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Coroutine
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import select

from records import database
from records.acts import Act, Actor
from records.archive import Archive
from records.care import calls, consents, encounters, request_clock, request_views, requests, tables
from records.care.calls import LIVE as LIVE_CALL
from records.care.calls import Side
from records.care.request_rows import LIVE, RINGING, TERMINAL
from records.errors import Conflict, NotAllowed
from records.guard import keyring
from records.guard.tables import AuditEvent
from records.guard.vault import Vault
from records.people import duty, patients
from records.people.identities import Identity
from tests import builders
from tests.builders import Clock, People, Someone

T = TypeVar("T")
SYSTEM = Actor.of_system("deadline")
SIDES = st.sampled_from(["worker", "doctor"])
DOCTORS = st.sampled_from(["doctor", "second_doctor"])


class World:
    """The records of one run, each method one act; ``seats`` stands for the room, which a killed server forgets."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.clock = folder, Clock()
        self.loop = asyncio.new_event_loop()
        self.seats: dict[UUID, set[str]] = {}
        self.archive, self.people = self.run(self._furnish())
        self.encounters = [self.run(self._encounter()) for _ in range(2)]

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(work)

    def close(self) -> None:
        self.run(self.archive.close())
        self.loop.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    async def _furnish(self) -> tuple[Archive, People]:
        keys = self.folder / "keys"
        keys.mkdir(mode=0o700)
        keyring.make_key_file(keys / "telehealth.keys")
        engine = database.make_engine(f"sqlite:///{self.folder / 'telehealth.db'}")
        async with engine.begin() as connection:
            await connection.run_sync(database.Base.metadata.create_all)
        vault = await Vault.load(key_file=keys / "telehealth.keys", key_store_url=f"sqlite:///{keys / 'patients.db'}",
                                 engine=engine, clock=self.clock)
        archive = Archive(engine, vault, self.clock)
        return archive, await builders.people(archive)

    async def _encounter(self) -> UUID:
        async with self.archive.act(self.people.nurse.actor) as act:
            patient = await patients.register(act, uuid4(), Identity(full_name="Hoàng Thị Hoa", birth_date="1958"))
            encounter = await encounters.start(act, uuid4(), patient)
            await consents.save(act, encounter, consult=True, share={self.people.bach_thong}, photo=False)
        return encounter

    def who(self, name: str) -> Someone:
        found: Someone = getattr(self.people, name)
        return found

    def do(self, actor: Actor, deed: Any, *given: Any, **named: Any) -> Any:
        """One act; what the records refuse is None."""
        async def act_once() -> Any:
            async with self.archive.act(actor) as act:
                return await deed(act, *given, **named)
        try:
            return self.run(act_once())
        except (Conflict, NotAllowed):
            return None

    def rows(self, table: type[T]) -> list[T]:
        async def read(act: Act) -> list[T]:
            return list(await act.db.scalars(select(table)))
        found: list[T] = self.do(SYSTEM, read)
        return found

    def offer(self) -> None:
        for row in self.rows(tables.Request):
            if row.status in RINGING:
                self.do(SYSTEM, requests.offer, row.id)

    def due(self) -> None:
        """Every alarm whose moment has come, as deadlines.py would ring it."""
        for row in self.rows(tables.Request):
            if row.deadline_at and row.deadline_at <= self.clock.now and row.status != "in-progress":
                self.do(SYSTEM, request_clock.expire, row.id, row.deadline_at)
        for call in self.rows(tables.Call):
            if call.finish_at and call.finish_at <= self.clock.now:
                self.do(SYSTEM, calls.finish_now, call.id, call.finish_at)
            if call.deadline_at and call.deadline_at <= self.clock.now:
                self.do(SYSTEM, calls.expire, call.id, call.deadline_at, occupied=bool(self.seats.get(call.id)))
        self._empty_rooms()

    def _empty_rooms(self) -> None:
        live = {call.id for call in self.rows(tables.Call) if call.state in LIVE_CALL and call.doctor_id is not None}
        self.seats = {call: seats for call, seats in self.seats.items() if call in live}


class Machines(RuleBasedStateMachine):
    """What may happen, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World(Path(tempfile.mkdtemp(prefix="telehealth-machines-")))
        self.seen_requests: dict[UUID, tuple[str, int]] = {}
        self.seen_calls: dict[UUID, tuple[str, int]] = {}
        self.leases: dict[UUID, int] = {}       # versions that only lengthened a deadline after a restart
        self.form = uuid4()

    def teardown(self) -> None:
        self.world.close()

    # ------------------------------------------------------------ what people do

    @initialize()
    def somebody_is_on_duty(self) -> None:
        self.begin_duty("doctor")

    @rule(doctor=DOCTORS)
    def begin_duty(self, doctor: str) -> None:
        self.world.do(self.world.who(doctor).actor, duty.begin)
        self.world.offer()

    @rule(doctor=DOCTORS)
    def end_duty(self, doctor: str) -> None:
        who = self.world.who(doctor)
        self.world.do(who.actor, duty.end)
        for row in self._requests(*RINGING):
            self.world.do(SYSTEM, requests.withdraw, row.id, who.id)

    @rule(number=st.integers(0, 1), same_form=st.booleans())
    def ask(self, number: int, same_form: bool) -> None:
        self.form = self.form if same_form else uuid4()
        self.world.do(self.world.people.nurse.actor, requests.ask, self.form, self.world.encounters[number])
        self.world.offer()

    @rule(number=st.integers(0, 1))
    def emergency(self, number: int) -> None:
        encounter = self.world.encounters[number]
        self.world.do(self.world.people.nurse.actor, requests.emergency, uuid4(), "other", encounter_id=encounter)
        self.world.offer()

    @precondition(lambda self: self._requests(*LIVE))
    @rule(doctor=DOCTORS, data=st.data())
    def show(self, doctor: str, data: st.DataObject) -> None:
        self.world.do(self.world.who(doctor).actor, requests.shown, self._pick(data).id)

    @precondition(lambda self: self._requests(*LIVE))
    @rule(first=DOCTORS, data=st.data())
    def two_doctors_accept(self, first: str, data: st.DataObject) -> None:
        """Both press; at most one call comes of it, and the winner may press again."""
        row = self._pick(data)
        order = [first, "second_doctor" if first == "doctor" else "doctor"]
        won = [(name, self.world.do(self.world.who(name).actor, requests.accept, row.id)) for name in order]
        winners = {name for name, call in won if call is not None}
        assert len(winners) <= 1
        for name, call in won:
            if call is not None:
                assert self.world.do(self.world.who(name).actor, requests.accept, row.id) == call

    @precondition(lambda self: self._requests(*LIVE))
    @rule(doctor=DOCTORS, data=st.data())
    def decline(self, doctor: str, data: st.DataObject) -> None:
        self.world.do(self.world.who(doctor).actor, requests.decline, self._pick(data).id)

    @precondition(lambda self: self._requests(*LIVE))
    @rule(who=st.sampled_from(["nurse", "colleague", "stranger"]), data=st.data())
    def cancel(self, who: str, data: st.DataObject) -> None:
        row = self._pick(data)
        cancelled = self.world.do(self.world.who(who).actor, requests.cancel, row.id)
        assert who != "stranger" or cancelled is None

    # ------------------------------------------------------------ the call

    @precondition(lambda self: self._calls())
    @rule(side=SIDES, data=st.data())
    def enter(self, side: Side, data: st.DataObject) -> None:
        call = self._pick_call(data)
        actor = self._actor(call, side)
        if actor is None:
            return
        seats = self.world.seats.setdefault(call.id, set())
        entered = self.world.do(actor, calls.entered, call.id, side, together=bool(seats - {side}))
        if entered is not None:
            seats.add(side)

    @precondition(lambda self: self._calls())
    @rule(side=SIDES, reason=st.sampled_from(["left", "gone", "dismissed"]), data=st.data())
    def leave(self, side: Side, reason: str, data: st.DataObject) -> None:
        call = self._pick_call(data)
        actor, seats = self._actor(call, side), self.world.seats.get(call.id, set())
        if actor is not None and side in seats:
            seats.discard(side)
            self.world.do(actor, calls.left, call.id, side, reason, empty=not seats)

    @precondition(lambda self: self._calls())
    @rule(side=SIDES, flow=st.sampled_from(["connected", "lost"]), data=st.data())
    def media(self, side: Side, flow: Any, data: st.DataObject) -> None:
        call = self._pick_call(data)
        actor = self._actor(call, side)
        if actor is not None and side in self.world.seats.get(call.id, set()):
            self.world.do(actor, calls.media, call.id, side, flow)

    @precondition(lambda self: self._calls())
    @rule(doctor=DOCTORS, undo=st.booleans(), data=st.data())
    def finish(self, doctor: str, undo: bool, data: st.DataObject) -> None:
        call = self._pick_call(data)
        done = self.world.do(self.world.who(doctor).actor, calls.unfinish if undo else calls.finish, call.id)
        assert done is None or call.doctor_id == self.world.who(doctor).id

    # ------------------------------------------------------------ time and faults

    @rule(seconds=st.sampled_from([1, 20, 30, 31, 60, 90, 120, 601, 4 * 3600]))
    def time_passes(self, seconds: int) -> None:
        self.world.clock.forward(seconds=seconds)
        self.world.due()
        self.world.offer()

    @rule(data=st.data())
    def an_old_alarm_rings(self, data: st.DataObject) -> None:
        """An alarm of a state that has passed: nothing moves."""
        rows = self.world.rows(tables.Request)
        if not rows:
            return
        row = data.draw(st.sampled_from(rows))
        old = (row.deadline_at or self.world.clock.now) - timedelta(seconds=7)
        self.world.do(SYSTEM, request_clock.expire, row.id, old)
        assert self._row(row.id).version == row.version

    @rule()
    def the_server_is_killed_and_starts_again(self) -> None:
        before = {row.id: row.status for row in self.world.rows(tables.Request)}
        self.world.seats.clear()
        self.world.do(SYSTEM, calls.rearm)
        for request in self.world.do(SYSTEM, request_clock.rearm):
            self.leases[request.id] = self.leases.get(request.id, 0) + 1
        least = self.world.clock.now + timedelta(seconds=60)
        assert {row.id: row.status for row in self.world.rows(tables.Request)} == before
        assert all(row.deadline_at >= least for row in self._requests(*RINGING, "accepted") if row.deadline_at)
        assert all(call.deadline_at >= least for call in self._calls() if call.deadline_at)
        self.world.offer()

    # ------------------------------------------------------------ what holds, always

    @invariant()
    def a_request_moves_forward_only_and_terminal_is_final(self) -> None:
        for row in self.world.rows(tables.Request):
            status, version = self.seen_requests.get(row.id, (row.status, row.version))
            assert row.version >= version
            if status in TERMINAL:
                assert (row.status, row.version) == (status, version), "terminal is final"
            self.seen_requests[row.id] = (row.status, row.version)

    @invariant()
    def a_call_that_is_over_stays_over(self) -> None:
        for call in self.world.rows(tables.Call):
            state, version = self.seen_calls.get(call.id, (call.state, call.version))
            assert state in LIVE_CALL or (call.state, call.version) == (state, version)
            assert call.version >= version
            self.seen_calls[call.id] = (call.state, call.version)

    @invariant()
    def one_doctor_has_a_request_and_one_live_call(self) -> None:
        calls_ = [call for call in self.world.rows(tables.Call) if call.state in LIVE_CALL]
        doctors = [call.doctor_id for call in calls_ if call.doctor_id is not None]
        assert len(doctors) == len(set(doctors)), "one live call per doctor"
        accepted = [offer.request_id for offer in self.world.rows(tables.Offer) if offer.answer == "accepted"]
        assert len(accepted) == len(set(accepted)), "one accepting doctor per request"
        for row in self.world.rows(tables.Request):
            assert (row.accepted_by is not None) or row.status in (*RINGING, "cancelled", "failed")

    @invariant()
    def request_and_call_agree(self) -> None:
        by_request = {call.request_id: call for call in self.world.rows(tables.Call)}
        for row in self.world.rows(tables.Request):
            call = by_request.get(row.id)
            if row.status in ("accepted", "in-progress"):
                assert call is not None and call.state in LIVE_CALL and call.doctor_id == row.accepted_by
            if row.status in RINGING and call is not None:
                assert (call.state, call.doctor_id) == ("opened", None), "nobody sits in the call of a request that rings"
            if row.status in TERMINAL and call is not None:
                assert call.state not in LIVE_CALL

    @invariant()
    def whatever_is_not_over_has_a_deadline(self) -> None:
        for row in self._requests(*LIVE):
            assert row.deadline_at is not None
        for row in self._requests(*TERMINAL):
            assert row.ended_at is not None and row.deadline_at is None
        for call in self.world.rows(tables.Call):
            assert (call.deadline_at is not None) == (call.state in LIVE_CALL)

    @invariant()
    def nothing_rings_for_a_request_that_does_not(self) -> None:
        statuses = {row.id: row.status for row in self.world.rows(tables.Request)}
        for offer in self.world.rows(tables.Offer):
            assert offer.answer or statuses[offer.request_id] in RINGING

    @invariant()
    def at_most_one_request_of_a_case_is_live(self) -> None:
        live = [row.encounter_id for row in self._requests(*LIVE)]
        assert len(live) == len(set(live))

    @invariant()
    def every_step_left_one_audit_entry(self) -> None:
        """Offers and readings change no request; every other entry is one step, and every step one entry."""
        told = [event.object_id for event in self.world.rows(AuditEvent)
                if event.object_type == "request" and event.outcome == "success" and event.tag != "request:offer"]
        lines = {event.request_id for event in self.world.rows(tables.CallEvent)}
        for row in self.world.rows(tables.Request):
            assert told.count(str(row.id)) == row.version - self.leases.get(row.id, 0)
            assert row.id in lines, "every request has a time line"

    # ------------------------------------------------------------ inside

    def _requests(self, *status: str) -> list[tables.Request]:
        return [row for row in self.world.rows(tables.Request) if row.status in status]

    def _calls(self) -> list[tables.Call]:
        return [call for call in self.world.rows(tables.Call) if call.state in LIVE_CALL]

    def _pick(self, data: st.DataObject) -> tables.Request:
        return data.draw(st.sampled_from(sorted(self._requests(*LIVE), key=lambda row: (row.asked_at, row.emergency))))

    def _pick_call(self, data: st.DataObject) -> tables.Call:
        return data.draw(st.sampled_from(sorted(self._calls(), key=lambda call: call.opened_at)))

    def _row(self, request: UUID) -> tables.Request:
        return next(row for row in self.world.rows(tables.Request) if row.id == request)

    def _actor(self, call: tables.Call, side: str) -> Actor | None:
        if side == "worker":
            return self.world.people.nurse.actor
        return next((one.actor for one in self.world.people.everybody if one.id == call.doctor_id), None)


TestMachines = pytest.mark.timeout(300)(Machines.TestCase)
TestMachines.settings = settings(
    max_examples=12, stateful_step_count=30, deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large])


# ---------------------------------------------------------------- silence


@pytest.fixture
def world(tmp_path: Path) -> Any:
    made = World(Path(tempfile.mkdtemp(prefix="telehealth-machines-", dir=tmp_path)))
    yield made
    made.close()


@pytest.mark.parametrize("reached", ["requested", "accepted", "connecting", "connected", "reconnecting"])
def test_silence_ends_in_a_terminal_state(world: World, reached: str) -> None:
    """Nobody does anything any more: within the deadlines everything is over."""
    nurse, doctor = world.people.nurse.actor, world.people.doctor.actor
    world.do(doctor, duty.begin)
    request = world.do(nurse, requests.ask, uuid4(), world.encounters[0])
    world.offer()
    if reached != "requested":
        call = world.do(doctor, requests.accept, request)
    if reached not in ("requested", "accepted"):
        world.do(nurse, calls.entered, call, "worker", together=False)
        world.do(doctor, calls.entered, call, "doctor", together=True)
    if reached in ("connected", "reconnecting"):
        world.do(nurse, calls.media, call, "worker", "connected")
        world.do(doctor, calls.media, call, "doctor", "connected")
    if reached == "reconnecting":
        world.do(nurse, calls.media, call, "worker", "lost")

    for _ in range(6):
        world.clock.forward(hours=4)
        world.due()

    assert all(row.status in TERMINAL for row in world.rows(tables.Request))
    assert all(one.state not in LIVE_CALL for one in world.rows(tables.Call))
    state = world.do(SYSTEM, request_views.read, request)
    assert state.status == ("completed" if reached in ("connected", "reconnecting") else "failed")
