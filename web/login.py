"""The browser's side of a login: the cookie, who it stands for, and the watch that ends what is over.

Ours rather than aiohttp-session's: that library moves ``created`` and saves only plain answers, while our limits live in the
``login`` table and the cookie never changes after sign-in; what is left of it would be these few lines.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import structlog
from aiohttp import web

from records.acts import Actor
from records.errors import RecordsError, Sealed
from records.people import logins
from records.people.logins import Ended, SignedIn
from signaling.messages import Closing
from web.keys import ARCHIVE, DISMISS, IN_CALL, LIMITS, ONLINE

log = structlog.get_logger("web")

WATCH_EVERY = timedelta(seconds=2)              # so that a disabled account's sockets close within five
CLOSINGS = {Ended.DISABLED: Closing.DISABLED, Ended.IDLE: Closing.SIGN_IN_NEEDED, Ended.EXPIRED: Closing.SIGN_IN_NEEDED}
WATCHER = Actor.of_system("logins")


def cookie_name(request: web.Request) -> str:
    """``__Host-login`` behind TLS; ``login-<port>`` on plain loopback, where cookies know no ports."""
    if request.secure:
        return "__Host-login"
    address = request.transport.get_extra_info("sockname") if request.transport else None
    return f"login-{address[1] if address else 0}"


def new_token() -> str:
    return secrets.token_urlsafe(32)


def give(request: web.Request, response: web.StreamResponse, token: str) -> None:
    """Sets the cookie, for this browser session; the limits live in the database."""
    response.set_cookie(cookie_name(request), token, path="/", httponly=True, samesite="Lax", secure=request.secure)


def take_back(request: web.Request, response: web.StreamResponse) -> None:
    """Removes the cookie and what pages may have kept (Clear-Site-Data clears no cookies here)."""
    response.del_cookie(cookie_name(request), path="/", httponly=True, samesite="Lax", secure=request.secure)
    response.headers["Clear-Site-Data"] = '"cache", "storage"'


async def recognise(request: web.Request) -> SignedIn | None:
    """Whom the cookie stands for. What is overdue is ended here; that the browser was there is noted once a minute."""
    token = request.cookies.get(cookie_name(request))
    if not token:
        return None
    async with request.app[ARCHIVE].glance(WATCHER) as act:
        found, now = await logins.find(act, token), act.at
    if found is None:
        return None
    over = logins.overdue(found, request.app[LIMITS], now, in_call=request.app[IN_CALL](found.practitioner_id))
    if over or now - found.last_seen_at >= logins.NOTED_EVERY:
        await _note(request.app, found, over)
    return None if over else found


async def _note(app: web.Application, found: SignedIn, over: Ended | None) -> None:
    """Writes down that the login is over, or that the browser was there; the answer does not depend on it."""
    with contextlib.suppress(Sealed):
        async with app[ARCHIVE].act(WATCHER) as act:
            if over:
                await logins.end(act, found.login_id, over)
            else:
                await logins.seen(act, found.login_id)


async def watch(app: web.Application) -> AsyncIterator[None]:
    """Cleanup context: ends overdue logins that hold a socket and closes the sockets of those that are over."""
    watching = asyncio.create_task(_watch(app))
    yield
    watching.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await watching


async def _watch(app: web.Application) -> None:
    while True:
        try:
            await look(app)
        except RecordsError as error:
            log.warning("logins not watched", code=error.code)
        except Exception as error:
            log.error("logins not watched", exc_info=error)
        await asyncio.sleep(WATCH_EVERY.total_seconds())


async def look(app: web.Application) -> None:
    """One round of the watch."""
    online = set(app[ONLINE]())
    if not online:
        return
    closings: dict[UUID, Closing] = {}
    overdue: list[tuple[SignedIn, Ended]] = []
    async with app[ARCHIVE].glance(WATCHER) as act:
        living = await logins.among(act, online)
        for login_id in online - living.keys():
            closings[login_id] = CLOSINGS.get(await logins.reason(act, login_id), Closing.SIGNED_OUT)
        for one in living.values():
            if over := logins.overdue(one, app[LIMITS], act.at, in_call=app[IN_CALL](one.practitioner_id)):
                overdue.append((one, over))
    for one, over in overdue:
        await _note(app, one, over)
        closings[one.login_id] = CLOSINGS[over]
    for who, closing in closings.items():
        await app[DISMISS](who, closing)
