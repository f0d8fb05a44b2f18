"""Writing, signing and amending notes; who sees them and when. On SQLite and on PostgreSQL."""

from __future__ import annotations

import hashlib
from datetime import date, timedelta
from uuid import UUID, uuid4

import msgspec
import pytest
from sqlalchemy import select, update

from records.acts import Actor
from records.archive import Archive
from records.care import note_content, note_drafts, note_lists, note_rows, notes, observations, tables
from records.care.note_content import Diagnosis, Written
from records.codes import vital_signs
from records.errors import Conflict, Invalid, NotAllowed, NotFound
from records.guard.tables import AuditEvent
from records.people.tables import Practitioner
from tests import note_cases
from tests.builders import Clock, People
from tests.note_cases import WRITTEN, Case


@pytest.fixture
async def case(archive: Archive, people: People) -> Case:
    return await note_cases.accepted(archive, people)


async def trail(archive: Archive, tag: str) -> list[AuditEvent]:
    async with archive.act(Actor.of_system("test")) as act:
        return list(await act.db.scalars(select(AuditEvent).where(AuditEvent.tag == tag).order_by(AuditEvent.sequence)))


async def test_a_draft_is_kept_and_read_back_by_its_author(case: Case) -> None:
    saved = await case.save(uuid4(), 0)

    async with case.archive.act(case.people.doctor.actor) as act:
        desk = await note_drafts.open(act, case.encounter)
    assert desk.draft == saved
    assert (saved.status, saved.version, saved.number, saved.written) == ("preliminary", 1, 1, WRITTEN)
    assert desk.station.complaints == ["Ho", "Khó thở"] and desk.station.story == note_cases.STORY
    assert [(one.name, one.values) for one in desk.station.measures][1] == ("Huyết áp", [150.0, 90.0])


async def test_saving_the_same_again_changes_nothing(case: Case) -> None:
    first = await case.save(uuid4(), 0)

    again = await case.save(first.id, 0)
    later = await case.save(first.id, 1, msgspec.structs.replace(WRITTEN, advice="Nghỉ ngơi"))
    lost = await case.save(first.id, 1, msgspec.structs.replace(WRITTEN, advice="Nghỉ ngơi"))

    assert again == first
    assert (later.version, lost.version) == (2, 2)


async def test_a_second_page_with_an_older_version_is_told_and_loses_nothing(case: Case) -> None:
    note = (await case.save(uuid4(), 0)).id
    newer = await case.save(note, 1, msgspec.structs.replace(WRITTEN, advice="Nghỉ ngơi"))

    with pytest.raises(Conflict, match="changed"):
        await case.save(note, 1, msgspec.structs.replace(WRITTEN, advice="Đi lại nhẹ"))

    async with case.archive.act(case.people.doctor.actor) as act:
        assert await note_drafts.read(act, case.encounter) == newer


async def test_two_pages_that_both_begin_make_one_note(case: Case) -> None:
    await case.save(uuid4(), 0)

    with pytest.raises(Conflict, match="changed"):
        await case.save(uuid4(), 0, msgspec.structs.replace(WRITTEN, advice="Đi lại nhẹ"))


@pytest.mark.parametrize(("change", "field"), [
    ({"diagnoses": [Diagnosis(code="Z99.9", name="")]}, "diagnoses"), ({"finding": "x" * 301}, "finding"),
    ({"follow_up": "2"}, "follow_up"), ({"advice": "\n" * 61}, "advice"),
])
async def test_what_does_not_fit_is_named_by_its_field(case: Case, change: dict[str, object], field: str) -> None:
    with pytest.raises(Invalid) as caught:
        await case.save(uuid4(), 0, msgspec.structs.replace(WRITTEN, **change))

    assert list(caught.value.fields) == [field]


async def test_one_entry_per_note_author_and_login_while_it_is_written(case: Case) -> None:
    note = (await case.save(uuid4(), 0)).id
    for version in range(1, 5):
        await case.save(note, version, msgspec.structs.replace(WRITTEN, advice=f"Lần {version}"))

    assert len(await trail(case.archive, "note:draft")) == 1


async def test_signing_locks_it_with_signer_licence_instant_and_hash(case: Case, clock: Clock) -> None:
    draft = await case.save(uuid4(), 0)
    clock.forward(minutes=3)

    note = await case.sign(draft.id, 1)

    signature = note.content.signature
    assert signature is not None and signature.signed_at == note.signed_at == clock.now
    assert (note.status, signature.name, signature.licence_number) == ("final", "Bs. Hà Quang Minh", note.licence_number)
    assert note.licence_number and signature.code == note.code and note.code.startswith("VH-2611-")
    assert note.content_hash == hashlib.sha256(note_content.canonical(note.content)).digest()
    assert (await trail(case.archive, "note:sign"))[0].entry.count(note.content_hash.hex()) == 1
    assert note.content.follow_up_on == date(2026, 11, 26)


async def test_what_the_station_measures_later_does_not_enter_the_signed_note(case: Case) -> None:
    note = await case.signed()
    async with case.archive.act(case.people.nurse.actor) as act:
        await observations.record(act, case.encounter, uuid4(), vital_signs.OXYGEN, "95")

    async with case.archive.act(case.people.doctor.actor) as act:
        now = await note_drafts.station(act, case.encounter)
    frozen = (await case.versions(case.people.nurse))[0].content

    assert frozen == note.content and frozen.subject is not None and frozen.station is not None
    assert frozen.subject.name == "Nguyễn Thị Phương Thảo"
    assert (len(frozen.station.measures), len(now.measures)) == (5, 6)


async def test_pressing_sign_twice_signs_once(case: Case, clock: Clock) -> None:
    first = await case.signed()
    clock.forward(seconds=1)

    again = await case.sign(first.id, 1)

    assert again == first
    assert len(await trail(case.archive, "note:sign")) == 1


async def test_what_was_changed_since_the_review_is_not_signed(case: Case) -> None:
    draft = await case.save(uuid4(), 0)
    await case.save(draft.id, 1, msgspec.structs.replace(WRITTEN, advice="Nghỉ ngơi"))

    with pytest.raises(Conflict, match="changed"):
        await case.sign(draft.id, 1)

    assert (await case.sign(draft.id, 2)).status == "final"


async def test_a_note_without_diagnosis_or_advice_is_not_signed(case: Case) -> None:
    draft = await case.save(uuid4(), 0, Written(finding="Bà khoẻ"))

    with pytest.raises(Invalid) as caught:
        await case.sign(draft.id, 1)

    assert caught.value.fields == {"diagnoses": "missing", "advice": "missing"}


async def test_an_expired_licence_cannot_sign_and_a_renewed_one_can(case: Case, clock: Clock) -> None:
    draft = await case.save(uuid4(), 0)
    await _licence(case, until=clock.now.date() - timedelta(days=1))

    with pytest.raises(notes.LicenceExpired):
        await case.sign(draft.id, 1)
    assert [event.outcome for event in await trail(case.archive, "note:sign")] == ["refused"]

    await _licence(case, until=clock.now.date())
    assert (await case.sign(draft.id, 1)).status == "final"


async def test_nobody_signs_without_a_licence_number(case: Case) -> None:
    draft = await case.save(uuid4(), 0)
    await _licence(case, until=None, number="")

    with pytest.raises(notes.LicenceExpired):
        await case.sign(draft.id, 1)


async def test_the_station_sees_nothing_before_signing_and_all_after(case: Case) -> None:
    assert (await case.state(case.people.nurse)).state == "writing"
    draft = await case.save(uuid4(), 0)
    before = await case.versions(case.people.nurse)
    waiting = await case.state(case.people.nurse)

    note = await case.sign(draft.id, 1)

    assert before == [] and (waiting.state, waiting.doctor, waiting.code) == ("writing", "Bs. Hà Quang Minh", "")
    assert await case.versions(case.people.nurse) == [note] == await case.versions(case.people.colleague)
    assert (await case.state(case.people.nurse)).code == note.code


async def test_a_worker_cannot_reach_the_draft_itself(case: Case) -> None:
    draft = await case.save(uuid4(), 0)

    async with case.archive.act(case.people.nurse.actor) as act:
        with pytest.raises(NotAllowed):
            await note_drafts.open(act, case.encounter)
    with pytest.raises(NotAllowed):
        await case.save(draft.id, 1, who=case.people.nurse)
    with pytest.raises(NotAllowed):
        await case.sign(draft.id, 1, who=case.people.nurse)


@pytest.mark.parametrize("name", ["second_doctor", "specialist"])
async def test_for_a_doctor_who_did_not_accept_there_is_no_note(case: Case, name: str) -> None:
    draft, other = await case.save(uuid4(), 0), getattr(case.people, name)

    attempts = (case.save(uuid4(), 0, who=other), case.sign(draft.id, 1, who=other), case.versions(other), case.state(other))
    for attempt in attempts:
        with pytest.raises(NotAllowed) as caught:
            await attempt
        assert caught.value.hidden


async def test_another_station_and_an_administrator_read_no_note(case: Case) -> None:
    await case.signed()

    with pytest.raises(NotAllowed) as caught:
        await case.versions(case.people.stranger)
    assert caught.value.hidden
    for person in (case.people.administrator, case.people.auditor):
        with pytest.raises(NotAllowed):
            await case.versions(person)


async def test_an_addendum_is_a_new_version_and_the_old_one_stays_readable(case: Case, clock: Clock) -> None:
    first = await case.signed()
    clock.forward(hours=2)

    draft = await case.addend(first.id)
    await case.save(draft.id, 1, msgspec.structs.replace(WRITTEN, follow_up="1"))
    second = await case.sign(draft.id, 2)

    newest, oldest = await case.versions(case.people.nurse)
    assert newest == second and oldest.status == "amended"
    assert (oldest.content, oldest.content_hash) == (first.content, first.content_hash)
    assert (second.number, second.follows_id, second.revision) == (2, first.id, 1)
    assert second.content.signature is not None and second.content.signature.replaces == first.code != second.code
    assert (await case.state(case.people.nurse)).revised


async def test_until_the_addendum_is_signed_the_station_reads_the_old_version(case: Case) -> None:
    first = await case.signed()
    draft = await case.addend(first.id)
    await case.save(draft.id, 1, msgspec.structs.replace(WRITTEN, advice="Nghỉ ngơi"))

    assert await case.versions(case.people.nurse) == [first]
    assert (await case.state(case.people.nurse)).code == first.code


async def test_two_addenda_to_one_version_cannot_both_be_signed(case: Case) -> None:
    first = await case.signed()
    draft = await case.addend(first.id)
    assert (await case.addend(first.id)).id == draft.id
    await case.sign(draft.id, 1)

    with pytest.raises(Conflict, match="amended"):
        await case.addend(first.id)


async def test_an_addendum_that_was_begun_may_be_given_up_but_a_note_may_not(case: Case) -> None:
    first = await case.signed()
    draft = await case.addend(first.id)

    await _discard(case, draft.id)

    assert (await case.versions(case.people.nurse))[0].status == "final"
    with pytest.raises(Conflict):
        await _discard(case, first.id)


async def test_a_signed_note_is_not_written_again_except_as_addendum(case: Case) -> None:
    first = await case.signed()

    with pytest.raises(Conflict, match="signed"):
        await case.save(first.id, 2, msgspec.structs.replace(WRITTEN, advice="Nghỉ ngơi"))
    with pytest.raises(Conflict, match="signed"):
        await case.save(uuid4(), 0)


async def test_printing_is_told_apart_in_the_trail(case: Case) -> None:
    async with case.archive.act(case.people.nurse.actor) as act:
        with pytest.raises(NotFound):
            await notes.for_print(act, case.encounter)
    note = await case.signed()

    async with case.archive.act(case.people.nurse.actor) as act:
        assert await notes.for_print(act, case.encounter) == [note]

    assert [event.object_id for event in await trail(case.archive, "note:print")] == [str(note.id)]


async def test_a_doctor_has_a_list_of_what_waits_and_what_is_signed(case: Case) -> None:
    assert [row.saved_at for row in (await _list(case)).waiting] == [None]
    draft = await case.save(uuid4(), 0)
    waiting = (await _list(case)).waiting[0]
    note = await case.sign(draft.id, 1)

    own = await _list(case)

    assert (waiting.saved_at, waiting.place, waiting.encounter.patient.identity.full_name) == (
        draft.saved_at, "Vi Hương", "Nguyễn Thị Phương Thảo")
    assert own.waiting == [] and [row.code for row in own.signed] == [note.code]
    await case.addend(note.id)
    assert [row.addendum for row in (await _list(case)).waiting] == [True]


async def test_rows_are_opened_only_with_their_own_hash(case: Case) -> None:
    note = await case.signed()
    async with case.archive.act(Actor.of_system("test")) as act:
        row = await act.db.get_one(tables.Note, note.id)
        act.db.expunge(row)
        row.content_hash = bytes(32)
        with pytest.raises(note_rows.CannotOpen):
            await note_rows.opened(act, [row])


async def _licence(case: Case, *, until: date | None, number: str = "000123/TNG-GPHN") -> None:
    async with case.archive.act(Actor.of_system("test")) as act:
        await act.db.execute(update(Practitioner).where(Practitioner.id == case.people.doctor.id)
                             .values(licence_valid_until=until, licence_number=number))


async def _discard(case: Case, note: UUID) -> None:
    async with case.archive.act(case.people.doctor.actor) as act:
        await note_drafts.discard(act, case.encounter, note)


async def _list(case: Case) -> note_lists.Own:
    async with case.archive.act(case.people.doctor.actor) as act:
        return await note_lists.own(act)
