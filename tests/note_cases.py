"""Cases for the tests of notes: a patient of Vi Hương, measured, agreed, and accepted by the doctor of Bạch Thông."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID, uuid4

from records.acts import Actor
from records.archive import Archive
from records.care import consents, encounters, note_drafts, notes, observations, requests
from records.care.encounters import Intake
from records.care.note_content import Diagnosis, Written
from records.care.note_rows import Note
from records.codes import vital_signs
from records.people import duty, patients
from records.people.identities import Identity
from tests.builders import People, Someone

THAO = Identity(
    full_name="Nguyễn Thị Phương Thảo", gender="female", birth_date="1958", village="thôn Nà Ít",
    allergies="Penicillin, nổi mẩn 2019", problems="Tăng huyết áp", medications="Amlodipin 5 mg, sáng 1 viên")
STORY = "Ho đờm vàng 3 ngày, khó thở khi leo dốc"
WRITTEN = Written(
    diagnoses=[Diagnosis(code="J18.9", name="Viêm phổi, chưa rõ tác nhân"), Diagnosis(code="I10", name="Tăng huyết áp")],
    assessment="Ran ẩm đáy phổi phải, không suy hô hấp",
    finding="Bà bị viêm phổi, đo lại ôxy máu tốt (95), uống thuốc ở nhà được.",
    advice="Uống đủ thuốc, kể cả khi đã đỡ.\nUống nước ấm, nằm đầu cao.\nChiều nay lên trạm đo lại.", follow_up="3",
    danger_signs="khó thở cả lúc nằm\nmôi tím, lú lẫn\nsốt trên 39 °C")


@dataclass
class Case:
    """An accepted case; each method is one act."""

    archive: Archive
    people: People
    encounter: UUID
    request: UUID
    patient: UUID

    async def save(self, note: UUID, version: int, written: Written = WRITTEN, *, who: Someone | None = None) -> Note:
        async with self.archive.act((who or self.people.doctor).actor) as act:
            return await note_drafts.save(act, self.encounter, note, version, written)

    async def sign(self, note: UUID, version: int, *, who: Someone | None = None) -> Note:
        async with self.archive.act((who or self.people.doctor).actor) as act:
            return await notes.sign(act, self.encounter, note, version)

    async def signed(self, written: Written = WRITTEN) -> Note:
        """A note, saved and signed."""
        draft = await self.save(uuid4(), 0, written)
        return await self.sign(draft.id, draft.version)

    async def addend(self, follows: UUID, *, who: Someone | None = None) -> Note:
        async with self.archive.act((who or self.people.doctor).actor) as act:
            return await note_drafts.addend(act, self.encounter, uuid4(), follows)

    async def versions(self, who: Someone) -> list[Note]:
        async with self.archive.act(who.actor) as act:
            return await notes.versions(act, self.encounter)

    async def state(self, who: Someone) -> notes.State:
        async with self.archive.act(who.actor) as act:
            return await notes.state(act, self.encounter)


async def accepted(archive: Archive, people: People, identity: Identity = THAO) -> Case:
    """The doctor of Bạch Thông has accepted; nothing is written yet."""
    encounter, patient = await visit(archive, people, identity)
    async with archive.act(people.doctor.actor) as act:
        await duty.begin(act)
    async with archive.act(people.nurse.actor) as act:
        request = await requests.ask(act, uuid4(), encounter)
    async with archive.act(Actor.of_system("desk")) as act:
        await requests.offer(act, request)
    async with archive.act(people.doctor.actor) as act:
        await requests.accept(act, request)
    return Case(archive, people, encounter, request, patient)


async def visit(archive: Archive, people: People, identity: Identity = THAO) -> tuple[UUID, UUID]:
    """A visit with complaint, vital signs and consent; the encounter and the patient."""
    async with archive.act(people.nurse.actor) as act:
        patient = await patients.register(act, uuid4(), identity)
        encounter = await encounters.start(act, uuid4(), patient)
        await encounters.save_intake(act, encounter, Intake(complaints=["cough", "breathless"], text=STORY))
        for code, typed in ((vital_signs.PULSE, "96"), (vital_signs.PRESSURE, "150/90"), (vital_signs.OXYGEN, "91"),
                            (vital_signs.TEMPERATURE, "37,5"), (vital_signs.BREATHING, "24")):
            await observations.record(act, encounter, uuid4(), code, typed)
        await consents.save(act, encounter, consult=True, share={people.bach_thong, people.hospital}, photo=False)
    return encounter, patient
