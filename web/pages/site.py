"""Small public answers: the language switch and what machines ask a site for."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit

from aiohttp import web
from pydantic import BaseModel

from records.people import logins
from web import dates, forms, i18n
from web.i18n import gettext
from web.keys import ACTOR, ARCHIVE, SIGNED_IN, STATICS, TEXTS

A_YEAR = 365 * 24 * 3600


class LanguageForm(BaseModel):
    locale: str = ""
    next: str = "/"


async def choose_language(request: web.Request) -> web.StreamResponse:
    """Keeps the chosen language in a cookie, and with the person who is signed in; back to where they were."""
    form = await forms.read_form(request, LanguageForm)
    locale = request.app[TEXTS].choose(form.locale) or i18n.SOURCE
    if request[SIGNED_IN]:
        async with request.app[ARCHIVE].act(request[ACTOR]) as act:
            await logins.choose_locale(act, locale)
    answer = web.HTTPSeeOther(own_path(form.next))
    answer.set_cookie(i18n.COOKIE, locale, max_age=A_YEAR, path="/", samesite="Lax", httponly=True, secure=request.secure)
    raise answer


def own_path(address: str) -> str:
    """``address`` if it is a path of this site, else "/": nobody is sent elsewhere from here."""
    split = urlsplit(address)
    inside = address.startswith("/") and not address.startswith(("//", "/\\")) and not split.scheme and not split.netloc
    return address if inside and address.isprintable() else "/"


async def robots(_request: web.Request) -> web.Response:
    return web.Response(text="User-agent: *\nDisallow: /\n")


async def manifest(request: web.Request) -> web.Response:
    """The web app's name and colours, for a phone's home screen."""
    content = {
        "name": gettext(request)("Khám từ xa"), "short_name": gettext(request)("Khám từ xa"), "start_url": "/", "scope": "/",
        "display": "standalone", "background_color": "#faf8f3", "theme_color": "#0c6a5b",
        "icons": [{"src": request.app[STATICS].address("icon.svg"), "sizes": "any", "type": "image/svg+xml"}],
    }
    return web.json_response(content, content_type="application/manifest+json")


async def security(request: web.Request) -> web.Response:
    """RFC 9116: where to report a weakness; renewed with every start."""
    expires = dates.iso(request.app[ARCHIVE].clock() + timedelta(days=180))
    host = request.url.with_path("/").human_repr()
    return web.Response(text=f"Contact: {host}\nExpires: {expires}\nPreferred-Languages: vi, en\n")
