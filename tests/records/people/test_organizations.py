"""Places and staff: who looks after whom, and what an administrator may change."""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

import pytest
from sqlalchemy import select

from records.acts import Actor, Role
from records.errors import Conflict, Invalid, NotAllowed
from records.guard.tables import AuditEvent
from records.people import organizations, practitioners
from records.people.organizations import PlaceForm
from records.people.practitioners import PersonForm

STATION = PlaceForm(code="19099", name="Trạm Y tế xã Cao Minh", short_name="Cao Minh", kind="commune_health_station",
                    care_level="BAN_DAU", phone="0209 000 199")


def nurse_of(organization_id, **changes):
    return replace(PersonForm(user_name="hoa.ly", full_name="Lý Thị Hoa", organization_id=organization_id,
                              roles=frozenset({Role.WORKER})), **changes)


async def refused(archive):
    """What the trail says of refusals: deed, kind and id."""
    async with archive.act(Actor.of_system("test")) as act:
        rows = await act.db.scalars(select(AuditEvent).where(AuditEvent.outcome == "refused"))
        return [(row.tag, row.object_type, row.object_id) for row in rows]


async def test_the_department_looks_after_everything_below_it(archive, people):
    async with archive.act(people.root.actor) as act:
        places = {place.id for place in await organizations.list_in_reach(act)}

    assert {people.phu_thong, people.con_minh, people.bach_thong, people.hospital, people.department} <= places


async def test_a_centre_looks_after_its_own_and_what_it_covers_and_nothing_else(archive, people):
    async with archive.act(people.administrator.actor) as act:
        places = {place.id for place in await organizations.list_in_reach(act)}

    assert places == {people.bach_thong, people.phu_thong, people.cam_giang}


async def test_a_worker_lists_no_places(archive, people):
    with pytest.raises(NotAllowed):
        async with archive.act(people.nurse.actor) as act:
            await organizations.list_in_reach(act)


async def test_a_station_is_added_once_however_often_it_is_sent(archive, people):
    known = uuid4()
    for _ in range(2):
        async with archive.act(people.root.actor) as act:
            await organizations.add(act, known, STATION)

    async with archive.act(people.root.actor) as act:
        assert (await organizations.read(act, known)).short_name == "Cao Minh"


async def test_two_places_do_not_share_a_code(archive, people):
    with pytest.raises(Invalid) as fault:
        async with archive.act(people.root.actor) as act:
            await organizations.add(act, uuid4(), replace(STATION, code="19011"))

    assert fault.value.fields == {"code": "taken"}


async def test_a_place_that_is_not_theirs_does_not_exist_for_an_administrator(archive, people):
    with pytest.raises(NotAllowed) as refusal:
        async with archive.act(people.administrator.actor) as act:
            await organizations.change(act, people.con_minh, replace(STATION, code="19013"))

    assert refusal.value.hidden
    assert await refused(archive) == [("organization:write", "organization", str(people.con_minh))]


async def test_whoever_reaches_for_staff_of_elsewhere_leaves_a_trace(archive, people):
    with pytest.raises(NotAllowed) as refusal:
        async with archive.act(people.administrator.actor) as act:
            await practitioners.set_password(act, people.stranger.id, "x")

    assert refusal.value.hidden
    assert await refused(archive) == [("practitioner:write", "practitioner", str(people.stranger.id))]


async def test_covering_is_replaced_as_ticked(archive, people):
    async with archive.act(people.root.actor) as act:
        await organizations.set_cover(act, people.con_minh, {people.bach_thong})

    async with archive.act(people.root.actor) as act:
        assert [place.id for place in await organizations.covering(act, people.con_minh)] == [people.bach_thong]


async def test_a_station_covers_nobody(archive, people):
    with pytest.raises(Invalid):
        async with archive.act(people.root.actor) as act:
            await organizations.set_cover(act, people.con_minh, {people.cam_giang})


async def test_a_worker_belongs_to_a_station(archive, people):
    with pytest.raises(Invalid) as fault:
        async with archive.act(people.root.actor) as act:
            await practitioners.add(act, uuid4(), nurse_of(people.hospital), "hash")

    assert fault.value.fields == {"roles": "worker-needs-station"}


async def test_a_doctor_without_a_licence_is_refused_and_with_one_added(archive, people):
    form = nurse_of(people.hospital, user_name="tuan.ha", roles=frozenset({Role.DOCTOR}), position="doctor")
    with pytest.raises(Invalid) as fault:
        async with archive.act(people.root.actor) as act:
            await practitioners.add(act, uuid4(), form, "hash")
    known = uuid4()

    async with archive.act(people.root.actor) as act:
        await practitioners.add(act, known, replace(form, licence_number="000777/TNG-GPHN"), "hash")

    assert fault.value.fields == {"licence_number": "missing"}
    async with archive.act(people.root.actor) as act:
        assert (await practitioners.read(act, known)).roles == {Role.DOCTOR}


async def test_two_administrators_who_change_one_person_see_the_conflict(archive, people):
    form = nurse_of(people.phu_thong, user_name="tuyet")
    async with archive.act(people.root.actor) as act:
        await practitioners.change(act, people.nurse.id, 1, form)

    with pytest.raises(Conflict):
        async with archive.act(people.root.actor) as act:
            await practitioners.change(act, people.nurse.id, 1, form)


async def test_nobody_locks_their_own_account(archive, people):
    with pytest.raises(Invalid):
        async with archive.act(people.root.actor) as act:
            await practitioners.disable(act, people.root.id)


async def test_a_disabled_account_opens_again_only_by_an_administrator_of_the_place(archive, people):
    async with archive.act(people.root.actor) as act:
        await practitioners.disable(act, people.stranger.id)
    with pytest.raises(NotAllowed):
        async with archive.act(people.administrator.actor) as act:
            await practitioners.enable(act, people.stranger.id)

    async with archive.act(people.root.actor) as act:
        await practitioners.enable(act, people.stranger.id)

    async with archive.act(people.root.actor) as act:
        assert (await practitioners.read(act, people.stranger.id)).disabled_at is None
