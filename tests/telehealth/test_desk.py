"""Who is rung and who is told: the desk over real records, with a virtual clock and pages that write down what they hear."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from records import database
from records.acts import Actor
from records.archive import Archive
from records.care import calls, consents, encounters, line_checks, request_clock, request_views, requests
from records.guard.vault import Vault
from records.people import duty, logins, patients
from records.people.identities import Identity
from signaling import messages
from signaling.house import Admission, Person, Refusal
from signaling.legs import Legs
from signaling.limits import Limits
from signaling.sessions import Session, Tab
from telehealth import legs
from telehealth.deadlines import Deadlines
from telehealth.desk import Desk
from tests import builders
from tests.builders import People, Someone
from tests.virtual_time import VirtualTime

SYSTEM = Actor.of_system("test")


class Pages:
    """Stands for presence and rooms: writes down who was told what. ``legs`` are real ones."""

    def __init__(self) -> None:
        self.legs = Legs()
        self.told: list[tuple[str, Any]] = []
        self.closed: list[str] = []

    def tell(self, to: str, message: Any) -> int:
        self.told.append((to, message))
        return 1

    def close(self, call: str) -> None:
        self.closed.append(call)

    def heard(self, who: Someone, kind: type[Any]) -> list[Any]:
        return [message for to, message in self.told if to == str(who.id) and isinstance(message, kind)]

    def forget(self) -> None:
        self.told.clear()


@dataclass
class House:
    """The desk with everything around it; ``restart`` makes a new one over the same records."""

    archive: Archive
    people: People
    time: VirtualTime
    pages: Pages = field(default_factory=Pages)

    def __post_init__(self) -> None:
        self._make()

    def _make(self) -> None:
        self.deadlines = Deadlines(self.time.clock, self.time.later)
        self.desk = Desk(self.archive, self.pages, self.pages, self.deadlines)  # type: ignore[arg-type]

    async def restart(self) -> None:
        """Killed and started again: no timer lives on."""
        await self.deadlines.close()
        self._make()
        await self.desk.start()

    async def forward(self, seconds: float) -> None:
        await self.time.forward(self.deadlines, seconds=seconds)

    async def begin(self, *doctors: Someone) -> None:
        for doctor in doctors:
            async with self.archive.act(doctor.actor) as act:
                await duty.begin(act)
            await self.desk.duty_changed(doctor.id)

    async def end(self, doctor: Someone) -> None:
        async with self.archive.act(doctor.actor) as act:
            await duty.end(act)
        await self.desk.duty_changed(doctor.id)

    async def ask(self) -> UUID:
        async with self.archive.act(self.people.nurse.actor) as act:
            patient = await patients.register(act, uuid4(), Identity(full_name="Hoàng Thị Hoa", birth_date="1958"))
            encounter = await encounters.start(act, uuid4(), patient)
            share = {self.people.bach_thong, self.people.hospital}
            await consents.save(act, encounter, consult=True, share=share, photo=False)
            request = await requests.ask(act, uuid4(), encounter)
        await self.desk.asked(request)
        return request

    async def emergency(self) -> UUID:
        async with self.archive.act(self.people.nurse.actor) as act:
            request = await requests.emergency(act, uuid4(), "other")
        await self.desk.asked(request)
        return request

    async def accept(self, doctor: Someone, request: UUID, leg: str = "") -> UUID:
        async with self.archive.act(doctor.actor) as act:
            call = await requests.accept(act, request)
        await self.desk.accepted(request, doctor.id, leg)
        return call

    async def show(self, request: UUID, *doctors: Someone) -> None:
        for doctor in doctors:
            await self.desk.shown(doctor.actor, request)

    async def leg(self, who: Someone, request: UUID) -> str:
        """Ask for a leg as the page does: "" or the code of the refusal. The peer is the person's own id."""
        person = Person(participant=str(who.id), login=str(who.id), name=who.name, organization="", actor=who.actor)
        command = messages.HoldLeg(id=str(uuid4()), request=str(request), peer=str(who.id))
        try:
            admission = await legs.admit(self.archive, _media, person, command)
            if isinstance(admission, str):
                return admission
            self.pages.legs.hold(Session(Tab(person, str(uuid4())), Limits(), 0.0), admission, command)
        except Refusal as refusal:
            return refusal.code
        return ""

    def legs(self, request: UUID) -> list[str]:
        return self.pages.legs.peers(str(request))

    async def decline(self, doctor: Someone, request: UUID) -> None:
        async with self.archive.act(doctor.actor) as act:
            await requests.decline(act, request)
        await self.desk.declined(request, doctor.id)

    async def status(self, request: UUID) -> tuple[str, str]:
        async with self.archive.act(SYSTEM) as act:
            found = await request_views.read(act, request)
        return found.status, found.reason


def _media(request: str, participant: str) -> messages.PeerToPeer:
    return messages.PeerToPeer(ice_servers=[messages.IceServer(urls=[], username=f"{request} {participant}")])


@pytest.fixture
async def house(database_url: str, key_file: Path, tmp_path: Path) -> AsyncIterator[House]:
    time = VirtualTime()
    engine = database.make_engine(database_url)
    async with engine.begin() as connection:
        await connection.run_sync(database.Base.metadata.create_all)
    vault = await Vault.load(key_file=key_file, key_store_url=f"sqlite:///{tmp_path / 'keys' / 'patients.db'}",
                             engine=engine, clock=time.clock)
    archive = Archive(engine, vault, time.clock)
    house = House(archive, await builders.people(archive), time)
    yield house
    await house.deadlines.close()
    await archive.close()


async def test_asking_rings_every_doctor_on_duty_and_tells_the_station(house: House) -> None:
    people = house.people
    await house.begin(people.doctor, people.specialist)

    request = await house.ask()

    for doctor in (people.doctor, people.specialist):
        assert [ring.request for ring in house.pages.heard(doctor, messages.Ring)] == [str(request)]
    assert house.pages.heard(people.second_doctor, messages.Ring) == []
    assert house.pages.heard(people.nurse, messages.RequestChanged)[-1].status == "requested"


async def test_with_nobody_on_duty_the_station_hears_at_once(house: House) -> None:
    request = await house.ask()

    assert await house.status(request) == ("failed", "no-doctor")
    assert house.pages.heard(house.people.nurse, messages.RequestChanged)[-1].status == "failed"
    assert house.deadlines.armed("request") == {}


async def test_the_station_hears_when_a_device_shows_the_ring(house: House) -> None:
    await house.begin(house.people.doctor)
    request = await house.ask()

    await house.desk.shown(house.people.doctor.actor, request)

    assert house.pages.heard(house.people.nurse, messages.RequestChanged)[-1].status == "received"


async def test_a_line_measured_while_it_rings_is_read_anew_on_both_sides_and_not_by_who_declined(house: House) -> None:
    people = house.people
    await house.begin(people.doctor, people.specialist)
    request = await house.ask()
    await house.decline(people.specialist, request)
    house.pages.forget()

    await house.desk.line_measured(request)

    assert [ring.request for ring in house.pages.heard(people.doctor, messages.Ring)] == [str(request)]
    assert house.pages.heard(people.specialist, messages.Ring) == []
    assert house.pages.heard(people.nurse, messages.RequestChanged)[-1].request == str(request)


async def test_who_accepts_is_told_apart_from_who_was_too_late(house: House) -> None:
    people = house.people
    await house.begin(people.doctor, people.second_doctor)
    request = await house.ask()

    call = await house.accept(people.doctor, request)

    (winner,), (loser,) = (house.pages.heard(one, messages.Taken) for one in (people.doctor, people.second_doctor))
    assert (winner.mine, loser.mine, loser.by, loser.reason) == (True, False, people.doctor.name, "accepted")
    changed = house.pages.heard(people.nurse, messages.RequestChanged)[-1]
    assert (changed.status, changed.call) == ("accepted", str(call))


async def test_a_doctor_who_takes_one_request_stops_being_rung_for_the_other(house: House) -> None:
    people = house.people
    await house.begin(people.doctor)
    first, second = await house.ask(), await house.ask()

    await house.accept(people.doctor, first)

    assert (str(second), "in-call") in [(one.request, one.reason) for one in house.pages.heard(people.doctor, messages.Taken)]


async def test_a_doctor_who_becomes_free_is_rung_for_what_still_rings(house: House) -> None:
    people = house.people
    await house.begin(people.doctor)
    first = await house.ask()
    await house.accept(people.doctor, first)
    second = await house.ask()
    assert str(second) not in [ring.request for ring in house.pages.heard(people.doctor, messages.Ring)]
    async with house.archive.act(SYSTEM) as act:
        await request_clock.expire(act, first, (await request_views.read(act, first)).deadline_at)  # type: ignore[arg-type]

    await house.desk.freed(people.doctor.id)

    assert str(second) in [ring.request for ring in house.pages.heard(people.doctor, messages.Ring)]


async def test_who_comes_on_duty_while_it_rings_is_rung(house: House) -> None:
    people = house.people
    await house.begin(people.doctor)
    request = await house.ask()

    await house.begin(people.specialist)

    assert str(request) in [ring.request for ring in house.pages.heard(people.specialist, messages.Ring)]


async def test_when_the_last_doctor_goes_off_duty_the_request_fails(house: House) -> None:
    await house.begin(house.people.doctor)
    request = await house.ask()

    await house.end(house.people.doctor)

    assert await house.status(request) == ("failed", "no-doctor")
    assert house.pages.heard(house.people.doctor, messages.DutyChanged)[-1].duty is False
    assert house.people.doctor.id not in house.desk.on_duty


async def test_an_emergency_reaches_a_doctor_in_a_call(house: House) -> None:
    people = house.people
    await house.begin(people.doctor)
    await house.accept(people.doctor, await house.ask())

    request = await house.emergency()

    assert (str(request), True) in [(ring.request, ring.emergency) for ring in house.pages.heard(people.doctor, messages.Ring)]


async def test_after_120_seconds_the_station_is_told_and_the_rings_end(house: House) -> None:
    people = house.people
    await house.begin(people.doctor)
    request = await house.ask()

    await house.forward(119)
    assert await house.status(request) == ("requested", "")
    await house.forward(1)

    assert await house.status(request) == ("failed", "timeout")
    assert house.pages.heard(people.doctor, messages.Taken)[-1].reason == "timeout"
    assert house.pages.heard(people.nurse, messages.RequestChanged)[-1].status == "failed"


async def test_when_the_two_do_not_meet_in_90_seconds_everybody_is_rung_again(house: House) -> None:
    people = house.people
    await house.begin(people.doctor, people.second_doctor)
    request = await house.ask()
    await house.forward(20)
    call = await house.accept(people.doctor, request)
    house.pages.forget()

    await house.forward(90)

    assert (await house.status(request))[0] == "requested"
    assert [ring.request for ring in house.pages.heard(people.second_doctor, messages.Ring)] == [str(request)]
    assert house.pages.closed == [str(call)]
    await house.forward(100)
    assert await house.status(request) == ("failed", "timeout")


async def test_when_everybody_declines_the_alarm_is_gone(house: House) -> None:
    await house.begin(house.people.doctor)
    request = await house.ask()

    await house.decline(house.people.doctor, request)

    assert await house.status(request) == ("failed", "declined")
    assert house.deadlines.armed("request") == {}
    assert house.pages.heard(house.people.doctor, messages.Taken)[0].reason == "declined"


async def test_a_restart_goes_on_ringing_for_at_least_60_seconds(house: House) -> None:
    await house.begin(house.people.doctor)
    request = await house.ask()
    await house.forward(119)

    await house.restart()

    await house.forward(59)
    assert (await house.status(request))[0] == "requested"
    await house.forward(1)
    assert await house.status(request) == ("failed", "timeout")


async def test_a_request_made_just_before_the_server_died_rings_after_the_restart(house: House) -> None:
    people = house.people
    await house.begin(people.doctor)
    async with house.archive.act(people.nurse.actor) as act:
        request = await requests.emergency(act, uuid4(), "other")     # the desk never heard of it

    await house.restart()

    assert str(request) in [ring.request for ring in house.pages.heard(people.doctor, messages.Ring)]
    assert people.doctor.id in house.desk.on_duty, "duty survives a restart"


async def test_an_offer_that_could_not_be_written_is_tried_again(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    await house.begin(house.people.doctor)
    offer, failures = requests.offer, iter([OSError("the database is away")])

    async def failing(*given: Any) -> Any:
        for failure in failures:
            raise failure
        return await offer(*given)

    monkeypatch.setattr(requests, "offer", failing)
    request = await house.ask()
    assert house.pages.heard(house.people.doctor, messages.Ring) == []

    await house.forward(2)

    assert [ring.request for ring in house.pages.heard(house.people.doctor, messages.Ring)] == [str(request)]


async def test_a_snapshot_says_what_rings_and_what_was_asked(house: House) -> None:
    people = house.people
    await house.begin(people.doctor)
    request = await house.ask()
    await house.desk.shown(people.doctor.actor, request)

    async with house.archive.act(people.doctor.actor) as act:
        ringing, _ = await house.desk.standing(act)
    async with house.archive.act(people.nurse.actor) as act:
        _, asked = await house.desk.standing(act)

    assert ringing == [messages.RingingRequest(request=str(request), emergency=False, shown=True)]
    assert asked == [messages.LiveRequest(request=str(request), status="received")]


# ---------------------------------------------------------------- legs while it rings


async def test_a_leg_is_for_who_asked_and_for_doctors_who_see_the_ring(house: House) -> None:
    people = house.people
    await house.begin(people.doctor)
    request = await house.ask()

    assert await house.leg(people.doctor, request) == "not-shown"
    await house.show(request, people.doctor)

    assert await house.leg(people.doctor, request) == ""
    assert await house.leg(people.nurse, request) == ""
    for stranger in (people.specialist, people.colleague, people.stranger):
        assert await house.leg(stranger, request) == "no-such-request"
    assert await house.leg(people.nurse, uuid4()) == "no-such-request"
    assert house.legs(request) == [str(people.doctor.id), str(people.nurse.id)]


async def test_the_station_is_told_whose_leg_became_the_call(house: House) -> None:
    people = house.people
    await house.begin(people.doctor, people.second_doctor)
    request = await house.ask()
    await house.show(request, people.doctor, people.second_doctor)
    for one in (people.nurse, people.doctor, people.second_doctor):
        assert await house.leg(one, request) == ""

    call = await house.accept(people.second_doctor, request, str(people.second_doctor.id))

    told = house.pages.heard(people.nurse, messages.RequestChanged)[-1]
    assert (told.status, told.call, told.leg) == ("accepted", str(call), str(people.second_doctor.id))
    assert house.legs(request) == [str(people.second_doctor.id), str(people.nurse.id)]
    assert await house.leg(people.doctor, request) == "over"


async def test_accepted_without_a_leg_the_station_is_told_of_none(house: House) -> None:
    people = house.people
    await house.begin(people.doctor)
    request = await house.ask()
    await house.show(request, people.doctor)
    for one in (people.nurse, people.doctor):
        await house.leg(one, request)

    await house.accept(people.doctor, request)

    assert house.pages.heard(people.nurse, messages.RequestChanged)[-1].leg == ""
    assert house.legs(request) == []


@pytest.mark.parametrize("how", ["declined", "off duty"])
async def test_a_doctor_who_cannot_has_no_leg_any_more(house: House, how: str) -> None:
    people = house.people
    await house.begin(people.doctor, people.second_doctor)
    request = await house.ask()
    await house.show(request, people.doctor)
    for one in (people.nurse, people.doctor):
        await house.leg(one, request)

    await (house.decline(people.doctor, request) if how == "declined" else house.end(people.doctor))

    assert house.legs(request) == [str(people.nurse.id)]
    assert await house.leg(people.doctor, request) == "over"


@pytest.mark.parametrize("how", ["cancelled", "nobody in time", "in the call", "not joined"])
async def test_when_it_rings_no_longer_there_are_no_legs(house: House, how: str) -> None:
    people = house.people
    await house.begin(people.doctor)
    request = await house.ask()
    await house.show(request, people.doctor)
    for one in (people.nurse, people.doctor):
        await house.leg(one, request)

    match how:
        case "cancelled":
            async with house.archive.act(people.nurse.actor) as act:
                await requests.cancel(act, request)
            await house.desk.cancelled(request)
        case "nobody in time":
            await house.forward(121)
        case "in the call":
            call = await house.accept(people.doctor, request, str(people.doctor.id))
            async with house.archive.act(people.doctor.actor) as act:
                await calls.entered(act, call, "doctor", together=True)
            await house.desk.changed(request)
        case "not joined":
            await house.accept(people.doctor, request, str(people.doctor.id))
            await house.forward(91)
            assert await house.status(request) == ("requested", "")

    assert house.legs(request) == []


async def test_a_doctor_in_a_call_gets_no_leg_and_keeps_none(house: House) -> None:
    people = house.people
    await house.begin(people.doctor, people.second_doctor)
    first, second = await house.ask(), await house.emergency()
    for request in (first, second):
        await house.show(request, people.doctor)
        await house.leg(people.doctor, request)

    await house.accept(people.doctor, first, str(people.doctor.id))

    assert house.legs(second) == []
    assert await house.leg(people.doctor, second) == "in-call"


async def test_credentials_of_a_leg_name_the_request_and_not_the_call(house: House) -> None:
    people = house.people
    await house.begin(people.doctor)
    request = await house.ask()
    person = Person(participant=str(people.nurse.id), login="", name="", organization="", actor=people.nurse.actor)

    admission = await legs.admit(house.archive, _media, person, messages.HoldLeg(id=str(uuid4()), request=str(request), peer=str(uuid4())))

    assert isinstance(admission, Admission)
    assert admission.media.ice_servers[0].username == f"{request} {people.nurse.id}"


async def test_a_station_on_a_thin_line_connects_with_one_doctor(house: House) -> None:
    people = house.people
    await house.begin(people.doctor, people.second_doctor)
    request = await house.ask()
    async with house.archive.act(Actor.anonymous("127.0.0.1")) as act:
        login = await logins.start(act, people.nurse.id, uuid4().hex, browser="Chrome, Linux")
    async with house.archive.act(replace(people.nurse.actor, login_id=login)) as act:
        await line_checks.keep(act, line_checks.Figures(rung="voice", kbps_up=60))
    await house.show(request, people.doctor, people.second_doctor)

    for one in (people.doctor, people.second_doctor, people.nurse):
        await house.leg(one, request)

    assert house.legs(request) == [str(people.doctor.id), str(people.nurse.id)]
    assert await house.leg(people.second_doctor, request) == "legs-taken"
