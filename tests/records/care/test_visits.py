"""A visit as it is written down: intake, vital signs, consent, photos; who may see what of it."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from PIL import Image

from records.acts import Role
from records.care import attachments, consents, encounters, observations, progress, tables
from records.care.encounters import Intake
from records.care.pictures import Darkroom, Picture
from records.errors import CannotOpen, Conflict, Invalid, NotAllowed
from records.people import patients
from records.people.patients import Identity

PRESSURE, OXYGEN = "85354-9", "2708-6"
PICTURE = Picture(b"\xff\xd8\xff" + b"large" * 30_000, b"\xff\xd8\xffsmall")


@pytest.fixture
async def visit(archive: Any, people: Any) -> UUID:
    """Hoa, 68, has come to Phủ Thông."""
    async with archive.act(people.nurse.actor) as act:
        hoa = await patients.register(act, uuid4(), Identity(full_name="Hoàng Thị Hoa", gender="female", birth_date="1958"))
        return await encounters.start(act, uuid4(), hoa)


async def ring(archive: Any, people: Any, visit: UUID, *, accepted: bool) -> None:
    """The doctor was asked about this visit."""
    async with archive.act(people.nurse.actor) as act:
        act.db.add(tables.Request(
            id=uuid4(), encounter_id=visit, organization_id=people.phu_thong, status="accepted" if accepted else "requested",
            asked_at=act.at, asked_by=people.nurse.id, accepted_at=act.at if accepted else None,
            accepted_by=people.doctor.id if accepted else None, version=1))


async def test_a_visit_begins_once_a_day(archive: Any, people: Any, visit: UUID, clock: Any) -> None:
    async with archive.act(people.nurse.actor) as act:
        patient = (await encounters.read(act, visit)).patient.id
        assert await encounters.start(act, uuid4(), patient) == visit

    clock.forward(days=1)

    async with archive.act(people.nurse.actor) as act:
        assert await encounters.start(act, uuid4(), patient) != visit
        assert len(await encounters.for_patient(act, patient)) == 2


async def test_the_reason_is_saved_as_typed_and_the_same_again_changes_nothing(archive: Any, people: Any, visit: UUID) -> None:
    intake = Intake(["cough", "breathless"], "ho đờm vàng 3 ngày")
    async with archive.act(people.nurse.actor) as act:
        assert await encounters.save_intake(act, visit, intake, version=0) == 1
        assert await encounters.save_intake(act, visit, intake, version=0) == 1

    async with archive.act(people.nurse.actor) as act:
        assert (await encounters.read(act, visit)).intake == intake


async def test_two_pages_that_write_the_reason_learn_of_each_other(archive: Any, people: Any, visit: UUID) -> None:
    async with archive.act(people.nurse.actor) as act:
        await encounters.save_intake(act, visit, Intake([], "ho"), version=0)

    with pytest.raises(Conflict):
        async with archive.act(people.colleague.actor) as act:
            await encounters.save_intake(act, visit, Intake([], "sốt"), version=0)


async def test_an_unknown_reason_is_refused(archive: Any, people: Any, visit: UUID) -> None:
    with pytest.raises(Invalid):
        async with archive.act(people.nurse.actor) as act:
            await encounters.save_intake(act, visit, Intake(["no-such"], ""))


async def test_nobody_of_another_place_sees_or_writes_the_visit(archive: Any, people: Any, visit: UUID) -> None:
    for who in (people.stranger, people.doctor):
        with pytest.raises(NotAllowed):
            async with archive.act(who.actor) as act:
                await encounters.read(act, visit)
    with pytest.raises(NotAllowed):
        async with archive.act(people.stranger.actor) as act:
            await observations.record(act, visit, uuid4(), OXYGEN, "91")


async def test_a_red_value_stays_red_and_says_that_it_was_measured_again(archive: Any, people: Any, visit: UUID, clock: Any) -> None:
    async with archive.act(people.nurse.actor) as act:
        first = await observations.record(act, visit, uuid4(), OXYGEN, "91")
    clock.forward(minutes=3)
    async with archive.act(people.nurse.actor) as act:
        second = await observations.record(act, visit, uuid4(), OXYGEN, "91", version=0, after=first.id)
        shown = await observations.for_encounter(act, visit)
        kept = await observations.every(act, visit)

    assert (first.level, first.direction, first.again) == ("red", "low", False)
    assert (second.level, second.again) == ("red", True)
    assert [one.id for one in shown] == [second.id]
    assert [one.id for one in kept] == [first.id, second.id]


async def test_a_slip_that_is_corrected_stays_one_measurement(archive: Any, people: Any, visit: UUID) -> None:
    id = uuid4()
    async with archive.act(people.nurse.actor) as act:
        await observations.record(act, visit, id, OXYGEN, "9", version=0)
        corrected = await observations.record(act, visit, id, OXYGEN, "96", version=1)
        again = await observations.record(act, visit, id, OXYGEN, "96", version=1)

    assert corrected == again
    assert (corrected.values, corrected.version, corrected.level) == ((96.0,), 2, "")


async def test_a_habit_is_kept_as_typed_and_gives_no_value_until_it_is_accepted(archive: Any, people: Any, visit: UUID) -> None:
    id = uuid4()
    async with archive.act(people.nurse.actor) as act:
        offered = await observations.record(act, visit, id, PRESSURE, "15/9")
        assert (offered.typed, offered.values, offered.offer) == ("15/9", (), (150.0, 90.0))
        assert await observations.for_encounter(act, visit) == []

        await observations.record(act, visit, id, PRESSURE, "150/90", version=1)

        (shown,) = await observations.for_encounter(act, visit)
    assert (shown.values, shown.unit, shown.level) == ((150.0, 90.0), "mm[Hg]", "look")


async def test_two_pages_that_measure_the_same_sign_learn_of_each_other(archive: Any, people: Any, visit: UUID) -> None:
    async with archive.act(people.nurse.actor) as act:
        await observations.record(act, visit, uuid4(), OXYGEN, "91", version=0)

    with pytest.raises(Conflict):
        async with archive.act(people.colleague.actor) as act:
            await observations.record(act, visit, uuid4(), OXYGEN, "96", version=0)


async def test_an_emptied_field_takes_its_value_back(archive: Any, people: Any, visit: UUID) -> None:
    id = uuid4()
    async with archive.act(people.nurse.actor) as act:
        await observations.record(act, visit, id, OXYGEN, "91")
        emptied = await observations.record(act, visit, id, OXYGEN, "", version=1)

        assert emptied.typed == ""
        assert await observations.for_encounter(act, visit) == []


async def test_the_last_value_is_that_of_an_earlier_visit(archive: Any, people: Any, visit: UUID, clock: Any) -> None:
    async with archive.act(people.nurse.actor) as act:
        await observations.record(act, visit, uuid4(), OXYGEN, "96")
        patient = (await encounters.read(act, visit)).patient.id
    clock.forward(days=40)
    async with archive.act(people.nurse.actor) as act:
        now = await encounters.read(act, await encounters.start(act, uuid4(), patient))
        await observations.record(act, now.id, uuid4(), OXYGEN, "91")

        before = await observations.last_before(act, patient, now.started_at)

    assert {code: one.values for code, one in before.items()} == {OXYGEN: (96.0,)}


async def test_nothing_is_ticked_beforehand(archive: Any, people: Any, visit: UUID) -> None:
    async with archive.act(people.nurse.actor) as act:
        choices = await consents.choices(act, visit)

    assert not choices.consult and not choices.photo and not any(share.given for share in choices.shares)
    assert {share.place.id for share in choices.shares} == {people.bach_thong, people.hospital}
    assert choices.missing == "consult"


async def test_only_ticked_organizations_are_rung(archive: Any, people: Any, visit: UUID) -> None:
    async with archive.act(people.nurse.actor) as act:
        await consents.save(act, visit, consult=True, share={people.bach_thong}, photo=False)
        assert await consents.recipients(act, visit) == {people.bach_thong}

        await consents.save(act, visit, consult=False, share={people.bach_thong}, photo=False)
        assert await consents.recipients(act, visit) == set()


async def test_a_page_that_is_behind_withdraws_nothing_that_it_did_not_touch(archive: Any, people: Any, visit: UUID) -> None:
    here = people.bach_thong
    async with archive.act(people.nurse.actor) as act:
        await consents.save(act, visit, consult=True, share={here}, photo=True)
        touched = {consents.wanted_by(str(here))}

        await consents.save(act, visit, consult=False, share=set(), photo=False, touched=touched)
        kept = await consents.choices(act, visit)
        await consents.save(act, visit, consult=False, share=set(), photo=False, touched={consents.wanted_by("photo")})
        withdrawn = await consents.choices(act, visit)

    assert kept.boxes == ["consult", "photo"]
    assert withdrawn.boxes == ["consult"]


async def test_a_record_is_not_shared_with_a_place_that_does_not_cover_the_station(archive: Any, people: Any, visit: UUID) -> None:
    with pytest.raises(Invalid):
        async with archive.act(people.nurse.actor) as act:
            await consents.save(act, visit, consult=True, share={people.department}, photo=False)


async def test_an_emergency_is_recorded_with_its_reason(archive: Any, people: Any, visit: UUID) -> None:
    async with archive.act(people.nurse.actor) as act:
        await consents.emergency(act, visit, "bleeding")
        await consents.emergency(act, visit, "bleeding")
        choices = await consents.choices(act, visit)

    assert choices.emergency == "bleeding"
    assert not choices.consult


async def test_a_photo_is_seen_by_the_doctor_only_when_the_patient_agreed(archive: Any, people: Any, visit: UUID) -> None:
    await ring(archive, people, visit, accepted=True)
    async with archive.act(people.nurse.actor) as act:
        photo = await attachments.store(act, uuid4(), visit, PICTURE)
    with pytest.raises(NotAllowed):
        async with archive.act(people.doctor.actor) as act:
            await attachments.open(act, photo.id)

    async with archive.act(people.nurse.actor) as act:
        await consents.save(act, visit, consult=True, share=set(), photo=True)
    async with archive.act(people.doctor.actor) as act:
        opened = await attachments.open(act, photo.id)

    assert opened.content == PICTURE.content
    async with archive.act(people.nurse.actor) as act:
        (shown,) = await attachments.for_encounter(act, visit)
        small = await attachments.open(act, photo.id, small=True)
    assert shown.seen_at is not None
    assert small.content == PICTURE.small


async def test_a_doctor_who_is_a_worker_elsewhere_sees_a_photo_only_when_the_patient_agreed(
    archive: Any, people: Any, visit: UUID,
) -> None:
    await ring(archive, people, visit, accepted=True)
    both = replace(people.doctor.actor, roles=frozenset({Role.DOCTOR, Role.WORKER}))
    async with archive.act(people.nurse.actor) as act:
        photo = await attachments.store(act, uuid4(), visit, PICTURE)

    async with archive.act(both) as act:
        assert await attachments.for_encounter(act, visit) == []
    with pytest.raises(NotAllowed):
        async with archive.act(both) as act:
            await attachments.open(act, photo.id)

    async with archive.act(people.nurse.actor) as act:
        await consents.save(act, visit, consult=True, share=set(), photo=True)
    async with archive.act(both) as act:
        assert (await attachments.open(act, photo.id)).content == PICTURE.content


async def test_the_nurse_who_looks_at_a_photo_is_no_doctor_who_saw_it(archive: Any, people: Any, visit: UUID) -> None:
    async with archive.act(people.nurse.actor) as act:
        photo = await attachments.store(act, uuid4(), visit, PICTURE)
        again = await attachments.store(act, photo.id, visit, PICTURE)
        await attachments.open(act, photo.id)
        (shown,) = await attachments.for_encounter(act, visit)

    assert again == photo == shown
    assert shown.seen_at is None


async def test_a_doctor_who_was_only_rung_opens_no_photo(archive: Any, people: Any, visit: UUID) -> None:
    await ring(archive, people, visit, accepted=False)
    async with archive.act(people.nurse.actor) as act:
        await consents.save(act, visit, consult=True, share={people.bach_thong}, photo=True)
        photo = await attachments.store(act, uuid4(), visit, PICTURE)

    for who in (people.doctor, people.stranger):
        with pytest.raises(NotAllowed):
            async with archive.act(who.actor) as act:
                await attachments.open(act, photo.id)


async def test_a_chunk_moved_or_missing_does_not_open(archive: Any, people: Any, visit: UUID) -> None:
    async with archive.act(people.nurse.actor) as act:
        photo = await attachments.store(act, uuid4(), visit, PICTURE)
    async with archive.act(people.nurse.actor) as act:
        chunk = await act.db.get_one(tables.AttachmentChunk, (photo.id, 1))
        await act.db.delete(chunk)

    with pytest.raises(CannotOpen):
        async with archive.act(people.nurse.actor) as act:
            await attachments.open(act, photo.id)


async def test_a_photo_taken_by_mistake_is_gone_unless_a_doctor_saw_it(archive: Any, people: Any, visit: UUID) -> None:
    async with archive.act(people.nurse.actor) as act:
        photo = await attachments.store(act, uuid4(), visit, PICTURE)
        await attachments.remove(act, photo.id)
        assert await attachments.for_encounter(act, visit) == []


async def test_a_picture_is_written_anew_upright_without_where_it_was_taken() -> None:
    taken = Image.new("RGB", (2400, 1200), "white")
    taken.paste("red", (0, 0, 1200, 1200))
    exif = Image.Exif()
    exif[0x0112] = 6                                    # turned by 90 degrees
    exif[0x010E] = "Zqmarker"
    file = io.BytesIO()
    taken.save(file, "JPEG", exif=exif)

    picture = await Darkroom().develop(file.getvalue())

    with Image.open(io.BytesIO(picture.content)) as large, Image.open(io.BytesIO(picture.small)) as small:
        assert (large.size, small.size, dict(large.getexif())) == ((800, 1600), (160, 320), {})
        red, green, _ = large.getpixel((400, 100))      # type: ignore[misc]
        assert red > 200 > 100 > green
    assert b"Zqmarker" not in picture.content


@pytest.mark.parametrize(("content", "code"), [
    (b"GIF89a" + b"x" * 100, "not-a-picture"), (b"<svg/>", "not-a-picture"), (b"\xff\xd8\xff" + b"x" * 100, "cannot-decode"),
    (b"\xff\xd8\xff" + b"x" * (8 * 1024 * 1024), "too-large")])
async def test_what_is_no_picture_is_refused(content: bytes, code: str) -> None:
    with pytest.raises(Invalid) as refusal:
        await Darkroom().develop(content)

    assert refusal.value.fields == {"photo": code}


async def test_a_picture_of_too_many_pixels_is_refused() -> None:
    file = io.BytesIO()
    Image.new("1", (8000, 6000)).save(file, "PNG")

    with pytest.raises(Invalid) as refusal:
        await Darkroom().develop(file.getvalue())

    assert refusal.value.fields == {"photo": "cannot-decode"}


async def test_the_day_tells_how_far_each_visit_is(archive: Any, people: Any, visit: UUID) -> None:
    async with archive.act(people.nurse.actor) as act:
        (line,) = (await progress.today(act)).waiting
        assert (line.encounter.id, line.progress.state) == (visit, "preparing")
    await ring(archive, people, visit, accepted=False)

    async with archive.act(people.colleague.actor) as act:
        (line,) = (await progress.today(act)).waiting
    async with archive.act(people.stranger.actor) as act:
        assert (await progress.today(act)).waiting == ()

    assert (line.progress.state, line.progress.is_live) == ("ringing", True)


async def test_a_visit_begun_by_mistake_is_closed(archive: Any, people: Any, visit: UUID) -> None:
    async with archive.act(people.nurse.actor) as act:
        await encounters.cancel(act, visit)

    async with archive.act(people.nurse.actor) as act:
        today = await progress.today(act)
        assert (len(today.waiting), len(today.done)) == (0, 1)
    with pytest.raises(Conflict):
        async with archive.act(people.nurse.actor) as act:
            await observations.record(act, visit, uuid4(), OXYGEN, "91")


async def test_nothing_that_was_said_lies_in_the_database(archive: Any, people: Any, visit: UUID, tmp_path: Path) -> None:
    async with archive.act(people.nurse.actor) as act:
        await encounters.save_intake(act, visit, Intake(["cough"], "Zqkhạc máu"))
        await observations.record(act, visit, uuid4(), PRESSURE, "Zq15/9")
        await attachments.store(act, uuid4(), visit, Picture(b"Zqphoto" * 20_000, b"Zqsmall"))

    content = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())

    assert not [marker for marker in ("Zqkhạc", "Zq15/9", "Zqphoto", "Zqsmall", "cough") if marker.encode() in content]
