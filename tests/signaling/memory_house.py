"""A house that lives in memory: implements signaling.house.House for the tests."""

from __future__ import annotations

import asyncio
import uuid
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from signaling import messages
from signaling.house import Admission, Event, Person, Refusal, Standing
from signaling.messages import Closing, PeerToPeer


def new_id() -> str:
    return str(uuid.uuid4())


@dataclass
class Calls:
    """Who may enter a call of the tests: participant -> side."""

    id: str = field(default_factory=new_id)
    sides: dict[str, str] = field(default_factory=dict)
    capacity: int = 2


class MemoryHouse:
    """Implements House. ``wait`` holds back one method until it is set; ``faults`` makes one raise."""

    def __init__(self) -> None:
        self.people: dict[str, Person] = {}         # cookie -> person
        self.closings: dict[str, Closing] = {}      # cookie -> why not
        self.calls: dict[str, Calls] = {}
        self.requests: dict[str, Calls] = {}        # what rings: who may hold a leg
        self.standing = Standing()
        self.events: list[Event] = []
        self.counts: Counter[str] = Counter()
        self.reachable: set[str] = set()
        self.ended: dict[str, Closing] = {}
        self.faults: dict[str, Exception] = {}
        self.wait: dict[str, asyncio.Event] = {}
        self.asks = False                           # whether a patient has to be asked for a photo
        self.changed = asyncio.Condition()

    async def _step(self, name: str) -> None:
        self.counts[name] += 1
        await self._note()
        if name in self.wait:
            await self.wait[name].wait()
        if name in self.faults:
            raise self.faults[name]

    async def _note(self) -> None:
        async with self.changed:
            self.changed.notify_all()

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(5), self.changed:
            await self.changed.wait_for(condition)

    def of(self, kind: type[Any]) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]

    async def greet(self, request: web.Request) -> Person | Closing:
        await self._step("greet")
        cookie = request.cookies.get("login", "")
        return self.closings.get(cookie) or self.people.get(cookie) or Closing.SIGN_IN_NEEDED

    async def snapshot(self, person: Person) -> Standing:
        await self._step("snapshot")
        return self.standing

    async def admit(self, person: Person, enter: messages.Enter) -> Admission | str:
        await self._step("admit")
        call = self.calls.get(enter.call)
        if call is None or person.participant not in call.sides:
            return "no-such-call"
        return Admission(call=call.id, participant=person.participant, side=call.sides[person.participant], name=person.name,
                         organization=person.organization, media=PeerToPeer(ice_servers=[]), capacity=call.capacity)

    async def leg(self, person: Person, leg: messages.HoldLeg) -> Admission | str:
        await self._step("leg")
        ring = self.requests.get(leg.request)
        if ring is None or person.participant not in ring.sides:
            return "no-such-request"
        return Admission(call=ring.id, participant=person.participant, side=ring.sides[person.participant], name=person.name,
                         organization=person.organization, media=PeerToPeer(ice_servers=[]))

    async def observe(self, event: Event) -> None:
        await self._step("observe")
        await self._step(type(event).__name__)
        self.events.append(event)
        await self._note()

    async def say(self, person: Person, message: messages.Say) -> messages.Chat:
        await self._step("say")
        return messages.Chat(call=message.call, id=message.id, number=self.counts["say"], participant=person.participant,
                             name=person.name, text=message.text, sent_at="2026-11-23T00:30:00Z")

    async def seen(
        self, person: Person, message: messages.ChatSeen | messages.VoiceNoteReached,
    ) -> messages.ChatMark | messages.VoiceNoteMark | None:
        await self._step("seen")
        if isinstance(message, messages.VoiceNoteReached):
            return messages.VoiceNoteMark(call=message.call, participant=person.participant, note=message.note, heard=message.heard)
        return messages.ChatMark(call=message.call, participant=person.participant, number=message.number)

    async def photo_wanted(self, person: Person, message: messages.PhotoWanted, *, curtain: bool) -> bool:
        await self._step("photo_wanted")
        if curtain:
            raise Refusal("curtain")
        return self.asks

    async def online(self, participant: str) -> None:
        await self._step("online")
        self.reachable.add(participant)
        await self._note()

    async def offline(self, participant: str) -> None:
        await self._step("offline")
        self.reachable.discard(participant)
        await self._note()

    async def revoked(self, logins: Collection[str]) -> Mapping[str, Closing]:
        await self._step("revoked")
        return {login: closing for login, closing in self.ended.items() if login in logins}
