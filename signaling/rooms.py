"""Who is in which call now, and who may send to whom. No medicine, no database; nothing here awaits.

What must be written down is awaited by the endpoint, inside ``Rooms.door``: one after the other at each call.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

import msgspec

from signaling import messages
from signaling.house import Admission, Leaving, Left, Refusal, Switched
from signaling.legs import Legs, is_same_tab
from signaling.relaying import Relayed, relayed
from signaling.seats import Room, Seat, state_of
from signaling.sessions import Session


class Door:
    """Where people wait to enter a call. ``closed``: the call ended while they waited."""

    __slots__ = ("closed", "lock", "users")

    def __init__(self) -> None:
        self.lock, self.users, self.closed = asyncio.Lock(), 0, False


class Rooms:
    """Calls with somebody in them; ``legs``. ``on_left`` hears of seats left by themselves, ``on_socket`` of sockets."""

    def __init__(self) -> None:
        self.legs = Legs()
        self._rooms: dict[str, Room] = {}
        self._doors: dict[str, Door] = {}
        self.on_left: Callable[[Left], None] = lambda left: None
        self.on_socket: Callable[[Seat], None] = lambda seat: None

    def __len__(self) -> int:
        return len(self._rooms)

    def peers(self, call: str) -> list[messages.Peer]:
        """Who is in ``call`` now."""
        room = self._rooms.get(call)
        return [seat.shown for seat in room.seats.values()] if room else []

    def holds(self, call: str, participant: str) -> bool:
        """Whether ``participant`` has a seat in ``call`` now."""
        room = self._rooms.get(call)
        return room is not None and room.seat_of(participant) is not None

    def is_in_call(self, participant: str) -> bool:
        return any(room.seat_of(participant) is not None for room in self._rooms.values())

    def tell(self, call: str, message: messages.FromServer) -> int:
        """Send ``message`` to every seat of ``call``; how many there are."""
        room = self._rooms.get(call)
        if room is None:
            return 0
        room.tell(message)
        return len(room.seats)

    def close(self, call: str) -> None:
        """The call is over: every seat is empty. Tell the seats why before (``call-changed``)."""
        if call in self._doors:
            self._doors[call].closed = True
        room = self._rooms.get(call)
        for seat in list(room.seats.values()) if room else []:
            self._remove(seat)
            self.on_left(seat.left("dismissed"))

    @contextlib.asynccontextmanager
    async def door(self, call: str) -> AsyncIterator[Door]:
        """One at a time through the door of a call: what is recorded there happens in the order of the records."""
        door = self._doors.setdefault(call, Door())
        door.users += 1
        try:
            async with door.lock:
                yield door
        finally:
            door.users -= 1
            if door.users == 0:
                del self._doors[call]

    # ------------------------------------------------------------ entering and leaving

    def check(self, session: Session, admission: Admission, enter: messages.Enter) -> Seat | None:
        """The seat that this person holds in the call already, if any. Raises Refusal when the session may not enter.

        ``call-elsewhere``: another tab of the person holds the seat; ``room-full``; ``peer-taken``: not this person's peer.
        """
        room = self._rooms.get(admission.call) or Room(admission.call)
        mine, same = room.seat_of(admission.participant), room.seats.get(enter.peer)
        if same is not None and same is not mine:
            raise Refusal("peer-taken")
        if mine is None and len(room.seats) >= admission.capacity:
            raise Refusal("room-full")
        if mine is not None and not enter.take_over and not is_same_tab(mine.session, session):
            raise Refusal("call-elsewhere")
        return mine

    def enter(self, session: Session, admission: Admission, enter: messages.Enter) -> messages.Entered:
        """Take the seat and tell the others. Raises Refusal as ``check`` does."""
        mine = self.check(session, admission, enter)
        if session.seat is not None and session.seat is not mine:
            self.ended(session, "left")
        if mine is not None:
            self._vacate(mine, session, enter.peer)
        seat = self._place(session, admission, enter, mine)
        seat.room.tell(messages.PeerJoined(call=seat.call, peer=seat.shown), but=seat)
        others = [other.shown for other in seat.room.others(seat)]
        return messages.Entered(call=seat.call, peer=seat.peer, polite=admission.side == "doctor", peers=others,
                                media=admission.media)

    def leave(self, session: Session, call: str, reason: Leaving = "left") -> Left | None:
        """Give the session's own seat back; None if it holds none in ``call``. The caller records what is returned."""
        seat = session.seat
        if seat is None or seat.call != call:
            return None
        self._remove(seat)
        seat.room.tell(messages.PeerLeft(call=call, peer=seat.peer, reason=reason))
        return seat.left(reason)

    def _place(self, session: Session, admission: Admission, enter: messages.Enter, before: Seat | None) -> Seat:
        """The new seat. What the person's older one said of its state (a curtain, say) holds until the page says it anew."""
        room = self._rooms.setdefault(admission.call, Room(admission.call))
        state = state_of(before.shown) if before else {}
        shown = messages.Peer(**state | {"peer": enter.peer, "participant": admission.participant, "side": admission.side,
                                         "name": admission.name, "organization": admission.organization,
                                         "microphone": enter.microphone, "camera": enter.camera})
        seat = Seat(room, admission, session, shown)
        room.seats[enter.peer] = session.seat = seat
        return seat

    def _vacate(self, seat: Seat, by: Session, peer: str) -> None:
        """The person's older seat goes, without a trace if it is the same peer connection that comes back."""
        self._remove(seat)
        if not is_same_tab(seat.session, by):
            seat.session.send(messages.CallMoved(call=seat.call))
        if seat.peer != peer:
            seat.room.tell(messages.PeerLeft(call=seat.call, peer=seat.peer, reason="replaced"))

    def _remove(self, seat: Seat) -> None:
        if seat.room.seats.get(seat.peer) is seat:
            del seat.room.seats[seat.peer]
        if seat.session.seat is seat:
            seat.session.seat = None
        if not seat.room.seats and self._rooms.get(seat.call) is seat.room:
            del self._rooms[seat.call]

    # ------------------------------------------------------------ what sessions tell (plugged by the endpoint)

    def away(self, session: Session) -> None:
        """The session lost its socket: the others are told, the seat waits."""
        if (seat := session.seat) is not None:
            seat.room.tell(messages.PeerAway(call=seat.call, peer=seat.peer), but=seat)
            if session.parting:
                self.on_socket(seat)

    def back(self, session: Session) -> None:
        """The session has a socket again: the same peer, so the others keep its media."""
        if (seat := session.seat) is not None:
            seat.room.tell(messages.PeerJoined(call=seat.call, peer=seat.shown), but=seat)
            if session.parting:
                session.parting = ""
                self.on_socket(seat)
        session.parting = ""

    def ended(self, session: Session, reason: Leaving) -> None:
        """The session is over, or goes elsewhere, and so is its seat; with the session end its legs."""
        left = self.leave(session, session.seat.call, reason) if session.seat is not None else None
        if left is not None:
            self.on_left(left)
        if session.ended:
            self.legs.ended(session)

    # ------------------------------------------------------------ inside a call

    def seat(self, session: Session, call: str) -> Seat:
        """The session's seat in ``call``. Raises Refusal(not-in-call)."""
        if session.seat is None or session.seat.room.call != call:
            raise Refusal("not-in-call")
        return session.seat

    def relay(self, session: Session, message: Relayed) -> None:
        """Hand the message to the peer it is for, with its sender's id. Only between seats of a call, or ends of a leg."""
        if self.legs.owns(message.call):
            return self.legs.relay(session, message)
        seat = self.seat(session, message.call)
        receiver = seat.room.seats.get(message.to)
        if receiver is None or receiver is seat:
            raise Refusal("no-such-peer")
        receiver.session.send(relayed(seat.peer, message))

    def media(self, session: Session, message: messages.MediaState) -> list[Switched]:
        """The side's state changed: the others are told; what of it is to be written down."""
        seat = self.seat(session, message.call)
        before, seat.shown = seat.shown, msgspec.structs.replace(seat.shown, **state_of(message))
        seat.room.tell(messages.PeerMedia(call=seat.call, peer=seat.peer, **state_of(message)), but=seat)
        return seat.switched(before)
