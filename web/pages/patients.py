"""Patients: found by one box, registered with six fields, amended on their own page. Names never stand in an address."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from records.acts import Act
from records.care import encounters, progress
from records.codes import communes, complaints
from records.errors import Invalid
from records.people import ages, listing, organizations, patients, queries
from records.people.patients import Identity, Patient
from web import forms, paths, persons
from web.errors import wants_json
from web.i18n import N_, gettext
from web.keys import ACTOR, ARCHIVE
from web.templating import render

SHOWN = 20                      # found patients; whoever wants more types more
FAULTS = {
    "not-a-birth-date": N_("Năm sinh viết như 1958, ngày sinh viết như 09/03/1958."),
    "unknown-commune": N_("Không có xã, phường nào tên này. Tên cũ cũng được, ví dụ Vi Hương."),
    "several-communes": N_("Có nhiều nơi tên này. Hãy viết thêm tỉnh, ví dụ: Tân Lập, Đắk Lắk."),
    "same-number": N_("Đã có người bệnh mang số này ở trạm. Hãy tìm theo số để mở hồ sơ cũ."),
    "national_id:too-short": N_("Số định danh có 12 chữ số, còn thiếu. Chưa lưu số này."),
    "national_id:too-long": N_("Số định danh có 12 chữ số, đang thừa. Chưa lưu số này."),
    "not-digits": N_("Số định danh chỉ có chữ số."),
    "insurance_number:wrong-form": N_("Số thẻ BHYT có 10 chữ số, hoặc 2 chữ cái và 13 chữ số."),
    "phone:wrong-form": N_("Số điện thoại chưa đúng."),
    "full_name:missing": N_("Chưa có họ tên."),
}
LABELS = {
    "full_name": N_("Họ tên"), "gender": N_("Giới tính"), "birth_date": N_("Năm sinh hoặc ngày sinh"),
    "village": N_("Thôn, bản"), "commune": N_("Xã, phường"), "phone": N_("Điện thoại"),
    "national_id": N_("Số định danh cá nhân"),
    "insurance_number": N_("Số thẻ BHYT"),
}


class Search(BaseModel):
    model_config = ConfigDict(extra="ignore")
    q: str = Field(default="", max_length=100)


class PatientInput(BaseModel):
    """What is typed about a patient. ``birth_date`` and ``commune`` as people write them."""

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)
    id: UUID | None = None
    version: int = 1
    then: str = ""
    full_name: str = ""
    gender: str = "unknown"
    birth_date: str = ""
    village: str = ""
    commune: str = ""
    phone: str = ""
    national_id: str = ""
    insurance_number: str = ""
    ethnicity: str = ""
    language: str = ""
    allergies: str = ""
    problems: str = ""
    medications: str = ""


class StartInput(BaseModel):
    model_config = ConfigDict(extra="ignore")
    id: UUID = Field(default_factory=uuid4)


async def list_patients(request: web.Request) -> web.Response:
    """GET /patients: the box, and those seen last."""
    async with request.app[ARCHIVE].act(request[ACTOR]) as act:
        recent = await patients.recent(act, SHOWN)
    return render(request, "patients/list.html", found=recent, typed=None, **_context(request))


async def search(request: web.Request) -> web.Response:
    """POST /patients/search: rows as JSON while somebody types, or the page for a form."""
    as_json = wants_json(request)
    form = await (forms.read_json if as_json else forms.read_form)(request, Search)
    async with request.app[ARCHIVE].act(request[ACTOR]) as act:
        found = await patients.find(act, form.q, SHOWN)
    if as_json:
        words = persons.Words(request)
        rows = [{"id": str(one.id), "name": words.name(one), "about": words.found(one), "visit": str(uuid4())} for one in found]
        return web.json_response({"rows": rows, "new": describe_new(request, form.q)})
    new_one = describe_new(request, form.q)
    return render(request, "patients/list.html", found=found, typed=form.q, new=new_one, **_context(request))


async def new(request: web.Request) -> web.Response:
    """GET /patients/new, and POST with what was typed into the search box, so that no name stands in the address."""
    typed = (await forms.read_form(request, Search)).q if request.method == "POST" else ""
    async with request.app[ARCHIVE].act(request[ACTOR]) as act:
        near = await commune_of_station(act)
    home = communes.read(near)
    start = {**guess(request, typed), "commune": home.label if home else "", "id": str(uuid4())}
    return _edit(request, start, {}, near)


async def add(request: web.Request) -> web.StreamResponse:
    """POST /patients: registers, and begins the visit when the button says so."""
    form = await forms.read_form(request, PatientInput)
    id = form.id or uuid4()
    try:
        async with request.app[ARCHIVE].act(request[ACTOR]) as act:
            near = await commune_of_station(act)
            await patients.register(act, id, identity(request, form, near))
            visit = await encounters.start(act, uuid4(), id) if form.then == "visit" else None
    except Invalid as invalid:
        return _edit(request, form.model_dump(mode="json"), forms.describe(request, invalid.fields, FAULTS), near)
    raise web.HTTPSeeOther(f"/encounters/{visit}" if visit else f"/patients/{id}")


async def show(request: web.Request) -> web.Response:
    """GET /patients/{id}"""
    return await _show(request, paths.id_of(request, "patient_id"))


async def amend(request: web.Request) -> web.StreamResponse:
    """POST /patients/{id}"""
    id = paths.id_of(request, "patient_id")
    form = await forms.read_form(request, PatientInput)
    try:
        async with request.app[ARCHIVE].act(request[ACTOR]) as act:
            near = await commune_of_station(act)
            await patients.amend(act, id, form.version, identity(request, form, near))
    except Invalid as invalid:
        faults = forms.describe(request, invalid.fields, FAULTS)
        return await _show(request, id, typed=form.model_dump(mode="json"), faults=faults)
    raise web.HTTPSeeOther(f"/patients/{id}?saved=1")


async def start_visit(request: web.Request) -> web.StreamResponse:
    """POST /patients/{id}/encounters"""
    form = await forms.read_form(request, StartInput)
    async with request.app[ARCHIVE].act(request[ACTOR]) as act:
        visit = await encounters.start(act, form.id, paths.id_of(request, "patient_id"))
    raise web.HTTPSeeOther(f"/encounters/{visit}")


def identity(request: web.Request, form: PatientInput, near: str) -> Identity:
    """The form as an identity. Raises Invalid where a date or a commune cannot be understood."""
    faults: dict[str, str] = {}
    birth_date, commune = form.birth_date, None
    try:
        birth_date = birth_date and ages.read(birth_date, listing.day_of(request.app[ARCHIVE].clock()))
    except ValueError:
        faults["birth_date"] = "not-a-birth-date"
    if form.commune:
        meant = communes.called(form.commune, near)
        commune = meant[0] if len({one.code for one in meant}) == 1 else None
        if commune is None:
            faults["commune"] = "several-communes" if meant else "unknown-commune"
    if faults:
        raise Invalid(faults)
    plain = form.model_dump(exclude={"id", "version", "then", "birth_date", "commune"})
    code, former = (commune.code, commune.former) if commune else ("", "")
    return Identity(**plain, birth_date=birth_date, commune_code=code, former_commune=former)


def typed_of(patient: Patient) -> dict[str, Any]:
    """What is known, as it stands in the form."""
    known = patient.identity
    fields = {name: getattr(known, name) for name in PatientInput.model_fields if hasattr(known, name)}
    spoken = {"birth_date": ages.typed(known.birth_date), "commune": persons.commune(patient)}
    return {**fields, **spoken, "version": patient.version}


def guess(request: web.Request, typed: str) -> dict[str, str]:
    """What the search box says about somebody new: "hoa 1958" is a name and a year of birth."""
    query = queries.read(typed, listing.day_of(request.app[ARCHIVE].clock()))
    words = [word for word in typed.split() if word.replace("-", "").isalpha()]
    name = " ".join(word[:1].upper() + word[1:] for word in words)
    return {"full_name": name, "birth_date": ages.typed(query.birth_date) or str(query.year or "")}


def describe_new(request: web.Request, typed: str) -> str:
    """The sentence of the link: "Thêm người mới tên Hoa, sinh 1958"."""
    _, known = gettext(request), guess(request, typed)
    if known["full_name"] and known["birth_date"]:
        return _("Thêm người mới tên %(name)s, sinh %(born)s", name=known["full_name"], born=known["birth_date"])
    if known["full_name"]:
        return _("Thêm người mới tên %(name)s", name=known["full_name"])
    return _("Thêm người mới")


async def _show(
    request: web.Request, id: UUID, *, typed: dict[str, Any] | None = None, faults: dict[str, str] | None = None,
) -> web.Response:
    async with request.app[ARCHIVE].act(request[ACTOR]) as act:
        patient = await patients.read(act, id)
        visits = await encounters.for_patient(act, id)
        steps = {visit.id: await progress.one(act, visit.id) for visit in visits}
        near = await commune_of_station(act)
    return render(
        request, "patients/show.html", 422 if faults else 200, patient=patient, visits=visits, steps=steps,
        typed=typed or typed_of(patient), faults=faults or {}, saved="saved" in request.query,
        communes=communes.of_province(near), labels=LABELS, **_context(request))


def _edit(request: web.Request, typed: dict[str, Any], faults: dict[str, str], near: str) -> web.Response:
    return render(request, "patients/new.html", 422 if faults else 200, typed=typed, faults=faults, labels=LABELS,
                  communes=communes.of_province(near), **_context(request))


def _context(request: web.Request) -> dict[str, Any]:
    return {"words": persons.Words(request), "reasons": complaints.names}


async def commune_of_station(act: Act) -> str:
    """The code of the commune where the actor's station is; "" when it has none."""
    if act.actor.organization_id is None:
        return ""
    return (await organizations.read(act, act.actor.organization_id)).commune_code or ""
