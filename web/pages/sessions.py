"""The session log for administrators: filters, pages, one session as a sentence with its time line, CSV."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode
from uuid import UUID

from aiohttp import web

from records.acts import Role
from records.care import session_causes, session_facts, sessions
from records.errors import Invalid
from records.people import organizations, practitioners
from web import cause_words, dates, paths, sentences, session_drawing, session_sheet
from web.i18n import N_, Translate, gettext
from web.keys import ACTOR, ARCHIVE
from web.templating import render

DAYS_SHOWN = 30             # unless the reader asks for other days
CSV_ROWS_AT_MOST = 100_000

OUTCOMES = {
    "done": N_("xong"), "no-answer": N_("không ai nhận"), "cancelled": N_("trạm tự huỷ"),
    "not-connected": N_("không nối được"), "live": N_("đang diễn ra"), "failed": N_("Chỉ phiên lỗi"),
}


@dataclass(frozen=True)
class Asked:
    """The filter as it was typed, and as the records want it."""

    typed: dict[str, str]
    wanted: sessions.Filter

    def address(self, path: str, **more: str) -> str:
        return f"{path}?{urlencode({key: value for key, value in {**self.typed, **more}.items() if value})}"


async def list_sessions(request: web.Request) -> web.Response:
    """GET /sessions: one page of the log."""
    asked, faults = _asked(request.query, request.app[ARCHIVE].clock())
    cursor = request.query.get("older", "")
    async with request.app[ARCHIVE].act(request[ACTOR]) as act:
        page = await sessions.page(act, asked.wanted, cursor)
        total, failed = await sessions.counts(act, asked.wanted)
        stations = [place for place in await organizations.list_in_reach(act) if place.is_station]
        doctors = [person for person in await practitioners.list_in_reach(act) if person.roles & {Role.DOCTOR}]
    return render(
        request, "sessions/list.html", 422 if faults else 200, page=page, asked=asked, faults=faults, total=total,
        failed=failed, stations=stations, doctors=doctors, outcomes=OUTCOMES, most=sessions.COUNT_AT_MOST,
        today=dates.local(request.app[ARCHIVE].clock()).date(), rungs=cause_words.RUNGS, causes=session_causes.KINDS,
        cause=lambda kind, side: cause_words.short(gettext(request), kind, side),
        span=lambda seconds: cause_words.span(gettext(request), seconds))


async def show_session(request: web.Request) -> web.Response:
    """GET /sessions/{request_id}: the sentence, the line, the rows."""
    async with request.app[ARCHIVE].act(request[ACTOR]) as act:
        facts = await session_facts.read(act, paths.id_of(request, "request_id"))
    translate = gettext(request)
    return render(
        request, "sessions/show.html", facts=facts, session=facts.session, rows=_rows(translate, facts), outcomes=OUTCOMES,
        sentence=sentences.sentence(translate, facts.session, facts.events, facts.causes, facts.signed_at),
        drawing=session_drawing.draw(facts, request.app[ARCHIVE].clock()), sends=session_drawing.SENDS,
        room_for=session_drawing.room_for, rung_top=session_drawing.rung_top,
        span=lambda seconds: cause_words.span(translate, seconds))


def _rows(translate: Translate, facts: session_facts.Facts) -> list[tuple[datetime, str, bool]]:
    """Events and changes of rung in one line of time; True: something went wrong."""
    events = [(one.at, sentences.row(translate, one, facts.names), one.kind in sentences.FAULTS) for one in facts.events]
    changes = [(one.at, sentences.change(translate, one), False) for one in facts.changes]
    return sorted([*events, *changes], key=lambda row: row[0])


async def download(request: web.Request) -> web.StreamResponse:
    """GET /sessions.csv: the same rows for a spreadsheet, newest first, written as they are read."""
    asked, faults = _asked(request.query, request.app[ARCHIVE].clock())
    if faults:
        raise Invalid(faults)
    response = web.StreamResponse(headers={
        "Content-Type": "text/csv; charset=utf-8", "Content-Disposition": 'attachment; filename="phien-goi.csv"',
        "Cache-Control": "no-store"})
    await response.prepare(request)
    async for text in _csv(request, asked.wanted):
        await response.write(text.encode())
    await response.write_eof()
    return response


async def _csv(request: web.Request, wanted: sessions.Filter) -> AsyncIterator[str]:
    translate = gettext(request)
    yield "\ufeff" + session_sheet.head(translate)   # the mark tells spreadsheets that this is UTF-8
    cursor, left = "", CSV_ROWS_AT_MOST
    while left > 0:
        async with request.app[ARCHIVE].act(request[ACTOR]) as act:
            page = await sessions.page(act, wanted, cursor, size=min(1000, left), tag="session:export")
        yield "".join(session_sheet.row(translate(OUTCOMES[one.outcome]), one) for one in page.sessions)
        left -= len(page.sessions)
        if not (cursor := page.older):
            return


def _asked(query: Mapping[str, str], now: datetime) -> tuple[Asked, dict[str, str]]:
    typed = {name: query.get(name, "").strip() for name in ("station", "doctor", "outcome", "since", "until")}
    today = dates.local(now)
    if not query:
        typed["since"] = (today - timedelta(days=DAYS_SHOWN)).strftime("%d/%m/%Y")
    faults: dict[str, str] = {}
    since = _day(typed["since"], "since", faults)
    until = _day(typed["until"], "until", faults)
    wanted = sessions.Filter(
        station_id=_choice(typed["station"], "station", faults), doctor_id=_choice(typed["doctor"], "doctor", faults),
        outcome=typed["outcome"] if typed["outcome"] in OUTCOMES else "",
        cause=typed["outcome"] if typed["outcome"] in session_causes.KINDS else "",
        since=since, until=until + timedelta(days=1) if until else None)
    return Asked(typed, wanted), faults


def _day(text: str, name: str, faults: dict[str, str]) -> datetime | None:
    if not text:
        return None
    for form in ("%d/%m/%Y", "%Y-%m-%d", "%d-%m-%Y"):
        try:
            return datetime.strptime(text, form).replace(tzinfo=dates.ZONE).astimezone(UTC)
        except ValueError:
            continue
    faults[name] = "not-a-day"
    return None


def _choice(text: str, name: str, faults: dict[str, str]) -> UUID | None:
    if not text:
        return None
    try:
        return UUID(text)
    except ValueError:
        faults[name] = "choose-one"
        return None
