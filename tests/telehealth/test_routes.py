"""Route x role x organization: who gets what at every address. An address that is missing from the table fails."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import aiohttp
import pytest
from PIL import Image

from records.acts import Actor, Role
from records.archive import Archive
from records.care import attachments, calls, progress, requests, stills, voice_notes
from records.care.pictures import Darkroom
from records.people import duty
from tests import builders, live_cases, note_cases
from tests.builders import People, Someone
from tests.clips import clip, webm
from tests.site import Site
from web.keys import ROUTES, STATICS
from web.routing import PUBLIC

COLUMNS = ("nobody", "worker", "doctor", "admin", "auditor", "worker'", "doctor'", "admin'", "auditor'")
FOREIGN = {"worker'": Role.WORKER, "doctor'": Role.DOCTOR, "admin'": Role.ADMINISTRATOR, "auditor'": Role.AUDITOR}
# Every object belongs to Phủ Thông. Without a mark: its worker, the doctor who accepted (or is rung), the administrator of the
# centre above it, the auditor above both. With a mark ('): the same roles of Côn Minh and of the hospital, which nobody asked.
TABLE = """
GET  /static/{digest}/{path}                        200 200 200 200 200 200 200 200 200
GET  /robots.txt                                    200 200 200 200 200 200 200 200 200
GET  /manifest.webmanifest                          200 200 200 200 200 200 200 200 200
GET  /.well-known/security.txt                      200 200 200 200 200 200 200 200 200
POST /language                                      303 303 303 303 303 303 303 303 303
GET  /sign-in                                       200 303 303 303 303 303 303 303 303
POST /sign-in                                       422 422 422 422 422 422 422 422 422
POST /sign-out                                      401 303 303 303 303 303 303 303 303
GET  /                                              401 200 200 303 303 200 200 303 303
GET  /me                                            401 200 200 200 200 200 200 200 200
POST /me/here                                       401 204 204 204 204 204 204 204 204
POST /me/logins/end                                 401 303 303 303 303 303 303 303 303
POST /me/password                                   401 422 422 422 422 422 422 422 422
GET  /check                                         401 200 200 200 403 200 200 200 403
POST /check/line                                    401 200 200 200 403 200 200 200 403
GET  /check/line/{id}                               401 404 404 404 403 404 404 404 403
POST /check/line/{id}                               401 404 404 404 403 404 404 404 403
POST /check/results                                 401 200 200 200 403 200 200 200 403
POST /encounters/{id}/requests                      401 303 403 403 403 404 403 403 403
POST /emergency                                     401 303 403 403 403 303 403 403 403
GET  /requests/{id}                                 401 200 403 403 403 404 403 403 403
GET  /requests/{id}/state                           401 200 403 403 403 404 403 403 403
POST /requests/{id}/cancel                          401 303 403 403 403 404 403 403 403
POST /requests/{id}/again                           401 303 403 403 403 404 403 403 403
POST /practice                                      401 303 403 403 403 303 403 403 403
POST /duty                                          401 403 200 403 403 403 200 403 403
GET  /requests/{id}/ring                            401 403 200 403 403 403 404 403 403
POST /requests/{id}/accept                          401 403 200 403 403 403 404 403 403
POST /requests/{id}/decline                         401 403 200 403 403 403 404 403 403
GET  /calls/{id}                                    401 200 200 403 403 404 404 403 403
GET  /calls/{id}/state                              401 200 200 403 403 404 404 403 403
GET  /calls/{id}/messages                           401 200 200 403 403 404 404 403 403
GET  /calls/{id}/voice-notes                        401 200 200 403 403 404 404 403 403
PUT  /calls/{id}/voice-notes/{note_id}              401 201 404 403 403 404 404 403 403
GET  /voice-notes/{id}                              401 200 200 403 403 404 404 403 403
POST /calls/{id}/finish                             401 403 200 403 403 403 404 403 403
POST /calls/{id}/unfinish                           401 403 200 403 403 403 404 403 403
POST /calls/{id}/stills/{still}                     401 201 201 403 403 404 404 403 403
GET  /calls/{id}/stills/{still}                     401 200 200 403 403 404 404 403 403
POST /calls/{id}/stills/{still}/consent             401 200 403 403 403 404 403 403 403
POST /calls/{id}/practice-end                       401 404 403 403 403 404 403 403 403
GET  /patients                                      401 200 403 403 403 200 403 403 403
POST /patients                                      401 303 403 403 403 303 403 403 403
POST /patients/search                               401 200 403 403 403 200 403 403 403
GET  /patients/new                                  401 200 403 403 403 200 403 403 403
POST /patients/new                                  401 200 403 403 403 200 403 403 403
GET  /patients/{patient_id}                         401 200 403 403 403 404 403 403 403
POST /patients/{patient_id}                         401 303 403 403 403 404 403 403 403
POST /patients/{patient_id}/encounters              401 303 403 403 403 404 403 403 403
GET  /encounters/{id}                               401 200 403 403 403 404 403 403 403
POST /encounters/{id}                               401 303 403 403 403 404 403 403 403
POST /encounters/{id}/cancel                        401 303 403 403 403 404 403 403 403
GET  /encounters/{id}/patient                       401 200 403 403 403 404 403 403 403
POST /encounters/{id}/patient                       401 303 403 403 403 404 403 403 403
PUT  /encounters/{id}/intake                        401 200 403 403 403 404 403 403 403
PUT  /encounters/{id}/observations                  401 200 403 403 403 404 403 403 403
PUT  /encounters/{id}/consents                      401 200 403 403 403 404 403 403 403
POST /encounters/{id}/photos                        401 201 403 403 403 404 403 403 403
GET  /photos/{id}                                   401 200 200 403 403 404 404 403 403
POST /photos/{id}/remove                            401 200 403 403 403 404 403 403 403
GET  /sessions                                      401 403 403 200 403 403 403 200 403
GET  /sessions.csv                                  401 403 403 200 403 403 403 200 403
GET  /sessions/{request_id}                         401 403 403 200 403 403 403 404 403
GET  /places                                        401 403 403 200 403 403 403 200 403
POST /places                                        401 403 403 303 403 403 403 303 403
GET  /places/new                                    401 403 403 200 403 403 403 200 403
GET  /places/{place_id}                             401 403 403 200 403 403 403 404 403
POST /places/{place_id}                             401 403 403 303 403 403 403 404 403
POST /places/{place_id}/points                      401 403 403 303 403 403 403 404 403
POST /places/{place_id}/cover                       401 403 403 303 403 403 403 404 403
GET  /people                                        401 403 403 200 403 403 403 200 403
POST /people                                        401 403 403 303 403 403 403 404 403
GET  /people/new                                    401 403 403 200 403 403 403 200 403
GET  /people/{person_id}                            401 403 403 200 403 403 403 404 403
POST /people/{person_id}                            401 403 403 303 403 403 403 404 403
POST /people/{person_id}/disable                    401 403 403 303 403 403 403 404 403
POST /people/{person_id}/enable                     401 403 403 303 403 403 403 404 403
POST /people/{person_id}/password                   401 403 403 303 403 403 403 404 403
GET  /notes                                         401 403 200 403 403 403 200 403 403
GET  /conditions/{version}.json                     401 403 200 403 403 403 200 403 403
GET  /encounters/{encounter_id}/note                401 403 200 403 403 403 404 403 403
POST /encounters/{encounter_id}/note                401 403 303 403 403 403 404 403 403
GET  /encounters/{encounter_id}/note/review         401 403 200 403 403 403 404 403 403
GET  /encounters/{encounter_id}/note/draft          401 403 200 403 403 403 404 403 403
PUT  /encounters/{encounter_id}/note/draft          401 403 200 403 403 403 404 403 403
GET  /encounters/{encounter_id}/note/station        401 403 200 403 403 403 404 403 403
POST /encounters/{encounter_id}/note/sign           401 403 303 403 403 403 404 403 403
POST /encounters/{encounter_id}/note/addendum       401 403 303 403 403 403 404 403 403
POST /encounters/{encounter_id}/note/discard        401 403 303 403 403 403 404 403 403
GET  /encounters/{encounter_id}/advice              401 200 200 403 403 404 404 403 403
GET  /encounters/{encounter_id}/advice/state        401 200 200 403 403 404 404 403 403
GET  /audit                                         401 403 403 403 200 403 403 403 200
POST /audit/patients                                401 403 403 403 200 403 403 403 200
GET  /audit/patients/{patient_id}                   401 403 403 403 200 403 403 403 404
GET  /healthz                                       200 200 200 200 200 200 200 200 200
GET  /readyz                                        200 200 200 200 200 200 200 200 200
GET  /socket                                        400 400 400 400 400 400 400 400 400
"""
# What ends the login that asks: everybody brings a fresh one.
FRESH = {"/sign-out", "/me/logins/end", "/me/password", "/sign-in"}


@dataclass(frozen=True)
class Scene:
    """One object of each kind, all of Phủ Thông."""

    people: People
    case: live_cases.Case           # accepted by the doctor, the call is live
    signed: note_cases.Case         # over, its note signed
    note: UUID
    visit: UUID                     # nobody was asked yet; the patient agreed
    idle: UUID                      # another one
    nameless: UUID                  # of an emergency, still without a name
    rung: UUID                      # ringing at the second doctor
    refusable: UUID
    cancellable: UUID
    lost: UUID                      # nobody answered
    photo: UUID
    spare_photo: UUID
    voice_note: UUID
    style: tuple[str, str]          # digest and path of a file

    def ids(self) -> dict[str, dict[str, object]]:
        """For a beginning of an address, the ids that stand in it; the first that fits decides."""
        digest, path = self.style
        encounter: dict[str, object] = {"id": self.case.encounter, "encounter_id": self.case.encounter}
        visit: dict[str, object] = {"id": self.visit}
        person: dict[str, object] = {"person_id": self.people.colleague.id}
        return {
            "/encounters/{id}/requests": visit, "/encounters/{id}/cancel": {"id": self.idle},
            "/encounters/{id}/patient": {"id": self.nameless}, "/encounters/{id}/intake": visit,
            "/encounters/{id}/observations": visit, "/encounters/{id}/consents": visit, "/encounters/{id}/photos": visit,
            "/encounters/{encounter_id}/advice": {"encounter_id": self.signed.encounter},
            "/encounters/{encounter_id}/note/addendum": {"encounter_id": self.signed.encounter}, "/encounters": encounter,
            "/requests/{id}/ring": {"id": self.rung}, "/requests/{id}/accept": {"id": self.rung},
            "/requests/{id}/decline": {"id": self.refusable}, "/requests/{id}/cancel": {"id": self.cancellable},
            "/requests/{id}/again": {"id": self.lost}, "/requests": {"id": self.case.request}, "/calls": {"id": self.case.call, "note_id": SPOKEN, "still": STILL},
            "/voice-notes": {"id": self.voice_note},
            "/photos/{id}/remove": {"id": self.spare_photo}, "/photos": {"id": self.photo},
            "/patients": {"patient_id": self.case.patient}, "/audit": {"patient_id": self.case.patient},
            "/static": {"digest": digest, "path": path}, "/sessions": {"request_id": self.case.request}, "/places": {"place_id": self.people.phu_thong}, "/people": person,
        }


@pytest.fixture
async def scene(site: Site, archive: Archive, people: People) -> Scene:
    signed = await note_cases.accepted(archive, people)
    note = await signed.signed()
    await _finish(archive, people)
    case = await live_cases.accepted(archive, people)
    visit, idle, nameless = (await note_cases.visit(archive, people))[0], (await note_cases.visit(archive, people))[0], uuid4()
    lost = (await live_cases.asked(archive, people)).request
    async with archive.act(Actor.of_system("desk")) as act:
        await requests.offer(act, lost)                     # the doctor is in a call, nobody else is there
    async with archive.act(people.doctor.actor) as act:
        await stills.want(act, case.call, STILL, curtain=False)
    async with archive.act(people.second_doctor.actor) as act:
        await duty.begin(act)
    ringing = [(await live_cases.asked(archive, people)).request for _ in range(3)]
    async with archive.act(Actor.of_system("desk")) as act:
        for request in ringing:
            await requests.offer(act, request)
    photos = uuid4(), uuid4()
    developed = await Darkroom().develop(picture())
    async with archive.act(people.nurse.actor) as act:
        await requests.emergency(act, uuid4(), "bleeding")
        nameless = next(one.id for one in await _nameless(act))
        await attachments.store(act, photos[0], case.encounter, developed)
        await attachments.store(act, photos[1], visit, developed)
        voice_note = (await voice_notes.store(act, case.call, uuid4(), clip())).id
    return Scene(people, case, signed, note.id, visit, idle, nameless, *ringing, lost, *photos, voice_note,
                 _style(site))


@pytest.fixture
async def everybody(archive: Archive, people: People) -> dict[str, Someone]:
    """Who stands for each column."""
    strangers = {
        "admin'": builders.someone("hong", "Ma Thị Hồng", people.con_minh, Role.ADMINISTRATOR),
        "auditor'": builders.someone("soat", "Lộc Văn Soát", people.con_minh, Role.AUDITOR)}
    async with archive.act(Actor.of_system("test")) as act:
        for one in strangers.values():
            act.db.add_all(builders.rows_of(one)[:1])
            await act.db.flush()
            act.db.add_all(builders.rows_of(one)[1:])
    return {"worker": people.nurse, "doctor": people.doctor, "admin": people.administrator, "auditor": people.auditor,
            "worker'": people.stranger, "doctor'": people.specialist, **strangers}


async def test_every_address_answers_everybody_as_the_table_says(
    site: Site, scene: Scene, everybody: dict[str, Someone],
) -> None:
    browsers = {"nobody": site.browser()} | {name: await site.sign_in(one) for name, one in everybody.items()}
    second, found = await site.sign_in(scene.people.second_doctor), {}
    rows = wanted()

    for (method, path), _ in sorted(rows.items(), key=lambda row: _last(row[0])):
        cells = {}
        for column in sorted(COLUMNS, key=_strangers_first):
            browser = second if column == "doctor" and path.startswith("/requests/") else browsers[column]
            if path in FRESH and column != "nobody":
                browser = await site.sign_in(everybody[column])
            cells[column] = await _status(browser, method, path, scene)
        found[method, path] = [cells[column] for column in COLUMNS]

    assert written(found) == written(rows)


def test_no_address_is_missing_from_the_table_and_none_has_gone(site: Site) -> None:
    assert set(wanted()) == set(site.app[ROUTES].routes)


def test_what_belongs_to_another_organization_is_not_found_rather_than_forbidden(site: Site) -> None:
    routes = site.app[ROUTES].routes
    wrong = [
        (key, column) for key, row in wanted().items() for column, role in FOREIGN.items()
        if role in routes[key].roles and routes[key].roles != PUBLIC and re.search(r"\{(?!version)", key[1])
        and row[COLUMNS.index(column)] != 404
    ]

    assert wrong == []


def wanted() -> dict[tuple[str, str], list[int]]:
    rows = (line.split() for line in TABLE.strip().splitlines())
    return {(method, path): [int(one) for one in statuses] for method, path, *statuses in rows}


def written(rows: dict[tuple[str, str], list[int]]) -> list[str]:
    return sorted(f"{method:4} {path:46} {' '.join(map(str, statuses))}" for (method, path), statuses in rows.items())


def picture() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (64, 48), "green").save(file, "PNG")
    return file.getvalue()


# ---------------------------------------------------------------- asking


def _strangers_first(column: str) -> int:
    """Who may change something asks last, so that the others meet what is still there."""
    return 0 if column == "nobody" else 1 if column.endswith("'") else 2


def _last(key: tuple[str, str]) -> int:
    """What ends something comes after everything that reads it."""
    method, path = key
    ends = ("/finish", "/unfinish", "/accept", "/decline", "/cancel", "/sign", "/discard", "/remove", "/disable", "/enable",
            "/patient", "/password", "/end", "/sign-out")
    return 1 + ends.index(next(end for end in ends if path.endswith(end))) if method == "POST" and path.endswith(ends) else 0


async def _status(browser: aiohttp.ClientSession, method: str, path: str, scene: Scene) -> int:
    ids = next((ids for start, ids in scene.ids().items() if path.startswith(start)), {})
    address = re.sub(r"\{(\w+)\}", lambda found: str(ids.get(found[1], found[1])), path)
    send = BODIES.get((method, path), lambda _: {})(scene)
    async with browser.request(method, address, headers={"Accept": "application/json"}, allow_redirects=False, **send) as answer:
        await answer.read()
        return answer.status


SIX = {"full_name": "Lý Văn Pá", "gender": "male", "birth_date": "1990", "village": "Nà Pái", "commune": "Phủ Thông", "phone": ""}
PLACE = {"name": "Trạm Y tế xã Phủ Thông", "short_name": "Phủ Thông", "code": "19011", "kind": "commune_health_station",
         "care_level": "BAN_DAU", "phone": "0209 000 011", "commune_code": "01969"}
WRITTEN = {"diagnoses": ["J18.9"], "assessment": "", "finding": "", "advice": "Uống nước ấm", "follow_up": "",
           "danger_signs": ""}
DRAFT, SPOKEN, SOUND, STILL = uuid4(), uuid4(), webm(), uuid4()
NEW_PASSWORD = "một câu thật dài và dễ nhớ"   


def _form(**fields: Any) -> Callable[[Scene], dict[str, Any]]:
    return lambda _: {"data": fields}


def _json(**fields: Any) -> Callable[[Scene], dict[str, Any]]:
    return lambda _: {"json": fields}


def _photo(scene: Scene) -> dict[str, Any]:
    form = aiohttp.FormData()
    form.add_field("id", str(uuid4()))
    form.add_field("photo", picture(), filename="a.png", content_type="image/png")
    return {"data": form}


def _person(scene: Scene) -> dict[str, Any]:
    one = scene.people.colleague
    return {"data": {"user_name": one.user_name, "full_name": one.full_name, "organization_id": str(one.organization_id),
                     "roles": "worker", "position": "nurse", "version": "1"}}


def _somebody(scene: Scene) -> dict[str, Any]:
    return {"data": {"id": str(uuid4()), "user_name": f"u{uuid4().hex[:8]}", "full_name": "Bàn Thị Mới", "roles": "worker",
                     "organization_id": str(scene.people.phu_thong), "position": "nurse", "password": NEW_PASSWORD}}


BODIES: dict[tuple[str, str], Callable[[Scene], dict[str, Any]]] = {
    ("POST", "/language"): _form(locale="vi", next="/"),
    ("POST", "/sign-in"): _form(user_name="nobody", password="nothing"),
    ("POST", "/me/password"): _form(current="wrong", new=NEW_PASSWORD),
    ("POST", "/emergency"): _form(reason="bleeding"),
    ("PUT", "/calls/{id}/voice-notes/{note_id}"): lambda _: {
        "params": {"offset": 0, "total": len(SOUND), "number": 2, "length": 7_000, "age": 100}, "data": SOUND},
    ("POST", "/calls/{id}/stills/{still}"): _photo,
    ("POST", "/calls/{id}/stills/{still}/consent"): _json(agreed=True),
    ("POST", "/check/line/{id}"): _json(sdp="v=0"),
    ("POST", "/check/results"): _json(
        rung="medium", kbpsUp=412, kbpsDown=900, roundTripMs=80, jitterUpMs=4, jitterDownMs=3, lostUpPercent=0, lostDownPercent=0,
        paths=["direct"]),
    ("POST", "/duty"): _json(on=True),
    ("POST", "/requests/{id}/accept"): _json(),
    ("POST", "/requests/{id}/decline"): _json(),
    ("POST", "/patients"): _form(**SIX, then="save"),
    ("POST", "/patients/search"): _json(q="hoa"),
    ("POST", "/patients/{patient_id}"): _form(**SIX, version="1"),
    ("POST", "/encounters/{id}/patient"): _form(**SIX),
    ("POST", "/encounters/{id}"): lambda scene: {
        "data": {"reason": "cough", "consult": "true", "share": str(scene.people.bach_thong), "photo": "true"}},
    ("PUT", "/encounters/{id}/intake"): _json(complaints=["cough"], text="ho", version=1),
    ("PUT", "/encounters/{id}/observations"): lambda _: {"json": {"id": str(uuid4()), "code": "29463-7", "typed": "48", "version": 0}},
    ("PUT", "/encounters/{id}/consents"): lambda scene: {
        "json": {"consult": True, "share": [str(scene.people.bach_thong)], "photo": True}},
    ("POST", "/encounters/{id}/photos"): _photo,
    ("POST", "/places"): lambda _: {"data": {**PLACE, "id": str(uuid4()), "code": uuid4().hex[:8]}},
    ("POST", "/places/{place_id}"): _form(**PLACE),
    ("POST", "/places/{place_id}/points"): lambda _: {"data": {"id": str(uuid4()), "point_name": f"Điểm {uuid4().hex[:4]}"}},
    ("POST", "/places/{place_id}/cover"): lambda scene: {"data": {"cover": str(scene.people.bach_thong)}},
    ("POST", "/people"): _somebody,
    ("POST", "/people/{person_id}"): _person,
    ("POST", "/people/{person_id}/password"): _form(password=NEW_PASSWORD),
    ("POST", "/encounters/{encounter_id}/note"): _form(id=str(DRAFT), version="0", diagnoses="J18.9", advice="Uống nước"),
    ("PUT", "/encounters/{encounter_id}/note/draft"): _json(id=str(DRAFT), version=1, **WRITTEN),
    ("POST", "/encounters/{encounter_id}/note/sign"): _form(id=str(DRAFT), version="2"),
    ("POST", "/encounters/{encounter_id}/note/addendum"): lambda scene: {"data": {"follows": str(scene.note), "id": str(uuid4())}},
    ("POST", "/encounters/{encounter_id}/note/discard"): lambda _: {"data": {"id": str(uuid4())}},
    ("POST", "/audit/patients"): _form(q="hoa"),
}


def _style(site: Site) -> tuple[str, str]:
    _, _, digest, path = site.app[STATICS].address("css/site.css").split("/", 3)
    return digest, path


async def _finish(archive: Archive, people: People) -> None:
    """The doctor's call is over."""
    async with archive.act(people.doctor.actor) as act:
        live = (await calls.live_of(act, people.doctor.id))[0].id
        at = (await calls.finish(act, live)).finish_at
    assert at
    async with archive.act(Actor.of_system("deadline")) as act:
        await calls.finish_now(act, live, at)


async def _nameless(act: Any) -> list[Any]:
    return [one.encounter for one in (await progress.today(act)).waiting if one.encounter.patient.unnamed]
