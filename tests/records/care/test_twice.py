"""The same command sent twice at the same moment, or again after its answer was lost, has one effect; nobody waits in a circle."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from records.acts import Actor
from records.care import calls, encounters, observations, request_clock, requests, tables
from records.people import patients
from records.people.identities import Identity
from records.people.tables import Patient
from tests import live_cases

HOA = Identity(full_name="Hoàng Thị Hoa", gender="female", birth_date="1958")
AT_ONCE = 8


async def at_once(archive, who, deed):
    """The same deed in eight acts at the same time; what each gave, faults included."""
    async def once():
        async with archive.act(who.actor) as act:
            return await deed(act)
    async with asyncio.timeout(30):
        return await asyncio.gather(*(once() for _ in range(AT_ONCE)), return_exceptions=True)


def only_with_rows(archive):
    if archive.engine.dialect.name == "sqlite":
        pytest.skip("SQLite has one writer: nobody holds a row while another waits")


async def count(archive, table):
    async with archive.act(Actor.of_system("test")) as act:
        return await act.db.scalar(select(func.count()).select_from(table))


async def test_a_patient_who_is_sent_eight_times_at_once_is_registered_once(archive, people):
    known = uuid4()

    given = await at_once(archive, people.nurse, lambda act: patients.register(act, known, HOA))

    assert given == [known] * AT_ONCE
    assert await count(archive, Patient) == 1


async def test_a_visit_and_a_value_sent_eight_times_at_once_are_there_once(archive, people):
    async with archive.act(people.nurse.actor) as act:
        hoa = await patients.register(act, uuid4(), HOA)
    visit, value = uuid4(), uuid4()

    begun = await at_once(archive, people.nurse, lambda act: encounters.start(act, visit, hoa))
    kept = await at_once(archive, people.nurse, lambda act: observations.record(act, visit, value, "2708-6", "91", version=0))

    assert begun == [visit] * AT_ONCE
    assert [one.id for one in kept] == [value] * AT_ONCE
    assert await count(archive, tables.Observation) == 1


async def test_an_emergency_sent_eight_times_at_once_is_one_request_of_one_unnamed_patient(archive, people):
    known = uuid4()

    given = await at_once(archive, people.nurse, lambda act: requests.emergency(act, known, "bleeding"))

    assert given == [known] * AT_ONCE
    assert await count(archive, Patient) == await count(archive, tables.Encounter) == 1


async def test_an_emergency_sent_again_after_nobody_was_found_is_the_same_one(archive, people):
    known = uuid4()
    async with archive.act(people.nurse.actor) as act:
        await requests.emergency(act, known, "bleeding")
    async with archive.act(Actor.of_system("desk")) as act:
        assert (await requests.offer(act, known)).request.status == "failed"

    async with archive.act(people.nurse.actor) as act:
        assert await requests.emergency(act, known, "bleeding") == known

    assert await count(archive, Patient) == await count(archive, tables.Request) == 1


async def test_an_emergency_and_a_call_that_begins_never_wait_for_each_other(archive, people, monkeypatch):
    only_with_rows(archive)
    case, meet = await live_cases.accepted(archive, people), asyncio.Barrier(2)
    held = requests.rows.live_of_encounter

    async def slow(act, encounter_id):
        await meet.wait()           # holds the encounter, and now wants the request
        return await held(act, encounter_id)

    async def urge():
        async with archive.act(people.nurse.actor) as act:
            return await requests.emergency(act, uuid4(), "bleeding", encounter_id=case.encounter)

    async def begin():
        async with archive.act(people.doctor.actor) as act:
            await calls.state_of(act, case.call)
            await meet.wait()       # holds the call, and goes on to the request and the encounter
            return await calls.entered(act, case.call, "doctor", together=True)

    monkeypatch.setattr(requests.rows, "live_of_encounter", slow)
    async with asyncio.timeout(20):
        urged, begun = await asyncio.gather(urge(), begin())

    assert urged == case.request and begun.state == "connecting"


async def test_an_emergency_and_a_doctor_who_accepts_never_wait_for_each_other(archive, people, monkeypatch):
    only_with_rows(archive)
    case, meet = await live_cases.accepted(archive, people), asyncio.Barrier(2)
    async with archive.act(Actor.of_system("deadline")) as act:
        row = await act.db.get_one(tables.Request, case.request)
        await request_clock.expire(act, case.request, row.deadline_at)
    held, opened = requests.rows.live_of_encounter, calls.open

    async def slow(act, encounter_id):
        await meet.wait()
        return await held(act, encounter_id)

    async def opening(act, request):
        await meet.wait()           # holds the request; a new row of the call points to the encounter
        await act.db.execute(select(tables.Encounter.id).where(tables.Encounter.id == case.encounter)
                             .with_for_update(key_share=True, read=True))
        return await opened(act, request)

    async def urge():
        async with archive.act(people.nurse.actor) as act:
            return await requests.emergency(act, uuid4(), "bleeding", encounter_id=case.encounter)

    async def accept():
        async with archive.act(people.doctor.actor) as act:
            return await requests.accept(act, case.request)

    monkeypatch.setattr(requests.rows, "live_of_encounter", slow)
    monkeypatch.setattr(requests.calls, "open", opening)
    async with asyncio.timeout(20):
        urged, call = await asyncio.gather(urge(), accept())

    assert (urged, call) == (case.request, case.call)
