"""What the roof does for live sessions: one object in which calls, desk and logins answer signaling's questions."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping
from uuid import UUID

from aiohttp import web

from records.acts import Actor
from records.archive import Archive
from records.care import calls as call_records
from records.errors import RecordsError
from records.people import duty, logins
from signaling import messages
from signaling.house import (
    Admission,
    Entered,
    Event,
    FaultTold,
    Left,
    MediaReported,
    Person,
    PhotoFailed,
    QualityMeasured,
    Refusal,
    RingWasShown,
    SocketMoved,
    Standing,
    Switched,
)
from signaling.messages import Closing
from telehealth import legs
from telehealth.calls import Calls
from telehealth.desk import Desk
from telehealth.stills import Stills
from web.keys import ACTOR, SIGNED_IN
from web.login import CLOSINGS

Stranger = Callable[[web.Request], Awaitable[Person | None]]   # a peer that is no practitioner: the simulated doctor


async def nobody(request: web.Request) -> Person | None:
    return None


class House:
    """Implements ``signaling.house.House``. ``stranger`` recognises peers that have no login, such as a practice doctor."""

    def __init__(self, archive: Archive, calls: Calls, desk: Desk, media: legs.Media, stranger: Stranger = nobody) -> None:
        self._archive, self._calls, self._desk, self._media, self._stranger = archive, calls, desk, media, stranger
        self._stills = Stills(archive)

    async def start(self) -> None:
        """After a restart: alarms anew, rings go on, calls as they were."""
        await self._calls.start()
        await self._desk.start()

    async def greet(self, request: web.Request) -> Person | Closing:
        login = request[SIGNED_IN]
        if login is None:
            return await self._stranger(request) or Closing.SIGN_IN_NEEDED
        place = " · ".join(part for part in (login.place, login.point) if part)
        return Person(participant=str(login.practitioner_id), login=str(login.login_id), name=login.called,
                      organization=place, actor=request[ACTOR])

    async def snapshot(self, person: Person) -> Standing:
        if person.actor.practitioner_id is None:
            return Standing()
        async with self._archive.act(person.actor) as act:
            ringing, requests = await self._desk.standing(act)
            live = await call_records.live_of(act, person.actor.practitioner_id)
            on = await duty.is_on(act, person.actor.practitioner_id)
        self._desk.note_duty(person.actor.practitioner_id, on)
        return Standing(duty=on, ringing=ringing, requests=requests, calls=[str(one.id) for one in live])

    async def admit(self, person: Person, enter: messages.Enter) -> Admission | str:
        return await self._calls.admit(person, enter)

    async def leg(self, person: Person, leg: messages.HoldLeg) -> Admission | str:
        return await legs.admit(self._archive, self._media, person, leg)

    async def observe(self, event: Event) -> None:
        match event:
            case Entered():
                await self._calls.entered(event)
            case Left():
                await self._calls.left(event)
            case MediaReported():
                await self._calls.media(event)
            case QualityMeasured():
                await self._calls.measured(event)
            case Switched():
                await self._calls.switched(event)
            case SocketMoved() | FaultTold():
                await self._calls.told(event)
            case RingWasShown():
                await self._shown(event)
            case PhotoFailed():
                await self._stills.failed(event)

    async def say(self, person: Person, message: messages.Say) -> messages.Chat:
        return await self._calls.say(person, message)

    async def seen(
        self, person: Person, message: messages.ChatSeen | messages.VoiceNoteReached,
    ) -> messages.ChatMark | messages.VoiceNoteMark | None:
        if isinstance(message, messages.VoiceNoteReached):
            return await self._calls.reached(person, message)
        return await self._calls.seen(person, message)

    async def photo_wanted(self, person: Person, message: messages.PhotoWanted, *, curtain: bool) -> bool:
        return await self._stills.wanted(person, message, curtain=curtain)

    async def online(self, participant: str) -> None:
        """A doctor who comes back is rung for what still rings."""
        await self._desk.freed(UUID(participant))

    async def offline(self, participant: str) -> None:
        """Duty and requests outlive a closed page: nothing to write down."""

    async def revoked(self, login_ids: Collection[str]) -> Mapping[str, Closing]:
        known = {one for one in login_ids if one}
        async with self._archive.act(Actor.of_system("logins")) as act:
            living = await logins.among(act, [UUID(one) for one in known])
            over = [one for one in known if UUID(one) not in living]
            return {one: CLOSINGS.get(await logins.reason(act, UUID(one)), Closing.SIGNED_OUT) for one in over}

    async def _shown(self, event: RingWasShown) -> None:
        try:
            await self._desk.shown(event.person.actor, UUID(event.request))
        except RecordsError as error:
            raise Refusal(error.code) from error
