"""What each command of a page does. One after the other within a session, each id once; the house is asked here."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Coroutine
from typing import Any

from signaling import house, messages, photos
from signaling.house import House, Refusal
from signaling.messages import Closing
from signaling.rooms import Rooms
from signaling.seats import Seat
from signaling.sessions import PENDING, Session

ACK = "ack"
FAILED = "internal"

Command = (
    messages.HoldLeg | messages.RingShown | messages.Enter | messages.Leave | messages.MediaState | messages.MediaReport
    | messages.Measured | messages.Fault | messages.Say | messages.ChatSeen | messages.VoiceNoteReached
    | messages.PhotoWanted | messages.PhotoState
)

log = logging.getLogger(__name__)


class Commands:
    """Runs commands apart from the sockets that brought them: a socket may end in the middle, an effect may not."""

    def __init__(self, rooms: Rooms, house: House) -> None:
        self._rooms, self._house = rooms, house
        self._queues: dict[Session, deque[Command]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        rooms.on_left = self.record
        rooms.on_socket = lambda seat: self.record(_moved(seat))

    def submit(self, session: Session, command: Command) -> None:
        """Run the command unless its id is known; then only its outcome is said again."""
        key = _key(session, command)
        outcome = session.tab.outcomes.get(key)
        queue = self._queues.get(session)
        if outcome is not None:
            self._answer(session, command.id, outcome)
        elif queue is not None and len(queue) >= session.limits.commands:
            session.send(messages.Refused(code="busy", id=command.id))
        else:
            session.tab.remember(key, PENDING, session.limits.remembered)
            self._enqueue(session, queue, command)

    def record(self, event: house.Left | house.SocketMoved) -> None:
        """Write down what became of a seat or its socket, after whatever is being written down about that call."""
        self._start(self._record_at_door(event))

    async def close(self) -> None:
        """Finish what was begun; called when no socket is left."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _enqueue(self, session: Session, queue: deque[Command] | None, command: Command) -> None:
        if queue is not None:
            queue.append(command)
            return
        self._queues[session] = queue = deque([command])
        self._start(self._run(session, queue))

    async def _run(self, session: Session, queue: deque[Command]) -> None:
        try:
            while queue:
                command = queue[0]
                outcome = await self._outcome(session, command)
                session.tab.remember(_key(session, command), outcome, session.limits.remembered)
                self._answer(session, command.id, outcome)
                if outcome == FAILED and session.socket is not None:
                    session.socket.end(Closing.INTERNAL)
                queue.popleft()
        finally:
            del self._queues[session]

    async def _outcome(self, session: Session, command: Command) -> str:
        try:
            await self._do(session, command)
        except Refusal as refusal:
            return refusal.code
        except Exception:
            log.exception("%s failed: session %s, participant %s, command %s", type(command).__name__, session.id,
                          session.person.participant, command.id)
            return FAILED
        return ACK

    def _answer(self, session: Session, command: str, outcome: str) -> None:
        if outcome == ACK:
            session.send(messages.Ack(id=command))
        elif outcome != PENDING:
            session.send(messages.Refused(code=outcome, id=command))

    async def _do(self, session: Session, command: Command) -> None:
        match command:
            case messages.Enter():
                await self._enter(session, command)
            case messages.HoldLeg():
                await self._hold(session, command)
            case messages.Leave():
                await self._leave(session, command)
            case messages.MediaState():
                for switched in self._rooms.media(session, command):
                    await self._record(switched)
            case messages.RingShown():
                await self._house.observe(house.RingWasShown(person=session.person, request=command.request))
            case messages.MediaReport() | messages.Measured() | messages.Fault():
                await self._house.observe(self._observed(session, command))
            case messages.Say():
                self._rooms.seat(session, command.call)
                self._rooms.tell(command.call, await self._house.say(session.person, command))
            case messages.ChatSeen() | messages.VoiceNoteReached():
                await self._seen(session, command)
            case messages.PhotoWanted():
                await photos.want(self._rooms, self._house, session, command)
            case messages.PhotoState():
                await photos.tell(self._rooms, self._house, session, command)

    async def _hold(self, session: Session, leg: messages.HoldLeg) -> None:
        legs = self._rooms.legs
        with legs.asking(leg.request, session.person.participant) as asked:
            admission = await self._house.leg(session.person, leg)
            if isinstance(admission, str):
                raise Refusal(admission)
            if asked.closed or session.ended:
                raise Refusal("over")       # decided while the house was asked
            legs.hold(session, admission, leg)

    async def _enter(self, session: Session, enter: messages.Enter) -> None:
        """Entering must be recorded in order to happen; every await may have changed the world."""
        async with self._rooms.door(enter.call) as door:
            admission = await self._house.admit(session.person, enter)
            if isinstance(admission, str):
                raise Refusal(admission)
            again = self._rooms.check(session, admission, enter) is not None
            entered = house.Entered(person=session.person, call=enter.call, peer=enter.peer, side=admission.side, again=again)
            await self._house.observe(entered)
            try:
                if door.closed or session.ended:
                    raise Refusal("call-over" if door.closed else "session-over")
                session.send(self._rooms.enter(session, admission, enter))
            except Refusal:
                await self._take_back(entered)
                raise
            if session.socket is None:
                self._rooms.away(session)

    async def _take_back(self, entered: house.Entered) -> None:
        if not self._rooms.holds(entered.call, entered.person.participant):
            await self._record(house.Left(person=entered.person, call=entered.call, peer=entered.peer, side=entered.side,
                                          reason="dismissed"))

    async def _leave(self, session: Session, leave: messages.Leave) -> None:
        left = self._rooms.leave(session, leave.call)
        if left is not None:
            await self._record_at_door(left)

    def _observed(self, session: Session, command: messages.MediaReport | messages.Measured | messages.Fault) -> house.Event:
        seat = self._rooms.seat(session, command.call)
        person, call, peer, side = session.person, seat.call, seat.peer, seat.admission.side
        match command:
            case messages.MediaReport():
                return house.MediaReported(person=person, call=call, peer=peer, side=side, media=command.media)
            case messages.Measured():
                return house.QualityMeasured(person=person, call=call, peer=peer, side=side, quality=command.quality)
        return house.FaultTold(person=person, call=call, peer=peer, side=side, kind=command.kind,
                               detail=command.detail or (str(command.seconds) if command.seconds else ""))

    async def _seen(self, session: Session, command: messages.ChatSeen | messages.VoiceNoteReached) -> None:
        self._rooms.seat(session, command.call)
        mark = await self._house.seen(session.person, command)
        if mark is not None:
            self._rooms.tell(command.call, mark)

    async def _record_at_door(self, event: house.Left | house.SocketMoved) -> None:
        async with self._rooms.door(event.call):
            await self._record(event)

    async def _record(self, event: house.Left | house.SocketMoved | house.Switched) -> None:
        """A database outage keeps nobody in a call and lifts no curtain: what cannot be recorded is logged."""
        try:
            await self._house.observe(event)
        except Exception:
            log.exception("%s was not recorded: call %s, peer %s", type(event).__name__, event.call, event.peer)


def _moved(seat: Seat) -> house.SocketMoved:
    return house.SocketMoved(person=seat.session.person, call=seat.call, peer=seat.peer, side=seat.admission.side,
                             parting=seat.session.parting)


def _key(session: Session, command: Command) -> str:
    # Seats and legs belong to a session: after a new hello the same command must be able to take them again.
    return f"{session.id} {command.id}" if isinstance(command, messages.Enter | messages.HoldLeg) else command.id
