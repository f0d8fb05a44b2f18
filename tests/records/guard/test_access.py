"""Who may do what to what: role, station, care team, places looked after. Each refusal beside its permission."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from uuid import UUID, uuid4

import pytest

from records.acts import Act, Actor, Role
from records.archive import Archive
from records.care.tables import Attachment, Call, Encounter, Note, Offer, Request
from records.errors import NotAllowed, NotFound
from records.guard import access
from records.guard.permissions import PERMISSIONS, SYSTEM
from records.people.tables import Patient
from tests.builders import People

EVERYBODY = ("nurse", "colleague", "stranger", "doctor", "second_doctor", "specialist", "administrator", "root", "auditor")
STATION = {"nurse", "colleague"}


@dataclass(frozen=True)
class Case:
    """A patient of Phủ Thông whose request the doctor of Bạch Thông accepted; the second doctor was rung too."""

    patient: UUID
    encounter: UUID
    request: UUID
    call: UUID
    note: UUID
    draft: UUID
    attachment: UUID


async def write(archive: Archive, people: People, case: Case, status: str, answers: dict[str, str]) -> None:
    accepted = next((getattr(people, who) for who, answer in answers.items() if answer == "accepted"), None)
    async with archive.act(Actor.of_system("test")) as act:
        at, place = act.at, {"organization_id": people.phu_thong}
        mine = {**place, "patient_id": case.patient}
        act.db.add(Patient(id=case.patient, identity=b"", created_at=at, **place))
        await act.db.flush()
        act.db.add(Encounter(id=case.encounter, status="arrived", started_at=at, **mine))
        await act.db.flush()
        act.db.add(Request(id=case.request, encounter_id=case.encounter, status=status, asked_at=at, asked_by=people.nurse.id,
                           accepted_by=accepted and accepted.id, **place))
        act.db.add(Attachment(id=case.attachment, encounter_id=case.encounter, about=b"", header=b"", chunks=1, padded_size=0,
                              created_at=at, **mine))
        for number, (note, kind) in enumerate(((case.note, "final"), (case.draft, "preliminary")), 1):
            act.db.add(Note(id=note, encounter_id=case.encounter, number=number, status=kind, content=b"", saved_at=at,
                            author_id=people.doctor.id, author_organization_id=people.bach_thong, created_at=at, **mine))
        await act.db.flush()
        for who, answer in answers.items():
            doctor = getattr(people, who)
            act.db.add(Offer(request_id=case.request, practitioner_id=doctor.id, organization_id=doctor.organization_id,
                             offered_at=at, answer=answer))
        if accepted:
            act.db.add(Call(id=case.call, request_id=case.request, encounter_id=case.encounter, worker_id=people.nurse.id,
                            doctor_id=accepted.id, state="opened", opened_at=at, **place))


def a_case() -> Case:
    return Case(*(uuid4() for _ in range(7)))


@pytest.fixture
async def case(archive: Archive, people: People) -> Case:
    made = a_case()
    await write(archive, people, made, "accepted", {"doctor": "accepted", "second_doctor": "taken"})
    return made


@pytest.fixture
async def ringing(archive: Archive, people: People) -> Case:
    made = a_case()
    await write(archive, people, made, "received", {"doctor": "", "second_doctor": "declined"})
    return made


Loader = Callable[[Act, Case], Awaitable[object]]
LOADERS: dict[str, tuple[Loader, set[str]]] = {
    "patient:read": (lambda act, case: access.patient(act, "patient:read", case.patient), STATION | {"doctor"}),
    "patient:amend": (lambda act, case: access.patient(act, "patient:amend", case.patient), STATION),
    "encounter:read": (lambda act, case: access.encounter(act, "encounter:read", case.encounter), STATION | {"doctor"}),
    "encounter:intake": (lambda act, case: access.encounter(act, "encounter:intake", case.encounter), STATION),
    "note:sign": (lambda act, case: access.encounter(act, "note:sign", case.encounter), {"doctor"}),
    "attachment:read": (lambda act, case: access.attachment(act, "attachment:read", case.attachment), STATION | {"doctor"}),
    "note:read": (lambda act, case: access.note(act, "note:read", case.note), STATION | {"doctor"}),
    "draft": (lambda act, case: access.note(act, "note:read", case.draft), {"doctor"}),
    "request:cancel": (lambda act, case: access.request(act, "request:cancel", case.request), STATION),
    "request:ring": (lambda act, case: access.request(act, "request:ring", case.request), {"doctor"}),
    "request:accept": (lambda act, case: access.request(act, "request:accept", case.request), {"doctor", "second_doctor"}),
    "request:read": (lambda act, case: access.request(act, "request:read", case.request),
                     STATION | {"doctor", "second_doctor"}),
    "call:read": (lambda act, case: access.call(act, "call:read", case.call), STATION | {"doctor"}),
    "call:finish": (lambda act, case: access.call(act, "call:finish", case.call), {"doctor"}),
    "session:read": (lambda act, case: access.request(act, "session:read", case.request), {"administrator", "root", "auditor"}),
    "session call": (lambda act, case: access.call(act, "session:read", case.call), {"administrator", "root", "auditor"}),
    "audit:read": (lambda act, case: access.patient(act, "audit:read", case.patient), {"auditor"}),
}


async def may(archive: Archive, actor: Actor, load: Loader, case: Case) -> bool:
    try:
        async with archive.act(actor) as act:
            await load(act, case)
    except NotAllowed:
        return False
    return True


@pytest.mark.parametrize("deed", LOADERS)
async def test_a_case_is_open_to_its_station_its_doctor_and_nobody_else(
        archive: Archive, people: People, case: Case, deed: str) -> None:
    load, allowed = LOADERS[deed]

    found = {who for who in EVERYBODY if await may(archive, getattr(people, who).actor, load, case)}

    assert found == allowed


RING: dict[str, Loader] = {
    "request": lambda act, case: access.request(act, "request:ring", case.request),
    "encounter": lambda act, case: access.encounter(act, "request:ring", case.encounter),
    "patient": lambda act, case: access.patient(act, "request:ring", case.patient),
}


@pytest.mark.parametrize("what", RING)
async def test_while_it_rings_the_summary_is_open_to_whom_it_rings_for(
        archive: Archive, people: People, ringing: Case, what: str) -> None:
    found = {who for who in EVERYBODY if await may(archive, getattr(people, who).actor, RING[what], ringing)}

    assert found == {"doctor"}


async def test_a_ring_opens_neither_the_patient_nor_the_notes(archive: Archive, people: People, ringing: Case) -> None:
    for deed in ("patient:read", "encounter:read", "attachment:read", "note:read", "note:sign"):
        assert not await may(archive, people.doctor.actor, LOADERS[deed][0], ringing)


@pytest.mark.parametrize("status", ["cancelled", "failed", "completed"])
async def test_a_ring_that_is_over_opens_nothing(archive: Archive, people: People, status: str) -> None:
    case = a_case()
    await write(archive, people, case, status, {"doctor": "", "second_doctor": "ended"})

    assert not await may(archive, people.doctor.actor, RING["request"], case)


async def test_the_care_team_keeps_reading_after_the_end(archive: Archive, people: People) -> None:
    case = a_case()
    await write(archive, people, case, "completed", {"doctor": "accepted"})

    assert await may(archive, people.doctor.actor, LOADERS["note:read"][0], case)
    assert await may(archive, people.doctor.actor, LOADERS["encounter:read"][0], case)


async def test_a_doctor_of_one_visit_does_not_read_the_next(archive: Archive, people: People, case: Case) -> None:
    later = uuid4()
    async with archive.act(Actor.of_system("test")) as act:
        act.db.add(Encounter(id=later, organization_id=people.phu_thong, patient_id=case.patient, status="arrived",
                             started_at=act.at))

    with pytest.raises(NotAllowed) as refused:
        async with archive.act(people.doctor.actor) as act:
            await access.encounter(act, "encounter:read", later)

    assert refused.value.hidden


async def test_an_administrator_of_another_station_sees_no_session(archive: Archive, people: People, case: Case) -> None:
    elsewhere = replace(people.administrator.actor, organization_id=people.con_minh)

    assert await may(archive, people.administrator.actor, LOADERS["session:read"][0], case)
    assert not await may(archive, elsewhere, LOADERS["session:read"][0], case)


async def test_what_one_may_not_know_of_is_hidden_and_what_does_not_exist_is_not_found(
        archive: Archive, people: People, case: Case) -> None:
    with pytest.raises(NotAllowed) as refused:
        async with archive.act(people.stranger.actor) as act:
            await access.encounter(act, "encounter:read", case.encounter)
    with pytest.raises(NotFound):
        async with archive.act(people.stranger.actor) as act:
            await access.encounter(act, "encounter:read", uuid4())

    assert refused.value.hidden and refused.value.object_id == case.encounter


async def test_whose_role_may_not_is_told_so_whether_or_not_the_thing_exists(
        archive: Archive, people: People, case: Case) -> None:
    for encounter_id in (case.encounter, uuid4()):
        with pytest.raises(NotAllowed) as refused:
            async with archive.act(people.administrator.actor) as act:
                await access.encounter(act, "encounter:read", encounter_id)
        assert not refused.value.hidden


async def test_the_looked_after_places_are_the_own_tree_and_what_it_covers(archive: Archive, people: People) -> None:
    async def reach(organization_id: UUID) -> frozenset[UUID]:
        async with archive.act(replace(people.administrator.actor, organization_id=organization_id)) as act:
            return await access.reach(act)

    assert await reach(people.bach_thong) == {people.bach_thong, people.phu_thong, people.cam_giang}
    assert await reach(people.hospital) == {people.hospital, people.phu_thong, people.con_minh}
    assert await reach(people.con_minh) == {people.con_minh}
    assert len(await reach(people.department)) == 6


@pytest.mark.parametrize("tag", sorted(PERMISSIONS))
def test_each_deed_belongs_to_the_roles_of_the_table_and_to_no_other(tag: str) -> None:
    for role in Role:
        assert access.may(Actor(kind="practitioner", roles=frozenset({role})), tag) == (role in PERMISSIONS[tag])
    assert not access.may(Actor.anonymous(), tag)
    assert not access.may(Actor(kind="practitioner"), tag)
    assert access.may(Actor.of_system("deadline"), tag) == (tag in SYSTEM)


async def test_a_deed_without_a_line_in_the_table_is_nobodys(archive: Archive, people: People) -> None:
    everything = replace(people.nurse.actor, roles=frozenset(Role))

    for actor in (everything, Actor.of_system("test"), Actor.anonymous()):
        with pytest.raises(NotAllowed):
            async with archive.act(actor) as act:
                access.require(act, "patient:devour")


async def test_somebody_with_two_roles_has_the_sum_of_both_and_no_more(archive: Archive, people: People, case: Case) -> None:
    both = replace(people.stranger.actor, roles=frozenset({Role.WORKER, Role.AUDITOR}))

    assert not await may(archive, both, LOADERS["patient:read"][0], case)
    assert not await may(archive, both, LOADERS["audit:read"][0], case)
    at_phu_thong = replace(both, organization_id=people.phu_thong)
    assert await may(archive, at_phu_thong, LOADERS["patient:read"][0], case)
    assert await may(archive, at_phu_thong, LOADERS["audit:read"][0], case)
