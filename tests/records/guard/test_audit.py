"""The trail is written with the deed or not at all, without a gap, and says who read a patient."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, replace
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from records.acts import Act, Actor, Purpose
from records.archive import Archive
from records.care.tables import Consent, Encounter
from records.errors import CannotOpen, NotAllowed
from records.guard import access, audit
from records.guard.tables import AuditEvent
from records.people import patients
from records.people.identities import Identity
from records.people.tables import Patient
from tests.builders import Clock, People
from tests.records.guard import cases


async def trail(archive: Archive) -> list[AuditEvent]:
    """Every entry, read past the door."""
    async with archive._sessions() as db:
        return list(await db.scalars(select(AuditEvent).order_by(AuditEvent.sequence)))


@dataclass(frozen=True)
class Case:
    """A patient of Phủ Thông with an encounter."""

    patient_id: UUID
    encounter_id: UUID


async def a_case(archive: Archive, people: People) -> Case:
    case = Case(uuid4(), uuid4())
    async with archive.act(people.nurse.actor) as act:
        await patients.register(act, case.patient_id, Identity(full_name="Hoàng Thị Hoa", gender="female"))
        act.db.add(Encounter(
            id=case.encounter_id, organization_id=people.phu_thong, location_id=None, patient_id=case.patient_id,
            status="arrived", started_at=act.at, started_by=people.nurse.id))
    return case


async def test_an_entry_holds_who_when_what_why_and_no_words(archive: Archive, people: People, clock: Clock) -> None:
    patient_id, note_id, login_id = uuid4(), uuid4(), uuid4()

    async with archive.act(replace(people.doctor.actor, login_id=login_id)) as act:
        await audit.record(act, "note:sign", "note", note_id, patient_id=patient_id, version=3, content_hash=bytes(32))

    [entry] = await trail(archive)
    assert json.loads(entry.entry) == {
        "sequence": 1, "at": "2026-11-23T00:30:00.000000Z", "action": "note:sign", "outcome": "success", "reason": "",
        "purpose": "treatment", "actor": str(people.doctor.id), "role": "doctor", "organization": str(people.bach_thong),
        "login": str(login_id), "address": "127.0.0.0/24", "patient": str(patient_id), "content_hash": "00" * 32,
        "object": {"type": "note", "id": str(note_id), "version": 3}}
    assert people.doctor.full_name not in entry.entry
    assert (entry.at, entry.tag, entry.actor_id, entry.patient_id) == (clock.now, "note:sign", people.doctor.id, patient_id)


@pytest.mark.parametrize(("who", "purpose", "actor"), [
    (Actor.of_system("deadline"), "system", "system:deadline"),
    (Actor.anonymous("10.0.0.0/24"), "administration", "anonymous")])
async def test_the_software_and_visitors_leave_entries_too(archive: Archive, who: Actor, purpose: str, actor: str) -> None:
    async with archive.act(who) as act:
        await audit.record(act, "login:failed", outcome="failed")

    [entry] = await trail(archive)
    assert (entry.purpose, json.loads(entry.entry)["actor"], entry.actor_id) == (purpose, actor, None)


async def test_an_emergency_says_so(archive: Archive, people: People) -> None:
    async with archive.act(people.nurse.actor) as act:
        await audit.record(act, "consent:emergency", purpose=Purpose.EMERGENCY, reason="unconscious")

    assert [(row.purpose, json.loads(row.entry)["reason"]) for row in await trail(archive)] == [("emergency", "unconscious")]


async def test_what_is_rolled_back_leaves_neither_deed_nor_entry(archive: Archive, people: People) -> None:
    patient_id = uuid4()

    with pytest.raises(ZeroDivisionError):
        async with archive.act(people.nurse.actor) as act:
            await patients.register(act, patient_id, Identity(full_name="Hoàng Thị Hoa", gender="female"))
            raise ZeroDivisionError

    assert await trail(archive) == []
    async with archive._sessions() as db:
        assert await db.get(Patient, patient_id) is None


async def test_without_its_entry_nothing_is_read_or_written(
        archive: Archive, people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    case = await a_case(archive, people)
    before = len(await trail(archive))

    async def fails(act: Act) -> None:
        raise OSError("the trail cannot be written")

    monkeypatch.setattr(audit, "append", fails)
    with pytest.raises(OSError, match="trail"):
        async with archive.act(people.nurse.actor) as act:
            await patients.read(act, case.patient_id)

    assert len(await trail(archive)) == before


async def test_a_refusal_leaves_its_entry_though_the_act_is_undone(archive: Archive, people: People) -> None:
    case = await a_case(archive, people)

    with pytest.raises(NotAllowed):
        async with archive.act(people.stranger.actor) as act:
            await access.encounter(act, "encounter:read", case.encounter_id)

    entry = (await trail(archive))[-1]
    assert (entry.tag, entry.outcome, entry.actor_id) == ("encounter:read", "refused", people.stranger.id)
    assert (entry.object_id, entry.patient_id) == (str(case.encounter_id), case.patient_id)


async def test_a_text_that_does_not_open_leaves_its_entry(archive: Archive, people: People) -> None:
    where = cases.context()

    with pytest.raises(CannotOpen):
        async with archive.act(people.nurse.actor) as act:
            await act.vault.open(b"", where)

    [entry] = await trail(archive)
    assert (entry.tag, entry.outcome, entry.object_type, entry.object_id, entry.patient_id) == (
        "vault:open", "failed", "note", str(where.row_id), where.patient_id)


async def test_fifty_acts_at_once_make_one_chain_without_a_gap(archive: Archive, people: People) -> None:
    async def work(number: int) -> None:
        async with archive.act(people.nurse.actor) as act:
            for _ in range(1 + number % 3):
                await audit.record(act, "patient:search")

    await asyncio.gather(*(work(number) for number in range(50)))

    entries = await trail(archive)
    assert [entry.sequence for entry in entries] == list(range(1, 1 + sum(1 + number % 3 for number in range(50))))
    assert (await audit.verify(archive.engine)).good


async def test_acts_that_wait_for_the_same_row_never_wait_for_each_others_trail(archive: Archive, people: People) -> None:
    case = await a_case(archive, people)

    async def work(first: bool) -> None:
        async with archive.act(people.nurse.actor) as act:
            if first:
                await audit.record(act, "encounter:read")
            row = await act.db.get(Encounter, case.encounter_id, with_for_update=True)
            assert row is not None
            row.version += 1
            await audit.record(act, "encounter:write")

    async with asyncio.timeout(20):
        await asyncio.gather(*(work(number % 2 == 0) for number in range(6)))

    assert (await audit.verify(archive.engine)).good


async def test_the_auditor_sees_who_read_a_patient_newest_first(archive: Archive, people: People, clock: Clock) -> None:
    case, other = await a_case(archive, people), await a_case(archive, people)
    for someone, patient_id in (
            (people.nurse, case.patient_id), (people.nurse, other.patient_id), (people.colleague, case.patient_id)):
        clock.forward(minutes=1)
        async with archive.act(someone.actor) as act:
            await patients.read(act, patient_id)

    async with archive.act(people.auditor.actor) as act:
        found = await audit.readers_of(act, case.patient_id)

    assert [(row.tag, row.actor_name) for row in found] == [
        ("patient:read", "Lý Văn Hành"), ("patient:read", "Nông Thị Tuyết"), ("patient:register", "Nông Thị Tuyết")]
    assert found[0].organization_name == "Phủ Thông" and found[0].at == clock.now
    last = (await trail(archive))[-1]
    assert (last.tag, last.patient_id, last.actor_id) == ("audit:read", case.patient_id, people.auditor.id)


async def test_the_auditor_turns_pages(archive: Archive, people: People) -> None:
    case = await a_case(archive, people)
    for _ in range(5):
        async with archive.act(people.nurse.actor) as act:
            await patients.read(act, case.patient_id)

    async with archive.act(people.auditor.actor) as act:
        first = await audit.readers_of(act, case.patient_id, limit=4)
        rest = await audit.readers_of(act, case.patient_id, before=first[-1].sequence, limit=4)

    assert [row.tag for row in first + rest] == ["patient:read"] * 5 + ["patient:register"]


async def test_readings_under_a_name_given_up_by_joining_are_found_too(archive: Archive, people: People) -> None:
    unnamed, known = await a_case(archive, people), await a_case(archive, people)
    async with archive.act(people.nurse.actor) as act:
        row = await act.db.get(Patient, unnamed.patient_id)
        assert row is not None
        row.same_as_id = known.patient_id
        await audit.record(act, "patient:read", "patient", unnamed.patient_id, patient_id=unnamed.patient_id)

    async with archive.act(people.auditor.actor) as act:
        found = await audit.readers_of(act, known.patient_id)

    assert [row.object_id for row in found if row.tag == "patient:read"] == [str(unnamed.patient_id)]


@pytest.mark.parametrize("who", ["nurse", "doctor", "administrator", "stranger"])
async def test_only_an_auditor_reads_the_trail(archive: Archive, people: People, who: str) -> None:
    case = await a_case(archive, people)

    for attempt in (lambda act: audit.readers_of(act, case.patient_id), audit.emergencies):
        with pytest.raises(NotAllowed):
            async with archive.act(getattr(people, who).actor) as act:
                await attempt(act)


async def test_an_auditor_of_another_place_sees_nothing(archive: Archive, people: People) -> None:
    case = await a_case(archive, people)
    elsewhere = replace(people.auditor.actor, organization_id=people.con_minh)

    with pytest.raises(NotAllowed) as refused:
        async with archive.act(elsewhere) as act:
            await audit.readers_of(act, case.patient_id)
    async with archive.act(elsewhere) as act:
        assert await audit.emergencies(act) == []

    assert refused.value.hidden


async def test_the_auditor_sees_emergencies_without_consent_and_their_reason(archive: Archive, people: People) -> None:
    case = await a_case(archive, people)
    async with archive.act(people.nurse.actor) as act:
        for basis in ("emergency", "given"):
            act.db.add(Consent(
                id=uuid4(), organization_id=people.phu_thong, patient_id=case.patient_id, encounter_id=case.encounter_id,
                purpose="consult", basis=basis, reason="unconscious" if basis == "emergency" else "",
                recorded_at=act.at, recorded_by=people.nurse.id))

    async with archive.act(people.auditor.actor) as act:
        [found] = await audit.emergencies(act)

    assert (found.encounter_id, found.reason, found.actor_name) == (case.encounter_id, "unconscious", "Nông Thị Tuyết")
    assert (await trail(archive))[-1].tag == "audit:emergencies"
