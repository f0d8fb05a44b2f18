"""The site alone on a real port: real records and pages; what telehealth would plug in is written down instead."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import aiohttp
import pytest
from aiohttp import web
from argon2 import PasswordHasher

from records.archive import Archive
from records.people.logins import Limits
from signaling.messages import Closing
from tests.builders import PASSWORD, People, Someone
from web.deadlines import Runner
from web.keys import Handler
from web.passwords import Passwords
from web.routing import Route
from web.setup import Parts, setup

CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


class PaperDesk:
    """A desk that writes down what pages tell it."""

    def __init__(self) -> None:
        self.told: list[tuple[Any, ...]] = []

    def __getattr__(self, name: str) -> Callable[..., Awaitable[None]]:
        async def tell(*what: object) -> None:
            self.told.append((name, *what))

        return tell


@dataclass
class Site:
    """A running site and its surroundings."""

    address: str = ""
    desk: PaperDesk = field(default_factory=PaperDesk)
    dismissed: list[tuple[UUID, Closing]] = field(default_factory=list)
    first_dismissal: asyncio.Event = field(default_factory=asyncio.Event)
    in_call: set[UUID] = field(default_factory=set)
    online: set[UUID] = field(default_factory=set)
    app: web.Application = field(default_factory=web.Application)

    async def dismiss(self, who: UUID, closing: Closing) -> None:
        self.dismissed.append((who, closing))
        self.first_dismissal.set()

    @property
    def port(self) -> int:
        return int(self.address.rsplit(":", 1)[1])


class Visitor:
    """A visitor: keeps cookies, sends what a browser sends, follows nothing by itself."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.session = aiohttp.ClientSession(
            address, cookie_jar=aiohttp.CookieJar(unsafe=True), headers={"Origin": address, "User-Agent": "Chrome Linux"},
        )

    async def get(self, path: str, **more: Any) -> aiohttp.ClientResponse:
        return await self._ask("GET", path, **more)

    async def post(self, path: str, **more: Any) -> aiohttp.ClientResponse:
        return await self._ask("POST", path, **more)

    async def sign_in(self, who: Someone | str, password: str = PASSWORD, **more: str) -> aiohttp.ClientResponse:
        name = who if isinstance(who, str) else who.user_name
        return await self.post("/sign-in", data={"user_name": name, "password": password, **more})

    def cookie(self) -> str:
        """The login's cookie as the browser holds it."""
        return next(cookie.value for cookie in self.session.cookie_jar if cookie.key.startswith("login-"))

    async def is_signed_in(self) -> bool:
        return (await self.get("/me")).status == 200

    async def _ask(self, method: str, path: str, **more: Any) -> aiohttp.ClientResponse:
        answer = await self.session.request(method, path, allow_redirects=False, **more)
        await answer.read()
        return answer


@pytest.fixture
async def start_site(archive: Archive, people: People) -> AsyncIterator[Callable[..., Awaitable[Site]]]:
    """Starts a site; keyword arguments replace parts of it."""
    runners: list[web.AppRunner] = []

    async def start(
        *, more: tuple[Route, ...] = (), limits: Limits | None = None, stray: Handler | None = None, **parts: Any,
    ) -> Site:
        site = Site()
        if stray:
            site.app.router.add_get("/stray", stray)
        setup(site.app, Parts(
            archive=archive, rooms=None, presence=None, desk=site.desk, calls=site.desk, practice=site.desk, dismiss=site.dismiss,
            far_ends=parts.pop("far_ends", None), in_call=site.in_call.__contains__, online=lambda: site.online, limits=limits or Limits(),
            passwords=parts.pop("passwords", None) or Passwords(hasher=CHEAP), more=more, **parts,
        ))
        runner = Runner(site.app, deadlines=parts.get("deadlines"))
        await runner.setup()
        runners.append(runner)
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        site.address = f"http://127.0.0.1:{runner.addresses[0][1]}"
        return site

    yield start
    for runner in runners:
        await runner.cleanup()


@pytest.fixture
async def site(start_site: Callable[..., Awaitable[Site]]) -> Site:
    return await start_site()


@pytest.fixture
async def browse() -> AsyncIterator[Callable[[Site], Visitor]]:
    """Opens browsers; closes them after the test."""
    browsers: list[Visitor] = []

    def open_one(site: Site) -> Visitor:
        browsers.append(Visitor(site.address))
        return browsers[-1]

    yield open_one
    for browser in browsers:
        await browser.session.close()


@pytest.fixture
async def visitor(site: Site, browse: Callable[[Site], Visitor]) -> Visitor:
    return browse(site)


