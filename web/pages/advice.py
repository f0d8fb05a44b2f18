"""The patient's paper: A5 advice to print, waiting until it is signed, the QR of its code; and all signed versions below.

The paper is the patient's and always Vietnamese; what stands around it is in the reader's language.
"""

from __future__ import annotations

from typing import Any

import segno
from aiohttp import web

from records.care import notes
from records.care.note_rows import Note
from records.care.notes import State
from web import dates, note_words, paths
from web.i18n import N_, gettext
from web.keys import ACTOR, ARCHIVE, LOCALE
from web.templating import render

WEEKDAYS = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ Nhật")
LINE = 46                       # signs of a line at 14 pt on A5
LINES = 15                      # lines of finding, advice and danger signs that one page holds at 14 pt; more are set at 12 pt
QUIET = 2                       # modules around the code; the paper around it is white too
SENTENCES = {
    "none": N_("Chưa có bác sĩ nào nhận ca này."), "writing": N_("%(doctor)s đang viết lời dặn."),
    "signed": N_("%(doctor)s đã ký lời dặn lúc %(time)s."), "revised": N_("%(doctor)s đã sửa và ký lại lời dặn lúc %(time)s."),
}


async def show(request: web.Request) -> web.Response:
    """GET /encounters/{id}/advice: the newest version, or with ``?code=`` an older one; reading it counts as printing."""
    encounter_id = paths.id_of(request, "encounter_id")
    async with request.app[ARCHIVE].act(request[ACTOR]) as act:
        state = await notes.state(act, encounter_id)
        versions = await notes.for_print(act, encounter_id) if state.state == "signed" else []
    if not versions:
        return render(request, "advice/waiting.html", encounter_id=encounter_id, told=_told(request, state))
    return render(request, "advice/show.html", encounter_id=encounter_id, **_paper(request, versions))


async def state(request: web.Request) -> web.Response:
    """GET /encounters/{id}/advice/state: "none", "writing" or "signed", in words too; nothing of what is written."""
    encounter_id = paths.id_of(request, "encounter_id")
    async with request.app[ARCHIVE].act(request[ACTOR]) as act:
        found = await notes.state(act, encounter_id)
    signed = {"code": found.code, "advice": f"/encounters/{encounter_id}/advice"} if found.state == "signed" else {}
    return web.json_response({**_told(request, found), "revised": found.revised, **signed})


def _told(request: web.Request, state: State) -> dict[str, str]:
    sentence = gettext(request)(SENTENCES["revised" if state.revised else state.state])
    time = dates.time(state.signed_at) if state.signed_at else ""
    return {"state": state.state, "text": sentence % {"doctor": state.doctor, "time": time}, "doctor": state.doctor}


def _paper(request: web.Request, versions: list[Note]) -> dict[str, Any]:
    """One version for the paper, and all of them in words for the screen."""
    _, locale = gettext(request), request[LOCALE]
    note = next((one for one in versions if one.code == request.query.get("code")), versions[0])
    followed = next((one for one in versions if one.follows_id == note.id), None)
    on = note.content.follow_up_on
    return {
        "note": note, "followed": followed, "heading": note_words.addressed(*_subject(note)), "qr": qr(note.code),
        "dense": _lines(note) > LINES,
        "again": f"{WEEKDAYS[on.weekday()]}, {dates.day(on)}" if on else "", "words": note_words, "translate": _,
        "station": note_words.station(_, locale, note.content.station) if note.content.station else None,
        "history": note_words.history(_, locale, versions),
    }


def _lines(note: Note) -> int:
    """How many lines the words of the note take, about."""
    written = note.content.written
    return sum(-(-len(text) // LINE) for text in (written.told, *written.advice_lines, ", ".join(written.danger_lines)))


def _subject(note: Note) -> tuple[Any, Any]:
    assert note.content.subject and note.signed_at          # a signed note has both
    return note.content.subject, note.signed_at


def qr(code: str) -> dict[str, Any]:
    """The QR symbol of a document's code (ISO/IEC 18004, error correction M) as the path of an <svg> ``size`` units wide."""
    rows = [list(row) for row in segno.make(code, error="m", micro=False).matrix]
    runs = (f"M{x + QUIET} {y + QUIET}h1v1h-1z" for y, row in enumerate(rows) for x, dark in enumerate(row) if dark)
    return {"size": len(rows) + 2 * QUIET, "path": "".join(runs)}
