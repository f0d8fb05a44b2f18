"""Staff for administrators: who works where, in which roles; adding, changing, disabling, new passwords."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, field_validator

from records.acts import Role
from records.errors import Invalid
from records.people import organizations, practitioners
from records.people.practitioners import Person, PersonForm
from signaling.messages import Closing
from web import dates, forms, paths
from web.i18n import N_
from web.keys import ACTOR, ARCHIVE, DISMISS, PASSWORDS
from web.templating import render

PASSWORD_LEAST = 12
ROLES = {
    Role.WORKER: N_("Nhân viên trạm"), Role.DOCTOR: N_("Bác sĩ"), Role.ADMINISTRATOR: N_("Quản trị"),
    Role.AUDITOR: N_("Kiểm tra truy cập"),
}
POSITIONS = {
    "doctor": N_("bác sĩ"), "physician_assistant": N_("y sĩ"), "nurse": N_("điều dưỡng"), "midwife": N_("hộ sinh"),
    "pharmacist": N_("dược sĩ"), "officer": N_("cán bộ"),
}
FAULTS = {
    "user_name:form": N_("Tên đăng nhập gồm chữ thường không dấu, số, dấu chấm; từ 3 đến 40 ký tự."),
    "roles:missing": N_("Hãy chọn ít nhất một vai trò."),
    "roles:worker-needs-station": N_("Nhân viên trạm phải thuộc một trạm y tế xã."),
    "licence_number:missing": N_("Bác sĩ cần số giấy phép hành nghề mới ký được."),
    "location_id:unknown": N_("Điểm trạm này không thuộc nơi làm việc đã chọn."),
    "password:too-short": N_("Mật khẩu cần ít nhất 12 ký tự."),
    "practitioner:own-account": N_("Không thể tự khoá tài khoản của mình."),
    "unknown": N_("Hãy chọn một mục trong danh sách."),
}


class PersonInput(BaseModel):
    """The form of a practitioner. ``licence_valid_until``: dd/mm/yyyy or empty."""

    model_config = ConfigDict(extra="ignore")
    id: UUID | None = None
    version: int = 0
    user_name: str = Field(min_length=1, max_length=40)
    full_name: str = Field(min_length=1, max_length=80)
    organization_id: UUID
    location_id: UUID | None = None
    roles: set[Role] = Field(default_factory=set)
    title: str = Field(default="", max_length=20)
    position: str = "nurse"
    specialty: str = Field(default="", max_length=40)
    licence_number: str = Field(default="", max_length=40)
    licence_valid_until: date | None = None

    @field_validator("location_id", "licence_valid_until", mode="before")
    @classmethod
    def _nothing(cls, value: object) -> object:
        return value or None

    @field_validator("licence_valid_until", mode="before")
    @classmethod
    def _day(cls, value: object) -> object:
        if isinstance(value, str) and "/" in value:
            return datetime.strptime(value, "%d/%m/%Y").replace(tzinfo=dates.ZONE).date()
        return value

    def form(self) -> PersonForm:
        return PersonForm(**{**self.model_dump(exclude={"id", "version"}), "roles": frozenset(self.roles)})


class PasswordInput(BaseModel):
    """A first or a new password, typed once by the administrator and changed by the person on first use."""

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)
    password: str = Field(default="", max_length=200)

    def checked(self) -> str:
        if len(self.password) < PASSWORD_LEAST:
            raise Invalid({"password": "too-short"})
        return self.password


async def list_people(request: web.Request) -> web.Response:
    """GET /people"""
    async with request.app[ARCHIVE].act(request[ACTOR]) as act:
        people = await practitioners.list_in_reach(act)
        places = {place.id: place for place in await organizations.list_in_reach(act)}
    return render(request, "people/list.html", people=people, places=places, roles=ROLES, positions=POSITIONS)


async def new_person(request: web.Request) -> web.Response:
    """GET /people/new"""
    return await _form(request, None, {}, {})


async def add_person(request: web.Request) -> web.Response:
    """POST /people"""
    try:
        filled, password = await forms.read_form(request, PersonInput), await forms.read_form(request, PasswordInput)
        if filled.id is None:
            raise Invalid({"id": "missing"})
        hashed = await request.app[PASSWORDS].hash(password.checked())
        async with request.app[ARCHIVE].act(request[ACTOR]) as act:
            await practitioners.add(act, filled.id, filled.form(), hashed)
    except Invalid as fault:
        return await _again(request, fault, None)
    raise web.HTTPSeeOther(f"/people/{filled.id}?saved=1")


async def show_person(request: web.Request) -> web.Response:
    """GET /people/{person_id}"""
    return await _form(request, await _person(request), None, {})


async def change_person(request: web.Request) -> web.Response:
    """POST /people/{person_id}"""
    person = await _person(request)
    try:
        filled = await forms.read_form(request, PersonInput)
        async with request.app[ARCHIVE].act(request[ACTOR]) as act:
            await practitioners.change(act, person.id, filled.version, filled.form())
    except Invalid as fault:
        return await _again(request, fault, person)
    if filled.organization_id != person.organization_id or filled.roles ^ person.roles:
        # Open pages act with the roles of the moment at which they came: they come again, with those of today.
        await request.app[DISMISS](person.id, Closing.GOING_AWAY)
    raise web.HTTPSeeOther(f"/people/{person.id}?saved=1")


async def disable(request: web.Request) -> web.Response:
    """POST /people/{person_id}/disable: no sign-in, and every open page of the person closes at once."""
    person = await _person(request)
    try:
        async with request.app[ARCHIVE].act(request[ACTOR]) as act:
            await practitioners.disable(act, person.id)
    except Invalid as fault:
        return await _again(request, fault, person)
    await request.app[DISMISS](person.id, Closing.DISABLED)
    raise web.HTTPSeeOther(f"/people/{person.id}?saved=1")


async def enable(request: web.Request) -> web.Response:
    """POST /people/{person_id}/enable"""
    person = await _person(request)
    async with request.app[ARCHIVE].act(request[ACTOR]) as act:
        await practitioners.enable(act, person.id)
    raise web.HTTPSeeOther(f"/people/{person.id}?saved=1")


async def set_password(request: web.Request) -> web.Response:
    """POST /people/{person_id}/password: the person's open pages ask to sign in again."""
    person = await _person(request)
    try:
        hashed = await request.app[PASSWORDS].hash((await forms.read_form(request, PasswordInput)).checked())
    except Invalid as fault:
        return await _again(request, fault, person)
    async with request.app[ARCHIVE].act(request[ACTOR]) as act:
        await practitioners.set_password(act, person.id, hashed)
    await request.app[DISMISS](person.id, Closing.SIGNED_OUT)
    raise web.HTTPSeeOther(f"/people/{person.id}?saved=1")


async def _person(request: web.Request) -> Person:
    known = paths.id_of(request, "person_id")
    async with request.app[ARCHIVE].act(request[ACTOR]) as act:
        await practitioners.in_reach(act, "practitioner:list", known)
        return await practitioners.read(act, known)


async def _again(request: web.Request, fault: Invalid, person: Person | None) -> web.Response:
    posted: Any = await forms.raw(request)
    typed = {**_typed(person), **{key: value for key, value in posted.items() if key != "password"}}
    if "full_name" in posted:
        typed["roles"] = set(posted.getall("roles", []))
    return await _form(request, person, typed, forms.describe(request, fault.fields, FAULTS), 422)


async def _form(request: web.Request, person: Person | None, typed: Mapping[str, Any] | None, faults: dict[str, str],
                status: int = 200) -> web.Response:
    async with request.app[ARCHIVE].act(request[ACTOR]) as act:
        places = await organizations.list_in_reach(act)
    return render(
        request, "people/edit.html", status, person=person, typed=_typed(person) if typed is None else typed, faults=faults,
        places=places, roles=ROLES, positions=POSITIONS, saved="saved" in request.query, least=PASSWORD_LEAST)


def _typed(person: Person | None) -> dict[str, Any]:
    if person is None:
        return {}
    names = ("user_name", "full_name", "organization_id", "location_id", "title", "position", "specialty", "licence_number",
             "version")
    until = person.licence_valid_until
    return {name: str(getattr(person, name) or "") for name in names} | {
        "roles": {role.value for role in person.roles}, "licence_valid_until": dates.day(until) if until else ""}
