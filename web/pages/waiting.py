"""The doctor's first page: duty, what rings now, the call one is in, notes that wait to be signed."""

from __future__ import annotations

from aiohttp import web

from records.care import calls, request_summary, request_views
from records.people import duty
from web import request_words
from web.i18n import gettext
from web.keys import ACTOR, ARCHIVE, LOCALE
from web.templating import render


async def show(request: web.Request) -> web.Response:
    """GET / for a doctor."""
    actor = request[ACTOR]
    async with request.app[ARCHIVE].act(actor) as act:
        stretch = await duty.current(act)
        summaries = await request_summary.waiting(act)
        live = [one for one in await calls.live_of(act, actor.practitioner_id) if one.doctor_id == actor.practitioner_id] \
            if actor.practitioner_id else []
        unsigned = await request_views.unsigned(act)
    now, _ = request.app[ARCHIVE].clock(), gettext(request)
    rings = [request_words.ring(_, one, now, request[LOCALE]) for one in summaries]
    return render(request, "waiting/show.html", duty=stretch, rings=rings, live=live, unsigned=unsigned)
