"""The real site for tests: the application on a free loopback port, and browsers that have signed in to it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime

import argon2
from aiohttp import ClientSession, CookieJar, web

from telehealth.app import create_app
from telehealth.settings import Settings
from tests.builders import PASSWORD, People, Someone
from web.deadlines import Runner
from web.passwords import Passwords

# As cheap as the hashes of builders.py, so that a sign-in costs no test a second.
CHEAP = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@dataclass
class Site:
    """A running site. ``url`` has no slash at its end."""

    url: str
    app: web.Application
    people: People
    browsers: list[ClientSession] = field(default_factory=list)

    def browser(self) -> ClientSession:
        """A browser of its own: own cookies, requests as from the site's own pages, paths from the root."""
        browser = ClientSession(
            self.url, cookie_jar=CookieJar(unsafe=True),
            headers={"Origin": self.url, "Sec-Fetch-Site": "same-origin", "Accept-Language": "vi"})
        self.browsers.append(browser)
        return browser

    async def sign_in(self, person: Someone, password: str = PASSWORD) -> ClientSession:
        """A browser in which ``person`` has signed in."""
        browser = self.browser()
        form = {"user_name": person.user_name, "password": password}
        async with browser.post("/sign-in", data=form, allow_redirects=False) as answer:
            assert answer.status == 303, await answer.text()
        return browser

    async def close(self) -> None:
        for browser in self.browsers:
            await browser.close()


@asynccontextmanager
async def served(settings: Settings, clock: Callable[[], datetime], people: People) -> AsyncIterator[Site]:
    """The site of ``settings`` on a port of its own while the block runs."""
    app = create_app(settings, clock=clock, passwords=Passwords(hasher=CHEAP))
    runner = Runner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", settings.port).start()
    site = Site(f"http://127.0.0.1:{runner.addresses[0][1]}", app, people)
    try:
        yield site
    finally:
        await site.close()
        await runner.cleanup()
