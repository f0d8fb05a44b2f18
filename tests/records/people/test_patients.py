"""Patients: registered once, found by what people type, never across organizations, never in clear."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from records.errors import Conflict, Invalid, NotAllowed, NotFound
from records.people import audited, listing, patients
from records.people.patients import Identity

HOA = Identity(full_name="Hoàng Thị Hoa", gender="female", birth_date="1958", village="Nà Ít", commune_code="01969",
               former_commune="Vi Hương", phone="0912 345 678", national_id="006158001234", insurance_number="GD4191234567890")
MARKERS = ("Zqoành", "Zquynh", "0999888777", "006099887766", "Zqpenicillin")


async def register(archive: Any, who: Any, identity: Identity = HOA) -> UUID:
    async with archive.act(who.actor) as act:
        return await patients.register(act, uuid4(), identity)


async def find(archive: Any, who: Any, typed: str) -> list[UUID]:
    async with archive.act(who.actor) as act:
        return [one.id for one in await patients.find(act, typed)]


@pytest.mark.parametrize("typed", [
    "hoa 1958", "Hoàng Thị Hoa", "hoa thi hoang", "HOAF", "hoangf thij", "68 hoa", "hoa 58", "hoa thi 1958 hoang", "hoang thi hao", "hoamg",
    "0912345678", "+84 912 345 678", "006158001234", "gd4191234567890", "1958"])
async def test_a_patient_is_found_by_whatever_people_type(archive: Any, people: Any, typed: str) -> None:
    hoa = await register(archive, people.nurse)

    assert await find(archive, people.nurse, typed) == [hoa]


@pytest.mark.parametrize("typed", ["", "h", "hoa 1959", "thang", "0912345679", "hoang van", "hoa 12"])
async def test_somebody_else_is_not_found(archive: Any, people: Any, typed: str) -> None:
    await register(archive, people.nurse)

    assert await find(archive, people.nurse, typed) == []


async def test_a_letter_with_a_stroke_is_found_without_it(archive: Any, people: Any) -> None:
    quy = await register(archive, people.nurse, Identity(full_name="Đặng Văn Quý", birth_date="1949"))

    assert await find(archive, people.nurse, "dang quy") == await find(archive, people.nurse, "đặng") == [quy]


async def test_a_patient_is_found_by_the_code_on_the_paper(archive: Any, people: Any) -> None:
    hoa = await register(archive, people.nurse)

    assert await find(archive, people.nurse, listing.code(hoa).lower()) == [hoa]


async def test_no_search_reaches_into_another_organization(archive: Any, people: Any) -> None:
    hoa = await register(archive, people.nurse)

    assert await find(archive, people.stranger, "hoa 1958") == []
    assert await find(archive, people.stranger, "006158001234") == []
    assert await find(archive, people.colleague, "hoa 1958") == [hoa]


async def test_whoever_was_registered_a_moment_ago_is_found_although_the_list_was_open(archive: Any, people: Any) -> None:
    await find(archive, people.nurse, "hoa")

    hoa = await register(archive, people.nurse)

    assert await find(archive, people.nurse, "hoa") == [hoa]


async def test_a_registration_that_failed_leaves_no_name_in_the_list(archive: Any, people: Any) -> None:
    await find(archive, people.nurse, "hoa")

    with pytest.raises(RuntimeError):
        async with archive.act(people.nurse.actor) as act:
            await patients.register(act, uuid4(), HOA)
            raise RuntimeError

    assert await find(archive, people.nurse, "hoa") == []


async def test_opened_names_are_forgotten_after_a_minute(archive: Any, people: Any) -> None:
    await register(archive, people.nurse)
    now = [0.0]
    archive.names._clock = lambda: now[0]
    await find(archive, people.nurse, "hoa")
    assert archive.names.get(people.phu_thong) is not None

    now[0] = 60.1

    assert archive.names.get(people.phu_thong) is None


async def test_pressing_twice_registers_once(archive: Any, people: Any) -> None:
    id = uuid4()
    for _ in range(2):
        async with archive.act(people.nurse.actor) as act:
            await patients.register(act, id, HOA)

    assert await find(archive, people.nurse, "hoa") == [id]


async def test_the_same_identity_number_is_refused_here_and_taken_elsewhere(archive: Any, people: Any) -> None:
    await register(archive, people.nurse)

    with pytest.raises(Invalid) as refusal:
        await register(archive, people.colleague, Identity(full_name="Nông Văn Thắng", national_id="006158 001234"))
    assert refusal.value.fields == {"national_id": "same-number"}
    assert await register(archive, people.stranger)


@pytest.mark.parametrize(("changed", "fields"), [
    ({"full_name": " "}, {"full_name": "missing"}), ({"birth_date": "1958-02-30"}, {"birth_date": "not-a-birth-date"}),
    ({"national_id": "0060580012"}, {"national_id": "too-short"}), ({"national_id": "00605800123a"}, {"national_id": "not-digits"}),
    ({"gender": "x"}, {"gender": "choose-one"}), ({"commune_code": "99999"}, {"commune": "unknown-commune"}),
    ({"phone": "abc"}, {"phone": "wrong-form"}), ({"insurance_number": "12"}, {"insurance_number": "wrong-form"})])
async def test_what_does_not_fit_is_named_by_field(
    archive: Any, people: Any, changed: dict[str, str], fields: dict[str, str],
) -> None:
    with pytest.raises(Invalid) as refusal:
        await register(archive, people.nurse, Identity(**{"full_name": "Hoàng Thị Hoa", **changed}))

    assert refusal.value.fields == fields


async def test_what_was_amended_is_read_back_and_found(archive: Any, people: Any) -> None:
    hoa = await register(archive, people.nurse)
    async with archive.act(people.colleague.actor) as act:
        await patients.amend(act, hoa, 1, Identity(full_name="Hoàng Thị Hoà", birth_date="1959", allergies="Penicillin"))

    async with archive.act(people.nurse.actor) as act:
        read = await patients.read(act, hoa)

    assert (read.version, read.identity.full_name, read.identity.allergies) == (2, "Hoàng Thị Hoà", "Penicillin")
    assert await find(archive, people.nurse, "hoa 1959") == [hoa]
    assert await find(archive, people.nurse, "0912345678") == []


async def test_an_amendment_of_what_somebody_else_changed_is_a_conflict(archive: Any, people: Any) -> None:
    hoa = await register(archive, people.nurse)
    async with archive.act(people.nurse.actor) as act:
        await patients.amend(act, hoa, 1, HOA)

    with pytest.raises(Conflict):
        async with archive.act(people.colleague.actor) as act:
            await patients.amend(act, hoa, 1, HOA)


async def test_another_station_and_a_doctor_who_was_not_asked_do_not_know_the_patient(archive: Any, people: Any) -> None:
    hoa = await register(archive, people.nurse)

    for who in (people.stranger, people.doctor):
        with pytest.raises(NotAllowed) as refusal:
            async with archive.act(who.actor) as act:
                await patients.read(act, hoa)
        assert refusal.value.hidden
    with pytest.raises(NotFound):
        async with archive.act(people.stranger.actor) as act:
            await patients.register(act, hoa, HOA)


async def test_administrators_and_doctors_may_not_search(archive: Any, people: Any) -> None:
    for who in (people.doctor, people.administrator, people.auditor):
        with pytest.raises(NotAllowed):
            await find(archive, who, "hoa")


async def test_an_auditor_finds_patients_of_the_places_in_reach_only(archive: Any, people: Any) -> None:
    hoa = await register(archive, people.nurse)

    async with archive.act(people.auditor.actor) as act:
        found = await audited.find(act, "hoa 1958")

    assert [one.id for one in found] == [hoa]


async def test_somebody_without_a_name_is_named_later(archive: Any, people: Any) -> None:
    async with archive.act(people.nurse.actor) as act:
        nobody = await patients.unnamed(act, uuid4())
    async with archive.act(people.nurse.actor) as act:
        assert (await patients.read(act, nobody)).unnamed
        await patients.name(act, nobody, HOA)

    async with archive.act(people.nurse.actor) as act:
        assert not (await patients.read(act, nobody)).unnamed
    assert await find(archive, people.nurse, "hoa") == [nobody]
    with pytest.raises(Conflict):
        async with archive.act(people.nurse.actor) as act:
            await patients.name(act, nobody, HOA)


async def test_somebody_without_a_name_turns_out_to_be_known(archive: Any, people: Any) -> None:
    hoa = await register(archive, people.nurse)
    async with archive.act(people.nurse.actor) as act:
        nobody = await patients.unnamed(act, uuid4())
        await patients.join(act, nobody, hoa)

    async with archive.act(people.nurse.actor) as act:
        read = await patients.read(act, nobody)
        assert (read.known_id, read.identity.full_name, read.unnamed) == (hoa, "Hoàng Thị Hoa", False)
        assert await patients.same(act, hoa) == {hoa, nobody}


async def test_a_patient_with_a_name_is_not_joined_to_another(archive: Any, people: Any) -> None:
    hoa = await register(archive, people.nurse)
    thang = await register(archive, people.nurse, Identity(full_name="Nông Văn Thắng"))

    with pytest.raises(Conflict):
        async with archive.act(people.nurse.actor) as act:
            await patients.join(act, thang, hoa)


async def test_nothing_that_names_a_patient_lies_in_the_database(archive: Any, people: Any, tmp_path: Path) -> None:
    await register(archive, people.nurse, Identity(
        full_name=f"{MARKERS[0]} Thị", village=MARKERS[1], phone=MARKERS[2], national_id=MARKERS[3], allergies=MARKERS[4]))
    await find(archive, people.nurse, MARKERS[0])

    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    content = b"".join(path.read_bytes() for path in files)

    assert files and not [marker for marker in MARKERS if marker.encode() in content]
