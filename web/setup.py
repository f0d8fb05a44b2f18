"""Adds everything of ``web`` to an aiohttp application: keys, middlewares, routes. Reads no settings."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from aiohttp import web
from aiohttp.typedefs import Middleware
from aiohttp_remotes import XForwardedStrict

from records.archive import Archive
from records.care.pictures import Darkroom
from records.people.logins import Limits
from web import compression, deadlines, errors, headers, login, middleware, routes, templating
from web.deadlines import Deadlines
from web.i18n import Texts
from web.keys import (
    ARCHIVE,
    CALLS,
    DARKROOM,
    DESK,
    DISMISS,
    FAR_ENDS,
    GATE,
    IN_CALL,
    LIMITS,
    ONLINE,
    PASSWORDS,
    PRACTICE,
    PRESENCE,
    ROOMS,
    ROUTES,
    STATICS,
    TEMPLATES,
    TEXTS,
    UPLOADS,
    Calls,
    Desk,
    Dismiss,
    Practice,
)
from web.pages.sign_in import Gate
from web.passwords import Passwords
from web.routing import Route, Table
from web.static_files import Statics
from web.templating import Templates
from web.voice_uploads import Uploads

if TYPE_CHECKING:
    from signaling.far_ends import FarEnds
    from signaling.presence import Presence
    from signaling.rooms import Rooms

HERE = Path(__file__).parent
BODY_AT_MOST = 1024 * 1024                      # bytes of a form; photos stream and are counted by their page


@dataclass(frozen=True, kw_only=True)
class Parts:
    """What telehealth plugs in. ``proxies``: addresses whose X-Forwarded-* are believed; none when we face the browsers.

    ``in_call`` says who may not be locked out now (in a call; a doctor on duty who waits for a ring).
    ``online`` gives the logins that hold a socket. ``more``: the roof's own routes (/socket, /healthz, …).
    """

    archive: Archive
    rooms: Rooms
    presence: Presence
    desk: Desk
    calls: Calls
    practice: Practice
    far_ends: FarEnds
    dismiss: Dismiss
    in_call: Callable[[UUID], bool]
    online: Callable[[], Iterable[UUID]]
    limits: Limits = field(default_factory=Limits)
    passwords: Passwords = field(default_factory=Passwords)
    deadlines: Deadlines = field(default_factory=Deadlines)
    proxies: tuple[str, ...] = ()
    more: tuple[Route, ...] = ()


def setup(app: web.Application, parts: Parts) -> None:
    """Plugs ``parts`` in and lays every address of the site."""
    _plug(app, parts)
    app.middlewares.extend(_middlewares(parts))
    app.on_response_prepare.append(headers.complete)
    app.cleanup_ctx.append(login.watch)
    app[ROUTES] = Table()
    app[ROUTES].add(app, [*routes.ROUTES, *parts.more])


def _plug(app: web.Application, parts: Parts) -> None:
    app[ARCHIVE], app[ROOMS], app[PRESENCE], app[DESK] = parts.archive, parts.rooms, parts.presence, parts.desk
    app[CALLS], app[PRACTICE], app[FAR_ENDS] = parts.calls, parts.practice, parts.far_ends
    app[DISMISS], app[IN_CALL], app[ONLINE] = parts.dismiss, parts.in_call, parts.online
    app[LIMITS], app[PASSWORDS], app[GATE] = parts.limits, parts.passwords, Gate()
    app[DARKROOM], app[UPLOADS] = Darkroom(), Uploads()
    app[TEXTS], app[STATICS], app[TEMPLATES] = _read()


@functools.cache
def _read() -> tuple[Texts, Statics, Templates]:
    """Texts, files and templates, read once: they know nothing of an application."""
    return Texts.load(HERE / "locale"), Statics.load(HERE / "static"), templating.make_environment(HERE / "templates")


def _middlewares(parts: Parts) -> list[Middleware]:
    strict = XForwardedStrict([list(parts.proxies)], white_paths=["/healthz", "/readyz"])
    forwarded = [strict.middleware] if parts.proxies else []
    return [
        *forwarded, headers.defend, compression.compress, middleware.choose_language, errors.answer_errors,
        deadlines.limit_body(parts.deadlines), middleware.refuse_other_sites,
        middleware.recognise, middleware.admit,
    ]
