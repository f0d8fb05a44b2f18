"""Places for administrators: organizations, their station points, and who covers which station."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from records.errors import Invalid
from records.people import organizations
from records.people.organizations import Place, PlaceForm
from web import forms, paths
from web.i18n import N_
from web.keys import ACTOR, ARCHIVE
from web.templating import render

KINDS = {
    "commune_health_station": N_("Trạm y tế xã"), "regional_medical_centre": N_("Trung tâm y tế khu vực"),
    "hospital": N_("Bệnh viện"), "provincial_health_department": N_("Sở Y tế"),
}
CARE_LEVELS = {"BAN_DAU": N_("ban đầu"), "CO_BAN": N_("cơ bản"), "CHUYEN_SAU": N_("chuyên sâu")}
FAULTS = {"unknown": N_("Hãy chọn một mục trong danh sách."), "code:taken": N_("Mã này đã có ở nơi khác.")}


class PlaceInput(BaseModel):
    """The form of a place."""

    model_config = ConfigDict(extra="ignore")
    id: UUID | None = None
    code: str = Field(min_length=1, max_length=20)
    name: str = Field(min_length=1, max_length=120)
    short_name: str = Field(min_length=1, max_length=60)
    kind: str
    care_level: str
    phone: str = Field(default="", max_length=20)
    commune_code: str = Field(default="", pattern=r"^(\d{5})?$")

    def form(self) -> PlaceForm:
        return PlaceForm(**self.model_dump(exclude={"id"}))


class PointInput(BaseModel):
    """The form of a station point."""

    model_config = ConfigDict(extra="ignore")
    id: UUID
    point_name: str = Field(min_length=1, max_length=60)
    point_phone: str = Field(default="", max_length=20)


class CoverInput(BaseModel):
    """Which organizations cover the station: the ticked ones."""

    model_config = ConfigDict(extra="ignore")
    cover: set[UUID] = Field(default_factory=set)


async def list_places(request: web.Request) -> web.Response:
    """GET /places"""
    async with request.app[ARCHIVE].act(request[ACTOR]) as act:
        places = await organizations.list_in_reach(act)
        covers = {place.id: await organizations.covering(act, place.id) for place in places if place.is_station}
    return render(request, "places/list.html", places=places, covers=covers, kinds=KINDS, levels=CARE_LEVELS)


async def new_place(request: web.Request) -> web.Response:
    """GET /places/new"""
    return render(request, "places/edit.html", place=None, typed={}, faults={}, kinds=KINDS, levels=CARE_LEVELS)


async def add_place(request: web.Request) -> web.Response:
    """POST /places"""
    try:
        filled = await forms.read_form(request, PlaceInput)
        if filled.id is None:
            raise Invalid({"id": "missing"})
        async with request.app[ARCHIVE].act(request[ACTOR]) as act:
            await organizations.add(act, filled.id, filled.form())
    except Invalid as fault:
        return await _again(request, fault, None)
    raise web.HTTPSeeOther(f"/places/{filled.id}")


async def show_place(request: web.Request) -> web.Response:
    """GET /places/{place_id}: the form of a place; for a station its points and who covers it."""
    return await _show(request, paths.id_of(request, "place_id"))


async def change_place(request: web.Request) -> web.Response:
    """POST /places/{place_id}"""
    try:
        filled = await forms.read_form(request, PlaceInput)
        async with request.app[ARCHIVE].act(request[ACTOR]) as act:
            await organizations.change(act, paths.id_of(request, "place_id"), filled.form())
    except Invalid as fault:
        return await _again(request, fault, paths.id_of(request, "place_id"))
    raise web.HTTPSeeOther(f"/places/{paths.id_of(request, 'place_id')}?saved=1")


async def add_point(request: web.Request) -> web.Response:
    """POST /places/{place_id}/points"""
    try:
        filled = await forms.read_form(request, PointInput)
        async with request.app[ARCHIVE].act(request[ACTOR]) as act:
            await organizations.add_point(
                act, paths.id_of(request, "place_id"), filled.id, filled.point_name, filled.point_phone)
    except Invalid as fault:
        return await _again(request, fault, paths.id_of(request, "place_id"))
    raise web.HTTPSeeOther(f"/places/{paths.id_of(request, 'place_id')}?saved=1")


async def set_cover(request: web.Request) -> web.Response:
    """POST /places/{place_id}/cover: exactly the ticked organizations cover the station from now on."""
    filled = await forms.read_form(request, CoverInput)
    async with request.app[ARCHIVE].act(request[ACTOR]) as act:
        await organizations.set_cover(act, paths.id_of(request, "place_id"), filled.cover)
    raise web.HTTPSeeOther(f"/places/{paths.id_of(request, 'place_id')}?saved=1")


async def _again(request: web.Request, fault: Invalid, known: UUID | None) -> web.Response:
    typed = dict(await forms.raw(request))
    faults = forms.describe(request, fault.fields, FAULTS)
    if known is not None:
        return await _show(request, known, typed, faults, 422)
    return render(request, "places/edit.html", 422, place=None, typed=typed, faults=faults, kinds=KINDS, levels=CARE_LEVELS)


async def _show(request: web.Request, known: UUID, typed: Mapping[str, Any] | None = None,
                faults: dict[str, str] | None = None, status: int = 200) -> web.Response:
    async with request.app[ARCHIVE].act(request[ACTOR]) as act:
        await organizations.require_reach(act, "organization:list", known)
        place = await organizations.read(act, known)
        covers = {one.id for one in await organizations.covering(act, known)}
        others = await organizations.may_cover(act) if place.is_station else []
    return render(request, "places/edit.html", status, place=place, typed=typed or _typed(place), faults=faults or {},
                  covers=covers, others=others, kinds=KINDS, levels=CARE_LEVELS, saved="saved" in request.query)


def _typed(place: Place) -> dict[str, str]:
    names = ("code", "name", "short_name", "kind", "care_level", "phone", "commune_code")
    return {name: getattr(place, name) or "" for name in names}
