"""Asking for a doctor: who is rung, who wins, and how it ends. On SQLite and on PostgreSQL."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from records.acts import Actor, Role
from records.archive import Archive
from records.care import calls, consents, encounters, request_clock, request_summary, request_views, requests, tables
from records.care.request_rows import JOIN, RING
from records.errors import Conflict, Invalid, NotAllowed
from records.guard.tables import AuditEvent
from records.people import duty, patients
from records.people.identities import Identity
from records.people.tables import Practitioner
from tests import builders
from tests.builders import Clock, People, Someone

SYSTEM = Actor.of_system("desk")
HOA = Identity(full_name="Hoàng Thị Hoa", gender="female", birth_date="1958", village="Nà Ít")


@dataclass
class Station:
    """A worker with a patient, and doctors who may be rung; each method is one act."""

    archive: Archive
    people: People
    clock: Clock

    async def encounter(self, *, agreed: bool = True) -> UUID:
        """A visit whose patient agreed to be seen by Bạch Thông and the hospital."""
        async with self.archive.act(self.people.nurse.actor) as act:
            patient = await patients.register(act, uuid4(), HOA)
            encounter = await encounters.start(act, uuid4(), patient)
            if agreed:
                share = {self.people.bach_thong, self.people.hospital}
                await consents.save(act, encounter, consult=True, share=share, photo=False)
        return encounter

    async def on_duty(self, *doctors: Someone) -> None:
        for doctor in doctors:
            async with self.archive.act(doctor.actor) as act:
                await duty.begin(act)

    async def off_duty(self, doctor: Someone) -> None:
        async with self.archive.act(doctor.actor) as act:
            await duty.end(act)

    async def ask(self, encounter: UUID | None = None) -> UUID:
        encounter = encounter or await self.encounter()
        async with self.archive.act(self.people.nurse.actor) as act:
            return await requests.ask(act, uuid4(), encounter)

    async def offer(self, request: UUID) -> requests.Offered:
        async with self.archive.act(SYSTEM) as act:
            return await requests.offer(act, request)

    async def ring(self, *doctors: Someone) -> UUID:
        """A request that rings at these doctors."""
        await self.on_duty(*doctors)
        request = await self.ask()
        await self.offer(request)
        return request

    async def shown(self, doctor: Someone, request: UUID) -> bool:
        async with self.archive.act(doctor.actor) as act:
            return await requests.shown(act, request)

    async def accept(self, doctor: Someone, request: UUID) -> UUID:
        async with self.archive.act(doctor.actor) as act:
            return await requests.accept(act, request)

    async def decline(self, doctor: Someone, request: UUID) -> requests.Request:
        async with self.archive.act(doctor.actor) as act:
            return await requests.decline(act, request)

    async def expire(self, request: UUID) -> requests.Request:
        """The alarm of the present state rings."""
        before = await self.read(request)
        assert before.deadline_at is not None
        self.clock.now = max(self.clock.now, before.deadline_at)
        async with self.archive.act(SYSTEM) as act:
            return await request_clock.expire(act, request, before.deadline_at)

    async def read(self, request: UUID) -> requests.Request:
        async with self.archive.act(SYSTEM) as act:
            return await request_views.read(act, request)

    async def state(self, request: UUID) -> request_views.State:
        async with self.archive.act(self.people.nurse.actor) as act:
            return await request_views.state(act, request)

    async def trail(self, request: UUID) -> list[str]:
        """The deeds that the trail holds about this request, in order."""
        async with self.archive.act(SYSTEM) as act:
            query = select(AuditEvent.tag).where(AuditEvent.object_id == str(request), AuditEvent.outcome == "success")
            return list(await act.db.scalars(query.order_by(AuditEvent.sequence)))

    async def line(self, request: UUID) -> list[str]:
        """The kinds of the request's time line, in order."""
        async with self.archive.act(SYSTEM) as act:
            query = select(tables.CallEvent.kind).where(tables.CallEvent.request_id == request)
            return list(await act.db.scalars(query.order_by(tables.CallEvent.id)))


@pytest.fixture
def station(archive: Archive, people: People, clock: Clock) -> Station:
    return Station(archive, people, clock)


async def test_every_free_doctor_on_duty_of_the_agreed_organizations_is_rung(station: Station) -> None:
    people = station.people
    await station.on_duty(people.doctor, people.second_doctor, people.specialist)
    request = await station.ask()

    offered = await station.offer(request)

    assert set(offered.new) == {people.doctor.id, people.second_doctor.id, people.specialist.id}
    assert offered.request.status == "requested"


async def test_doctors_of_an_organization_that_was_not_ticked_are_not_rung(station: Station) -> None:
    people = station.people
    await station.on_duty(people.doctor, people.specialist)
    encounter = await station.encounter()
    async with station.archive.act(people.nurse.actor) as act:
        await consents.save(act, encounter, consult=True, share={people.bach_thong}, photo=False)

    offered = await station.offer(await station.ask(encounter))

    assert offered.new == (people.doctor.id,)


async def test_doctors_who_are_not_on_duty_are_not_rung(station: Station) -> None:
    await station.on_duty(station.people.doctor, station.people.second_doctor)
    await station.off_duty(station.people.second_doctor)

    assert (await station.offer(await station.ask())).new == (station.people.doctor.id,)


async def test_without_agreement_nobody_is_asked(station: Station) -> None:
    encounter = await station.encounter(agreed=False)

    with pytest.raises(Invalid) as refusal:
        await station.ask(encounter)

    assert refusal.value.fields == {"consent": "missing"}


async def test_with_nobody_on_duty_the_request_fails_at_once_with_telephone_numbers(station: Station) -> None:
    request = await station.ask()

    offered = await station.offer(request)

    assert (offered.request.status, offered.request.reason) == ("failed", "no-doctor")
    phones = (await station.state(request)).phones
    assert [phone.name for phone in phones] == ["Bệnh viện Đa khoa Bắc Kạn", "Trung tâm Y tế khu vực Bạch Thông"] or len(phones) == 2


async def test_asking_twice_is_one_request(station: Station) -> None:
    encounter = await station.encounter()

    first, second = await station.ask(encounter), await station.ask(encounter)

    assert first == second


async def test_a_form_left_open_since_an_older_request_makes_a_new_one(station: Station) -> None:
    encounter = await station.encounter()
    async with station.archive.act(station.people.nurse.actor) as act:
        old = await requests.ask(act, uuid4(), encounter)
        await requests.cancel(act, old)

    async with station.archive.act(station.people.nurse.actor) as act:
        new = await requests.ask(act, old, encounter)

    assert new != old
    assert (await station.read(old)).status == "cancelled"
    assert (await station.read(new)).status == "requested"


async def test_the_first_device_that_shows_the_ring_moves_the_request_once(station: Station) -> None:
    people = station.people
    request = await station.ring(people.doctor, people.second_doctor)

    assert await station.shown(people.doctor, request)
    assert not await station.shown(people.doctor, request)
    station.clock.forward(seconds=3)
    assert await station.shown(people.second_doctor, request)

    now = await station.read(request)
    assert (now.status, now.version, now.rung_at) == ("received", 2, now.asked_at)
    assert [one.shown_at is not None for one in (await station.state(request)).rung] == [True, True]


async def test_accepting_opens_the_call_and_closes_the_other_rings(station: Station) -> None:
    people = station.people
    request = await station.ring(people.doctor, people.second_doctor)

    call = await station.accept(people.doctor, request)

    state = await station.state(request)
    assert (state.request.status, state.doctor, state.call_id) == ("accepted", people.doctor.name, call)
    assert state.request.deadline_at == station.clock.now + JOIN
    answers = {one.practitioner_id: one.answer for one in state.rung}
    assert answers == {people.doctor.id: "accepted", people.second_doctor.id: "taken"}


async def test_pressing_accept_twice_gives_the_same_call(station: Station) -> None:
    request = await station.ring(station.people.doctor)

    first, second = [await station.accept(station.people.doctor, request) for _ in range(2)]

    assert first == second
    assert (await station.trail(request)).count("request:accept") == 1


async def test_the_loser_learns_that_it_is_taken(station: Station) -> None:
    people = station.people
    request = await station.ring(people.doctor, people.second_doctor)
    await station.accept(people.doctor, request)

    with pytest.raises(Conflict) as refusal:
        await station.accept(people.second_doctor, request)

    assert refusal.value.reason == "taken"


async def test_a_doctor_who_was_not_rung_does_not_learn_of_the_request(station: Station) -> None:
    people = station.people
    request = await station.ring(people.doctor)

    for attempt in (station.accept, station.decline, station.shown):
        with pytest.raises(NotAllowed) as refusal:
            await attempt(people.specialist, request)
        assert refusal.value.hidden


async def test_another_station_does_not_learn_of_the_request(station: Station) -> None:
    request = await station.ring(station.people.doctor)

    for deed in (request_views.state, requests.cancel, request_views.read):
        with pytest.raises(NotAllowed) as refusal:
            async with station.archive.act(station.people.stranger.actor) as act:
                await deed(act, request)
        assert refusal.value.hidden
    with pytest.raises(NotAllowed):
        async with station.archive.act(station.people.stranger.actor) as act:
            await requests.again(act, request, uuid4())


async def test_a_colleague_of_the_same_station_may_take_the_request_back(station: Station) -> None:
    request = await station.ring(station.people.doctor)

    async with station.archive.act(station.people.colleague.actor) as act:
        cancelled = await requests.cancel(act, request)

    assert cancelled.status == "cancelled"


async def test_a_disabled_doctor_cannot_accept(station: Station) -> None:
    request = await station.ring(station.people.doctor, station.people.second_doctor)
    async with station.archive.act(SYSTEM) as act:
        (await act.db.get_one(Practitioner, station.people.doctor.id)).disabled_at = act.at

    with pytest.raises(NotAllowed):
        await station.accept(station.people.doctor, request)
    assert (await station.read(request)).status == "requested"


async def test_a_doctor_has_one_live_call(station: Station) -> None:
    people = station.people
    first, second = await station.ring(people.doctor), await station.ask()
    await station.offer(second)
    await station.accept(people.doctor, first)

    with pytest.raises(Conflict) as refusal:
        await station.accept(people.doctor, second)

    assert refusal.value.reason == "in-call"


async def test_a_doctor_in_a_call_is_not_rung_but_an_emergency_is_shown(station: Station) -> None:
    people = station.people
    await station.accept(people.doctor, await station.ring(people.doctor))
    calm = await station.ask()

    assert (await station.offer(calm)).new == ()
    assert (await station.read(calm)).status == "requested", "somebody on duty may become free"
    assert (await station.state(calm)).busy == 1

    async with station.archive.act(people.nurse.actor) as act:
        urgent = await requests.emergency(act, uuid4(), "no-breathing")
    assert (await station.offer(urgent)).new == (people.doctor.id,)
    async with station.archive.act(SYSTEM) as act:
        assert [one.request_id for one in await request_views.ringing_for(act, people.doctor.id)] == [urgent]


async def test_when_everybody_declines_the_request_fails(station: Station) -> None:
    people = station.people
    request = await station.ring(people.doctor, people.second_doctor)

    assert (await station.decline(people.doctor, request)).status == "requested"
    last = await station.decline(people.second_doctor, request)

    assert (last.status, last.reason) == ("failed", "declined")


async def test_who_declined_cannot_accept_any_more(station: Station) -> None:
    request = await station.ring(station.people.doctor, station.people.second_doctor)
    await station.decline(station.people.doctor, request)

    with pytest.raises(Conflict) as refusal:
        await station.accept(station.people.doctor, request)

    assert refusal.value.reason == "declined"


async def test_going_off_duty_while_it_rings_leaves_it_to_the_others(station: Station) -> None:
    people = station.people
    request = await station.ring(people.doctor, people.second_doctor)
    results = []
    for doctor in (people.doctor, people.second_doctor):
        await station.off_duty(doctor)
        async with station.archive.act(SYSTEM) as act:
            results.append((await requests.withdraw(act, request, doctor.id)).status)

    assert results == ["requested", "failed"]


async def test_who_comes_back_on_duty_is_rung_again(station: Station) -> None:
    people = station.people
    request = await station.ring(people.doctor, people.second_doctor)
    await station.off_duty(people.doctor)
    async with station.archive.act(SYSTEM) as act:
        await requests.withdraw(act, request, people.doctor.id)

    await station.on_duty(people.doctor)

    assert (await station.offer(request)).new == (people.doctor.id,)


async def test_who_comes_on_duty_while_it_rings_is_rung_too(station: Station) -> None:
    request = await station.ring(station.people.doctor)

    await station.on_duty(station.people.specialist)

    assert (await station.offer(request)).new == (station.people.specialist.id,)


async def test_after_120_seconds_nobody_is_rung_any_more(station: Station) -> None:
    request = await station.ring(station.people.doctor)
    assert (await station.read(request)).deadline_at == station.clock.now + RING

    late = await station.expire(request)

    assert (late.status, late.reason, late.deadline_at) == ("failed", "timeout", None)
    async with station.archive.act(SYSTEM) as act:
        assert await request_views.ringing_for(act, station.people.doctor.id) == []


async def test_an_alarm_of_a_state_that_has_passed_changes_nothing(station: Station) -> None:
    request = await station.ring(station.people.doctor)
    old = (await station.read(request)).deadline_at
    assert old is not None
    await station.accept(station.people.doctor, request)

    async with station.archive.act(SYSTEM) as act:
        after = await request_clock.expire(act, request, old)

    assert after.status == "accepted"


async def test_a_doctor_who_does_not_join_gives_the_place_back(station: Station) -> None:
    people = station.people
    request = await station.ring(people.doctor, people.second_doctor)
    station.clock.forward(seconds=30)
    call = await station.accept(people.doctor, request)

    returned = await station.expire(request)

    assert (returned.status, returned.accepted_by, returned.asked_at) == ("requested", None, builders.MORNING)
    assert returned.ringing_until == station.clock.now + timedelta(seconds=90), "what was left of the 120 s"
    assert [one.answer for one in (await station.state(request)).rung] == ["", ""]
    assert await station.accept(people.second_doctor, request) == call


async def test_a_ring_that_begins_again_lasts_at_least_60_seconds(station: Station) -> None:
    request = await station.ring(station.people.doctor)
    station.clock.forward(seconds=118)
    await station.accept(station.people.doctor, request)

    returned = await station.expire(request)

    assert returned.ringing_until == station.clock.now + timedelta(seconds=60)


async def test_cancelling_loses_against_a_doctor_who_was_faster(station: Station) -> None:
    request = await station.ring(station.people.doctor)
    await station.accept(station.people.doctor, request)

    with pytest.raises(Conflict) as refusal:
        async with station.archive.act(station.people.nurse.actor) as act:
            await requests.cancel(act, request)

    assert refusal.value.reason == "taken"


async def test_what_is_over_stays_over(station: Station) -> None:
    people = station.people
    request = await station.ring(people.doctor)
    async with station.archive.act(people.nurse.actor) as act:
        over = await requests.cancel(act, request)

    with pytest.raises(Conflict):
        await station.accept(people.doctor, request)
    assert not await station.shown(people.doctor, request)
    assert await station.decline(people.doctor, request) == over
    assert (await station.offer(request)).new == ()
    async with station.archive.act(people.nurse.actor) as act:
        assert await requests.cancel(act, request) == over


async def test_calling_again_is_a_new_request_of_the_same_case(station: Station) -> None:
    request = await station.ring(station.people.doctor)
    failed = await station.expire(request)

    async with station.archive.act(station.people.nurse.actor) as act:
        new = await requests.again(act, request, uuid4())

    again = await station.read(new)
    assert again.id != request and again.encounter_id == failed.encounter_id
    assert (await station.offer(new)).new == (station.people.doctor.id,)


async def test_an_emergency_rings_every_covering_organization_without_agreement(station: Station) -> None:
    people = station.people
    await station.on_duty(people.doctor, people.specialist)
    encounter = await station.encounter(agreed=False)

    async with station.archive.act(people.nurse.actor) as act:
        request = await requests.emergency(act, uuid4(), "bleeding", encounter_id=encounter)

    assert set((await station.offer(request)).new) == {people.doctor.id, people.specialist.id}
    assert next(phone.number for phone in (await station.state(request)).phones) == "115"
    async with station.archive.act(people.nurse.actor) as act:
        assert (await consents.choices(act, encounter)).emergency == "bleeding"


async def test_an_emergency_may_begin_without_a_patient(station: Station) -> None:
    form = uuid4()
    async with station.archive.act(station.people.nurse.actor) as act:
        request = await requests.emergency(act, form, "other")
    async with station.archive.act(station.people.nurse.actor) as act:
        again = await requests.emergency(act, form, "other")
        encounter = await encounters.read(act, (await request_views.read(act, request)).encounter_id)

    assert again == request
    assert encounter.patient.unnamed and encounter.emergency


async def test_an_emergency_makes_a_ringing_request_urgent(station: Station) -> None:
    people = station.people
    await station.on_duty(people.doctor, people.specialist)
    encounter = await station.encounter()
    async with station.archive.act(people.nurse.actor) as act:
        await consents.save(act, encounter, consult=True, share={people.bach_thong}, photo=False)
    request = await station.ask(encounter)
    await station.offer(request)
    station.clock.forward(seconds=100)

    async with station.archive.act(people.nurse.actor) as act:
        assert await requests.emergency(act, uuid4(), "short-of-breath", encounter_id=encounter) == request

    now = await station.read(request)
    assert now.emergency and now.deadline_at == station.clock.now + RING
    assert (await station.offer(request)).new == (people.specialist.id,)


async def test_an_unknown_emergency_reason_is_refused(station: Station) -> None:
    with pytest.raises(Invalid):
        async with station.archive.act(station.people.nurse.actor) as act:
            await requests.emergency(act, uuid4(), "boredom")


async def test_a_doctor_cannot_ask_and_a_worker_cannot_accept(station: Station) -> None:
    request = await station.ring(station.people.doctor)
    for actor, deed in ((station.people.doctor.actor, requests.emergency), (station.people.nurse.actor, requests.accept)):
        with pytest.raises(NotAllowed):
            async with station.archive.act(actor) as act:
                await (deed(act, uuid4(), "other") if deed is requests.emergency else deed(act, request))  # type: ignore[operator]


async def test_the_ring_says_everything_but_the_name_and_is_audited_once(station: Station) -> None:
    people = station.people
    request = await station.ring(people.doctor)
    for _ in range(2):
        async with station.archive.act(people.doctor.actor) as act:
            summary = await request_summary.read(act, request)

    assert (summary.gender, summary.years, summary.point) == ("female", 68, "Vi Hương")
    assert "Hoa" not in repr(summary)
    assert (await station.trail(request)).count("request:ring") == 1


async def test_the_ring_is_read_only_by_whom_it_rings_for(station: Station) -> None:
    people = station.people
    request = await station.ring(people.doctor, people.second_doctor)
    await station.accept(people.second_doctor, request)

    for doctor in (people.doctor, people.specialist):
        with pytest.raises(NotAllowed) as refusal:
            async with station.archive.act(doctor.actor) as act:
                await request_summary.read(act, request)
        assert refusal.value.hidden


async def test_every_step_leaves_one_audit_entry_one_row_and_one_version(station: Station) -> None:
    people = station.people
    request = await station.ring(people.doctor, people.second_doctor)
    await station.shown(people.doctor, request)
    await station.decline(people.second_doctor, request)
    await station.accept(people.doctor, request)
    await station.expire(request)
    await station.expire(request)

    deeds = ["ask", "offer", "show", "decline", "accept", "return", "fail"]
    assert [tag for tag in await station.trail(request) if tag != "request:ring"] == [f"request:{deed}" for deed in deeds]
    assert [kind for kind in await station.line(request) if kind not in ("opened", "released", "failed")] == [
        "asked", "offered", "offered", "shown", "declined", "accepted", "returned"]
    assert (await station.read(request)).version == 6   # asked 1, then one for each step; an offer changes no request


async def test_after_a_restart_every_alarm_has_at_least_60_seconds(station: Station) -> None:
    request = await station.ring(station.people.doctor)
    station.clock.forward(seconds=119)

    async with station.archive.act(SYSTEM) as act:
        (armed,) = await request_clock.rearm(act)

    assert armed.id == request
    assert armed.deadline_at == armed.ringing_until == station.clock.now + timedelta(seconds=60)


async def test_of_a_hundred_doctors_who_accept_at_once_exactly_one_wins(station: Station) -> None:
    crowd = await _doctors(station, 100)
    request = await station.ring(*crowd)

    answers = await asyncio.gather(*(station.accept(one, request) for one in crowd), return_exceptions=True)

    won = [one for one in answers if isinstance(one, UUID)]
    lost = [one.reason for one in answers if isinstance(one, Conflict)]
    assert len(won) == 1 and lost == ["taken"] * 99
    assert (await station.trail(request)).count("request:accept") == 1
    async with station.archive.act(SYSTEM) as act:
        assert len(list(await act.db.scalars(select(tables.Call)))) == 1
        offers = list(await act.db.scalars(select(tables.Offer.answer)))
    assert sorted(offers) == ["accepted"] + ["taken"] * 99


async def test_a_doctor_who_accepts_two_requests_at_once_gets_one(station: Station) -> None:
    doctor = station.people.doctor
    first, second = await station.ring(doctor), await station.ask()
    await station.offer(second)

    answers = await asyncio.gather(station.accept(doctor, first), station.accept(doctor, second), return_exceptions=True)

    assert sorted(type(one).__name__ for one in answers) == ["Conflict", "UUID"]
    async with station.archive.act(SYSTEM) as act:
        assert len([one for one in await calls.live_of(act, doctor.id) if not one.is_over]) == 1


async def _doctors(station: Station, number: int) -> list[Someone]:
    crowd = [builders.someone(f"doctor{one}", f"Nguyễn Văn {one}", station.people.bach_thong, Role.DOCTOR, title="Bs.")
             for one in range(number)]
    async with station.archive.act(SYSTEM) as act:
        for rows in ([rows[0] for rows in map(builders.rows_of, crowd)], [rows[1] for rows in map(builders.rows_of, crowd)]):
            act.db.add_all(rows)
            await act.db.flush()
    return crowd


async def test_an_organization_that_is_no_longer_ticked_cannot_accept(station: Station) -> None:
    people = station.people
    encounter = await station.encounter()
    await station.on_duty(people.doctor, people.specialist)
    request = await station.ask(encounter)
    await station.offer(request)
    async with station.archive.act(people.nurse.actor) as act:
        await consents.save(act, encounter, consult=True, share={people.hospital}, photo=False)

    with pytest.raises(Conflict):
        await station.accept(people.doctor, request)
    assert await station.accept(people.specialist, request)
