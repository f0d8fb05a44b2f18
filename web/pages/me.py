"""One's own account: where one is signed in, signing out everywhere, a new password."""

from __future__ import annotations

from datetime import datetime

from aiohttp import web
from pydantic import BaseModel, Field

from records.people import logins
from records.people.logins import Ended
from signaling.messages import Closing
from web import dates, forms
from web.i18n import N_, gettext
from web.keys import ACTOR, ARCHIVE, DISMISS, GATE, PASSWORDS, SIGNED_IN
from web.pages import sign_in
from web.templating import render

SHORTEST = 12                                   # characters of a new password (NIST SP 800-63B asks for 8 or more)
MORE_FAULTS = {
    "too-short": N_("Ngắn quá, cần ít nhất 12 ký tự."),
    "wrong": N_("Mật khẩu đang dùng chưa đúng."),
    "same": N_("Mật khẩu mới giống mật khẩu cũ."),
}


class PasswordForm(BaseModel):
    current: str = Field(default="", max_length=200, repr=False)
    new: str = Field(default="", max_length=200, repr=False)


async def show(request: web.Request) -> web.Response:
    """GET /me"""
    done = gettext(request)("Đã đổi mật khẩu.") if request.query.get("done") == "password" else ""
    return await _page(request, done=done)


async def here(_request: web.Request) -> web.Response:
    """POST /me/here: somebody is at the computer; the login middleware has noted it."""
    return web.Response(status=204)


async def end_logins(request: web.Request) -> web.StreamResponse:
    """POST /me/logins/end: out of every browser, this one too."""
    me = request[SIGNED_IN]
    assert me is not None
    async with request.app[ARCHIVE].act(request[ACTOR]) as act:
        await logins.end_all(act, me.practitioner_id, Ended.EVERYWHERE)
    await request.app[DISMISS](me.practitioner_id, Closing.SIGNED_OUT)
    raise sign_in.gone(request, "everywhere")


async def change_password(request: web.Request) -> web.StreamResponse:
    """POST /me/password: needs the current one; every other browser is signed out."""
    form = await forms.read_form(request, PasswordForm)
    me = request[SIGNED_IN]
    assert me is not None
    async with request.app[GATE].turn(me.user_name):
        if (retry_at := await _braked(request)) is not None:
            later = gettext(request)(sign_in.LATER, time=dates.clock(retry_at))
            return await _page(request, status=429, errors={"current": later})
        fields = await _faults(request, form)
    if fields:
        return await _page(request, status=422, errors=forms.describe(request, fields, MORE_FAULTS))
    new_hash = await request.app[PASSWORDS].hash(form.new)
    async with request.app[ARCHIVE].act(request[ACTOR]) as act:
        ended = await logins.change_password(act, new_hash)
    for login_id in ended:
        await request.app[DISMISS](login_id, Closing.SIGNED_OUT)
    raise web.HTTPSeeOther("/me?done=password")


async def _faults(request: web.Request, form: PasswordForm) -> dict[str, str]:
    fields = {name: "missing" for name in ("current", "new") if not getattr(form, name)}
    if form.new and len(form.new) < SHORTEST:
        fields["new"] = "too-short"
    elif form.new and form.new == form.current:
        fields["new"] = "same"
    if not fields and not await _knows(request, form.current):
        fields["current"] = "wrong"
    return fields


async def _braked(request: web.Request) -> datetime | None:
    """Until when no further guess counts: whoever sits at an open login guesses no faster than at the sign-in page."""
    async with request.app[ARCHIVE].glance(request[ACTOR]) as act:
        _, retry_at = await logins.own_password(act)
        return retry_at if retry_at and retry_at > act.at else None


async def _knows(request: web.Request, password: str) -> bool:
    async with request.app[ARCHIVE].glance(request[ACTOR]) as act:
        known, _ = await logins.own_password(act)
    if await request.app[PASSWORDS].is_right(password, known):
        return True
    async with request.app[ARCHIVE].act(request[ACTOR]) as act:
        await logins.failed(act, request[ACTOR].practitioner_id)
    return False


async def _page(request: web.Request, status: int = 200, **context: object) -> web.Response:
    async with request.app[ARCHIVE].glance(request[ACTOR]) as act:
        own = await logins.own(act)
    return render(request, "me/show.html", status, logins=own, **context)
