"""How long a login lives: idle, absolute, in a call, and after somebody else has ended it."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import select, update

from records.acts import Actor
from records.people import logins
from records.people.logins import Ended
from records.people.tables import Login, Practitioner
from signaling.messages import Closing
from web import login


async def one_login(archive):
    async with archive.act(Actor.of_system("test")) as act:
        return (await act.db.scalars(select(Login))).one()


async def disable(archive, person):
    async with archive.act(Actor.of_system("test")) as act:
        await act.db.execute(update(Practitioner).where(Practitioner.id == person.id).values(disabled_at=act.at))


@pytest.mark.parametrize(("who", "minutes"), [("nurse", 10), ("doctor", 30), ("administrator", 30)])
async def test_an_idle_browser_locks_sooner_at_a_station(visitor, people, clock, archive, who, minutes):
    await visitor.sign_in(getattr(people, who))
    clock.forward(minutes=minutes)
    still = await visitor.is_signed_in()
    clock.forward(minutes=minutes, seconds=1)
    later = await visitor.is_signed_in()

    assert still
    assert not later
    assert (await one_login(archive)).ended_because == "idle"


async def test_twelve_hours_are_the_end_however_busy(visitor, people, clock, archive):
    await visitor.sign_in(people.nurse)
    for _ in range(80):
        clock.forward(minutes=9)
        assert await visitor.is_signed_in()
    clock.forward(minutes=1)

    assert not await visitor.is_signed_in()
    assert (await one_login(archive)).ended_because == "expired"


async def test_nobody_is_locked_out_of_a_call(visitor, people, clock, site):
    await visitor.sign_in(people.doctor)
    site.in_call.add(people.doctor.id)
    clock.forward(hours=13)
    during = await visitor.is_signed_in()
    site.in_call.clear()
    clock.forward(minutes=31)

    assert during
    assert not await visitor.is_signed_in()


async def test_that_the_browser_was_there_is_written_at_most_once_a_minute(visitor, people, clock, archive):
    await visitor.sign_in(people.nurse)
    started = clock.now
    clock.forward(seconds=59)
    await visitor.get("/me")
    first = (await one_login(archive)).last_seen_at
    clock.forward(seconds=1)
    await visitor.post("/me/here")

    assert first == started
    assert (await one_login(archive)).last_seen_at == clock.now


async def test_a_login_ended_elsewhere_is_over_at_the_next_request(visitor, people, archive):
    await visitor.sign_in(people.nurse)
    async with archive.act(Actor.of_system("test")) as act:
        await logins.end_all(act, people.nurse.id, Ended.EVERYWHERE)

    page = await visitor.get("/me")
    data = await visitor.get("/me", headers={"Accept": "application/json"})

    assert page.status == 303
    assert data.status == 401
    assert (await data.json())["error"] == "sign-in-needed"


async def test_a_disabled_account_is_out_at_the_next_request(visitor, people, archive):
    await visitor.sign_in(people.nurse)
    await disable(archive, people.nurse)

    assert not await visitor.is_signed_in()


async def test_the_sockets_of_a_disabled_account_close_within_five_seconds(visitor, people, archive, site):
    await visitor.sign_in(people.nurse)
    row = await one_login(archive)
    site.online.add(row.id)
    await disable(archive, people.nurse)

    async with asyncio.timeout(5):
        await site.first_dismissal.wait()

    assert site.dismissed[0] == (row.id, Closing.DISABLED)


async def test_pages_of_somebody_whose_roles_change_come_again_with_those_of_today(visitor, people, site):
    await visitor.sign_in(people.root)
    form = {"version": "1", "user_name": "minh", "full_name": "Hà Quang Minh", "organization_id": str(people.bach_thong),
            "title": "Bs.", "position": "doctor", "licence_number": "000004/TNG-GPHN"}

    same = await visitor.post(f"/people/{people.doctor.id}", data={**form, "roles": "doctor"})
    assert same.status == 303 and site.dismissed == []

    other = await visitor.post(f"/people/{people.doctor.id}", data={**form, "version": "2", "roles": "administrator"})
    assert other.status == 303
    assert site.dismissed == [(people.doctor.id, Closing.GOING_AWAY)]


async def test_the_watch_ends_what_is_idle_and_leaves_the_rest(visitor, people, archive, clock, site):
    await visitor.sign_in(people.nurse)
    row = await one_login(archive)
    site.online.add(row.id)
    await login.look(site.app)
    before = list(site.dismissed)
    clock.forward(minutes=10, seconds=1)
    await login.look(site.app)

    assert before == []
    assert site.dismissed[-1] == (row.id, Closing.SIGN_IN_NEEDED)
    assert (await one_login(archive)).ended_because == "idle"


async def test_people_stay_signed_in_while_the_keys_are_missing(visitor, people, key_file):
    await visitor.sign_in(people.nurse)
    away = key_file.rename(key_file.with_suffix(".away"))

    reading = await visitor.get("/me")
    writing = await visitor.post("/language", data={"locale": "en"}, headers={"Accept": "application/json"})
    away.rename(key_file)

    assert reading.status == 200
    assert writing.status == 503
    assert (await writing.json())["error"] == "sealed"
    assert await visitor.is_signed_in()
