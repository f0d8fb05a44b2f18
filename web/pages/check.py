"""The machine and its line: the page that checks them, the far end of the line check, and keeping the result."""

from __future__ import annotations

from typing import Any, Literal

import msgspec
from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from records.acts import Role
from records.care import line_checks
from records.care.line_checks import Check, Figures
from web import browsers, line_words
from web.forms import read_json
from web.i18n import gettext
from web.keys import ACTOR, ARCHIVE, DESK, FAR_ENDS, LOCALE, SIGNED_IN
from web.templating import render

LONGEST_SDP = 20_000        # letters of an answer; ours have 1,500


class AnswerForm(BaseModel):
    """The page's answer to the far end's offer."""

    sdp: str = Field(max_length=LONGEST_SDP)


class ResultForm(BaseModel):
    """What the page measured: rates in kbit/s, spans in milliseconds, losses in percent. Null: could not be measured."""

    model_config = ConfigDict(extra="forbid")
    rung: Literal["clear", "medium", "small", "stills", "voice", "voice-notes", "text"]
    kbpsUp: float | None = Field(ge=0, le=1e7)
    kbpsDown: float | None = Field(ge=0, le=1e7)
    roundTripMs: float | None = Field(ge=0, le=60_000)
    jitterUpMs: float | None = Field(ge=0, le=60_000)
    jitterDownMs: float | None = Field(ge=0, le=60_000)
    lostUpPercent: float | None = Field(ge=0, le=100)
    lostDownPercent: float | None = Field(ge=0, le=100)
    paths: set[Literal["direct", "udp", "tcp", "tls"]]

    def figures(self) -> Figures:
        return Figures(
            rung=self.rung, kbps_up=_whole(self.kbpsUp), kbps_down=_whole(self.kbpsDown), round_trip_ms=self.roundTripMs,
            jitter_up_ms=self.jitterUpMs, jitter_down_ms=self.jitterDownMs, lost_up_percent=self.lostUpPercent,
            lost_down_percent=self.lostDownPercent, paths=frozenset(self.paths))


async def show(request: web.Request) -> web.Response:
    """GET /check: camera, microphone, loudspeaker, line; the newest result of this browser."""
    async with request.app[ARCHIVE].act(request[ACTOR]) as act:
        newest = await line_checks.own(act)
    signed_in = request[SIGNED_IN]
    return render(request, "check/show.html", newest=newest, result=newest and _told(request, newest),
                  kind=browsers.kind(request), installs=signed_in is not None and signed_in.has(Role.ADMINISTRATOR))


async def open_line(request: web.Request) -> web.Response:
    """POST /check/line: a far end for this browser begins; by which servers the two may meet."""
    line = await request.app[FAR_ENDS].open(_browser(request), _reached_at(request))
    servers = msgspec.to_builtins(line.media.ice_servers)
    return web.json_response({"line": line.id, "iceServers": servers, "policy": line.media.policy})


async def offer_line(request: web.Request) -> web.Response:
    """GET /check/line/{id}: the far end's offer, once it has begun."""
    return web.json_response({"sdp": await request.app[FAR_ENDS].offer(_browser(request), request.match_info["id"])})


async def answer_line(request: web.Request) -> web.Response:
    """POST /check/line/{id}: the page's answer."""
    form = await read_json(request, AnswerForm)
    # The form takes blanks from around a text; the last line of a description ends like the others.
    await request.app[FAR_ENDS].answer(_browser(request), request.match_info["id"], form.sdp + "\r\n")
    return web.json_response({"answered": True})


async def keep(request: web.Request) -> web.Response:
    """POST /check/results: the newest result of this browser; answers with its words."""
    form = await read_json(request, ResultForm)
    async with request.app[ARCHIVE].act(request[ACTOR]) as act:
        kept, waiting = await line_checks.keep(act, form.figures())
    for request_id in waiting:
        await request.app[DESK].line_measured(request_id)
    return web.json_response(_told(request, kept))


def _told(request: web.Request, check: Check) -> dict[str, Any]:
    """The result in words, and its figures as the page shows them; an empty one is hidden."""
    _, locale = gettext(request), request[LOCALE]
    return {
        "words": line_words.sentence(_, locale, check.said), "steps": line_words.STEPS[check.rung],
        "weak": line_words.is_weak(check.said), "paths": sorted(check.paths),
        "up": line_words.rate(_, locale, check.kbps_up) if check.kbps_up is not None else "",
        "down": line_words.rate(_, locale, check.kbps_down) if check.kbps_down is not None else "",
        "roundTrip": _span(check.round_trip_ms),
        "lostUp": _percent(check.lost_up_percent), "lostDown": _percent(check.lost_down_percent),
        "jitterUp": _span(check.jitter_up_ms), "jitterDown": _span(check.jitter_down_ms),
    }


def _span(ms: float | None) -> str:
    return "" if ms is None else f"{ms:.0f} ms"


def _percent(share: float | None) -> str:
    return "" if share is None else f"{share:.0f} %"


def _whole(value: float | None) -> int | None:
    return None if value is None else round(value)


def _reached_at(request: web.Request) -> str:
    """Our own address on this connection; behind a proxy it is one that no browser reaches, and means nothing."""
    name = request.transport.get_extra_info("sockname") if request.transport else None
    return str(name[0]) if name else ""


def _browser(request: web.Request) -> str:
    return str(request[ACTOR].login_id)
