"""The doctor's notes: the list "chờ ký", the page that writes, reviews and signs, addenda. Works without script."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

from aiohttp import web
from pydantic import BaseModel, Field

from records.acts import Act
from records.care import note_drafts, note_lists, notes, voice_notes
from records.care.note_content import Written
from records.care.note_drafts import Desk
from records.care.notes import LicenceExpired
from records.errors import Conflict, Invalid
from web import forms, note_forms, note_words, paths, persons
from web.i18n import gettext
from web.keys import ACTOR, ARCHIVE, DESK, LOCALE
from web.note_forms import DraftForm
from web.templating import render


class SignForm(BaseModel):
    """What was reviewed: exactly this version is signed."""

    id: UUID
    version: int


class AddendumForm(BaseModel):
    """``id`` was made with the form, so pressing twice begins one addendum to ``follows``."""

    follows: UUID
    id: UUID = Field(default_factory=uuid4)


class DiscardForm(BaseModel):
    id: UUID


async def list_notes(request: web.Request) -> web.Response:
    """GET /notes: what waits to be signed, then what is signed."""
    async with request.app[ARCHIVE].act(request[ACTOR]) as act:
        own = await note_lists.own(act)
        may_sign = await notes.may_sign(act)
    return render(request, "notes/list.html", own=own, may_sign=may_sign, persons=persons.Words(request))


async def show(request: web.Request) -> web.Response:
    """GET /encounters/{id}/note: the editor, or the signed note with its versions."""
    async with request.app[ARCHIVE].act(request[ACTOR]) as act:
        desk, may_sign = await _desk(act, request)
        spoken = await voice_notes.of_encounter(act, desk.encounter_id)
    return _page(request, desk, may_sign, spoken=spoken)


async def write(request: web.Request) -> web.Response:
    """POST /encounters/{id}/note: the form without script. Saves, then goes to the review, or shows what has to be mended."""
    form = note_forms.from_form(await request.post())
    encounter_id, faults = paths.id_of(request, "encounter_id"), dict(form.faults)
    try:
        async with request.app[ARCHIVE].act(request[ACTOR]) as act:
            saved = await note_drafts.save(act, encounter_id, form.draft.id, form.draft.version, form.draft.written)
        form.draft.version = saved.version
    except Conflict:
        return await _again(request, form, {"": "conflict"}, 409)
    except Invalid as refusal:
        faults |= refusal.fields
    if faults:
        return await _again(request, form, faults, 422)
    raise web.HTTPSeeOther(f"/encounters/{encounter_id}/note{'' if form.goes_on_writing else '/review'}")


async def review(request: web.Request) -> web.Response:
    """GET /encounters/{id}/note/review: everything once more, and the one button "Ký"."""
    async with request.app[ARCHIVE].act(request[ACTOR]) as act:
        desk, may_sign = await _desk(act, request)
    if desk.draft is None:
        raise web.HTTPSeeOther(f"/encounters/{desk.encounter_id}/note")
    return render(request, "notes/review.html", desk=desk, may_sign=may_sign, faults={}, **_words(request, desk))


async def sign(request: web.Request) -> web.Response:
    """POST /encounters/{id}/note/sign: locks the note; the station's pages hear of it. JSON from the panel, or the form."""
    encounter_id, is_script = paths.id_of(request, "encounter_id"), request.content_type == "application/json"
    form = await (forms.read_json if is_script else forms.read_form)(request, SignForm)
    try:
        async with request.app[ARCHIVE].act(request[ACTOR]) as act:
            await notes.sign(act, encounter_id, form.id, form.version)
            state = await notes.state(act, encounter_id)
    except (Invalid, LicenceExpired) as refusal:
        return await _not_signed(request, refusal, is_script)
    await request.app[DESK].note_signed(encounter_id)
    if is_script:
        return web.json_response(note_forms.signed(request, state))
    raise web.HTTPSeeOther(f"/encounters/{encounter_id}/note")


async def addend(request: web.Request) -> web.Response:
    """POST /encounters/{id}/note/addendum: a draft with the signed words; the signed note stands until it is signed too."""
    encounter_id, form = paths.id_of(request, "encounter_id"), await forms.read_form(request, AddendumForm)
    async with request.app[ARCHIVE].act(request[ACTOR]) as act:
        await note_drafts.addend(act, encounter_id, form.id, form.follows)
    raise web.HTTPSeeOther(f"/encounters/{encounter_id}/note")


async def discard(request: web.Request) -> web.Response:
    """POST /encounters/{id}/note/discard: gives up an addendum that was begun."""
    encounter_id, form = paths.id_of(request, "encounter_id"), await forms.read_form(request, DiscardForm)
    async with request.app[ARCHIVE].act(request[ACTOR]) as act:
        await note_drafts.discard(act, encounter_id, form.id)
    raise web.HTTPSeeOther(f"/encounters/{encounter_id}/note")


async def _desk(act: Act, request: web.Request) -> tuple[Desk, bool]:
    return await note_drafts.open(act, paths.id_of(request, "encounter_id")), await notes.may_sign(act)


async def _again(request: web.Request, form: note_forms.Typed, faults: dict[str, str], status: int) -> web.Response:
    """The form with what was typed; on a conflict the other text stands beside it."""
    async with request.app[ARCHIVE].act(request[ACTOR]) as act:
        desk, may_sign = await _desk(act, request)
    return _page(request, desk, may_sign, typed=form, faults=faults, status=status)


async def _not_signed(request: web.Request, refusal: Invalid | LicenceExpired, is_script: bool) -> web.Response:
    if is_script:
        return note_forms.refused(request, refusal)
    async with request.app[ARCHIVE].act(request[ACTOR]) as act:
        desk, may_sign = await _desk(act, request)
    if isinstance(refusal, Invalid) and desk.draft:
        return _page(request, desk, may_sign, faults=refusal.fields, status=422)
    return render(request, "notes/review.html", 403, desk=desk, may_sign=False, faults={}, **_words(request, desk))


def _page(request: web.Request, desk: Desk, may_sign: bool, *, typed: note_forms.Typed | None = None,
          faults: dict[str, str] | None = None, status: int = 200,
          spoken: Sequence[voice_notes.VoiceNote] = ()) -> web.Response:
    draft = typed.draft if typed else DraftForm.of(desk.draft)
    conflict = desk.draft if typed and faults == {"": "conflict"} else None
    errors = forms.describe(request, {name: code for name, code in (faults or {}).items() if name}, note_words.FAULTS)
    return render(
        request, "notes/show.html", status, spoken=spoken, desk=desk, may_sign=may_sign, draft=draft, conflict=conflict,
        errors=errors, typed_code=typed.typed_code if typed else "",
        suggestions=typed.suggestions if typed else [], **_words(request, desk))


def _words(request: web.Request, desk: Desk) -> dict[str, Any]:
    """What the pages of a note say about it."""
    _, locale = gettext(request), request[LOCALE]
    now = request.app[ARCHIVE].clock()
    return {
        "about": note_words.about(_, desk.subject, now), "station": note_words.station(_, locale, desk.station),
        "words": note_words, "written": desk.draft.written if desk.draft else Written(), "translate": _,
        "history": note_words.history(_, locale, desk.signed),
        "current": next((note for note in desk.signed if note.author_id == request[ACTOR].practitioner_id
                         and note.status == "final"), None),
    }
