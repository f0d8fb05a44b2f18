"""Where a live call meets the record: who may enter, what is written down, what both pages are told.

The truth is in the records; rooms know who is there. A database that does not answer ends no call: what cannot be recorded
is refused, the pages ask again, and media flows between the browsers meanwhile.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from records.acts import Act, Actor
from records.archive import Archive
from records.care import call_reports, calls, voice_notes
from records.care import messages as chat
from records.errors import Conflict, NotAllowed, NotFound, RecordsError
from records.people import organizations
from signaling import messages
from signaling.house import (
    Admission,
    Entered,
    FaultTold,
    Left,
    MediaReported,
    Person,
    QualityMeasured,
    Refusal,
    SocketMoved,
    Switched,
)
from signaling.presence import Presence
from signaling.rooms import Rooms
from telehealth.deadlines import AT_LEAST, Deadlines

STATE, FINISH, WARNING = "call", "call-finish", "call-warning"   # alarms: of the present state, of an armed finish
WARN_BEFORE = timedelta(minutes=10)                              # the four hours of a call are nearly over

Media = Callable[[str, str], messages.PeerToPeer]                # (call, participant) -> servers with fresh credentials


class Requests(Protocol):
    """What the desk does when a call moves its request; telehealth/desk.py."""

    async def changed(self, request_id: UUID) -> None: ...
    async def freed(self, practitioner_id: UUID) -> None: ...


@dataclass(frozen=True, kw_only=True)
class Guest(Person):
    """A peer without a login, for the doctor's seat of exactly one practice call: the simulated doctor."""

    call: str


class Calls:
    """Admits, observes and ends live calls. ``moved`` is what a page calls after its act has moved one."""

    def __init__(self, archive: Archive, presence: Presence, rooms: Rooms, deadlines: Deadlines, desk: Requests,
                 media: Media) -> None:
        self._archive, self._presence, self._rooms, self._deadlines, self._desk = archive, presence, rooms, deadlines, desk
        self._media = media
        deadlines.on(STATE, self._expired)
        deadlines.on(FINISH, self._finished)
        deadlines.on(WARNING, self._warn)

    async def start(self) -> None:
        """After a restart: every live call as it was, its alarms with at least 60 s."""
        async with self._archive.act(Actor.of_system("deadline")) as act:
            live = await calls.rearm(act)
        for call in live:
            self._arm(call, at_least=AT_LEAST)

    # ------------------------------------------------------------ the door

    async def admit(self, person: Person, enter: messages.Enter) -> Admission | str:
        """The right to a seat, or ``no-such-call`` or ``call-over``."""
        try:
            async with self._act(person) as act:
                call = await calls.read(act, UUID(enter.call))
                side = _side(act, call, person)
                place = await organizations.own_name(act) or person.organization
        except (NotFound, NotAllowed):
            return "no-such-call"
        if call.is_over:
            return "call-over"
        return Admission(call=enter.call, participant=person.participant, side=side, name=person.name,
                         organization=place, media=self._media(enter.call, person.participant))

    async def entered(self, event: Entered) -> None:
        """Recorded before the seat is taken."""
        together = any(peer.side != event.side for peer in self._rooms.peers(event.call))
        async with self._act(event.person) as act:
            before = await calls.state_of(act, UUID(event.call))
            call = await calls.entered(act, UUID(event.call), event.side, together=together)
        await self._tell(call, before)

    async def left(self, event: Left) -> None:
        others = [peer for peer in self._rooms.peers(event.call) if peer.peer != event.peer]
        async with self._act(event.person) as act:
            before = await calls.state_of(act, UUID(event.call))
            call = await calls.left(act, UUID(event.call), event.side, event.reason, empty=not others)
        await self._tell(call, before)

    async def media(self, event: MediaReported) -> None:
        async with self._act(event.person) as act:
            before = await calls.state_of(act, UUID(event.call))
            call = await calls.media(act, UUID(event.call), event.side, event.media)
        await self._tell(call, before)

    async def told(self, event: SocketMoved | FaultTold) -> None:
        """What a socket or a page tells of itself: one row of the time line, nothing moves."""
        kind, detail = ("away" if event.parting else "back", event.parting) if isinstance(event, SocketMoved) else (
            event.kind, event.detail)
        async with self._act(event.person) as act:
            await call_reports.tell(act, UUID(event.call), event.side, kind, detail)

    async def measured(self, event: QualityMeasured) -> None:
        async with self._act(event.person) as act:
            await calls.measured(act, UUID(event.call), event.side, event.quality, event.quality.bytes_used)

    async def switched(self, event: Switched) -> None:
        async with self._act(event.person) as act:
            await calls.switched(act, UUID(event.call), event.side, event.what)

    # ------------------------------------------------------------ the chat

    async def say(self, person: Person, message: messages.Say) -> messages.Chat:
        async with self._act(person) as act:
            line = await chat.say(act, UUID(message.call), UUID(message.id), message.text)
        return messages.Chat(call=message.call, id=message.id, number=line.number, participant=person.participant,
                             name=line.name or person.name, text=line.text, sent_at=line.sent_at.isoformat())

    async def seen(self, person: Person, message: messages.ChatSeen) -> messages.ChatMark | None:
        async with self._act(person) as act:
            moved = await chat.mark(act, UUID(message.call), message.number, seen=message.seen)
        if not moved:
            return None
        return messages.ChatMark(call=message.call, participant=person.participant, number=message.number, seen=message.seen)

    def spoken(self, call_id: UUID, note: voice_notes.VoiceNote) -> None:
        """A voice note is complete: both sides hear of it, and fetch its sound over HTTP."""
        self._rooms.tell(str(call_id), messages.VoiceNote(
            call=str(call_id), id=str(note.id), number=note.number, participant=str(note.author_id), name=note.name,
            length_ms=note.length_ms, spoken_at=note.recorded_at.isoformat()))

    async def reached(self, person: Person, message: messages.VoiceNoteReached) -> messages.VoiceNoteMark | None:
        async with self._act(person) as act:
            moved = await voice_notes.reached(act, UUID(message.call), UUID(message.note), heard=message.heard)
        if not moved:
            return None
        return messages.VoiceNoteMark(call=message.call, participant=person.participant, note=message.note, heard=message.heard)

    # ------------------------------------------------------------ moves

    async def moved(self, call_id: UUID) -> None:
        """A page moved this call (finish, unfinish): arm what is due, tell both sides."""
        async with self._archive.act(Actor.of_system("calls")) as act:
            call = await calls.read(act, call_id)
        await self._tell(call, None)

    async def _tell(self, call: calls.Call, before: str | None) -> None:
        """Set the alarms and tell everybody concerned, if the state is not what it was."""
        self._arm(call)
        if call.state == before:
            return
        self._send(call)
        if call.is_over:
            self._rooms.close(str(call.id))
        if call.state == "connecting" or call.is_over:
            await self._desk.changed(call.request_id)
        if call.is_over and call.doctor_id is not None:
            await self._desk.freed(call.doctor_id)

    def _send(self, call: calls.Call, reason: str = "") -> None:
        left = -1
        if call.finish_at is not None and not call.is_over:
            left = max(0, round((call.finish_at - self._archive.clock()).total_seconds() * 1000))
        message = messages.CallChanged(call=str(call.id), state=call.state, reason=reason or call.reason, finish_in_ms=left)
        concerned = {str(one) for one in (call.worker_id, call.doctor_id) if one}
        for participant in concerned | {peer.participant for peer in self._rooms.peers(str(call.id))}:
            self._presence.tell(participant, message)

    def _arm(self, call: calls.Call, at_least: timedelta = timedelta(0)) -> None:
        over = call.is_over
        self._deadlines.arm(STATE, call.id, None if over else call.deadline_at, at_least=at_least)
        self._deadlines.arm(FINISH, call.id, None if over else call.finish_at, at_least=at_least)
        long = call.deadline_at if call.state == "connected" else None
        self._deadlines.arm(WARNING, call.id, long - WARN_BEFORE if long else None)

    # ------------------------------------------------------------ alarms

    async def _expired(self, call_id: UUID, at: datetime) -> None:
        occupied = bool(self._rooms.peers(str(call_id)))
        async with self._archive.act(Actor.of_system("deadline")) as act:
            before = await calls.state_of(act, call_id)
            call = await calls.expire(act, call_id, at, occupied=occupied)
        await self._tell(call, before)

    async def _finished(self, call_id: UUID, at: datetime) -> None:
        async with self._archive.act(Actor.of_system("deadline")) as act:
            before = await calls.state_of(act, call_id)
            call = await calls.finish_now(act, call_id, at)
        await self._tell(call, before)

    async def _warn(self, call_id: UUID, at: datetime) -> None:
        async with self._archive.act(Actor.of_system("deadline")) as act:
            call = await calls.read(act, call_id)
        if call.state == "connected" and call.deadline_at == at + WARN_BEFORE:
            self._send(call, "ending-soon")

    @asynccontextmanager
    async def _act(self, person: Person) -> AsyncIterator[Act]:
        """An act of this person; what the records refuse becomes a refusal of the command."""
        try:
            async with self._archive.act(person.actor) as act:
                yield act
        except (NotFound, NotAllowed):
            raise
        except Conflict as conflict:
            raise Refusal(conflict.reason) from conflict
        except RecordsError as error:
            raise Refusal(error.code) from error


def _side(act: Act, call: calls.Call, person: Person) -> calls.Side:
    """On which side this person sits. Raises NotAllowed for whom this call is none of theirs."""
    if not isinstance(person, Guest):
        return calls.side_of(act, call)
    if person.call != str(call.id) or not call.practice:
        raise NotAllowed("call:enter", "call", call.id, hidden=True)
    return "doctor"
