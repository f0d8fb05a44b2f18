"""A place in a live call, what the others see of who sits there, and the room around it. Knows no doors and no records."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from signaling import messages
from signaling.house import Admission, Leaving, Left, Switch, Switched
from signaling.sessions import Session

STATE = ("microphone", "camera", "rung", "saver", "curtain", "power", "battery")    # what media-state says of a side


POWER: dict[str, Switch] = {"mains": "power-mains", "battery": "power-battery", "low": "power-low"}


def state_of(said: messages.MediaState | messages.Peer) -> dict[str, Any]:
    """The fields of STATE."""
    return {name: getattr(said, name) for name in STATE}


@dataclass(eq=False)
class Seat:
    """One peer's place in a call. Only the session that holds it may give it back. ``shown``: what the others see."""

    room: Room
    admission: Admission
    session: Session
    shown: messages.Peer

    @property
    def call(self) -> str:
        return self.room.call

    @property
    def peer(self) -> str:
        return self.shown.peer

    def left(self, reason: Leaving) -> Left:
        return Left(person=self.session.person, call=self.call, peer=self.peer, side=self.admission.side, reason=reason)

    def switched(self, before: messages.Peer) -> list[Switched]:
        """What is worth writing down of a change: the curtain, the saver switch, and power that goes or comes back."""
        now, found = self.shown, []
        if now.curtain != before.curtain:
            found.append(self._switch("curtain-up" if now.curtain else "curtain-down"))
        if now.saver != before.saver:
            found.append(self._switch("saver-on" if now.saver else "saver-off"))
        if now.power != before.power and now.power and (before.power, now.power) != ("", "mains"):
            found.append(self._switch(POWER[now.power]))
        return found

    def _switch(self, what: Switch) -> Switched:
        return Switched(person=self.session.person, call=self.call, peer=self.peer, side=self.admission.side, what=what)


class Room:
    """One live call: its seats by peer id."""

    __slots__ = ("call", "seats")

    def __init__(self, call: str) -> None:
        self.call = call
        self.seats: dict[str, Seat] = {}

    def seat_of(self, participant: str) -> Seat | None:
        return next((seat for seat in self.seats.values() if seat.admission.participant == participant), None)

    def on(self, side: messages.Side) -> Seat | None:
        """The first seat of this side."""
        return next((seat for seat in self.seats.values() if seat.admission.side == side), None)

    def others(self, seat: Seat) -> list[Seat]:
        return [other for other in self.seats.values() if other is not seat]

    def tell(self, message: messages.FromServer, *, but: Seat | None = None) -> None:
        encoded = messages.encode(message)
        for seat in self.seats.values():
            if seat is not but:
                seat.session.forward(encoded)
