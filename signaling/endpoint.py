"""The WebSocket door: who comes in, what is read, how faults become refusals and close codes."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
from collections.abc import AsyncIterator

import msgspec
from aiohttp import WSMsgType, web

from signaling import faults, messages
from signaling.commands import Commands
from signaling.gate import Gate
from signaling.house import Dismissal, House, Person, Refusal, Standing
from signaling.limits import Bucket, Limits
from signaling.messages import Closing
from signaling.outbox import Outbox
from signaling.presence import Presence
from signaling.relaying import Relayed
from signaling.rooms import Rooms
from signaling.sessions import Session
from signaling.watch import Watch

CLOSE_WAIT = 2.0                # seconds that a page has to answer our close frame
DRAIN_WITHIN_MS = 3_000         # pages come back at a random moment within this time

log = logging.getLogger(__name__)


class Budget:
    """What one socket may still send, and how often it may still be refused."""

    __slots__ = ("candidates", "messages", "refusals")

    def __init__(self, limits: Limits, now: float) -> None:
        self.messages = Bucket(limits.rate, limits.burst, now)
        self.candidates = Bucket(limits.rate, limits.candidates, now)
        self.refusals = Bucket(1.0, limits.refusals, now)


class Endpoint:
    """``handle`` is the route; ``running`` goes into ``app.cleanup_ctx`` and ``drain`` into ``app.on_shutdown``."""

    def __init__(self, rooms: Rooms, presence: Presence, house: House) -> None:
        self._rooms, self._presence, self._house = rooms, presence, house
        self._sessions = presence.sessions
        self._limits, self._clock = presence.sessions.limits, presence.sessions.clock
        self._gate = Gate(self._limits)
        self._commands = Commands(rooms, house)
        self._watch = Watch(presence, house)

    @property
    def sockets(self) -> int:
        """How many sockets are open now."""
        return len(self._gate.outboxes)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Serve one page's socket until it ends. 403, 429 and 503 before the upgrade, close codes after it."""
        self._gate.check(request)
        with self._gate.place():
            return await self._serve(request, _response(request))

    async def _serve(self, request: web.Request, ws: web.WebSocketResponse[bool]) -> web.StreamResponse:
        outbox = session = None
        try:
            with self._gate.unknown(request.remote or ""):
                await ws.prepare(request)
                outbox = self._gate.opened(ws, request)
                session = await self._begin(request, ws, outbox)
            if session is not None:
                await self._read(session, ws, outbox)
        finally:
            if outbox is not None:
                await self._end(session, outbox)
        return ws

    async def _end(self, session: Session | None, outbox: Outbox) -> None:
        self._gate.leave(outbox)
        if session is not None:
            self._sessions.lose(session, outbox, "" if self._gate.draining else outbox.parting)
        await outbox.finished()

    async def drain(self, app: web.Application | None = None) -> None:
        """Tell every page to come back, close every socket. Sessions end with the process, calls do not."""
        self._gate.draining = True
        for session in self._sessions:
            session.send(messages.Drain(within_ms=DRAIN_WITHIN_MS))
        outboxes = list(self._gate.outboxes)
        for outbox in outboxes:
            outbox.end(Closing.GOING_AWAY)
        await asyncio.gather(*(outbox.finished() for outbox in outboxes))

    # ------------------------------------------------------------ beginning

    async def _begin(self, request: web.Request, ws: web.WebSocketResponse[bool], outbox: Outbox) -> Session | None:
        deadline = asyncio.get_running_loop().time() + self._limits.hello
        try:
            if ws.ws_protocol != messages.SUBPROTOCOL:
                raise Dismissal(Closing.WRONG_VERSION)
            person = await self._greet(request)
            self._gate.enter(outbox, person.participant)
            return await self._open(person, await _hello(ws, deadline), outbox)
        except Dismissal as dismissal:
            outbox.end(dismissal.closing)
        except Exception:
            log.exception("a socket could not begin")
            outbox.end(Closing.INTERNAL)
        return None

    async def _greet(self, request: web.Request) -> Person:
        async with asyncio.timeout(self._limits.greet):
            person = await self._house.greet(request)
        if isinstance(person, Closing):
            raise Dismissal(person)
        return person

    async def _open(self, person: Person, hello: messages.Hello, outbox: Outbox) -> Session:
        resume = hello.resume
        session = self._sessions.may_resume(person, hello.tab, resume) if resume else None
        fresh = None if session else self._sessions.open(person, hello.tab, instead=resume is None)
        standing = await self._standing(person, fresh)
        if resume is None or self._sessions.may_resume(person, hello.tab, resume) is not session:
            session = None      # in the meantime it ended, or another socket has used the token
        chosen = session or fresh or self._sessions.open(person, hello.tab, instead=False)
        if chosen.ended:
            raise Dismissal(chosen.closing)
        chosen.person = person      # read anew, with the roles of today
        token = self._sessions.attach(chosen, outbox)
        received = resume.received if resume and session else None
        self._sessions.welcome(chosen, token, _snapshot(chosen, standing), resumed=received, at=_utc_now())
        self._watch.look()
        return chosen

    async def _standing(self, person: Person, fresh: Session | None) -> Standing:
        try:
            async with asyncio.timeout(self._limits.greet):
                return await self._house.snapshot(person)
        except BaseException:
            if fresh is not None:
                self._sessions.end(fresh, "gone")
            raise

    # ------------------------------------------------------------ reading

    async def _read(self, session: Session, ws: web.WebSocketResponse[bool], outbox: Outbox) -> None:
        budget = Budget(self._limits, self._clock())
        while outbox.closing is None:
            message = await ws.receive()
            if session.socket is not outbox:
                return          # fenced: a newer socket carries the session
            if message.type is WSMsgType.TEXT:
                self._receive(session, outbox, budget, message.data)
            elif message.type is WSMsgType.BINARY:
                self._reject(session, outbox, budget, messages.Refused(code="bad-message"))
            else:
                if message.type is WSMsgType.CLOSE and message.data == Closing.GOING_AWAY:
                    outbox.parting = "closed"       # what a browser says when its page goes; a script that gives up says 1005
                return

    def _receive(self, session: Session, outbox: Outbox, budget: Budget, frame: bytes) -> None:
        now = self._clock()
        session.hears(now)
        try:
            message = messages.decode(frame)
            session.relayed += isinstance(message, Relayed)
            bucket = budget.candidates if type(message) is messages.Candidate else budget.messages
            if bucket.take(now):
                self._handle(session, message)
            else:
                refused = messages.Refused(code="too-fast", id=getattr(message, "id", ""))
                self._reject(session, outbox, budget, refused)
        except Refusal as refusal:
            session.send(messages.Refused(code=refusal.code))
        except (msgspec.DecodeError, RecursionError) as fault:
            refused, was_relayed = faults.bad_message(frame, fault)
            session.relayed += was_relayed
            self._reject(session, outbox, budget, refused)
        except Exception:
            log.exception("a message failed: session %s, participant %s", session.id, session.person.participant)
            outbox.end(Closing.INTERNAL)

    def _handle(self, session: Session, message: messages.FromBrowser) -> None:
        match message:
            case messages.Candidate() | messages.Offer() | messages.Answer():
                self._rooms.relay(session, message)
            case messages.Pong():
                session.has_handled(message.received)
            case messages.Hello():
                raise Refusal("bad-message")
            case _:
                self._commands.submit(session, message)

    def _reject(self, session: Session, outbox: Outbox, budget: Budget, refused: messages.Refused) -> None:
        session.send(refused)
        if not budget.refusals.take(self._clock()):
            outbox.end(Closing.TOO_FAST if refused.code == "too-fast" else Closing.BAD_MESSAGES)

    # ------------------------------------------------------------ running

    async def running(self, app: web.Application | None = None) -> AsyncIterator[None]:
        """The watch over leases, pings and revoked logins, for ``app.cleanup_ctx``."""
        async with self._watch.running():
            yield
        await self._commands.close()


def _response(request: web.Request) -> web.WebSocketResponse[bool]:
    """A response that speaks our version; or whatever the page offers, so that it can read why it is sent away."""
    offered = [name.strip() for name in request.headers.get("Sec-WebSocket-Protocol", "").split(",")]
    chosen = messages.SUBPROTOCOL if messages.SUBPROTOCOL in offered else offered[0]
    return web.WebSocketResponse(protocols=(chosen,), compress=False, max_msg_size=messages.MAX_FRAME_BYTES + 1,
                                 timeout=CLOSE_WAIT, decode_text=False)


async def _hello(ws: web.WebSocketResponse[bool], deadline: float) -> messages.Hello:
    """The first message. Raises Dismissal(BAD_HELLO) when it is something else, or late."""
    try:
        async with asyncio.timeout_at(deadline):
            frame = await ws.receive()
        hello = messages.decode(frame.data) if frame.type is WSMsgType.TEXT else None
    except (TimeoutError, msgspec.DecodeError, RecursionError):
        hello = None
    if not isinstance(hello, messages.Hello):
        raise Dismissal(Closing.BAD_HELLO)
    return hello


def _snapshot(session: Session, standing: Standing) -> messages.Snapshot:
    here = session.seat.call if session.seat is not None else None
    calls = [messages.LiveCall(call=call, here=call == here) for call in standing.calls]
    return messages.Snapshot(duty=standing.duty, ringing=list(standing.ringing), requests=list(standing.requests), calls=calls)


def _utc_now() -> str:
    return dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds")
