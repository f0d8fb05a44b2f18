"""Pages of patients and their visits: forms that work without script, saving as typed, and who gets in."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any
from uuid import UUID, uuid4

import aiohttp
import pytest
from PIL import Image

from records.care import consents, encounters, observations
from records.care.pictures import INSIDE
from records.people import patients
from records.people.patients import Identity
from web.keys import DARKROOM

JSON = {"Accept": "application/json"}
SIX = {"full_name": "Hoàng Thị Hoa", "gender": "female", "birth_date": "1958", "village": "Nà Ít", "commune": "Vi Hương", "phone": ""}


@pytest.fixture
async def nurse(site: Any, people: Any, visitor: Any) -> Any:
    await visitor.sign_in(people.nurse)
    return visitor


@pytest.fixture
async def hoa(archive: Any, people: Any) -> UUID:
    async with archive.act(people.nurse.actor) as act:
        return await patients.register(act, uuid4(), Identity(full_name="Hoàng Thị Hoa", gender="female", birth_date="1958"))


@pytest.fixture
async def visit(archive: Any, people: Any, hoa: UUID) -> UUID:
    async with archive.act(people.nurse.actor) as act:
        return await encounters.start(act, uuid4(), hoa)


def picture() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (64, 48), "green").save(file, "PNG")
    return file.getvalue()


def hidden(page: str, name: str) -> str:
    """The value of a hidden field of a page."""
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found
    return found[1]


async def test_a_patient_is_registered_with_six_fields_and_seen_at_once(nurse: Any, archive: Any, people: Any) -> None:
    answer = await nurse.post("/patients", data={**SIX, "id": str(uuid4()), "then": "visit"})

    assert answer.status == 303
    assert answer.headers["Location"].startswith("/encounters/")
    async with archive.act(people.nurse.actor) as act:
        (found,) = await patients.find(act, "hoa 1958")
        read = await patients.read(act, found.id)
    assert (read.identity.commune_code, read.identity.former_commune) == ("01969", "Vi Hương")


async def test_a_form_with_a_mistake_comes_back_with_what_was_typed(nurse: Any) -> None:
    answer = await nurse.post("/patients", data={**SIX, "id": str(uuid4()), "birth_date": "31/02/1958", "national_id": "0060580012"})
    page = await answer.text()

    assert answer.status == 422
    assert 'value="31/02/1958"' in page and "Năm sinh viết như 1958" in page
    again = await nurse.post("/patients", data={**SIX, "id": str(uuid4()), "national_id": "0060580012"})
    assert "còn thiếu" in await again.text()


async def test_the_search_answers_as_typed_and_offers_somebody_new(nurse: Any, hoa: UUID) -> None:
    answer = await nurse.post("/patients/search", json={"q": "hoa 1958"}, headers=JSON)
    content = await answer.json()

    assert [(row["id"], row["name"]) for row in content["rows"]] == [(str(hoa), "Hoàng Thị Hoa")]
    assert content["new"] == "Thêm người mới tên Hoa, sinh 1958"
    assert answer.headers["Cache-Control"] == "no-store"


async def test_the_search_works_without_script(nurse: Any, hoa: UUID) -> None:
    page = await (await nurse.post("/patients/search", data={"q": "hoa"})).text()

    assert f"/patients/{hoa}/encounters" in page


async def test_somebody_new_is_prefilled_from_the_search_box(nurse: Any) -> None:
    page = await (await nurse.post("/patients/new", data={"q": "hoa 1958"})).text()

    assert 'value="Hoa"' in page and 'value="1958"' in page and 'value="Phủ Thông, Thái Nguyên"' in page


async def test_the_visit_saves_each_field_as_it_is_typed(nurse: Any, visit: UUID, archive: Any, people: Any) -> None:
    reason = await nurse._ask("PUT", f"/encounters/{visit}/intake", json={"complaints": ["cough"], "text": "ho", "version": 0}, headers=JSON)
    id = str(uuid4())
    typed = {"id": id, "code": "85354-9", "typed": "15/9", "version": 0, "after": None}
    offered = await (await nurse._ask("PUT", f"/encounters/{visit}/observations", json=typed, headers=JSON)).json()
    again = await (await nurse._ask("PUT", f"/encounters/{visit}/observations", json=typed, headers=JSON)).json()
    accepted = await (await nurse._ask(
        "PUT", f"/encounters/{visit}/observations", json={**typed, "typed": offered["offer"], "version": 1}, headers=JSON)).json()

    assert (await reason.json())["version"] == 1
    assert (offered["state"], offered["offer"], offered["version"]) == ("offer", "150/90", 1) == (again["state"], again["offer"], again["version"])
    assert (accepted["state"], accepted["mark"], accepted["version"]) == ("look-high-timed", "look", 2)
    assert re.fullmatch(r"\d\d:\d\d:\d\d", accepted["clock"])
    async with archive.act(people.nurse.actor) as act:
        (shown,) = await observations.for_encounter(act, visit)
    assert shown.values == (150.0, 90.0)


async def test_a_page_that_is_behind_learns_what_another_wrote(nurse: Any, visit: UUID, archive: Any, people: Any) -> None:
    async with archive.act(people.colleague.actor) as act:
        theirs = await observations.record(act, visit, uuid4(), "2708-6", "96")

    typed = {"id": str(uuid4()), "code": "2708-6", "typed": "91", "version": 0, "after": None}
    answer = await nurse._ask("PUT", f"/encounters/{visit}/observations", json=typed, headers=JSON)

    assert answer.status == 409
    assert (await answer.json())["current"]["typed"] == "96"
    kept = await nurse._ask("PUT", f"/encounters/{visit}/observations", json={**typed, "after": str(theirs.id)}, headers=JSON)
    assert kept.status == 200


async def test_the_whole_visit_works_without_script(nurse: Any, visit: UUID, site: Any, people: Any) -> None:
    page = await (await nurse.get(f"/encounters/{visit}")).text()
    form = {"reason": ["cough", "breathless"], "reason-text": "ho đờm vàng", "oxygen": "91", "oxygen-id": hidden(page, "oxygen-id"),
            "pressure": "15/9", "pressure-id": hidden(page, "pressure-id"), "request": hidden(page, "request")}

    assert (await nurse.post(f"/encounters/{visit}", data=aiohttp.FormData(
        [(name, value) for name, values in form.items() for value in ([values] if isinstance(values, str) else values)]))).status == 303
    page = await (await nurse.get(f"/encounters/{visit}")).text()

    assert "Thấp, đo lại" in page and "150/90" in page and 'value="15/9"' in page
    used = {"pressure": "15/9", "pressure-id": hidden(page, "pressure-id"), "use": "pressure"}
    await nurse.post(f"/encounters/{visit}", data=used)
    assert 'value="150/90"' in await (await nurse.get(f"/encounters/{visit}")).text()


async def test_no_doctor_is_called_before_the_patient_agreed(nurse: Any, visit: UUID, site: Any, people: Any) -> None:
    refused = await nurse.post(f"/encounters/{visit}", data={"then": "call", "request": str(uuid4())})
    page = await refused.text()

    assert refused.status == 422
    assert "Chưa gọi được: bà Hoa chưa đồng ý khám từ xa." in page
    assert site.desk.told == []
    assert "checked" not in page.split('id="consents"')[1]


async def test_the_button_calls_when_the_patient_agreed(nurse: Any, visit: UUID, site: Any, people: Any) -> None:
    request = uuid4()
    agreed = {"then": "call", "request": str(request), "consult": "true", "share": str(people.bach_thong)}

    answers = [await nurse.post(f"/encounters/{visit}", data=agreed) for _ in range(2)]

    assert {answer.headers["Location"] for answer in answers} == {f"/requests/{request}"}
    assert site.desk.told[0] == ("asked", request)


async def test_what_was_agreed_to_elsewhere_meanwhile_outlives_an_older_page(
    nurse: Any, visit: UUID, people: Any, archive: Any,
) -> None:
    older = {"consult": "true", "share": str(people.bach_thong)}
    await nurse.post(f"/encounters/{visit}", data=older)
    page = await (await nurse.get(f"/encounters/{visit}")).text()
    shown = re.findall(r'name="was" value="([^"]+)"', page)
    async with archive.act(people.nurse.actor) as act:
        await consents.save(act, visit, consult=True, share={people.bach_thong}, photo=True)

    await nurse.post(f"/encounters/{visit}", data=aiohttp.FormData([*older.items(), *(("was", box) for box in shown)]))
    asked = await nurse._ask("PUT", f"/encounters/{visit}/consents", headers=JSON, json={
        "consult": False, "share": [str(people.bach_thong)], "photo": False, "touched": ["consult"]})

    assert shown == ["consult", str(people.bach_thong)]
    assert asked.status == 200
    async with archive.act(people.nurse.actor) as act:
        assert (await consents.choices(act, visit)).boxes == ["photo", str(people.bach_thong)]


async def test_a_photo_arrives_once_and_is_shown_to_the_station_only(
    nurse: Any, visit: UUID, site: Any, people: Any, browse: Callable[[Any], Any],
) -> None:
    id = str(uuid4())
    for _ in range(2):
        form = aiohttp.FormData()
        form.add_field("id", id)
        form.add_field("photo", picture(), filename="Zqtên.png", content_type="image/png")
        answer = await nurse.post(f"/encounters/{visit}/photos", data=form, headers=JSON)
        assert answer.status == 201 and (await answer.json())["id"] == id

    shown = await nurse.get(f"/photos/{id}")
    stranger = browse(site)
    await stranger.sign_in(people.stranger)

    assert (shown.content_type, shown.headers["Cache-Control"]) == ("image/jpeg", "no-store")
    assert (await nurse.get(f"/photos/{id}?size=small")).status == 200
    assert (await stranger.get(f"/photos/{id}")).status == 404


async def test_what_is_no_photo_is_refused_in_words(nurse: Any, visit: UUID) -> None:
    form = aiohttp.FormData()
    form.add_field("photo", b"<script>", filename="x.jpg", content_type="image/jpeg")

    answer = await nurse.post(f"/encounters/{visit}/photos", data=form, headers=JSON)

    assert answer.status == 422
    assert "JPEG, PNG" in (await answer.json())["message"]


async def test_a_photo_too_many_at_once_is_sent_away_in_words_and_taken_a_little_later(nurse: Any, visit: UUID, site: Any) -> None:
    def form() -> aiohttp.FormData:
        made = aiohttp.FormData()
        made.add_field("photo", picture(), filename="x.png", content_type="image/png")
        return made

    with ExitStack() as others:
        for _ in range(INSIDE):
            others.enter_context(site.app[DARKROOM].place())
        away = await nurse.post(f"/encounters/{visit}/photos", data=form(), headers=JSON)
    later = await nurse.post(f"/encounters/{visit}/photos", data=form(), headers=JSON)

    assert (away.status, (await away.json())["error"]) == (503, "crowded")
    assert (await away.json())["message"] == "Đang có nhiều ảnh gửi lên cùng lúc"
    assert later.status == 201


async def test_another_station_finds_none_of_these_pages(
    site: Any, people: Any, visit: UUID, hoa: UUID, browse: Callable[[Any], Any],
) -> None:
    stranger = browse(site)
    await stranger.sign_in(people.stranger)

    for path in (f"/patients/{hoa}", f"/encounters/{visit}", f"/encounters/{visit}/patient"):
        assert (await stranger.get(path)).status == 404
    for path in (f"/patients/{hoa}", f"/patients/{hoa}/encounters", f"/encounters/{visit}", f"/encounters/{visit}/cancel"):
        assert (await stranger.post(path, data={**SIX, "id": str(uuid4())})).status == 404


async def test_a_doctor_has_no_list_of_patients(site: Any, people: Any, browse: Callable[[Any], Any]) -> None:
    doctor = browse(site)
    await doctor.sign_in(people.doctor)

    assert (await doctor.get("/patients")).status == 403
    assert (await doctor.post("/patients/search", json={"q": "hoa"}, headers=JSON)).status == 403


async def test_somebody_without_a_name_is_joined_to_a_known_patient(nurse: Any, hoa: UUID, archive: Any, people: Any) -> None:
    async with archive.act(people.nurse.actor) as act:
        visit = await encounters.start(act, uuid4(), await patients.unnamed(act, uuid4()))
    assert "Chưa rõ tên" in await (await nurse.get(f"/encounters/{visit}")).text()
    found = await (await nurse.post(f"/encounters/{visit}/patient", data={"q": "hoa"})).text()
    assert f'value="{hoa}"' in found

    await nurse.post(f"/encounters/{visit}/patient", data={"known": str(hoa)})

    assert "<h1>Hoàng Thị Hoa</h1>" in await (await nurse.get(f"/encounters/{visit}")).text()


async def test_somebody_without_a_name_is_named(nurse: Any, archive: Any, people: Any) -> None:
    async with archive.act(people.nurse.actor) as act:
        visit = await encounters.start(act, uuid4(), await patients.unnamed(act, uuid4()))

    await nurse.post(f"/encounters/{visit}/patient", data=SIX)

    assert "<h1>Hoàng Thị Hoa</h1>" in await (await nurse.get(f"/encounters/{visit}")).text()


async def test_the_patients_page_keeps_allergies_and_tells_of_a_change_meanwhile(nurse: Any, hoa: UUID) -> None:
    saved = await nurse.post(f"/patients/{hoa}", data={**SIX, "version": "1", "allergies": "Penicillin"})
    behind = await nurse.post(f"/patients/{hoa}", data={**SIX, "version": "1"})

    assert (saved.status, behind.status) == (303, 409)
    assert "Penicillin" in await (await nurse.get(f"/patients/{hoa}")).text()


async def test_today_lists_who_is_there(nurse: Any, visit: UUID) -> None:
    page = await (await nurse.get("/")).text()

    assert "Hoàng Thị Hoa" in page and f"/encounters/{visit}" in page and "Đang ghi tại trạm" in page


@pytest.mark.parametrize("path", ["/encounters/x", "/patients/x", "/photos/x", "/encounters/00000000-0000-0000-0000-000000000000"])
async def test_an_address_that_is_none_is_not_found(nurse: Any, path: str) -> None:
    assert (await nurse.get(path)).status == 404


async def test_a_visit_that_is_over_is_only_read(nurse: Any, visit: UUID) -> None:
    await nurse.post(f"/encounters/{visit}/cancel")

    page = await (await nurse.get(f"/encounters/{visit}")).text()

    assert "chỉ để đọc" in page and "add-photo" not in page and 'id="call"' not in page
    assert (await nurse.post(f"/encounters/{visit}", data={"reason-text": "ho"})).status == 409
