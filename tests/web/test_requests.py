"""Asking, ringing, answering and duty over HTTP: what each role gets, and what it does not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import pytest

from records.acts import Actor
from records.archive import Archive
from records.care import consents, encounters, observations, requests
from records.care.encounters import Intake
from records.people import duty, patients
from records.people.identities import Identity
from tests.builders import People, Someone

JSON = {"Accept": "application/json"}


@dataclass
class Desk:
    """A station's case over the real records; the pages' desk only writes down, so offering is done here."""

    archive: Archive
    people: People

    async def case(self, *, agreed: bool = True) -> UUID:
        async with self.archive.act(self.people.nurse.actor) as act:
            patient = await patients.register(act, uuid4(), Identity(
                full_name="Nguyễn Thị Phương Thảo", gender="female", birth_date="1958"))
            encounter = await encounters.start(act, uuid4(), patient)
            await encounters.save_intake(act, encounter, Intake(["cough", "breathless"], ""))
            await observations.record(act, encounter, uuid4(), "2708-6", "91")
            if agreed:
                await consents.save(act, encounter, consult=True, share={self.people.bach_thong}, photo=False)
        return encounter

    async def ring(self, *doctors: Someone) -> UUID:
        encounter = await self.case()
        for doctor in doctors:
            async with self.archive.act(doctor.actor) as act:
                await duty.begin(act)
        async with self.archive.act(self.people.nurse.actor) as act:
            request = await requests.ask(act, uuid4(), encounter)
        async with self.archive.act(Actor.of_system("desk")) as act:
            await requests.offer(act, request)
        return request


@pytest.fixture
def desk(archive: Archive, people: People) -> Desk:
    return Desk(archive, people)


@pytest.fixture
async def enter(site: Any, browse: Callable[..., Any]) -> Callable[[Someone], Any]:
    async def signed_in(who: Someone) -> Any:
        visitor = browse(site)
        assert (await visitor.sign_in(who)).status == 303
        return visitor
    return signed_in


async def test_one_click_asks_and_leads_to_the_ringing_page(desk: Desk, enter: Any, site: Any) -> None:
    nurse, encounter, form = await enter(desk.people.nurse), await desk.case(), str(uuid4())

    first = await nurse.post(f"/encounters/{encounter}/requests", data={"id": form})
    second = await nurse.post(f"/encounters/{encounter}/requests", data={"id": form})

    assert first.status == 303 and first.headers["Location"] == second.headers["Location"] == f"/requests/{form}"
    assert ("asked", UUID(form)) in site.desk.told
    page = await (await nurse.get(f"/requests/{form}")).text()
    assert "Nguyễn Thị Phương Thảo, 68 tuổi" in page and "Huỷ lời gọi" in page


async def test_without_agreement_the_click_leads_back_to_it(desk: Desk, enter: Any, site: Any) -> None:
    nurse, encounter = await enter(desk.people.nurse), await desk.case(agreed=False)

    answer = await nurse.post(f"/encounters/{encounter}/requests", data={"id": str(uuid4())})

    assert answer.headers["Location"] == f"/encounters/{encounter}#consents"
    assert site.desk.told == []


async def test_the_state_names_doctors_and_never_the_patient(desk: Desk, enter: Any) -> None:
    request = await desk.ring(desk.people.doctor, desk.people.second_doctor)
    nurse = await enter(desk.people.nurse)

    answer = await nurse.get(f"/requests/{request}/state", headers=JSON)

    state = await answer.json()
    assert (state["phase"], state["title"]) == ("ringing", "Đang gọi 2 bác sĩ trực")
    assert {one["name"] for one in state["rung"]} == {desk.people.doctor.name, desk.people.second_doctor.name}
    assert "Thảo" not in await answer.text()
    assert 0 < state["leftMs"] <= state["totalMs"] == 120_000


async def test_another_station_finds_no_such_request(desk: Desk, enter: Any) -> None:
    request = await desk.ring(desk.people.doctor)
    stranger = await enter(desk.people.stranger)

    assert (await stranger.get(f"/requests/{request}")).status == 404
    assert (await stranger.get(f"/requests/{request}/state", headers=JSON)).status == 404
    assert (await stranger.post(f"/requests/{request}/cancel")).status == 404
    assert (await stranger.post(f"/requests/{request}/again", data={"id": str(uuid4())})).status == 404
    assert (await stranger.post(f"/encounters/{await desk.case()}/requests", data={"id": str(uuid4())})).status == 404


@pytest.mark.parametrize("deed", ["ring", "accept", "decline"])
async def test_a_doctor_who_was_not_rung_finds_no_such_request(desk: Desk, enter: Any, deed: str) -> None:
    request = await desk.ring(desk.people.doctor)
    specialist = await enter(desk.people.specialist)

    address = f"/requests/{request}/{deed}"
    answer = await (specialist.get(address, headers=JSON) if deed == "ring" else specialist.post(address, json={}, headers=JSON))
    assert answer.status == 404


async def test_workers_do_not_answer_and_doctors_do_not_ask(desk: Desk, enter: Any) -> None:
    request = await desk.ring(desk.people.doctor)
    nurse, doctor = await enter(desk.people.nurse), await enter(desk.people.doctor)

    assert (await nurse.post(f"/requests/{request}/accept", headers=JSON)).status == 403
    assert (await nurse.post("/duty", json={"on": True}, headers=JSON)).status == 403
    assert (await doctor.post("/emergency", data={"id": str(uuid4()), "reason": "other"})).status == 403
    assert (await doctor.get(f"/requests/{request}")).status == 403


async def test_the_ring_shows_the_case_without_a_name(desk: Desk, enter: Any) -> None:
    request = await desk.ring(desk.people.doctor)
    doctor = await enter(desk.people.doctor)

    answer = await doctor.get(f"/requests/{request}/ring", headers=JSON)

    ring = await answer.json()
    assert (ring["from"], ring["line"]) == ("Trạm Vi Hương gọi", "Nữ, 68 tuổi · Ho, khó thở")
    assert ring["marks"] == [{"text": "SpO₂ 91 thấp", "level": "red", "direction": "low"}]
    assert "Thảo" not in await answer.text()


async def test_the_ring_speaks_the_readers_language(desk: Desk, enter: Any) -> None:
    request = await desk.ring(desk.people.doctor)
    doctor = await enter(desk.people.doctor)

    ring = await (await doctor.get(f"/requests/{request}/ring", headers=JSON, cookies={"locale": "en"})).json()

    assert ring["from"] == "Station Vi Hương is calling"
    assert ring["marks"][0]["text"] == "SpO₂ 91 low"


async def test_the_winner_gets_the_call_and_the_loser_the_winners_name(desk: Desk, enter: Any, site: Any) -> None:
    people = desk.people
    request = await desk.ring(people.doctor, people.second_doctor)
    winner, loser, leg = await enter(people.doctor), await enter(people.second_doctor), str(uuid4())

    assert (await winner.post(f"/requests/{request}/accept", json={"leg": "no id"}, headers=JSON)).status == 422
    won = await winner.post(f"/requests/{request}/accept", json={"leg": leg}, headers=JSON)
    again = await winner.post(f"/requests/{request}/accept", json={}, headers=JSON)
    lost = await loser.post(f"/requests/{request}/accept", json={}, headers=JSON)

    assert won.status == 200 and (await won.json()) == (await again.json())
    assert lost.status == 409
    told = await lost.json()
    assert (told["error"], told["by"], told["message"]) == ("taken", people.doctor.name, f"{people.doctor.name} đã nhận ca này.")
    assert site.desk.told == [("accepted", request, people.doctor.id, leg), ("accepted", request, people.doctor.id, "")]
    assert (await loser.get(f"/requests/{request}/ring", headers=JSON)).status == 404


async def test_who_declined_is_not_shown_the_ring_again(desk: Desk, enter: Any, site: Any) -> None:
    request = await desk.ring(desk.people.doctor, desk.people.second_doctor)
    doctor = await enter(desk.people.doctor)

    assert (await doctor.post(f"/requests/{request}/decline", json={}, headers=JSON)).status == 200

    assert ("declined", request, desk.people.doctor.id) in site.desk.told
    assert (await doctor.get(f"/requests/{request}/ring", headers=JSON)).status == 404


async def test_taking_back_leads_to_the_case_unless_a_doctor_was_faster(desk: Desk, enter: Any, site: Any) -> None:
    nurse = await enter(desk.people.nurse)
    first = await desk.ring(desk.people.doctor)
    back = await nurse.post(f"/requests/{first}/cancel")
    second = await desk.ring(desk.people.doctor)
    async with desk.archive.act(desk.people.doctor.actor) as act:
        await requests.accept(act, second)

    late = await nurse.post(f"/requests/{second}/cancel")

    assert back.headers["Location"].startswith("/encounters/")
    assert late.headers["Location"] == f"/requests/{second}"
    assert ("cancelled", first) in site.desk.told and ("cancelled", second) not in site.desk.told


async def test_calling_again_is_one_click(desk: Desk, enter: Any) -> None:
    nurse = await enter(desk.people.nurse)
    request = await desk.ring(desk.people.doctor)
    await nurse.post(f"/requests/{request}/cancel")

    answer = await nurse.post(f"/requests/{request}/again", data={"id": (new := str(uuid4()))})

    assert answer.headers["Location"] == f"/requests/{new}"


async def test_an_emergency_is_two_clicks_from_every_page_of_a_worker(desk: Desk, enter: Any) -> None:
    nurse = await enter(desk.people.nurse)
    for address in ("/", "/patients", "/me"):
        page = await (await nurse.get(address)).text()
        assert 'action="/emergency"' in page and 'value="no-breathing"' in page, address

    answer = await nurse.post("/emergency", data={"id": (new := str(uuid4())), "reason": "bleeding", "encounter": "", "patient": ""})
    page = await (await nurse.get(f"/requests/{new}")).text()

    assert answer.headers["Location"] == f"/requests/{new}"
    assert "tel:115" in page and "Người bệnh chưa có tên" in page


async def test_the_ring_of_an_emergency_says_what_is_happening(desk: Desk, enter: Any) -> None:
    nurse, doctor = await enter(desk.people.nurse), await enter(desk.people.doctor)
    await doctor.post("/duty", json={"on": True})
    await nurse.post("/emergency", data={"id": (new := str(uuid4())), "reason": "bleeding", "encounter": "", "patient": ""})
    async with desk.archive.act(Actor.of_system("desk")) as act:
        await requests.offer(act, UUID(new))

    ring = await (await doctor.get(f"/requests/{new}/ring")).json()

    assert ring["line"] == "Chưa rõ giới tính · Chảy máu nhiều"


async def test_without_a_script_the_reasons_come_as_a_page(desk: Desk, enter: Any) -> None:
    nurse = await enter(desk.people.nurse)

    page = await (await nurse.post("/emergency")).text()

    assert "Ngừng thở / bất tỉnh" in page


async def test_an_emergency_of_another_stations_case_is_refused(desk: Desk, enter: Any) -> None:
    stranger = await enter(desk.people.stranger)

    answer = await stranger.post("/emergency", data={"id": str(uuid4()), "reason": "other", "encounter": str(await desk.case())})

    assert answer.status == 404


async def test_duty_is_one_click_and_one_click_back(desk: Desk, enter: Any, site: Any) -> None:
    doctor = await enter(desk.people.doctor)
    assert "Bạn chưa trực" in await (await doctor.get("/")).text()

    assert await (await doctor.post("/duty", json={"on": True}, headers=JSON)).json() == {"on": True}
    page = await (await doctor.get("/")).text()
    plain = await doctor.post("/duty", data={"on": "false"})

    assert "Đang trực từ" in page
    assert plain.status == 303 and site.desk.told.count(("duty_changed", desk.people.doctor.id)) == 2


async def test_the_doctors_first_page_lists_what_rings(desk: Desk, enter: Any) -> None:
    await desk.ring(desk.people.doctor)
    doctor = await enter(desk.people.doctor)

    page = await (await doctor.get("/")).text()

    assert "Trạm Vi Hương" in page and "SpO₂ 91 thấp" in page and "Thảo" not in page


@pytest.mark.parametrize("address", ["/requests/not-a-number", "/requests/not-a-number/state"])
async def test_an_address_that_is_no_request_is_not_found(desk: Desk, enter: Any, address: str) -> None:
    nurse = await enter(desk.people.nurse)

    assert (await nurse.get(address)).status == 404
