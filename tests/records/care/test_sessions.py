"""The session log: filters, cursor, outcomes, and whose it is to read."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from records.acts import Actor
from records.care import session_facts, sessions
from records.care.tables import Call, CallEvent, Encounter, Note, Request
from records.errors import Invalid, NotAllowed
from records.people import patients


@pytest.fixture
async def log(archive, people, clock):
    """Twelve requests of Phủ Thông, one a minute, and one of Côn Minh; returns their ids, oldest first."""
    made, owners = [], {}
    for worker in (people.nurse, people.stranger):
        async with archive.act(worker.actor) as act:
            owners[worker.organization_id] = await patients.unnamed(act, uuid4())
    async with archive.act(Actor.of_system("test")) as act:
        for number in range(13):
            station = people.con_minh if number == 12 else people.phu_thong
            made.append(await _request(act, people, owners[station], station, act.at + timedelta(minutes=number), number))
    return made


async def _request(act, people, patient, station, at, number):
    encounter, request = uuid4(), uuid4()
    answered = number % 3 == 0
    act.db.add(Encounter(
        id=encounter, organization_id=station, patient_id=patient, status="finished", started_at=at, version=1))
    await act.db.flush()
    act.db.add(Request(
        id=request, encounter_id=encounter, organization_id=station, status="completed" if answered else "failed",
        reason="" if answered else "timeout", asked_at=at, asked_by=people.nurse.id, practice=number == 11,
        accepted_at=at + timedelta(seconds=38) if answered else None, accepted_by=people.doctor.id if answered else None,
        ended_at=at + timedelta(minutes=16 if answered else 2), version=4))
    await act.db.flush()
    if answered:
        act.db.add(Call(
            id=uuid4(), request_id=request, encounter_id=encounter, organization_id=station, worker_id=people.nurse.id,
            doctor_id=people.doctor.id, state="ended", opened_at=at + timedelta(seconds=38),
            connected_at=at + timedelta(seconds=40), ended_at=at + timedelta(minutes=16), version=5))
        act.db.add(CallEvent(request_id=request, at=at, kind="asked", practitioner_id=people.nurse.id, side="worker"))
    await act.db.flush()
    return request


async def walk(archive, person, wanted, size=5):
    found, cursor = [], ""
    while True:
        async with archive.act(person.actor) as act:
            page = await sessions.page(act, wanted, cursor, size)
        found += [one.request_id for one in page.sessions]
        if not (cursor := page.older):
            return found


async def test_pages_hold_every_session_once_newest_first(archive, people, log):
    found = await walk(archive, people.root, sessions.Filter())

    assert found == [log[12], *reversed(log[:11])]


async def test_a_centre_sees_the_stations_it_looks_after_and_no_others(archive, people, log):
    assert log[12] not in await walk(archive, people.administrator, sessions.Filter())
    assert log[10] in await walk(archive, people.administrator, sessions.Filter())


async def test_a_practice_call_stays_out_of_the_log(archive, people, log):
    assert log[11] not in await walk(archive, people.root, sessions.Filter())


async def test_many_stations_are_walked_as_few_are_merged(archive, people, log, monkeypatch):
    merged = await walk(archive, people.root, sessions.Filter())
    monkeypatch.setattr(sessions, "SEEKS_AT_MOST", 0)

    assert await walk(archive, people.root, sessions.Filter()) == merged


async def test_filters_narrow_by_station_doctor_outcome_and_day(archive, people, log, clock):
    start = clock()
    by_station = await walk(archive, people.root, sessions.Filter(station_id=people.con_minh))
    by_doctor = await walk(archive, people.root, sessions.Filter(doctor_id=people.doctor.id))
    by_outcome = await walk(archive, people.root, sessions.Filter(outcome="no-answer"))
    by_day = await walk(archive, people.root, sessions.Filter(
        since=start + timedelta(minutes=2), until=start + timedelta(minutes=4)))

    assert by_station == [log[12]]
    assert by_doctor == [log[number] for number in (12, 9, 6, 3, 0)]
    assert by_outcome == [log[number] for number in (10, 8, 7, 5, 4, 2, 1)]
    assert by_day == [log[3], log[2]]


async def test_counts_tell_all_and_faults(archive, people, log):
    async with archive.act(people.root.actor) as act:
        assert await sessions.counts(act, sessions.Filter()) == (12, 7)


async def test_a_cursor_that_is_not_ours_is_refused(archive, people):
    with pytest.raises(Invalid):
        async with archive.act(people.root.actor) as act:
            await sessions.page(act, sessions.Filter(), "zz-zz")


async def test_a_worker_and_a_doctor_read_no_log(archive, people, log):
    for person in (people.nurse, people.doctor):
        with pytest.raises(NotAllowed):
            async with archive.act(person.actor) as act:
                await sessions.page(act, sessions.Filter())


async def test_one_session_tells_its_waits_its_events_and_its_signature(archive, people, log):
    async with archive.act(Actor.of_system("test")) as act:
        request = await act.db.get_one(Request, log[0])
        encounter = await act.db.get_one(Encounter, request.encounter_id)
        act.db.add(Note(
            id=uuid4(), encounter_id=encounter.id, organization_id=encounter.organization_id, patient_id=encounter.patient_id,
            number=1, status="final", content=b"-", author_id=people.doctor.id, author_organization_id=people.bach_thong,
            created_at=act.at, saved_at=act.at, signed_at=act.at + timedelta(minutes=18), signed_by=people.doctor.id,
            version=1))

    async with archive.act(people.administrator.actor) as act:
        facts = await session_facts.read(act, log[0])

    assert (facts.session.wait_seconds, facts.session.length_seconds, facts.session.outcome) == (38, 920, "done")
    assert [event.kind for event in facts.events] == ["asked", "signed"]
    assert facts.names[people.doctor.id] == "Bs. Hà Quang Minh"


async def test_a_session_outside_the_reach_does_not_exist(archive, people, log):
    with pytest.raises(NotAllowed) as refusal:
        async with archive.act(people.administrator.actor) as act:
            await session_facts.read(act, log[12])

    assert refusal.value.hidden
