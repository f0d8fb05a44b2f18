"""What a browser's line carries: the newest result of each login, and how a request takes the station's along."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from records.acts import Actor
from records.archive import Archive
from records.care import call_events, line_checks, request_summary, request_views, requests
from records.care.line_checks import Figures, Said
from records.errors import Invalid, NotAllowed
from records.people import duty, logins
from tests import live_cases
from tests.builders import People, Someone
from tests.conftest import Clock

GOOD = Figures(rung="medium", kbps_up=412, kbps_down=950, round_trip_ms=81.5, jitter_up_ms=4, jitter_down_ms=3,
               lost_up_percent=1, lost_down_percent=0, paths=frozenset({"direct", "tls"}))
THIN = Figures(rung="stills", kbps_up=48, round_trip_ms=400)


async def signed_in(archive: Archive, person: Someone) -> Actor:
    """A browser of this person."""
    async with archive.act(Actor.anonymous("127.0.0.0/24")) as act:
        login = await logins.start(act, person.id, uuid4().hex, browser="Chrome, Linux")
    return replace(person.actor, login_id=login)


async def kept(archive: Archive, actor: Actor, figures: Figures) -> None:
    async with archive.act(actor) as act:
        await line_checks.keep(act, figures)


async def line_of(archive: Archive, request: UUID) -> Said | None:
    async with archive.act(Actor.of_system("desk")) as act:
        return await line_checks.of_request(act, request)


async def test_the_newest_result_of_a_browser_is_kept_and_is_its_own_for_an_hour(
    archive: Archive, people: People, clock: Clock,
) -> None:
    nurse, other = await signed_in(archive, people.nurse), await signed_in(archive, people.nurse)
    await kept(archive, nurse, GOOD)
    await kept(archive, nurse, THIN)

    async with archive.act(nurse) as act:
        own = await line_checks.own(act)
    async with archive.act(other) as act:
        assert await line_checks.own(act) is None
    assert own is not None and own.said == Said("stills", 48)
    assert (own.kbps_down, own.round_trip_ms, own.paths) == (None, 400, frozenset())

    clock.now += timedelta(hours=1, seconds=1)
    async with archive.act(nurse) as act:
        assert await line_checks.own(act) is None


async def test_all_figures_come_back_as_they_were(archive: Archive, people: People) -> None:
    nurse = await signed_in(archive, people.nurse)
    await kept(archive, nurse, GOOD)

    async with archive.act(nurse) as act:
        own = await line_checks.own(act)

    assert own is not None
    assert {name: getattr(own, name) for name in vars(GOOD)} == vars(GOOD)


async def test_a_request_takes_the_stations_newest_result_along(archive: Archive, people: People) -> None:
    await kept(archive, await signed_in(archive, people.nurse), GOOD)

    case = await live_cases.asked(archive, people)

    assert await line_of(archive, case.request) == Said("medium", 412)
    async with archive.act(people.nurse.actor) as act:
        assert (await request_views.state(act, case.request)).line == Said("medium", 412)


async def test_another_places_result_and_an_old_one_stay_behind(archive: Archive, people: People, clock: Clock) -> None:
    await kept(archive, await signed_in(archive, people.stranger), GOOD)
    await kept(archive, await signed_in(archive, people.colleague), GOOD)     # the same station, another point
    await kept(archive, await signed_in(archive, people.nurse), THIN)
    clock.now += timedelta(hours=2)

    assert await line_of(archive, (await live_cases.asked(archive, people)).request) is None


async def test_what_is_measured_while_it_rings_reaches_the_doctor_who_is_rung(archive: Archive, people: People) -> None:
    nurse = await signed_in(archive, people.nurse)
    async with archive.act(people.doctor.actor) as act:
        await duty.begin(act)
    case = await live_cases.asked(archive, people)
    async with archive.act(Actor.of_system("desk")) as act:
        await requests.offer(act, case.request)

    async with archive.act(nurse) as act:
        assert (await line_checks.keep(act, THIN))[1] == [case.request]

    async with archive.act(people.doctor.actor) as act:
        assert (await request_summary.read(act, case.request)).line == Said("stills", 48)


async def test_a_request_that_was_taken_keeps_what_it_brought(archive: Archive, people: People) -> None:
    nurse = await signed_in(archive, people.nurse)
    await kept(archive, nurse, GOOD)
    case = await live_cases.accepted(archive, people)

    await kept(archive, nurse, THIN)

    assert await line_of(archive, case.request) == Said("medium", 412)


async def test_the_session_log_shows_it_as_a_row_of_the_time_line(archive: Archive, people: People) -> None:
    await kept(archive, await signed_in(archive, people.nurse), replace(THIN, kbps_up=None))
    case = await live_cases.asked(archive, people)

    async with archive.act(people.administrator.actor) as act:
        rows = [one for one in await call_events.for_request(act, case.request) if one.kind == line_checks.KIND]

    assert [(one.side, line_checks.read(one.detail)) for one in rows] == [("worker", Said("stills", None))]


@pytest.mark.parametrize("figures", [Figures(rung="splendid"), Figures(rung="clear", paths=frozenset({"pigeon"}))])
async def test_a_word_that_does_not_exist_is_refused(archive: Archive, people: People, figures: Figures) -> None:
    nurse = await signed_in(archive, people.nurse)

    with pytest.raises(Invalid):
        await kept(archive, nurse, figures)


async def test_an_auditor_keeps_none(archive: Archive, people: People) -> None:
    auditor = await signed_in(archive, people.auditor)

    with pytest.raises(NotAllowed):
        await kept(archive, auditor, GOOD)


