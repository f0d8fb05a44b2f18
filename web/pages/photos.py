"""Photos of a visit: read from the request in memory, never through a file; decoded apart; shown to whoever may see them."""

from __future__ import annotations

from uuid import UUID, uuid4, uuid5

from aiohttp import BodyPartReader, web

from records.care import attachments, pictures
from records.errors import Conflict, Invalid
from web import forms, paths
from web.errors import wants_json
from web.i18n import N_
from web.keys import ACTOR, ARCHIVE, DARKROOM, DESK

MOST_FILES = 10                         # of one form
FAULTS = {
    "too-large": N_("Ảnh lớn quá 8 MB."), "not-a-picture": N_("Tệp này không phải ảnh JPEG, PNG hay WebP."),
    "cannot-decode": N_("Không đọc được ảnh này. Hãy chụp lại."), "missing": N_("Chưa chọn ảnh."),
}


async def add(request: web.Request) -> web.StreamResponse:
    """POST /encounters/{id}/photos, multipart: ``id`` (made by the page) and one or more ``photo``."""
    encounter_id = paths.id_of(request, "id")
    await _may_write(request, encounter_id)
    try:
        with request.app[DARKROOM].place():
            id = await _take(request, encounter_id)
    except Invalid as invalid:
        return refuse(request, invalid)
    await request.app[DESK].case_changed(encounter_id)
    if wants_json(request):
        return web.json_response({"id": str(id)}, status=201)
    raise web.HTTPSeeOther(f"/encounters/{encounter_id}#photos")


async def show(request: web.Request) -> web.Response:
    """GET /photos/{id}, with ?size=small for the small one."""
    small = request.query.get("size") == "small"
    async with request.app[ARCHIVE].act(request[ACTOR]) as act:
        photo = await attachments.open(act, paths.id_of(request, "id"), small=small)
    if photo.newly_seen:
        await request.app[DESK].case_changed(photo.encounter_id, paths.id_of(request, "id"))
    headers = {"Cache-Control": "no-store", "Content-Disposition": "inline", "X-Content-Type-Options": "nosniff"}
    return web.Response(body=photo.content, content_type=photo.content_type, headers=headers)


async def remove(request: web.Request) -> web.StreamResponse:
    """POST /photos/{id}/remove: taken by mistake."""
    async with request.app[ARCHIVE].act(request[ACTOR]) as act:
        encounter_id = await attachments.remove(act, paths.id_of(request, "id"))
    await request.app[DESK].case_changed(encounter_id)
    if wants_json(request):
        return web.json_response({})
    raise web.HTTPSeeOther(f"/encounters/{encounter_id}#photos")


def refuse(request: web.Request, invalid: Invalid) -> web.Response:
    """Why a picture was not taken, in words."""
    fields = forms.describe(request, invalid.fields, FAULTS)
    if not wants_json(request):
        raise invalid
    return web.json_response({"error": invalid.code, "message": next(iter(fields.values())), "fields": fields}, status=422)


async def _take(request: web.Request, encounter_id: UUID) -> UUID:
    """Reads, develops and keeps every picture of the form; gives the form's id, the first picture's."""
    id, files = await read(request)
    for number, content in enumerate(files):
        picture = await request.app[DARKROOM].develop(content)
        async with request.app[ARCHIVE].act(request[ACTOR]) as act:
            await attachments.store(act, uuid5(id, str(number)) if number else id, encounter_id, picture)
    return id


async def _may_write(request: web.Request, encounter_id: UUID) -> None:
    """Before megabytes are read: the visit is one of theirs."""
    async with request.app[ARCHIVE].act(request[ACTOR]) as act:
        await attachments.for_encounter(act, encounter_id)


async def read(request: web.Request) -> tuple[UUID, list[bytes]]:
    """The form's ``id`` and its pictures, in memory. Raises Invalid, Conflict("too-many") and HTTPUnsupportedMediaType."""
    if request.content_type != "multipart/form-data":
        raise web.HTTPUnsupportedMediaType
    id, files = uuid4(), []
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader):
            raise Invalid({"photo": "not-a-picture"})
        content = await _whole(part)
        if part.name == "id":
            id = _uuid(content)
        elif part.name == "photo" and content:
            files.append(content)
        if len(files) > MOST_FILES:
            raise Conflict("too-many")
    if not files:
        raise Invalid({"photo": "missing"})
    return id, files


async def _whole(part: BodyPartReader) -> bytes:
    content = bytearray()
    while chunk := await part.read_chunk(64 * 1024):
        content += chunk
        if len(content) > pictures.MOST_BYTES:
            raise Invalid({"photo": "too-large"})
    return bytes(content)


def _uuid(content: bytes) -> UUID:
    try:
        return UUID(content.decode())
    except ValueError:
        raise Invalid({"id": "wrong-form"}) from None


