"""Who is reachable, on which pages. Online if and only if a lease is valid; leases live in the sessions."""

from __future__ import annotations

import time

from signaling import messages
from signaling.limits import Clock, Limits
from signaling.messages import Closing
from signaling.rooms import Rooms
from signaling.sessions import Sessions


class Presence:
    """The way to a person's pages, wherever they are open."""

    def __init__(self, rooms: Rooms, *, clock: Clock = time.monotonic, limits: Limits | None = None,
                 secret: bytes | None = None) -> None:
        self._rooms = rooms
        self.sessions = Sessions(clock=clock, limits=limits or Limits(), secret=secret)
        self.sessions.on_away = rooms.away
        self.sessions.on_back = rooms.back
        self.sessions.on_end = rooms.ended

    def tell(self, participant: str, message: messages.FromServer) -> int:
        """Send ``message`` to every page of ``participant``; how many were reachable. A page in a gap gets it on resuming."""
        now, encoded, reached = self.sessions.clock(), messages.encode(message), 0
        for session in self.sessions.of(participant):
            session.forward(encoded)
            reached += session.is_online(now)
        return reached

    def is_online(self, participant: str) -> bool:
        now = self.sessions.clock()
        return any(session.is_online(now) for session in self.sessions.of(participant))

    def online(self) -> set[str]:
        """Everybody who is reachable now."""
        now = self.sessions.clock()
        return {session.person.participant for session in self.sessions if session.is_online(now)}

    def is_in_call(self, participant: str) -> bool:
        return self._rooms.is_in_call(participant)

    def logins(self) -> set[str]:
        """The logins of all open sessions."""
        return {session.person.login for session in self.sessions}

    def dismiss(self, closing: Closing, *, participant: str | None = None, login: str | None = None) -> int:
        """End every session of a person, or of one login, at once; how many. Their seats are empty, their tokens void."""
        sessions = self.sessions.of(participant) if participant is not None else list(self.sessions)
        chosen = [session for session in sessions if login is None or session.person.login == login]
        if participant is None and login is None:
            chosen = []
        for session in chosen:
            self.sessions.end(session, "dismissed", closing)
        return len(chosen)
