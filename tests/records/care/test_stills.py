"""Stills that a doctor asks for in a call: consent is asked once, what nobody asked for is not kept, the same id is one photo."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from records.acts import Actor
from records.archive import Archive
from records.care import attachments, call_events, calls, consents, stills, tables
from records.care.pictures import Picture
from records.errors import Conflict, NotAllowed, NotFound
from records.guard.tables import AuditEvent
from tests import live_cases
from tests.builders import People, Someone
from tests.live_cases import Case

PICTURE = Picture(b"\xff\xd8\xff large" * 9_000, b"\xff\xd8\xff small")


@dataclass
class Live:
    """A call in which no photo was agreed to beforehand."""

    archive: Archive
    people: People
    case: Case

    async def do(self, who: Someone, deed: Any, *given: Any, **named: Any) -> Any:
        async with self.archive.act(who.actor) as act:
            return await deed(act, *given, **named)

    async def want(self, still: UUID, *, curtain: bool = False) -> str:
        return str(await self.do(self.people.doctor, stills.want, self.case.call, still, curtain=curtain))

    async def wanted(self) -> UUID:
        still = uuid4()
        await self.want(still)
        return still

    async def answer(self, still: UUID, *, agreed: bool) -> None:
        await self.do(self.people.nurse, stills.answer, self.case.call, still, agreed=agreed)

    async def store(self, still: UUID, who: Someone | None = None) -> attachments.Photo:
        photo: attachments.Photo = await self.do(who or self.people.doctor, stills.store, self.case.call, still, PICTURE)
        return photo

    async def photos(self, who: Someone) -> list[attachments.Photo]:
        found: list[attachments.Photo] = await self.do(who, attachments.for_encounter, self.case.encounter)
        return found

    async def line(self) -> list[tuple[str, str, str]]:
        """What stands about stills on the time line."""
        async with self.archive.act(Actor.of_system("test")) as act:
            found = await call_events.for_request(act, self.case.request)
        return [(one.kind, one.side, one.detail) for one in found if one.kind.startswith("still")]

    async def trail(self) -> list[str]:
        async with self.archive.act(Actor.of_system("test")) as act:
            return list(await act.db.scalars(select(AuditEvent.tag).where(
                AuditEvent.tag.in_(("attachment:want", "consent:photo", "attachment:store"))).order_by(AuditEvent.sequence)))


@pytest.fixture
async def live(archive: Archive, people: People) -> Live:
    made = Live(archive, people, await live_cases.accepted(archive, people))
    await made.do(people.nurse, consents.save, made.case.encounter, consult=True, share={people.bach_thong}, photo=False)
    return made


async def test_without_consent_the_patient_is_asked_once_and_the_answer_stands(live: Live) -> None:
    first, second = uuid4(), uuid4()

    assert await live.want(first) == "ask"
    assert await live.want(first) == "ask"                     # a repeated command is the same wish
    await live.answer(first, agreed=True)
    await live.answer(first, agreed=True)
    assert await live.want(second) == "ready"

    choices = await live.do(live.people.nurse, consents.choices, live.case.encounter)
    assert choices.photo
    assert await live.line() == [("still-wanted", "doctor", str(first)), ("still-agreed", "worker", ""),
                                 ("still-wanted", "doctor", str(second))]
    assert await live.trail() == ["attachment:want", "consent:photo", "attachment:want"]


async def test_a_refusal_stands_for_this_call_and_nothing_is_kept(live: Live) -> None:
    still = await live.wanted()

    await live.answer(still, agreed=False)

    assert await live.want(uuid4()) == "refused"
    with pytest.raises(Conflict, match="no-consent"):
        await live.store(still)
    with pytest.raises(Conflict, match="answered"):
        await live.answer(still, agreed=True)
    assert not (await live.do(live.people.nurse, consents.choices, live.case.encounter)).photo
    assert await live.photos(live.people.doctor) == []
    assert [kind for kind, _, _ in await live.line()] == ["still-wanted", "still-refused", "still-none"]


async def test_a_patient_who_refused_may_agree_on_the_page_of_the_visit(live: Live) -> None:
    await live.answer(await live.wanted(), agreed=False)

    await live.do(live.people.nurse, consents.save, live.case.encounter, consult=True, share={live.people.bach_thong}, photo=True)

    assert await live.want(uuid4()) == "ready"


async def test_an_emergency_has_its_own_rule(live: Live) -> None:
    await live.do(live.people.nurse, consents.emergency, live.case.encounter, "unconscious")

    assert await live.want(uuid4()) == "ready"


async def test_behind_the_curtain_nothing_is_asked_and_nothing_taken(live: Live) -> None:
    still = uuid4()

    assert await live.want(still, curtain=True) == "curtain"

    assert await live.line() == [("still-none", "doctor", "curtain")]
    with pytest.raises(NotFound):
        await live.store(still)


async def test_a_still_is_a_photo_of_the_encounter_that_the_doctor_has_seen(live: Live) -> None:
    still = await live.wanted()
    await live.answer(still, agreed=True)

    photo = await live.store(still)
    again = await live.store(still, live.people.nurse)

    assert photo == again and photo.id == still and photo.still and photo.seen_at is not None
    assert await live.photos(live.people.nurse) == await live.photos(live.people.doctor) == [photo]
    opened = await live.do(live.people.nurse, attachments.open, still)
    small = await live.do(live.people.doctor, attachments.open, still, small=True)
    assert (opened.content, small.content) == (PICTURE.content, PICTURE.small)
    assert (await live.line())[-1] == ("still-kept", "doctor", "")
    assert (await live.trail()).count("attachment:store") == 1
    assert await live.do(live.people.nurse, stills.is_stored, live.case.call, still)


async def test_doctor_and_station_keep_it_once_at_the_same_time(live: Live) -> None:
    still = await live.wanted()
    await live.answer(still, agreed=True)

    await asyncio.gather(live.store(still), live.store(still, live.people.nurse))

    assert len(await live.photos(live.people.doctor)) == 1


async def test_the_station_keeps_what_the_doctor_could_not_even_when_the_case_is_over(live: Live, archive: Archive) -> None:
    still = await live.wanted()
    await live.answer(still, agreed=True)
    async with archive.act(Actor.of_system("test")) as act:
        (await act.db.get_one(tables.Encounter, live.case.encounter)).status = "finished"

    assert not await live.do(live.people.nurse, stills.is_stored, live.case.call, still)
    photo = await live.store(still, live.people.nurse)

    assert photo.seen_at is None and photo.created_by == live.people.nurse.id


async def test_what_nobody_asked_for_is_not_kept(live: Live) -> None:
    await live.do(live.people.nurse, consents.save, live.case.encounter, consult=True, share={live.people.bach_thong}, photo=True)

    for who in (live.people.doctor, live.people.nurse):
        with pytest.raises(NotFound):
            await live.store(uuid4(), who)
        with pytest.raises(NotFound):
            await live.do(who, stills.is_stored, live.case.call, uuid4())
    with pytest.raises(NotFound):
        await live.answer(uuid4(), agreed=True)
    with pytest.raises(NotFound):
        await live.do(live.people.nurse, stills.failed, live.case.call, uuid4(), "camera-off")


async def test_the_id_of_another_thing_is_not_taken(live: Live) -> None:
    await live.do(live.people.nurse, consents.save, live.case.encounter, consult=True, share={live.people.bach_thong}, photo=True)
    still = await live.wanted()
    await live.store(still)
    other = await live_cases.asked(live.archive, live.people)

    with pytest.raises(NotFound):
        await live.do(live.people.nurse, attachments.store, still, other.encounter, PICTURE)
    with pytest.raises(NotFound):
        await live.want(attachments.small_id(still))
        await live.store(attachments.small_id(still))


async def test_only_the_doctor_of_the_call_asks_and_only_the_station_answers(live: Live) -> None:
    still = await live.wanted()

    for who in (live.people.nurse, live.people.second_doctor, live.people.stranger):
        with pytest.raises(NotAllowed):
            await live.do(who, stills.want, live.case.call, uuid4(), curtain=False)
    for who in (live.people.doctor, live.people.second_doctor, live.people.stranger):
        with pytest.raises(NotAllowed):
            await live.do(who, stills.answer, live.case.call, still, agreed=True)
    for who in (live.people.second_doctor, live.people.stranger):
        with pytest.raises(NotAllowed):
            await live.store(still, who)


async def test_when_the_call_is_over_none_is_asked_for(live: Live) -> None:
    still = await live.wanted()
    async with live.archive.act(Actor.of_system("test")) as act:
        await calls.abandon(act, live.case.request, "cancelled")

    with pytest.raises(Conflict, match="call-over"):
        await live.want(uuid4())
    with pytest.raises(Conflict, match="call-over"):
        await live.answer(still, agreed=True)


async def test_why_none_was_taken_is_written_down(live: Live) -> None:
    still = await live.wanted()

    await live.do(live.people.nurse, stills.failed, live.case.call, still, "camera-off")

    assert (await live.line())[-1] == ("still-none", "worker", "camera-off")
