"""Coming and going: user name and password; the delay that grows with failures; signing out."""

from __future__ import annotations

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import quote
from weakref import WeakValueDictionary

from aiohttp import web
from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from pydantic import BaseModel, Field

from records.people import delays, logins
from records.people.logins import Candidate, Ended
from signaling.messages import Closing
from web import browsers, dates, forms, login
from web.i18n import N_, gettext
from web.keys import ACTOR, ARCHIVE, DISMISS, GATE, PASSWORDS, SIGNED_IN
from web.pages.site import own_path
from web.replies import Busy
from web.templating import render

ADDRESS_FAILURES = RateLimitItemPerMinute(200, 15)      # a soft brake: a whole commune may share one address
UNKNOWN_NAMES = 10_000                                  # how many names that nobody bears are remembered
WAITING_FOR_ONE_NAME = 10
WRONG = N_("Tên đăng nhập hoặc mật khẩu chưa đúng.")
DISABLED = N_("Tài khoản này đã bị khoá. Hãy hỏi người quản trị của cơ sở.")
LATER = N_("Đã thử sai nhiều lần. Hãy thử lại sau %(time)s.")
BRAKED = N_("Mạng này vừa thử sai quá nhiều lần. Hãy thử lại sau vài phút.")
LEFT = {
    "signed-out": N_("Đã đăng xuất khỏi máy này."),
    "everywhere": N_("Đã đăng xuất khỏi mọi máy."),
    "idle": N_("Máy đã tự khoá vì không ai dùng. Hãy đăng nhập lại."),
    "disabled": DISABLED,
}


class SignInForm(BaseModel):
    user_name: str = Field(default="", max_length=40)
    password: str = Field(default="", max_length=200, repr=False)
    next: str = Field(default="/", max_length=500)


@dataclass
class Gate:
    """What slows guessing down: names that nobody bears are counted here as known ones are in their row; addresses too.

    Attempts for one name go one after another, so that a hundred at once are not one free try each.
    """

    unknown: OrderedDict[bytes, tuple[int, datetime]] = field(default_factory=OrderedDict)
    _turns: WeakValueDictionary[bytes, asyncio.Lock] = field(default_factory=WeakValueDictionary)
    _waiting: dict[bytes, int] = field(default_factory=dict)
    _addresses: SlidingWindowCounterRateLimiter = field(
        default_factory=lambda: SlidingWindowCounterRateLimiter(MemoryStorage())
    )

    @asynccontextmanager
    async def turn(self, user_name: str) -> AsyncIterator[None]:
        key = _key(user_name)
        if self._waiting.get(key, 0) >= WAITING_FOR_ONE_NAME:
            raise Busy
        self._waiting[key] = self._waiting.get(key, 0) + 1
        try:
            async with self._turns.setdefault(key, asyncio.Lock()):
                yield
        finally:
            self._waiting[key] -= 1
            if not self._waiting[key]:
                del self._waiting[key]

    def retry_at(self, user_name: str) -> datetime | None:
        return self.unknown.get(_key(user_name), (0, None))[1]

    def failed(self, user_name: str, now: datetime) -> datetime:
        """Counts one more failure of a name that nobody bears."""
        key = _key(user_name)
        failures, last = self.unknown.pop(key, (0, None))
        self.unknown[key] = delays.next_delay(failures, last, now)
        while len(self.unknown) > UNKNOWN_NAMES:
            self.unknown.popitem(last=False)
        return self.unknown[key][1]

    async def address_failed(self, address: str) -> None:
        await self._addresses.hit(ADDRESS_FAILURES, address)

    async def address_may(self, address: str) -> bool:
        return await self._addresses.test(ADDRESS_FAILURES, address)


async def show(request: web.Request) -> web.StreamResponse:
    """GET /sign-in. Who has signed in already goes on."""
    target = own_path(request.query.get("next", "/"))
    if request[SIGNED_IN]:
        raise web.HTTPSeeOther(target)
    left = LEFT.get(request.query.get("left", ""), "")
    return _page(request, target, left=gettext(request)(left) if left else "")


async def enter(request: web.Request) -> web.StreamResponse:
    """POST /sign-in."""
    form = await forms.read_form(request, SignInForm)
    target = own_path(form.next)
    name = form.user_name.lower()
    if not name or not form.password:
        missing = {key: "missing" for key, value in (("user_name", name), ("password", form.password)) if not value}
        return _page(request, target, name, status=422, errors=forms.describe(request, missing))
    if not await request.app[GATE].address_may(request[ACTOR].address):
        return _page(request, target, name, status=429, notice=gettext(request)(BRAKED))
    async with request.app[GATE].turn(name):
        return await _try(request, name, form.password, target)


async def leave(request: web.Request) -> web.StreamResponse:
    """POST /sign-out: this browser; its sockets close with the reason."""
    me = request[SIGNED_IN]
    assert me is not None
    async with request.app[ARCHIVE].act(request[ACTOR]) as act:
        await logins.end(act, me.login_id, Ended.SIGNED_OUT)
    await request.app[DISMISS](me.login_id, Closing.SIGNED_OUT)
    raise gone(request, "signed-out")


def gone(request: web.Request, left: str) -> web.HTTPSeeOther:
    """To the sign-in page, with nothing left behind in this browser."""
    answer = web.HTTPSeeOther(f"/sign-in?left={quote(left)}")
    login.take_back(request, answer)
    return answer


async def _try(request: web.Request, name: str, password: str, target: str) -> web.StreamResponse:
    gate = request.app[GATE]
    async with request.app[ARCHIVE].glance(request[ACTOR]) as act:
        found, now = await logins.candidate(act, name), act.at
    retry_at = found.retry_at if found else gate.retry_at(name)
    if retry_at and retry_at > now:
        return _later(request, target, name, retry_at, now)
    if not await request.app[PASSWORDS].is_right(password, found.password_hash if found else None):
        return await _wrong(request, name, found, target)
    assert found is not None                    # without a hash no password is right
    if found.disabled:
        return _page(request, target, name, status=403, notice=gettext(request)(DISABLED))
    return await _start(request, found, password, target)


async def _wrong(request: web.Request, name: str, found: Candidate | None, target: str) -> web.StreamResponse:
    async with request.app[ARCHIVE].act(request[ACTOR]) as act:
        retry_at = await logins.failed(act, found.practitioner_id if found else None)
        now = act.at
    await request.app[GATE].address_failed(request[ACTOR].address)
    if found is None:
        retry_at = request.app[GATE].failed(name, now)
    if retry_at and retry_at > now:
        return _later(request, target, name, retry_at, now)
    return _page(request, target, name, status=422, notice=gettext(request)(WRONG))


async def _start(request: web.Request, found: Candidate, password: str, target: str) -> web.StreamResponse:
    passwords, token = request.app[PASSWORDS], login.new_token()
    stronger = await passwords.hash(password) if passwords.is_weak(found.password_hash) else None
    before = request[SIGNED_IN]
    async with request.app[ARCHIVE].act(request[ACTOR]) as act:
        if before:
            await logins.end(act, before.login_id, Ended.SIGNED_OUT)
        await logins.start(act, found.practitioner_id, token, browser=browsers.name(request), new_hash=stronger)
    answer = web.HTTPSeeOther(target)
    login.give(request, answer, token)
    raise answer


def _later(request: web.Request, target: str, name: str, retry_at: datetime, now: datetime) -> web.Response:
    notice = gettext(request)(LATER, time=dates.clock(retry_at))
    page = _page(request, target, name, status=429, notice=notice)
    page.headers["Retry-After"] = str(max(1, round((retry_at - now).total_seconds())))
    return page


def _page(request: web.Request, target: str, name: str = "", *, status: int = 200, **context: object) -> web.Response:
    page = render(request, "sign_in/show.html", status, next=target, user_name=name, **context)
    page.headers["Cache-Control"] = "no-store"
    return page


def _key(user_name: str) -> bytes:
    return hashlib.sha256(user_name.encode()).digest()
