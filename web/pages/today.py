"""GET / for a worker: the search box, who waits or is being seen, who is done today."""

from __future__ import annotations

from aiohttp import web

from records.care import line_checks, progress
from records.codes import complaints
from web import line_words, persons
from web.i18n import gettext
from web.keys import ACTOR, ARCHIVE, LOCALE
from web.templating import render


async def show(request: web.Request) -> web.Response:
    """The day of the worker's station."""
    async with request.app[ARCHIVE].act(request[ACTOR]) as act:
        today = await progress.today(act)
        line = await line_checks.own(act)
    told = line and {"words": line_words.sentence(gettext(request), request[LOCALE], line.said),
                     "steps": line_words.STEPS[line.rung], "weak": line_words.is_weak(line.said)}
    return render(request, "today/show.html", today=today, line=told, words=persons.Words(request), reasons=complaints.names)
