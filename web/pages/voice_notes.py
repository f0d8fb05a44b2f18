"""Voice notes over HTTP: taken in pieces from wherever the page has got to, listed, and heard from any byte on."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from uuid import UUID

from aiohttp import hdrs, web
from pydantic import BaseModel, ConfigDict, Field

from records.care import clips, voice_notes
from records.errors import Invalid
from web import forms, paths
from web.keys import ACTOR, ARCHIVE, CALLS, UPLOADS
from web.voice_uploads import Gap, TooLarge

FROM = re.compile(r"bytes=(\d{1,9})-(\d{0,9})")       # one range, as our scripts and <audio> ask (RFC 9110, 14.1.2)


class Piece(BaseModel):
    """The query of one piece. The last piece bears ``total`` (bytes), ``number``, ``length`` and ``age`` (milliseconds).

    ``speaker``: whose clip it is, where it came to the other side's page on a line that carried nothing else.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    offset: int = Field(ge=0, le=clips.MOST_BYTES)
    total: int = Field(default=0, ge=0, le=clips.MOST_BYTES)
    number: int = Field(default=0, ge=0, le=9_999)
    length: int = Field(default=0, ge=0, le=clips.MOST_LENGTH_MS)
    age: int = Field(default=0, ge=0, le=24 * 3_600_000)
    speaker: UUID | None = None


async def receive(request: web.Request) -> web.Response:
    """PUT /calls/{id}/voice-notes/{note_id}?offset=: a piece. Answers how many bytes are here; 409 "gap" says where to go on.

    201 when the clip is complete and kept; from then on every piece of it is answered by 200 and ``kept``.
    """
    call_id, note_id = paths.id_of(request, "id"), paths.id_of(request, "note_id")
    piece = forms.read_query(request, Piece)
    async with request.app[ARCHIVE].act(request[ACTOR]) as act:
        kept = await voice_notes.find(act, call_id, note_id, piece.speaker)
    content = await _content(request)
    if kept is not None:
        return _answer(request, call_id, kept, 200)
    try:
        received = request.app[UPLOADS].add(_author(request, piece), note_id, piece.offset, content)
    except Gap as gap:
        return await _gap(request, call_id, note_id, piece, gap.received)
    except TooLarge:
        raise Invalid({"clip": "too-large"}) from None
    if not piece.total or received < piece.total:
        return web.json_response({"received": received})
    return await _keep(request, call_id, note_id, piece)


async def list_notes(request: web.Request) -> web.Response:
    """GET /calls/{id}/voice-notes: every voice note of the encounter, in the order of speaking, without its sound."""
    async with request.app[ARCHIVE].act(request[ACTOR]) as act:
        notes = await voice_notes.of_call(act, paths.id_of(request, "id"))
    me = request[ACTOR].practitioner_id
    return web.json_response({"me": str(me), "notes": [_shown(note, me) for note in notes]})


async def show(request: web.Request) -> web.Response:
    """GET /voice-notes/{id}: the sound, from any byte on (Range), so that a cut costs only what is missing."""
    async with request.app[ARCHIVE].act(request[ACTOR]) as act:
        file = await voice_notes.open(act, paths.id_of(request, "id"))
    headers = {"Cache-Control": "no-store", "Content-Disposition": "inline", "Accept-Ranges": "bytes"}
    found = FROM.fullmatch(request.headers.get(hdrs.RANGE, ""))
    size = len(file.content)
    if found is None:
        return web.Response(body=file.content, content_type=file.content_type, headers=headers)
    start, end = int(found[1]), min(int(found[2] or size - 1), size - 1)
    if start > end:
        return web.Response(status=416, headers={"Content-Range": f"bytes */{size}"})
    headers["Content-Range"] = f"bytes {start}-{end}/{size}"
    return web.Response(status=206, body=file.content[start:end + 1], content_type=file.content_type, headers=headers)


async def _gap(request: web.Request, call_id: UUID, note_id: UUID, piece: Piece, received: int) -> web.Response:
    """Something is missing, unless the same piece came another way meanwhile and the clip is kept."""
    async with request.app[ARCHIVE].act(request[ACTOR]) as act:
        kept = await voice_notes.find(act, call_id, note_id, piece.speaker)
    if kept is not None:
        return _answer(request, call_id, kept, 200)
    return web.json_response({"error": "gap", "received": received}, status=409)


async def _keep(request: web.Request, call_id: UUID, note_id: UUID, piece: Piece) -> web.Response:
    """All of it is here: sealed and written down before the page hears so."""
    author, uploads = _author(request, piece), request.app[UPLOADS]
    clip = voice_notes.Clip(number=piece.number, length_ms=piece.length, age=timedelta(milliseconds=piece.age),
                            content=uploads.content(author, note_id)[:piece.total])
    try:
        async with request.app[ARCHIVE].act(request[ACTOR]) as act:
            note = await voice_notes.store(act, call_id, note_id, clip, piece.speaker)
    except Invalid:
        uploads.drop(author, note_id)
        raise
    uploads.drop(author, note_id)
    return _answer(request, call_id, note, 201)


def _answer(request: web.Request, call_id: UUID, note: voice_notes.VoiceNote, status: int) -> web.Response:
    # Said again while the other side has not fetched it: the server may have died between keeping it and saying so.
    if note.delivered_at is None:
        request.app[CALLS].spoken(call_id, note)
    return web.json_response({"kept": True}, status=status)


async def _content(request: web.Request) -> bytes:
    if request.content_length is not None and request.content_length > clips.MOST_BYTES:
        raise web.HTTPRequestEntityTooLarge(max_size=clips.MOST_BYTES, actual_size=request.content_length)
    return await request.read()


def _author(request: web.Request, piece: Piece) -> UUID:
    author = piece.speaker or request[ACTOR].practitioner_id
    assert author is not None       # the route is for workers and doctors
    return author


def _shown(note: voice_notes.VoiceNote, me: UUID | None) -> dict[str, Any]:
    mark = "heard" if note.heard_at else "arrived" if note.delivered_at else "sent"
    return {"id": str(note.id), "number": note.number, "participant": str(note.author_id), "mine": note.author_id == me,
            "name": note.name, "lengthMs": note.length_ms, "spokenAt": note.recorded_at.isoformat(), "mark": mark}
