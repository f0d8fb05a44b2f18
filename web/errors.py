"""Translates what went wrong into a page or JSON: what happened, what is safe, what to do now."""

from __future__ import annotations

import secrets
from dataclasses import replace
from urllib.parse import quote

import structlog
from aiohttp import hdrs, web

from records.errors import Conflict, Invalid, NotAllowed, Unavailable
from web import forms
from web.i18n import gettext
from web.keys import STARTED, Handler
from web.replies import DISK_FULL, FROM_HTTP, FROM_RECORDS, GENERAL, NOT_FOUND, UNKNOWN, Reply, SignInNeeded
from web.templating import render

log = structlog.get_logger("web")


@web.middleware
async def answer_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Every error ends here. Nothing is answered into a socket that has been upgraded."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        return _from_http(request, error)
    except SignInNeeded:
        return _to_sign_in(request)
    except ConnectionError:
        raise                                   # nobody is there to be answered
    except Exception as error:
        if STARTED in request:
            raise
        return _from_error(request, error)


def wants_json(request: web.Request) -> bool:
    return "application/json" in request.headers.get(hdrs.ACCEPT, "")


def fail(request: web.Request, reply: Reply, *, reference: str = "", fields: dict[str, str] | None = None) -> web.Response:
    """The answer for ``reply``: JSON for scripts, a page for people."""
    _ = gettext(request)
    if wants_json(request):
        content = {"error": reply.code, "message": _(reply.title), "fields": fields or {}}
        return web.json_response({**content, "reference": reference} if reference else content, status=reply.status)
    return render(request, "errors/show.html", reply.status, reply=reply, reference=reference)


def _from_error(request: web.Request, error: Exception) -> web.Response:
    reply = _find(error)
    if reply is UNKNOWN:
        reference = secrets.token_hex(4)
        log.error("page failed", reference=reference, route=_route(request), method=request.method, exc_info=error)
        return fail(request, reply, reference=reference)
    fields = forms.describe(request, error.fields) if isinstance(error, Invalid) else None
    if isinstance(error, Conflict):
        reply = replace(reply, code=error.reason)
    if reply.status >= 500:
        log.warning("page refused", code=reply.code, route=_route(request), cause=type(error.__cause__).__name__)
    return fail(request, reply, fields=fields)


def _find(error: Exception) -> Reply:
    """The reply of the nearest ancestor, so that a new error inherits its parent's."""
    if isinstance(error, NotAllowed) and error.hidden:
        return NOT_FOUND
    if isinstance(error, Unavailable) and error.reason == "disk-full":
        return DISK_FULL
    return next((FROM_RECORDS[kind] for kind in type(error).__mro__ if kind in FROM_RECORDS), UNKNOWN)


def _from_http(request: web.Request, error: web.HTTPException) -> web.StreamResponse:
    if error.status < 400 or STARTED in request:
        raise error
    reply = FROM_HTTP.get(error.status, replace(GENERAL, status=error.status))
    response = fail(request, reply)
    for name in (hdrs.ALLOW, hdrs.RETRY_AFTER):
        if name in error.headers:
            response.headers[name] = error.headers[name]
    return response


def _to_sign_in(request: web.Request) -> web.StreamResponse:
    if wants_json(request) or request.method not in {"GET", "HEAD"}:
        return fail(request, FROM_RECORDS[SignInNeeded])
    # The path only: a query may hold what does not belong into another address.
    raise web.HTTPSeeOther("/sign-in" if request.path == "/" else f"/sign-in?next={quote(request.path)}")


def _route(request: web.Request) -> str:
    resource = request.match_info.route.resource
    return resource.canonical if resource else "unknown"
