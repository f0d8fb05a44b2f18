"""GET / for a worker: the search box, who waits or is being seen, who is done today."""

from __future__ import annotations

from aiohttp import web

from records.care import progress
from records.codes import complaints
from web import persons
from web.keys import ACTOR, ARCHIVE
from web.templating import render


async def show(request: web.Request) -> web.Response:
    """The day of the worker's station."""
    async with request.app[ARCHIVE].act(request[ACTOR]) as act:
        today = await progress.today(act)
    return render(request, "today/show.html", today=today, words=persons.Words(request), reasons=complaints.names)
