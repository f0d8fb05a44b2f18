"""Everything that can happen to sockets, in any order, on a clock moved by hand; what must hold after each step."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections import Counter, deque
from typing import Any

import msgspec
from aiohttp import WSMessage, WSMsgType
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from signaling import house, messages
from signaling.endpoint import Endpoint
from signaling.house import Person
from signaling.limits import Limits
from signaling.messages import Closing
from signaling.presence import Presence
from signaling.rooms import Rooms
from tests.signaling.memory_house import Calls, MemoryHouse, new_id

WHO = st.sampled_from([0, 0, 0, 0, 1, 1, 2, 3, 4])      # mostly the same few, so that long stories happen to one page
LIMITS = Limits(burst=10**6, candidates=10**6, replay_messages=20, replay_bytes=20_000)


class Line:
    """One socket: what the server pushes arrives at the page at once, unless the line is half open."""

    def __init__(self, page: BrowserTab) -> None:
        self.page, self.closing, self.is_dead = page, None, False
        self.inbox: deque[bytes] = deque()

    def push(self, frame: bytes) -> None:
        if self.closing is None and not self.is_dead:
            self.page.reads(self, json.loads(frame))

    def end(self, closing: Closing) -> None:
        self.closing = self.closing or closing

    async def receive(self) -> WSMessage:
        return WSMessage(WSMsgType.TEXT, self.inbox.popleft(), None) if self.inbox else WSMessage(WSMsgType.CLOSED, None, None)


class BrowserTab:
    """What a page knows: its session, what it has handled, whom it sees in its call."""

    def __init__(self, person: Person, call: Calls) -> None:
        self.person, self.call, self.id, self.peer = person, call, new_id(), new_id()
        self.line: Line | None = None
        self.older: list[tuple[Any, Line]] = []
        self.session: Any = None
        self.resumes: list[dict[str, Any]] = []
        self.received, self.welcomed = 0, ""
        self.peers: dict[str, str] | None = None
        self.outcomes: Counter[str] = Counter()
        self.offers: list[str] = []
        self.commands: list[dict[str, Any]] = []
        self.legs: set[tuple[str, str]] = set()         # (own peer, other peer), as the page was told

    def reads(self, line: Line, message: dict[str, Any]) -> None:
        kind = message["type"]
        if kind == "welcome":
            if not message["resumed"]:
                assert message["seq"] == 0
                self.received, self.peers, self.legs = 0, None, set()
            self.line, self.welcomed = line, message["session"]
            self.resumes.append({"session": message["session"], "token": message["token"]})
        elif kind in ("snapshot", "ping"):
            assert kind == "snapshot" or message["seq"] == self.received
        else:
            assert line is self.line, "an old socket brought something"
            assert message["seq"] == self.received + 1, "gapless, in order, none twice"
            self.received = message["seq"]
            self.sees(kind, message)

    def sees(self, kind: str, message: dict[str, Any]) -> None:
        match kind:
            case "entered":
                self.peers = {peer["peer"]: peer["participant"] for peer in message["peers"]}
            case "call-moved":
                self.peers = None
            case "peer-joined" if self.peers is not None:
                self.peers[message["peer"]["peer"]] = message["peer"]["participant"]
            case "peer-left" if self.peers is not None:
                self.peers.pop(message["peer"], None)
            case "leg-opened":
                self.legs = {leg for leg in self.legs if leg[1] != message["other"]} | {(message["peer"], message["other"])}
            case "leg-closed":
                self.legs = {leg for leg in self.legs if leg[1] != message["other"]}
            case "relayed-offer":
                self.offers.append(message["sdp"])
            case "ack" | "refused":
                self.outcomes[message["id"]] += 1


class Sockets(RuleBasedStateMachine):
    @initialize()
    def begin(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.now = 1_000.0
        self.house = MemoryHouse()
        self.start()
        self.tabs: list[BrowserTab] = []
        for _ in range(2):
            people = [Person(participant=new_id(), login=new_id(), name="Hoa", organization="Trạm") for _ in range(2)]
            call = Calls(sides={people[0].participant: "worker", people[1].participant: "doctor"})
            self.house.calls[call.id] = call
            self.tabs += [BrowserTab(person, call) for person in people]
        self.tabs.append(BrowserTab(self.tabs[0].person, self.tabs[0].call))     # a second tab of the first person
        self.rings()
        self.sent = 0
        self.heard: dict[str, float] = {}
        for n in range(4):
            self.opens_or_reloads(n)
            self.enters(n, False, False)

    def rings(self) -> None:
        """The first person asks, the three others are rung."""
        self.request, self.decided = Calls(), False
        for person in dict.fromkeys(tab.person.participant for tab in self.tabs):
            self.request.sides[person] = "doctor" if self.request.sides else "worker"
        self.house.requests = {self.request.id: self.request}

    def start(self) -> None:
        self.rooms = Rooms()
        self.presence = Presence(self.rooms, clock=lambda: self.now, limits=LIMITS)
        self.endpoint = Endpoint(self.rooms, self.presence, self.house)

    def run(self, work: Any) -> Any:
        async def settle() -> Any:
            result = await work
            await self.endpoint._commands.close()
            return result

        return self.loop.run_until_complete(settle())

    def teardown(self) -> None:
        if hasattr(self, "loop"):
            self.loop.close()

    # ------------------------------------------------------------ what pages do

    def hello(self, tab: BrowserTab, person: Person, resume: dict[str, Any] | None) -> Line | None:
        line = Line(tab)
        if tab.session is not None and tab.session.ended:
            tab.commands = []                    # remembered within the window; beyond it the house knows
        hello = msgspec.convert({"type": "hello", "tab": tab.id, **({"resume": resume} if resume else {})}, messages.Hello)
        with contextlib.suppress(house.Dismissal):
            session = self.run(self.endpoint._open(person, hello, line))
            if tab.session is not None and tab.line is not None:
                tab.older.append((tab.session, tab.line))
            tab.session = session
            self.heard[session.id] = self.now
        return line

    def say(self, tab: BrowserTab, message: dict[str, Any]) -> None:
        """The page sends on its own line; nothing arrives over a dead one."""
        if tab.line is None or tab.line.closing is not None or tab.line.is_dead:
            return
        tab.line.inbox.append(json.dumps(message).encode())
        if tab.session.socket is tab.line:
            self.heard[tab.session.id] = self.now
        self.run(self.endpoint._read(tab.session, tab.line, tab.line))

    @rule(n=WHO)
    def opens_or_reloads(self, n: int) -> None:
        tab = self.tabs[n]
        tab.line, tab.peer = None, new_id()
        self.hello(tab, tab.person, None)

    @rule(n=WHO)
    def comes_back(self, n: int) -> None:
        tab = self.tabs[n]
        if not tab.resumes:
            return
        before = tab.session
        may = not before.ended and before.id == tab.resumes[-1]["session"] and before in list(self.presence.sessions)
        in_time = before.socket is not None or self.now - before.away_since <= LIMITS.resume
        kept = before.can_replay(tab.received)
        self.hello(tab, tab.person, tab.resumes[-1] | {"received": tab.received})
        if may and in_time and kept and before.token_digest:
            assert tab.session is before, "a good token resumes"

    @rule(n=WHO, thief=WHO, used=st.booleans())
    def somebody_tries_a_token(self, n: int, thief: int, used: bool) -> None:
        victim, tab = self.tabs[n], self.tabs[thief]
        tokens = victim.resumes[:-1] if used else victim.resumes if thief != n else []
        if not tokens or tab.line is not None:
            return
        before = (victim.session, victim.session.socket, victim.session.token_digest, victim.session.seat)
        self.hello(tab, tab.person, tokens[-1] | {"received": victim.received})
        assert tab.session is not before[0], "a used or stolen token resumes nothing"
        if thief != n:
            assert before == (victim.session, victim.session.socket, victim.session.token_digest, victim.session.seat)

    @rule(n=WHO)
    def line_drops(self, n: int) -> None:
        tab = self.tabs[n]
        if tab.line is not None:
            line, tab.line = tab.line, None
            line.is_dead = True
            self.run(self._lose(tab.session, line))

    async def _lose(self, session: Any, line: Line) -> None:
        self.presence.sessions.lose(session, line)

    @rule(n=WHO)
    def line_goes_dead_without_a_word(self, n: int) -> None:
        if self.tabs[n].line is not None:
            self.tabs[n].line.is_dead = True

    @rule(n=WHO)
    def old_socket_speaks(self, n: int) -> None:
        tab = self.tabs[n]
        for session, line in tab.older:
            if session.socket is not line:
                before = (len(self.house.events), session.seq, session.heard)
                line.inbox.append(json.dumps({"type": "ring-shown", "id": new_id(), "request": new_id()}).encode())
                self.run(self.endpoint._read(session, line, line))
                assert before == (len(self.house.events), session.seq, session.heard), "an older socket changes nothing"

    @rule(n=WHO, take_over=st.booleans(), foreign=st.booleans())
    def enters(self, n: int, take_over: bool, foreign: bool) -> None:
        tab = self.tabs[n]
        call = self.tabs[(n + 2) % 4].call if foreign else tab.call
        self.say(tab, {"type": "enter", "id": new_id(), "call": call.id, "peer": tab.peer, "takeOver": take_over})
        if foreign and tab.call is not call:
            assert not self.rooms.holds(call.id, tab.person.participant)

    @rule(n=WHO)
    def leaves(self, n: int) -> None:
        tab = self.tabs[n]
        self.say(tab, {"type": "leave", "id": new_id(), "call": tab.call.id})
        if tab.line is not None and tab.line.closing is None and not tab.line.is_dead:
            tab.peers = None

    @rule(n=WHO, to=WHO, foreign=st.booleans())
    def offers(self, n: int, to: int, foreign: bool) -> None:
        tab, other = self.tabs[n], self.tabs[to]
        call = self.tabs[(n + 2) % 4].call.id if foreign else tab.call.id
        self.sent += 1
        seats = {peer.peer for peer in self.rooms.peers(call)}
        may = tab.session is not None and tab.session.seat is not None and tab.session.seat.call == call
        may = may and other.peer in seats and other.peer != tab.session.seat.peer
        self.say(tab, {"type": "offer", "call": call, "to": other.peer, "round": self.sent, "sdp": f"sdp {self.sent}"})
        reached = [page for page in self.tabs if f"sdp {self.sent}" in page.offers]
        assert len(reached) <= int(may), "only between seats of one call"

    @rule(n=WHO, thin=st.booleans())
    def holds_a_leg(self, n: int, thin: bool) -> None:
        tab = self.tabs[n]
        self.say(tab, {"type": "leg", "id": new_id(), "request": self.request.id, "peer": tab.peer, "thin": thin})

    @rule(n=WHO, to=WHO)
    def offers_over_a_leg(self, n: int, to: int) -> None:
        tab, other = self.tabs[n], self.tabs[to]
        self.sent += 1
        ring = self.rooms.legs._rings.get(self.request.id)
        mine, across = ring.across(tab.session) if ring else (None, [])
        may = mine is not None and other.session in [end.session for end in across]
        self.say(tab, {"type": "offer", "call": self.request.id, "to": other.peer, "round": self.sent, "sdp": f"sdp {self.sent}"})
        reached = [page for page in self.tabs if f"sdp {self.sent}" in page.offers]
        assert reached in ([], [other]) and len(reached) <= int(may), "nobody speaks into a foreign leg"

    @rule(n=st.sampled_from([1, 2, 3]), with_leg=st.booleans())
    def accepts(self, n: int, with_leg: bool) -> None:
        tab = self.tabs[n]
        if not self.decided:
            self.decided, self.house.requests = True, {}
            self.rooms.legs.decide(self.request.id, tab.person.participant, tab.peer if with_leg else "")

    @rule(n=st.sampled_from([1, 2, 3]))
    def declines(self, n: int) -> None:
        person = self.tabs[n].person.participant
        if self.request.sides.pop(person, None):
            self.rooms.legs.withdraw(person, request=self.request.id)

    @precondition(lambda self: self.sent > 3)
    @rule()
    def the_request_is_over_and_another_rings(self) -> None:
        self.rooms.legs.close(self.request.id)
        assert not self.rooms.legs.owns(self.request.id)
        self.rings()

    @rule(n=WHO)
    def shows_a_ring(self, n: int) -> None:
        command = {"type": "ring-shown", "id": new_id(), "request": new_id()}
        self.tabs[n].commands.append(command)
        self.say(self.tabs[n], command)

    @rule(n=WHO, which=st.integers(0, 50))
    def repeats_a_command(self, n: int, which: int) -> None:
        tab = self.tabs[n]
        if tab.commands:
            self.say(tab, tab.commands[which % len(tab.commands)])

    @rule(n=WHO, back=st.integers(0, 3))
    def confirms(self, n: int, back: int) -> None:
        self.say(self.tabs[n], {"type": "pong", "received": max(0, self.tabs[n].received - back)})

    # ------------------------------------------------------------ what the server and the clock do

    @rule(n=WHO, times=st.integers(1, 8))
    def is_told(self, n: int, times: int) -> None:
        for _ in range(times):
            self.presence.tell(self.tabs[n].person.participant, messages.DutyChanged(duty=True))

    @rule(seconds=st.sampled_from([1, 5, 11, 20, 26, 59, 61, 90]))
    def time_passes(self, seconds: int) -> None:
        for _ in range(2):                       # once to ask, once to find that nobody answered
            self.now += seconds / 2
            self.run(self.sweep())
        for tab in self.tabs:
            if tab.line is not None and tab.line.closing is Closing.SILENT:
                tab.line = None

    async def sweep(self) -> None:
        self.presence.sessions.sweep()

    @rule(n=st.integers(0, 3))
    def call_is_closed(self, n: int) -> None:
        self.run(self.close_call(self.tabs[n].call.id))

    async def close_call(self, call: str) -> None:
        self.rooms.close(call)
        for tab in self.tabs:
            if tab.call.id == call:
                tab.peers = None

    @rule(n=WHO)
    def signs_out(self, n: int) -> None:
        person = self.tabs[n].person
        self.run(self.dismiss(person.login))
        assert not self.presence.is_online(person.participant)
        assert not self.presence.sessions.of(person.participant)
        for tab in self.tabs:
            if tab.person is person:
                tab.line = tab.peers = None

    async def dismiss(self, login: str) -> None:
        self.presence.dismiss(Closing.SIGNED_OUT, login=login)

    @precondition(lambda self: self.sent > 3)
    @rule()
    def server_restarts(self) -> None:
        self.start()
        self.heard = {}
        for event in [event for event in self.house.events if isinstance(event, house.Entered | house.Left)]:
            self.house.events.remove(event)
        for tab in self.tabs:
            tab.line = tab.peers = None
            tab.older, tab.commands = [], []

    # ------------------------------------------------------------ what must hold

    @invariant()
    def one_socket_per_session(self) -> None:
        if hasattr(self, "tabs"):
            carried = [session.socket for session in self.presence.sessions if session.socket is not None]
            assert len(carried) == len(set(map(id, carried)))
            assert all(socket.closing is None for socket in carried), "a session holds no socket that was ended"

    @invariant()
    def buffers_stay_within_limits(self) -> None:
        for session in self.presence.sessions if hasattr(self, "tabs") else ():
            assert len(session._replay) <= LIMITS.replay_messages
            assert session._replay_bytes == sum(map(len, session._replay)) <= LIMITS.replay_bytes
            assert len(session.tab.outcomes) <= LIMITS.remembered

    @invariant()
    def seats_belong_to_sessions(self) -> None:
        for room in self.rooms._rooms.values() if hasattr(self, "tabs") else ():
            participants = [seat.admission.participant for seat in room.seats.values()]
            assert 0 < len(participants) == len(set(participants)) <= 2
            for seat in room.seats.values():
                assert seat.session.seat is seat
                assert not seat.session.ended
                assert seat.session.person.participant in self.house.calls[room.call].sides

    @invariant()
    def legs_are_few_and_belong_to_those_who_may_hold_them(self) -> None:
        for ring in self.rooms.legs._rings.values() if hasattr(self, "tabs") else ():
            doctors = [end.participant for end in ring.doctors]
            assert ring.request == self.request.id
            assert len(doctors) == len(set(doctors)) <= ring.at_most <= 2
            assert all(not end.session.ended and end.session.person.participant == end.participant for end in ring.ends())
            assert {end.participant for end in ring.ends()} <= set(self.request.sides)
            assert len({end.peer for end in ring.ends()}) == len(ring.ends()) > 0
            if self.decided:
                assert [end.peer for end in ring.doctors] == [ring.winner], "one leg is left when it was decided"
                assert ring.station is not None

    @invariant()
    def pages_know_the_legs_that_the_server_knows(self) -> None:
        ring = self.rooms.legs._rings.get(self.request.id) if hasattr(self, "tabs") else None
        for tab in self.tabs if ring and not self.decided else ():
            line, session = tab.line, tab.session
            if line is not None and not line.is_dead and line.closing is None and session.socket is line:
                mine, across = ring.across(session)
                assert tab.legs == ({(mine.peer, end.peer) for end in across} if mine else set())

    @invariant()
    def online_means_a_valid_lease(self) -> None:
        if hasattr(self, "tabs"):
            for tab in self.tabs:
                alive = [session for session in self.presence.sessions if session.person is tab.person]
                leased = any(self.now - self.heard.get(session.id, -1e9) < LIMITS.lease for session in alive)
                assert self.presence.is_online(tab.person.participant) == leased

    @invariant()
    def the_record_says_who_is_in(self) -> None:
        recorded: dict[tuple[str, str], bool] = {}
        for event in self.house.events if hasattr(self, "tabs") else ():
            if isinstance(event, house.Entered | house.Left):
                recorded[event.call, event.person.participant] = isinstance(event, house.Entered)
        for (call, participant), is_in in recorded.items():
            assert self.rooms.holds(call, participant) == is_in

    @invariant()
    def a_repeated_command_has_one_effect(self) -> None:
        if hasattr(self, "tabs"):
            shown = Counter(event.request for event in self.house.of(house.RingWasShown))
            assert all(times == 1 for times in shown.values())

    @invariant()
    def both_browsers_see_what_the_server_sees(self) -> None:
        for tab in self.tabs if hasattr(self, "tabs") else ():
            line, session = tab.line, tab.session
            if line is None or line.closing is not None or line.is_dead or session.socket is not line or tab.peers is None:
                continue
            if session.seat is not None and session.seat.peer == tab.peer:
                there = {peer.peer: peer.participant for peer in self.rooms.peers(session.seat.call) if peer.peer != tab.peer}
                assert tab.peers == there


TestSockets = Sockets.TestCase
TestSockets.settings = settings(max_examples=150, stateful_step_count=50, deadline=None,
                                suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
