"""Administrators look after places and staff of their reach, and nobody else does."""

from __future__ import annotations

from uuid import uuid4

import pytest

PLACE = {"code": "19077", "name": "Trạm Y tế xã Vũ Muộn", "short_name": "Vũ Muộn", "kind": "commune_health_station",
         "care_level": "BAN_DAU", "phone": "0209 000 177", "commune_code": ""}


@pytest.fixture
async def office(site, people):
    return await site.sign_in(people.root)


def person(people, **changes):
    return {"id": str(uuid4()), "full_name": "Hoàng Thị Sen", "user_name": "sen.hoang",
            "organization_id": str(people.phu_thong), "location_id": str(people.vi_huong), "position": "midwife", "roles": "worker", "title": "", "specialty": "",
            "licence_number": "", "licence_valid_until": "", "password": "nương ngô mùa hạ", **changes}


async def test_a_station_with_its_cover_and_a_nurse_is_ready_in_three_forms(office, site, people):
    station = str(uuid4())
    async with office.post("/places", data={**PLACE, "id": station}, allow_redirects=False) as answer:
        assert answer.headers["Location"] == f"/places/{station}"
    async with office.post(f"/places/{station}/cover", data={"cover": str(people.hospital)}, allow_redirects=False) as answer:
        assert answer.status == 303
    nurse = person(people, organization_id=station, location_id="")
    async with office.post("/people", data=nurse, allow_redirects=False) as answer:
        assert answer.status == 303

    browser = site.browser()
    async with browser.post("/sign-in", data={"user_name": "sen.hoang", "password": "nương ngô mùa hạ"}) as answer:
        page = await answer.text()
    assert "Vũ Muộn" in page


async def test_what_was_typed_stays_when_something_is_wrong(office, people):
    async with office.post("/people", data=person(people, password="ngắn", full_name="Bàn Thị Mùi")) as answer:
        page = await answer.text()

    assert answer.status == 422
    assert "Mật khẩu cần ít nhất 12 ký tự." in page
    assert 'value="Bàn Thị Mùi"' in page
    assert "ngắn" not in page


async def test_a_taken_user_name_is_said_at_its_field(office, people):
    async with office.post("/people", data=person(people, user_name="tuyet")) as answer:
        page = await answer.text()

    assert answer.status == 422
    assert 'id="user_name-error"' in page


async def test_a_disabled_person_is_out_at_once_and_in_again_when_enabled(office, site, people):
    nurse = await site.sign_in(people.nurse)
    async with office.post(f"/people/{people.nurse.id}/disable", allow_redirects=False) as answer:
        assert answer.status == 303
    async with nurse.get("/", allow_redirects=False) as answer:
        assert answer.status == 303
        assert answer.headers["Location"].startswith("/sign-in")

    await office.post(f"/people/{people.nurse.id}/enable")

    assert await site.sign_in(people.nurse)


async def test_a_centre_does_not_touch_staff_of_places_it_does_not_look_after(site, people):
    browser = await site.sign_in(people.administrator)
    async with browser.post(f"/people/{people.stranger.id}/disable") as answer:
        assert answer.status == 404
    async with browser.get(f"/places/{people.con_minh}") as answer:
        assert answer.status == 404


async def test_workers_doctors_and_auditors_manage_nobody(site, people):
    for someone in (people.nurse, people.doctor, people.auditor):
        browser = await site.sign_in(someone)
        for address in ("/places", "/people", "/people/new", f"/people/{people.nurse.id}"):
            async with browser.get(address) as answer:
                assert answer.status == 403
