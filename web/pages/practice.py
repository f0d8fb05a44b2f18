"""Practice calls: a worker tries the whole path alone, with a simulated doctor. Nobody is rung, nothing is a case."""

from __future__ import annotations

from uuid import UUID, uuid4

from aiohttp import web
from pydantic import BaseModel, Field

from records.care import practice
from web import paths, practice_words
from web.forms import read_form
from web.i18n import gettext
from web.keys import ACTOR, ARCHIVE, PRACTICE


class PracticeForm(BaseModel):
    """The id was made with the form, so pressing twice asks once."""

    id: UUID = Field(default_factory=uuid4)


async def begin(request: web.Request) -> web.Response:
    """POST /practice: "Gọi thử"."""
    form = await read_form(request, PracticeForm)
    async with request.app[ARCHIVE].act(request[ACTOR]) as act:
        made = await practice.begin(act, form.id)
    await request.app[PRACTICE].begin(made, practice_words.script(gettext(request)))
    raise web.HTTPSeeOther(f"/requests/{made}")


async def end(request: web.Request) -> web.Response:
    """POST /calls/{id}/practice-end: "Xong, kết thúc gọi thử", at once."""
    call_id = paths.id_of(request, "id")
    async with request.app[ARCHIVE].act(request[ACTOR]) as act:
        ended = await practice.finish(act, call_id)
    await request.app[PRACTICE].finished(ended)
    return web.json_response({"ended": True})
