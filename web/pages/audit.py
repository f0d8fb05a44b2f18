"""The auditor's pages: who read this patient, and which emergencies went past consent."""

from __future__ import annotations

from typing import Any

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from records.errors import Invalid
from records.guard import readings
from records.people import audited
from web import deeds, forms, paths
from web.i18n import gettext
from web.keys import ACTOR, ARCHIVE
from web.templating import render


class SearchInput(BaseModel):
    """What was typed into the search box; posted, so that no name stands in an address."""

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)
    q: str = Field(default="", max_length=100)


async def show_audit(request: web.Request) -> web.Response:
    """GET /audit: the search box and the emergencies to review."""
    return await _front(request)


async def find_patients(request: web.Request) -> web.Response:
    """POST /audit/patients: patients who fit, of the places the auditor looks after."""
    typed = (await forms.read_form(request, SearchInput)).q
    async with request.app[ARCHIVE].act(request[ACTOR]) as act:
        found = await audited.find(act, typed)
    return await _front(request, typed=typed, found=found)


async def show_readers(request: web.Request) -> web.Response:
    """GET /audit/patients/{patient_id}: who did what with this record, newest first."""
    before = _before(request)
    async with request.app[ARCHIVE].act(request[ACTOR]) as act:
        known = paths.id_of(request, "patient_id")
        full_name, station = await audited.name(act, known)
        rows = await readings.readers_of(act, known, before=before)
    older = rows[-1].sequence if len(rows) == readings.AT_A_TIME else None
    return render(request, "audit/readers.html", patient_id=known, full_name=full_name, station=station, rows=rows,
                  older=older, **_words(request))


async def _front(request: web.Request, **context: Any) -> web.Response:
    async with request.app[ARCHIVE].act(request[ACTOR]) as act:
        emergencies = await readings.emergencies(act, limit=50)
    return render(request, "audit/front.html", emergencies=emergencies, **_words(request), **context)


def _words(request: web.Request) -> dict[str, Any]:
    translate = gettext(request)
    return {"deed": lambda tag: deeds.words(translate, tag), "outcomes": deeds.OUTCOMES, "purposes": deeds.PURPOSES,
            "reasons": deeds.REASONS}


def _before(request: web.Request) -> int | None:
    text = request.query.get("before", "")
    if not text:
        return None
    if not text.isdecimal() or len(text) > 18:
        raise Invalid({"before": "unknown"})
    return int(text)
