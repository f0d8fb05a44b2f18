"""A browser's session: numbered, resumable, fenced. Knows sockets only as something that takes frames and can be ended.

Nothing here awaits, so nothing interleaves. Time comes from the clock that is passed in.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import uuid
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from signaling import messages
from signaling.house import Leaving, Parting, Person
from signaling.limits import Clock, Limits
from signaling.messages import Closing

if TYPE_CHECKING:
    from signaling.seats import Seat

TOKEN_BYTES = 32                                # 256 bits
PENDING = ""                                    # a command whose effect is still on its way


class Socket(Protocol):
    """The way to one page. Neither method raises or waits."""

    def push(self, frame: bytes) -> None: ...

    def end(self, closing: Closing) -> None: ...


@dataclass
class Tab:
    """What is remembered of one browser tab across its sessions: which commands had their effect."""

    person: Person
    id: str
    outcomes: dict[str, str] = field(default_factory=dict)      # command id -> "ack", a refusal's code, or PENDING

    def remember(self, command: str, outcome: str, at_most: int) -> None:
        self.outcomes[command] = outcome
        while len(self.outcomes) > at_most:
            del self.outcomes[next(iter(self.outcomes))]


class Session:
    """One page's numbered stream. Outlives its socket by the resume window; a newer socket fences the older one."""

    __slots__ = (
        "_replay", "_replay_bytes", "away_since", "closing", "ended", "heard", "id", "limits", "parting", "person", "pinged",
        "relayed", "seat", "seq", "socket", "tab", "token_digest",
    )

    def __init__(self, tab: Tab, limits: Limits, now: float) -> None:
        self.id = str(uuid.uuid4())
        self.tab, self.person, self.limits = tab, tab.person, limits
        self.socket: Socket | None = None
        self.seat: Seat | None = None
        self.seq = self.relayed = 0              # messages to the page; relayed messages from it
        self.heard = self.away_since = now
        self.pinged: float | None = None         # when the ping was sent that is not yet answered
        self.ended = False
        self.parting: Parting = ""               # how its last socket ended, until it is back
        self.closing = Closing.NORMAL            # why it ended
        self.token_digest = b""                 # empty: cannot be resumed
        self._replay: deque[bytes] = deque()     # the newest frames; the last one bears ``seq``
        self._replay_bytes = 0

    def send(self, message: messages.FromServer) -> None:
        """Number the message, keep it for a resume, and queue it. Never raises, never waits."""
        self.forward(messages.encode(message))

    def forward(self, encoded: bytes) -> None:
        """Send what ``messages.encode`` made, the same bytes to several sessions."""
        self.seq += 1
        frame = messages.numbered(encoded, self.seq)
        self._replay.append(frame)
        self._replay_bytes += len(frame)
        if len(self._replay) > self.limits.replay_messages or self._replay_bytes > self.limits.replay_bytes:
            self._trim()
        if self.socket is not None:
            self.socket.push(frame)

    def mark(self, message: messages.Welcome | messages.Snapshot | messages.Ping, seq: int) -> None:
        """Send a message that takes no number and is never replayed: it bears the number before it."""
        if self.socket is not None:
            self.socket.push(messages.numbered(messages.encode(message), seq))

    def hears(self, now: float) -> None:
        self.heard, self.pinged = now, None

    def has_handled(self, received: int) -> None:
        """The page has handled everything up to ``received``: it need not be kept."""
        while self._replay and self.seq - len(self._replay) < min(received, self.seq):
            self._replay_bytes -= len(self._replay.popleft())

    def can_replay(self, received: int) -> bool:
        return self.seq - len(self._replay) <= received <= self.seq

    def missed(self, received: int) -> list[bytes]:
        """The frames after number ``received``, oldest first."""
        return list(self._replay)[len(self._replay) - (self.seq - received):]

    def is_online(self, now: float) -> bool:
        """Reachable: the page, or its user coming back to it, has been heard within the lease."""
        return not self.ended and now - self.heard < self.limits.lease

    def detach(self, socket: Socket, now: float, parting: Parting) -> bool:
        """The socket ended. False if a newer one carries the session already: then nothing changes."""
        if self.socket is not socket:
            return False
        self.socket, self.away_since, self.pinged, self.parting = None, now, None, parting
        return True

    def _trim(self) -> None:
        while len(self._replay) > self.limits.replay_messages or self._replay_bytes > self.limits.replay_bytes:
            self._replay_bytes -= len(self._replay.popleft())


class Sessions:
    """All sessions of this server. ``on_away``, ``on_back`` and ``on_end`` tell the rooms."""

    def __init__(self, *, clock: Clock, limits: Limits, secret: bytes | None = None) -> None:
        self.clock, self.limits = clock, limits
        self._secret = secret or secrets.token_bytes(32)
        self._by_id: dict[str, Session] = {}
        self._by_participant: dict[str, set[Session]] = {}
        self._tabs: dict[tuple[str, str, str], Session] = {}     # (participant, login, tab) -> its newest session
        self.on_away: Callable[[Session], None] = lambda session: None
        self.on_back: Callable[[Session], None] = lambda session: None
        self.on_end: Callable[[Session, Leaving], None] = lambda session, reason: None

    def __iter__(self) -> Iterator[Session]:
        return iter(list(self._by_id.values()))

    def __len__(self) -> int:
        return len(self._by_id)

    def of(self, participant: str) -> list[Session]:
        return list(self._by_participant.get(participant, ()))

    def open(self, person: Person, tab: str, *, instead: bool) -> Session:
        """A new session, which remembers what its tab had done.

        ``instead``: the page says that it starts anew (a reload), so an older session of its tab loses socket and token,
        and its seat waits for this one. A page whose resume failed proves nothing: the older session stays as it is.
        """
        key = (person.participant, person.login, tab)
        older = self._tabs.get(key)
        session = Session(Tab(person, tab, older.tab.outcomes if older else {}), self.limits, self.clock())
        self._by_id[session.id] = self._tabs[key] = session
        self._by_participant.setdefault(person.participant, set()).add(session)
        if older is not None and instead:
            self._retire(older)
        return session

    def may_resume(self, person: Person, tab: str, resume: messages.Resume) -> Session | None:
        """The session that ``resume`` proves to own, or None; either way nothing changes yet."""
        session = self._by_id.get(resume.session)
        if session is None or not self._is_proven(session, person, tab, resume):
            return None
        if session.socket is None and self.clock() - session.away_since > self.limits.resume:
            return None
        return session if session.can_replay(resume.received) else None

    def attach(self, session: Session, socket: Socket) -> str:
        """Let ``socket`` carry the session from now on; ends the one before. Returns the next resume token."""
        older, session.socket = session.socket, socket
        if older is not None:
            older.end(Closing.REPLACED)
        session.hears(self.clock())
        token = secrets.token_urlsafe(TOKEN_BYTES)
        session.token_digest = self._digest(session, token)
        return token

    def welcome(self, session: Session, token: str, snapshot: messages.Snapshot, *, resumed: int | None, at: str) -> None:
        """Say where the numbering stands, how things stand, then everything that was missed."""
        received = resumed or 0
        session.mark(messages.Welcome(session=session.id, token=token, participant=session.person.participant,
                                      resumed=resumed is not None, server_time=at, relayed=session.relayed), received)
        session.mark(snapshot, received)
        for frame in session.missed(received):
            if session.socket is not None:
                session.socket.push(frame)
        self.on_back(session)

    def lose(self, session: Session, socket: Socket, parting: Parting = "dropped") -> None:
        """The socket ended by itself: the session waits for the next one. Empty ``parting``: the server goes down."""
        if session.detach(socket, self.clock(), parting) and not session.ended:
            self.on_away(session)

    def end(self, session: Session, reason: Leaving, closing: Closing = Closing.NORMAL) -> None:
        """The session is over and cannot be resumed. Its socket, if any, closes with ``closing``."""
        if session.ended:
            return
        session.ended, session.closing, session.token_digest = True, closing, b""
        self._forget(session)
        if session.socket is not None:
            session.socket.end(closing)
        self.on_end(session, reason)

    def sweep(self) -> None:
        """Ask silent pages, end silent sockets, give up sessions that did not come back. Call it every second or so."""
        now = self.clock()
        for session in self:
            if session.socket is not None:
                self._ask(session, session.socket, now)
            elif now - session.heard > self.limits.lease + self.limits.gone:
                self.end(session, "gone")

    def _ask(self, session: Session, socket: Socket, now: float) -> None:
        every = self.limits.ping_in_call if session.seat is not None else self.limits.ping
        if session.pinged is None and now - session.heard >= every:
            session.pinged = now
            session.mark(messages.Ping(relayed=session.relayed), session.seq)
        elif session.pinged is not None and now - session.pinged >= self.limits.answer:
            self.lose(session, socket, "silent")
            socket.end(Closing.SILENT)

    def _retire(self, session: Session) -> None:
        session.token_digest = b""
        if (socket := session.socket) is not None:
            self.lose(session, socket)
            socket.end(Closing.REPLACED)
        if session.seat is None:
            self.end(session, "replaced")

    def _forget(self, session: Session) -> None:
        self._by_id.pop(session.id, None)
        mine = self._by_participant.get(session.person.participant, set())
        mine.discard(session)
        if not mine:
            self._by_participant.pop(session.person.participant, None)
        key = (session.person.participant, session.person.login, session.tab.id)
        if self._tabs.get(key) is session:
            del self._tabs[key]

    def _is_proven(self, session: Session, person: Person, tab: str, resume: messages.Resume) -> bool:
        owner = session.person
        same = (owner.participant, owner.login, session.tab.id) == (person.participant, person.login, tab)
        return hmac.compare_digest(self._digest(session, resume.token), session.token_digest) and same

    def _digest(self, session: Session, token: str) -> bytes:
        bound = "\n".join((session.id, session.person.participant, session.person.login, token))
        return hmac.new(self._secret, bound.encode(), hashlib.sha256).digest()
