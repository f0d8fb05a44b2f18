"""The doctor's note over HTTP: saved as typed, conflicts told, signed once, hidden from everybody else until then."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import update

from records.acts import Actor
from records.archive import Archive
from records.people.tables import Practitioner
from tests import note_cases
from tests.builders import People
from tests.note_cases import WRITTEN, Case

JSON = {"Accept": "application/json"}
WORDS = {
    "diagnoses": ["J18.9", "I10"], "assessment": WRITTEN.assessment, "finding": WRITTEN.finding, "advice": WRITTEN.advice,
    "follow_up": "3", "danger_signs": WRITTEN.danger_signs,
}


@pytest.fixture
async def case(archive: Archive, people: People) -> Case:
    return await note_cases.accepted(archive, people)


@pytest.fixture
async def doctor(site: Any, browse: Callable[..., Any], people: People) -> Any:
    return await signed_in(site, browse, people.doctor)


@pytest.fixture
async def nurse(site: Any, browse: Callable[..., Any], people: People) -> Any:
    return await signed_in(site, browse, people.nurse)


async def signed_in(site: Any, browse: Callable[..., Any], who: Any) -> Any:
    visitor = browse(site)
    await visitor.sign_in(who)
    return visitor


async def put(visitor: Any, case: Case, note: UUID, version: int, **words: object) -> Any:
    content = {"id": str(note), "version": version, **WORDS, **words}
    return await visitor._ask("PUT", f"/encounters/{case.encounter}/note/draft", json=content, headers=JSON)


async def sign(visitor: Any, case: Case, note: UUID, version: int) -> Any:
    content = {"id": str(note), "version": version}
    return await visitor.post(f"/encounters/{case.encounter}/note/sign", json=content, headers=JSON)


async def test_the_panel_opens_saves_and_opens_again(case: Case, doctor: Any) -> None:
    empty = await (await doctor.get(f"/encounters/{case.encounter}/note/draft", headers=JSON)).json()

    saved = await (await put(doctor, case, UUID(empty["newId"]), 0)).json()
    again = await (await doctor.get(f"/encounters/{case.encounter}/note/draft", headers=JSON)).json()

    assert empty["draft"] is None and empty["signed"] is None and empty["maySign"] is True
    assert empty["station"]["subjective"] == ["Ho, khó thở", note_cases.STORY]
    assert [one["text"] for one in empty["station"]["objective"]][:3] == ["Mạch 96/phút", "Huyết áp 150/90 mmHg", "SpO₂ 91%"]
    assert saved["version"] == 1 and {name: saved[name] for name in WORDS} == WORDS
    assert again["draft"] == saved


async def test_two_tabs_that_differ_are_told_and_both_texts_are_there(case: Case, doctor: Any) -> None:
    note = uuid4()
    await put(doctor, case, note, 0)
    await put(doctor, case, note, 1, advice="Nghỉ ngơi")

    refused = await put(doctor, case, note, 1, advice="Đi lại nhẹ")
    theirs = await (await doctor.get(f"/encounters/{case.encounter}/note/draft", headers=JSON)).json()

    assert refused.status == 409 and (await refused.json())["error"] == "changed"
    assert (theirs["draft"]["advice"], theirs["draft"]["version"]) == ("Nghỉ ngơi", 2)


async def test_a_code_that_is_not_in_the_list_is_refused_beside_its_field(case: Case, doctor: Any) -> None:
    refused = await put(doctor, case, uuid4(), 0, diagnoses=["Z99.9"])

    assert refused.status == 422 and list((await refused.json())["fields"]) == ["diagnoses"]


async def test_signing_tells_the_station_and_a_second_click_signs_once(case: Case, doctor: Any, site: Any) -> None:
    note = uuid4()
    await put(doctor, case, note, 0)

    first, second = await sign(doctor, case, note, 1), await sign(doctor, case, note, 1)

    assert first.status == second.status == 200 and await first.json() == await second.json()
    assert (await first.json())["code"].startswith("VH-2611-")
    assert ("note_signed", case.encounter) in site.desk.told
    assert len(await case.versions(case.people.nurse)) == 1


async def test_a_note_without_diagnosis_says_what_is_missing(case: Case, doctor: Any) -> None:
    note = uuid4()
    await put(doctor, case, note, 0, diagnoses=[], advice="")

    refused = await sign(doctor, case, note, 1)

    assert refused.status == 422 and set((await refused.json())["fields"]) == {"diagnoses", "advice"}


async def test_an_expired_licence_is_told_in_words_and_signs_nothing(case: Case, doctor: Any) -> None:
    note = uuid4()
    await put(doctor, case, note, 0)
    async with case.archive.act(Actor.of_system("test")) as act:
        await act.db.execute(update(Practitioner).where(Practitioner.id == case.people.doctor.id).values(licence_number=""))

    refused = await sign(doctor, case, note, 1)
    page = await (await doctor.get(f"/encounters/{case.encounter}/note/review")).text()

    assert refused.status == 403 and (await refused.json())["error"] == "licence-expired"
    assert "Giấy phép hành nghề đã hết hạn" in (await refused.json())["message"]
    assert "disabled" in page and await case.versions(case.people.nurse) == []


async def test_before_signing_no_page_of_the_station_holds_a_word_of_it(case: Case, doctor: Any, nurse: Any) -> None:
    await put(doctor, case, uuid4(), 0)

    waiting = await nurse.get(f"/encounters/{case.encounter}/advice")
    state = await (await nurse.get(f"/encounters/{case.encounter}/advice/state", headers=JSON)).json()

    text, sentence = await waiting.text(), "Bs. Hà Quang Minh đang viết lời dặn."
    assert waiting.status == 200 and sentence in text
    assert "Uống đủ thuốc" not in text and "J18.9" not in text
    assert state == {"state": "writing", "text": sentence, "doctor": "Bs. Hà Quang Minh", "revised": False}
    for path in ("note", "note/draft", "note/review", "note/station"):
        assert (await nurse.get(f"/encounters/{case.encounter}/{path}")).status in (403, 404)


async def test_after_signing_the_station_reads_and_prints_everything(case: Case, nurse: Any) -> None:
    note = await case.signed()

    text = await (await nurse.get(f"/encounters/{case.encounter}/advice")).text()

    for words in ("Bà Nguyễn Thị Phương Thảo, 68 tuổi", "Trạm Y tế xã Phủ Thông, điểm Vi Hương", "Điện thoại 0209 000 111",
                  WRITTEN.finding, "<li>Uống nước ấm, nằm đầu cao.</li>", "Khám lại: thứ Năm, 26/11/2026.",
                  "khi khó thở cả lúc nằm, môi tím, lú lẫn, sốt trên 39 °C.", "Bs. Hà Quang Minh, GPHN",
                  f"Mã phiếu {note.code}", "Đã ký 07:30, 23/11/2026", "J18.9 Viêm phổi, chưa rõ tác nhân",
                  (note.content_hash or b"-").hex()):
        assert words in text, words
    state = await (await nurse.get(f"/encounters/{case.encounter}/advice/state", headers=JSON)).json()
    assert (state["state"], state["code"]) == ("signed", note.code)


@pytest.mark.parametrize("name", ["second_doctor", "specialist", "stranger", "administrator", "auditor"])
async def test_for_everybody_else_there_is_no_such_note(
    case: Case, site: Any, browse: Callable[..., Any], name: str,
) -> None:
    await case.signed()
    other = await signed_in(site, browse, getattr(case.people, name))
    expected = 404 if name in ("second_doctor", "specialist", "stranger") else 403

    for path in ("advice", "advice/state"):
        assert (await other.get(f"/encounters/{case.encounter}/{path}")).status == expected
    if name in ("second_doctor", "specialist"):
        for path in ("note", "note/draft", "note/review", "note/station"):
            assert (await other.get(f"/encounters/{case.encounter}/{path}")).status == 404
        assert (await put(other, case, uuid4(), 0)).status == 404
        assert (await sign(other, case, uuid4(), 1)).status == 404


async def test_the_form_works_without_script(case: Case, doctor: Any) -> None:
    place, note = f"/encounters/{case.encounter}/note", str(uuid4())
    words = {"id": note, "version": "0", "diagnosis": "viem phoi", "advice": "Uống nước ấm", "follow_up": "1"}

    unsure = await doctor.post(place, data=words)
    saved = await doctor.post(place, data={**words, "version": "1", "diagnosis": "J18.9"})
    review = await (await doctor.get(f"{place}/review")).text()
    done = await doctor.post(f"{place}/sign", data={"id": note, "version": "2"})
    page = await (await doctor.get(place)).text()

    again = await unsure.text()
    assert unsure.status == 422 and 'value="J12.9"' in again and "Uống nước ấm" in again and 'name="version" value="1"' in again
    assert (saved.status, saved.headers["Location"]) == (303, f"{place}/review")
    assert "J18.9 Viêm phổi, chưa rõ tác nhân" in review and "Ký" in review
    assert (done.status, done.headers["Location"]) == (303, place)
    assert "Các bản đã ký" in page and "Bổ sung, đính chính" in page


async def test_a_stale_form_without_script_shows_both_texts(case: Case, doctor: Any) -> None:
    place, note = f"/encounters/{case.encounter}/note", uuid4()
    await put(doctor, case, note, 0)

    answer = await doctor.post(place, data={"id": str(note), "version": "0", "diagnoses": "I10", "advice": "Đi lại nhẹ"})

    text = await answer.text()
    assert answer.status == 409 and "Đi lại nhẹ" in text and "Uống nước ấm, nằm đầu cao." in text


async def test_an_addendum_shows_what_changed_and_prints_as_a_revision(case: Case, doctor: Any, nurse: Any) -> None:
    first, place = await case.signed(), f"/encounters/{case.encounter}/note"
    await doctor.post(f"{place}/addendum", data={"follows": str(first.id), "id": (new := str(uuid4()))})
    await put(doctor, case, UUID(new), 1, follow_up="1", advice=WRITTEN.advice + "\nMang theo giấy này.")
    await sign(doctor, case, UUID(new), 2)

    page = await (await doctor.get(place)).text()
    paper = await (await nurse.get(f"/encounters/{case.encounter}/advice")).text()
    old = await (await nurse.get(f"/encounters/{case.encounter}/advice?code={first.code}")).text()

    assert "<ins>" in page and "Mang theo" in page and "<del>3</del><ins>1</ins> ngày" in page
    assert "Bản sửa lần 1" in paper and f"thay cho phiếu {first.code}" in paper and "thứ Ba, 24/11/2026" in paper
    assert "Khám lại: thứ Năm, 26/11/2026." in old and "đã có bản mới hơn" in old


async def test_an_addendum_may_be_given_up(case: Case, doctor: Any) -> None:
    first, place = await case.signed(), f"/encounters/{case.encounter}/note"
    await doctor.post(f"{place}/addendum", data={"follows": str(first.id), "id": (new := str(uuid4()))})

    assert "Bỏ bản bổ sung này" in await (await doctor.get(place)).text()
    assert (await doctor.post(f"{place}/discard", data={"id": new})).status == 303

    assert "Bổ sung, đính chính" in await (await doctor.get(place)).text()


async def test_the_list_says_what_waits_and_what_is_signed(case: Case, doctor: Any) -> None:
    before = await (await doctor.get("/notes")).text()
    note = await case.signed()
    after = await (await doctor.get("/notes")).text()

    assert "Chờ ký (1)" in before and "Nguyễn Thị Phương Thảo" in before and "chưa viết gì" in before
    assert "Chờ ký (0)" in after and note.code in after


async def test_the_list_of_conditions_is_small_kept_for_ever_and_says_its_source(doctor: Any, case: Case) -> None:
    address = (await (await doctor.get(f"/encounters/{case.encounter}/note/draft", headers=JSON)).json())["conditions"]

    answer = await doctor.get(address, headers={"Accept-Encoding": "gzip"})

    content = await answer.json()
    assert "immutable" in answer.headers["Cache-Control"] and int(answer.headers["Content-Length"]) < 20_000
    assert content["source"] == "codes: WHO ICD-10 2019; names: ours" and len(content["conditions"]) >= 300


async def test_everything_is_there_in_english_but_the_paper(case: Case, doctor: Any, nurse: Any) -> None:
    await case.signed()
    for visitor in (doctor, nurse):
        await visitor.post("/language", data={"locale": "en"})

    page = await (await doctor.get(f"/encounters/{case.encounter}/note")).text()
    paper = await (await nurse.get(f"/encounters/{case.encounter}/advice")).text()

    assert "Signed versions" in page and "J18.9 Pneumonia, cause not known" in page and "Blood pressure 150/90" in page
    assert "Print the advice" in paper and "Khám lại: thứ Năm, 26/11/2026." in paper
