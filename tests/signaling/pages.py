"""A real signaling server and the pages that are open on it, over real WebSockets."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import aiohttp

from signaling import messages
from signaling.endpoint import Endpoint
from signaling.house import Person
from signaling.limits import Limits
from signaling.presence import Presence
from signaling.rooms import Rooms
from tests.signaling.memory_house import Calls, MemoryHouse, new_id


class Page:
    """A browser page in the tests: says hello, reads everything, answers pings, counts what it handled."""

    def __init__(self, ws: aiohttp.ClientWebSocketResponse, person: Person | None, tab: str) -> None:
        self.ws, self.person, self.tab = ws, person, tab
        self.peer = new_id()
        self.received = 0
        self.session = self.token = ""
        self.log: list[dict[str, Any]] = []
        self.answers_pings = True
        self._unread: list[dict[str, Any]] = []
        self._changed = asyncio.Condition()
        self._reader = asyncio.create_task(self._read())

    async def _read(self) -> None:
        async for frame in self.ws:
            message = json.loads(frame.data)
            self._count(message)
            self.log.append(message)
            if message["type"] == "ping" and self.answers_pings:
                await self.send(type="pong", received=self.received)
            async with self._changed:
                self._unread.append(message)
                self._changed.notify_all()
        async with self._changed:
            self._changed.notify_all()

    def _count(self, message: dict[str, Any]) -> None:
        if message["type"] == "welcome":
            self.received = message["seq"]
            self.session, self.token = message["session"], message["token"]
        elif message["type"] in ("snapshot", "ping"):
            assert message["seq"] == self.received, message
        else:
            assert message["seq"] == self.received + 1, (self.received, message)
            self.received = message["seq"]

    async def send(self, **message: Any) -> str:
        await self.ws.send_str(json.dumps(message))
        return str(message.get("id", ""))

    async def next(self, kind: str) -> dict[str, Any]:
        """The next message of this type; those before it are passed over."""
        async with asyncio.timeout(5), self._changed:
            while True:
                for number, message in enumerate(self._unread):
                    if message["type"] == kind:
                        del self._unread[: number + 1]
                        return message
                assert not self._reader.done(), f"closed with {self.ws.close_code} while waiting for {kind}"
                await self._changed.wait()

    async def hello(self, resume: dict[str, Any] | None = None) -> dict[str, Any]:
        await self.send(type="hello", tab=self.tab, **({"resume": resume} if resume else {}))
        return await self.next("welcome")

    def resume(self) -> dict[str, Any]:
        return {"session": self.session, "token": self.token, "received": self.received}

    async def command(self, kind: str, /, **fields: Any) -> dict[str, Any]:
        """Send a command and return its ack or refusal."""
        command = await self.send(type=kind, **{"id": new_id(), **fields})
        return await self.outcome(command)

    async def outcome(self, command: str) -> dict[str, Any]:
        async with asyncio.timeout(5), self._changed:
            while True:
                for message in self._unread:
                    if message["type"] in ("ack", "refused") and message.get("id") == command:
                        self._unread.remove(message)
                        return message
                assert not self._reader.done(), f"closed with {self.ws.close_code} while waiting for an outcome"
                await self._changed.wait()

    async def enter(self, call: Calls, **fields: Any) -> dict[str, Any]:
        return await self.command("enter", call=call.id, peer=self.peer, **fields)

    async def sync(self) -> None:
        """Everything sent before has been handled, its answers have been read: leaving a call one is not in is harmless."""
        await self.command("leave", call=new_id())

    async def closing(self) -> int | None:
        async with asyncio.timeout(10):
            await asyncio.wait([self._reader])
        return self.ws.close_code

    def seen(self, kind: str) -> list[dict[str, Any]]:
        return [message for message in self.log if message["type"] == kind]

    def cut(self) -> None:
        """The line is cut: the socket ends without a word."""
        assert self.ws._response is not None and self.ws._response.connection is not None
        transport = self.ws._response.connection.transport
        assert transport is not None
        transport.abort()


class Server:
    """The signaling server of one test, and the pages that are open."""

    def __init__(self, limits: Limits, clock: Callable[[], float]) -> None:
        self.house = MemoryHouse()
        self.rooms = Rooms()
        self.presence = Presence(self.rooms, clock=clock, limits=limits)
        self.endpoint = Endpoint(self.rooms, self.presence, self.house)
        self.url = ""
        self.client = aiohttp.ClientSession()

    def person(self, name: str = "Nông Thị Hoa") -> Person:
        login = new_id()
        self.house.people[login] = Person(participant=new_id(), login=login, name=name, organization="Trạm Y tế xã Phủ Thông")
        return self.house.people[login]

    def another_login(self, person: Person) -> Person:
        login = new_id()
        self.house.people[login] = replace(person, login=login)
        return self.house.people[login]

    def call(self, worker: Person, doctor: Person, *more: Person) -> Calls:
        call = Calls(sides={worker.participant: "worker", doctor.participant: "doctor"})
        call.sides |= {person.participant: "doctor" for person in more}
        self.house.calls[call.id] = call
        return call

    async def connect(self, person: Person | None, *, tab: str = "", protocols: tuple[str, ...] = (messages.SUBPROTOCOL,),
                      **options: Any) -> Page:
        """A page whose socket is open and that has said nothing yet."""
        headers = {"Cookie": f"login={person.login}"} if person else {}
        headers |= options.pop("headers", {})
        ws = await self.client.ws_connect(self.url, protocols=protocols, headers=headers, max_msg_size=0, **options)
        return Page(ws, person, tab or new_id())

    async def open(self, person: Person, *, tab: str = "", resume: dict[str, Any] | None = None) -> Page:
        page = await self.connect(person, tab=tab)
        await page.hello(resume)
        return page

    async def resume(self, page: Page) -> Page:
        assert page.person is not None
        again = await self.connect(page.person, tab=page.tab)
        again.received, again.peer = page.received, page.peer
        await again.hello(page.resume())
        return again

    async def pair(self) -> tuple[Calls, Page, Page]:
        """A worker and a doctor in one call."""
        worker, doctor = await self.open(self.person()), await self.open(self.person("BS. Lý Văn Thành"))
        assert worker.person is not None and doctor.person is not None
        call = self.call(worker.person, doctor.person)
        assert (await worker.enter(call))["type"] == "ack"
        assert (await doctor.enter(call))["type"] == "ack"
        await worker.next("peer-joined")
        return call, worker, doctor
