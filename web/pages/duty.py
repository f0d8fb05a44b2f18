"""POST /duty: "Bắt đầu trực" and "Nghỉ trực", from a script or from a plain form."""

from __future__ import annotations

from aiohttp import web
from pydantic import BaseModel

from records.people import duty
from web.forms import read_form, read_json
from web.keys import ACTOR, ARCHIVE, DESK


class DutyForm(BaseModel):
    """Whether to be on duty from now on."""

    on: bool


async def change(request: web.Request) -> web.Response:
    """Begin or end the actor's duty; the desk rings, or takes the rings away."""
    is_script = request.content_type == "application/json"
    form = await (read_json if is_script else read_form)(request, DutyForm)
    async with request.app[ARCHIVE].act(request[ACTOR]) as act:
        await (duty.begin(act) if form.on else duty.end(act))
    practitioner_id = request[ACTOR].practitioner_id
    assert practitioner_id is not None
    await request.app[DESK].duty_changed(practitioner_id)
    if not is_script:
        raise web.HTTPSeeOther("/")
    return web.json_response({"on": form.on})
