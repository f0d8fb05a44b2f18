"""Who is rung for a request, and who hears what became of it. The truth is in the records; this carries it to the pages.

Every method may be called again: it reads how things stand and tells that. Whoever missed it reads it from the snapshot.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from records.acts import Act, Actor
from records.archive import Archive
from records.care import request_clock, request_views, requests
from records.care.request_rows import Request
from records.people import duty
from signaling import messages
from signaling.presence import Presence
from signaling.rooms import Rooms
from telehealth.deadlines import AT_LEAST, Deadlines

KIND = "request"                    # of the alarms of requests
AGAIN = "request-again"             # an offer that could not be written
AGAIN_AFTER = timedelta(seconds=2)
log = structlog.get_logger()


class Desk:
    """Rings doctors, tells workers, keeps the alarms of requests."""

    def __init__(self, archive: Archive, presence: Presence, rooms: Rooms, deadlines: Deadlines) -> None:
        self._archive, self._presence, self._rooms, self._deadlines = archive, presence, rooms, deadlines
        self._legs = rooms.legs
        self.on_duty: set[UUID] = set()     # whose waiting page is no idle page; the truth is in the records
        deadlines.on(KIND, self._expired)
        deadlines.on(AGAIN, self._again)

    async def start(self) -> None:
        """After a restart: every alarm anew, with 60 s at least, and the ring goes on."""
        async with self._archive.act(Actor.of_system("deadline")) as act:
            waiting = await request_clock.rearm(act)
            self.on_duty = await duty.everybody(act)
        for request in waiting:
            self._deadlines.arm(KIND, request.id, request.deadline_at, at_least=AT_LEAST)
            if request.rings:
                await self.asked(request.id)

    # ------------------------------------------------------------ what pages and the live house report

    async def asked(self, request_id: UUID) -> None:
        """A request was made, or rings again: ring everyone who may be rung. Never raises: what fails is tried again."""
        try:
            await self._offer(request_id)
        except Exception:
            log.exception("request-not-offered", request=str(request_id))
            self._deadlines.arm(AGAIN, request_id, self._archive.clock() + AGAIN_AFTER)

    async def shown(self, actor: Actor, request_id: UUID) -> None:
        """A device shows the ring to this doctor."""
        async with self._archive.act(actor) as act:
            news = await requests.shown(act, request_id) and await request_views.news(act, request_id)
        if news:
            self._tell_station(news)

    async def accepted(self, request_id: UUID, practitioner_id: UUID, leg: str = "") -> None:
        """This doctor takes the request: the others stop ringing, and so do the other requests at this doctor.

        ``leg``: the peer of the page in which it was accepted; if its leg stands, it becomes the call.
        """
        self._legs.decide(str(request_id), str(practitioner_id), leg)
        self._legs.withdraw(str(practitioner_id), but=str(request_id))
        async with self._act() as act:
            news = await request_views.news(act, request_id)
            others = await request_views.offered_to(act, practitioner_id)
        self._settle(news)
        for other in others:
            if not other.emergency:
                self._taken(practitioner_id, other.request_id, reason="in-call", mine=True)

    async def declined(self, request_id: UUID, practitioner_id: UUID) -> None:
        """This doctor cannot: the ring stops on the other pages of the same person."""
        self._legs.withdraw(str(practitioner_id), request=str(request_id))
        self._taken(practitioner_id, request_id, reason="declined", mine=True)
        await self.changed(request_id)

    async def cancelled(self, request_id: UUID) -> None:
        await self.changed(request_id)

    async def changed(self, request_id: UUID) -> None:
        """The request moved (joined, completed, failed, cancelled): everybody concerned is told how it stands."""
        async with self._act() as act:
            news = await request_views.news(act, request_id)
        self._settle(news)

    async def duty_changed(self, practitioner_id: UUID) -> None:
        """A doctor went on or off duty, or lost the account: rings begin or end accordingly."""
        async with self._act() as act:
            on = await duty.is_on(act, practitioner_id)
            ringing = await request_views.offered_to(act, practitioner_id)
        self.note_duty(practitioner_id, on)
        self._presence.tell(str(practitioner_id), messages.DutyChanged(duty=on))
        if on:
            await self.freed(practitioner_id)
            return
        for ring in ringing:
            await self._withdraw(practitioner_id, ring.request_id)

    def note_duty(self, practitioner_id: UUID, on: bool) -> None:
        """Read in the records just now: whether this doctor is on duty."""
        (self.on_duty.add if on else self.on_duty.discard)(practitioner_id)

    async def note_signed(self, encounter_id: UUID) -> None:
        """A note was signed or amended: the pages of both sides read it anew. It is written down; this only hurries them."""
        async with self._act() as act:
            concerned = await request_views.concerned(act, encounter_id)
        for one in concerned:
            self._presence.tell(str(one), messages.NoteChanged(encounter=str(encounter_id)))

    async def case_changed(self, encounter_id: UUID, photo_id: UUID | None = None) -> None:
        """The station wrote in a case, or the doctor opened a photo of it. As above: written down already."""
        async with self._act() as act:
            concerned = await request_views.concerned(act, encounter_id)
        photo = str(photo_id) if photo_id else ""
        for one in concerned:
            self._presence.tell(str(one), messages.CaseChanged(encounter=str(encounter_id), photo=photo))

    async def line_measured(self, request_id: UUID) -> None:
        """The station measured its line while it rings: both sides read the request anew."""
        async with self._act() as act:
            news = await request_views.news(act, request_id)
        self._tell_station(news)
        if news.request.rings:
            self._ring_unanswered(news)

    async def freed(self, practitioner_id: UUID) -> None:
        """A doctor may have become free: whatever still rings, rings here too."""
        async with self._act() as act:
            on = await duty.is_on(act, practitioner_id)
            waiting = [one for one in await request_views.live(act) if one.rings] if on else []
        for request in waiting:
            await self.asked(request.id)
        async with self._act() as act:
            rings = await request_views.ringing_for(act, practitioner_id)
        for ring in rings:
            self._ring([practitioner_id], ring.request_id, emergency=ring.emergency)

    async def standing(self, act: Act) -> tuple[list[messages.RingingRequest], list[messages.LiveRequest]]:
        """The actor's part of a snapshot: what rings here, and the worker's own requests that are not over."""
        person = act.actor.practitioner_id
        ringing = await request_views.ringing_for(act, person) if person else []
        mine = await request_views.live_for(act)
        return (
            [messages.RingingRequest(request=str(one.request_id), emergency=one.emergency, shown=one.shown) for one in ringing],
            [messages.LiveRequest(request=str(one.id), status=one.status) for one in mine],
        )

    # ------------------------------------------------------------ inside

    def _act(self) -> AbstractAsyncContextManager[Act]:
        return self._archive.act(Actor.of_system("desk"))

    async def _offer(self, request_id: UUID) -> None:
        async with self._act() as act:
            offered = await requests.offer(act, request_id)
            news = await request_views.news(act, request_id)
        self._ring(offered.new, request_id, emergency=offered.request.emergency)
        self._settle(news)

    async def _again(self, request_id: UUID, at: datetime) -> None:
        await self.asked(request_id)

    async def _withdraw(self, practitioner_id: UUID, request_id: UUID) -> None:
        async with self._act() as act:
            await requests.withdraw(act, request_id, practitioner_id)
        self._legs.withdraw(str(practitioner_id), request=str(request_id))
        self._taken(practitioner_id, request_id, reason="off-duty", mine=True)
        await self.changed(request_id)

    async def _expired(self, request_id: UUID, at: datetime) -> None:
        """The alarm of a request rang: it fails, or rings again because the two did not meet."""
        async with self._archive.act(Actor.of_system("deadline")) as act:
            before = await request_views.news(act, request_id)
            request = await request_clock.expire(act, request_id, at)
        if before.request.status == "accepted" and request.rings:
            self._legs.close(str(request_id))
            self._empty(before)
            await self._ring_again(request_id)
        await self.changed(request_id)

    async def _ring_again(self, request_id: UUID) -> None:
        async with self._act() as act:
            news = await request_views.news(act, request_id)
        self._ring_unanswered(news)
        await self.asked(request_id)

    def _empty(self, before: request_views.News) -> None:
        """Whoever sits alone in the room that waited in vain is told, and the room is emptied."""
        if before.call_id is not None:
            call = str(before.call_id)
            self._rooms.tell(call, messages.CallChanged(call=call, state="opened", reason="not-joined"))
            self._rooms.close(call)

    def _settle(self, news: request_views.News) -> None:
        """Set the alarm of the present state; tell the station, and the doctors for whom it no longer rings."""
        request = news.request
        self._deadlines.arm(KIND, request.id, None if request.status == "in-progress" else request.deadline_at)
        self._tell_station(news)
        if request.rings:
            return
        if request.status != "accepted":
            self._legs.close(str(request.id))
        for one in news.rung:
            if one.answer in ("taken", "ended", "accepted"):
                self._taken(one.practitioner_id, request.id, by=news.doctor, reason=_why(request),
                            mine=one.practitioner_id == request.accepted_by)

    def _tell_station(self, news: request_views.News) -> None:
        call = str(news.call_id) if news.call_id else ""
        request = str(news.request.id)
        self._presence.tell(str(news.request.asked_by), messages.RequestChanged(
            request=request, status=news.request.status, call=call, leg=self._legs.winner(request)))

    def _ring_unanswered(self, news: request_views.News) -> None:
        waited_for = [one.practitioner_id for one in news.rung if not one.answer]
        self._ring(waited_for, news.request.id, emergency=news.request.emergency)

    def _ring(self, practitioner_ids: Iterable[UUID], request_id: UUID, *, emergency: bool) -> None:
        for one in practitioner_ids:
            self._presence.tell(str(one), messages.Ring(request=str(request_id), emergency=emergency))

    def _taken(self, practitioner_id: UUID, request_id: UUID, *, by: str = "", reason: str, mine: bool) -> None:
        self._presence.tell(str(practitioner_id), messages.Taken(request=str(request_id), by=by, reason=reason, mine=mine))


def _why(request: Request) -> str:
    return "accepted" if request.accepted_by is not None else request.reason or request.status
