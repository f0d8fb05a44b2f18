"""What stands before every page: own pages only, the language, who asks, and whether they may enter."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

from aiohttp import hdrs, web

from records.acts import Actor
from records.errors import NotAllowed
from web import i18n, login
from web.keys import ACTOR, ARCHIVE, LOCALE, ROUTES, SIGNED_IN, TEXTS, Handler
from web.replies import SignInNeeded
from web.routing import PUBLIC

SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}


@web.middleware
async def choose_language(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Cookie, then the browser's wish, then Vietnamese; a signed-in person's own choice comes in between, at ``recognise``."""
    texts = request.app[TEXTS]
    chosen = texts.choose(request.cookies.get(i18n.COOKIE))
    request[LOCALE] = chosen or texts.from_header(request.headers.get(hdrs.ACCEPT_LANGUAGE, ""))
    return await handler(request)


@web.middleware
async def refuse_other_sites(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Writes and upgrades come from our own pages only: Sec-Fetch-Site where the browser says it, and Origin."""
    is_upgrade = request.headers.get(hdrs.UPGRADE, "").lower() == "websocket"
    if (is_upgrade or request.method not in SAFE_METHODS) and not _is_own(request, must_name_itself=is_upgrade):
        raise web.HTTPForbidden
    return await handler(request)


@web.middleware
async def recognise(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Sets who asks. A login that has ended is anonymous from this request on."""
    # Files are the same for everybody and are served while the records cannot be read.
    found = None if request.path.startswith("/static/") else await login.recognise(request)
    request[SIGNED_IN] = found
    request[ACTOR] = found.actor(prefix_of(request.remote)) if found else Actor.anonymous(prefix_of(request.remote))
    if found and i18n.COOKIE not in request.cookies:
        request[LOCALE] = request.app[TEXTS].choose(found.locale) or request[LOCALE]
    return await handler(request)


@web.middleware
async def admit(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Denied by default: an address that names no roles for this person is refused, and the refusal is audited."""
    route = request.app[ROUTES].find(request)
    if route is None:
        if request.match_info.http_exception is not None:
            return await handler(request)       # no such address: aiohttp says 404 or 405
        raise web.HTTPNotFound
    if route.roles != PUBLIC and request[SIGNED_IN] is None:
        raise SignInNeeded
    if route.roles != PUBLIC and not route.roles & request[ACTOR].roles:
        await _refuse(request, route.path)
    return await handler(request)


def prefix_of(address: str | None) -> str:
    """An address cut to what the trail may keep: /24 for IPv4, /48 for IPv6; empty when there is none."""
    try:
        whole = ip_address((address or "").split("%")[0])
    except ValueError:
        return ""
    mapped = getattr(whole, "ipv4_mapped", None) or whole
    return str(ip_network((mapped, 24 if mapped.version == 4 else 48), strict=False))


async def _refuse(request: web.Request, path: str) -> None:
    refusal = NotAllowed("page:open", "page", path[:36])    # the route's form, in the length of an id; never what was asked for
    async with request.app[ARCHIVE].act(request[ACTOR]):
        raise refusal                           # through the door, so that the refusal leaves its trace


def _is_own(request: web.Request, *, must_name_itself: bool) -> bool:
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None and site != "same-origin":
        return False
    origin = request.headers.get(hdrs.ORIGIN, "null")
    if origin == "null":                        # what our own forms send, since our pages give no referrer (Fetch, 3.2)
        return site == "same-origin" and not must_name_itself
    return origin == f"{request.scheme}://{request.host}"


