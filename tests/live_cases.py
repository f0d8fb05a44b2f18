"""Cases that are on right now: asked for by the nurse of Vi Hương, accepted by the doctor of Bạch Thông."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID, uuid4

from records.acts import Act, Actor
from records.archive import Archive
from records.care import consents, encounters, observations, requests
from records.care.encounters import Intake
from records.people import duty, patients
from records.people.identities import Identity
from tests.builders import People


@dataclass(frozen=True)
class Case:
    """A patient of Phủ Thông whose request the doctor has accepted."""

    patient: UUID
    encounter: UUID
    request: UUID
    call: UUID


async def accepted(archive: Archive, people: People) -> Case:
    """A case with red values, asked for by the nurse and accepted by the doctor."""
    case = await asked(archive, people)
    async with archive.act(people.doctor.actor) as act:
        await duty.begin(act)
    async with archive.act(Actor.of_system("desk")) as act:
        await requests.offer(act, case.request)
    async with archive.act(people.doctor.actor) as act:
        call = await requests.accept(act, case.request)
    return Case(case.patient, case.encounter, case.request, call)


async def asked(archive: Archive, people: People) -> Case:
    """A case whose nurse has just asked for a doctor; there is no call yet (``call`` is the request's id)."""
    patient, encounter, request = uuid4(), uuid4(), uuid4()
    async with archive.act(people.nurse.actor) as act:
        await patients.register(act, patient, Identity(
            full_name="Hoàng Thị Hoa", gender="female", birth_date="1958", village="Nà Ít", language="Tày",
            medications="Amlodipin 5 mg, sáng 1 viên", allergies="Penicillin, nổi mẩn 2019"))
        await encounters.start(act, encounter, patient)
        await encounters.save_intake(act, encounter, Intake(["cough", "breathless"], "ho đờm vàng 3 ngày, khó thở khi leo dốc"))
        await _measure(act, encounter)
        await consents.save(act, encounter, consult=True, share={people.bach_thong}, photo=True)
        await requests.ask(act, request, encounter)
    return Case(patient, encounter, request, request)


async def _measure(act: Act, encounter: UUID) -> None:
    for code, typed in (("2708-6", "91"), ("85354-9", "150/90"), ("9279-1", "24"), ("8867-4", "96"), ("8310-5", "37,5"),
                        ("29463-7", "48")):
        await observations.record(act, encounter, uuid4(), code, typed)
