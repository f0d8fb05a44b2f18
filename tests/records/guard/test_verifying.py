"""Whoever alters the trail behind our back is found, and the first bad sequence named. With attacks on every part."""

from __future__ import annotations

import hashlib
from uuid import UUID, uuid4

import pytest
from sqlalchemy import delete, select, text, update

from records.archive import Archive
from records.care import note_lock
from records.care.tables import Encounter, Note
from records.guard import audit, entries, samples
from records.guard.audit import Checkpoint
from records.guard.tables import AuditEvent
from records.people import patients
from records.people.identities import Identity
from tests.builders import Clock, People


@pytest.fixture
async def trail(archive: Archive, people: People, clock: Clock) -> Archive:
    """Records with a trail of twelve entries, a minute apart."""
    for number in range(12):
        async with archive.act((people.nurse if number % 2 else people.colleague).actor) as act:
            await audit.record(act, "patient:read", "patient", uuid4(), patient_id=uuid4())
        clock.forward(minutes=1)
    return archive


async def change(archive: Archive, sequence: int, **values: object) -> None:
    """As somebody with the database's password would."""
    async with archive.engine.begin() as connection:
        await connection.execute(update(AuditEvent).where(AuditEvent.sequence == sequence).values(**values))


async def row(archive: Archive, sequence: int) -> AuditEvent:
    async with archive._sessions() as db:
        found = await db.get(AuditEvent, sequence)
        assert found is not None
        return found


async def cut(archive: Archive, *sequences: int) -> None:
    async with archive.engine.begin() as connection:
        await connection.execute(delete(AuditEvent).where(AuditEvent.sequence.in_(sequences)))


async def head(archive: Archive) -> Checkpoint:
    return (await audit.verify(archive.engine)).head


async def test_an_untouched_trail_is_good_and_names_its_head(trail: Archive) -> None:
    verdict = await audit.verify(trail.engine)

    assert verdict.good and verdict.first_bad is None
    assert verdict.head == Checkpoint(12, (await row(trail, 12)).hash)


async def test_an_empty_trail_is_good(archive: Archive) -> None:
    verdict = await audit.verify(archive.engine)

    assert verdict.good and verdict.head.sequence == 0


@pytest.mark.parametrize(("column", "value"), [
    ("tag", "patient:list"), ("outcome", "refused"), ("actor_id", uuid4()), ("actor_id", None), ("organization_id", uuid4()),
    ("organization_id", None), ("object_type", "note"), ("object_id", "5bd6e4fa-b4b5-4c36-96f2-4a52eed52bc8"),
    ("patient_id", uuid4()),
    ("patient_id", None), ("purpose", "emergency"), ("hash", bytes(32)), ("entry", "{}"), ("entry", "no entry")])
async def test_a_change_in_any_column_is_found(trail: Archive, column: str, value: object) -> None:
    await change(trail, 7, **{column: value})

    verdict = await audit.verify(trail.engine)

    assert (verdict.fault, verdict.first_bad) == ("changed", 7)


async def test_a_moved_clock_is_found(trail: Archive) -> None:
    await change(trail, 7, at=(await row(trail, 8)).at)

    assert (await audit.verify(trail.engine)).first_bad == 7


async def test_a_changed_letter_of_an_entry_is_found(trail: Archive) -> None:
    entry = (await row(trail, 3)).entry
    await change(trail, 3, entry=entry.replace("127.0.0.0", "127.0.1.0"))

    assert (await audit.verify(trail.engine)).first_bad == 3


async def test_an_entry_changed_together_with_its_own_hash_is_found_at_the_next(trail: Archive) -> None:
    before = await row(trail, 4)
    changed = (await row(trail, 5)).entry.replace("127.0.0.0", "127.0.1.0")
    await change(trail, 5, entry=changed, hash=entries.chained(before.hash, changed))

    assert (await audit.verify(trail.engine)).first_bad == 6


@pytest.mark.parametrize("sequence", [1, 6, 11])
async def test_a_deleted_entry_is_found(trail: Archive, sequence: int) -> None:
    await cut(trail, sequence)

    verdict = await audit.verify(trail.engine)

    assert (verdict.fault, verdict.first_bad) == ("missing", sequence)


async def test_two_entries_that_changed_places_are_found(trail: Archive) -> None:
    one, other = await row(trail, 5), await row(trail, 6)
    columns = [column.name for column in AuditEvent.__table__.columns if column.name != "sequence"]
    await change(trail, 5, **{name: getattr(other, name) for name in columns})
    await change(trail, 6, **{name: getattr(one, name) for name in columns})

    assert (await audit.verify(trail.engine)).first_bad == 5


async def test_an_entry_put_in_is_found(trail: Archive) -> None:
    last = await row(trail, 12)
    async with trail.engine.begin() as connection:
        values = {column.name: getattr(last, column.name) for column in AuditEvent.__table__.columns}
        await connection.execute(AuditEvent.__table__.insert().values(values | {"sequence": 13}))

    assert (await audit.verify(trail.engine)).first_bad == 13


async def test_a_tail_cut_off_is_found_against_a_checkpoint_only(trail: Archive) -> None:
    checkpoint = await head(trail)
    await cut(trail, 11, 12)

    assert (await audit.verify(trail.engine)).good
    verdict = await audit.verify(trail.engine, checkpoint=checkpoint)

    assert (verdict.fault, verdict.first_bad) == ("truncated", 11)


async def test_a_trail_written_anew_from_the_beginning_is_found_against_a_checkpoint(trail: Archive) -> None:
    checkpoint = await head(trail)
    previous = entries.genesis(trail.vault.deployment)
    for sequence in range(1, 13):
        found = await row(trail, sequence)
        changed = found.entry.replace("127.0.0.0", "127.0.1.0")
        previous = entries.chained(previous, changed)
        await change(trail, sequence, entry=changed, hash=previous)

    assert (await audit.verify(trail.engine)).good
    verdict = await audit.verify(trail.engine, checkpoint=checkpoint)

    assert (verdict.fault, verdict.first_bad) == ("rewritten", 12)


async def test_a_trail_that_has_grown_since_still_fits_its_checkpoint(trail: Archive, people: People) -> None:
    checkpoint = await head(trail)
    async with trail.act(people.nurse.actor) as act:
        await audit.record(act, "patient:search")

    assert (await audit.verify(trail.engine, checkpoint=checkpoint)).good


async def test_the_trail_of_another_installation_is_found(trail: Archive) -> None:
    async with trail.engine.begin() as connection:
        await connection.execute(text("UPDATE deployment SET id = :id"), {"id": "0" * 32})

    assert (await audit.verify(trail.engine)).first_bad == 1


# ---------------------------------------------------------------- signed notes


@pytest.fixture
async def note_id(archive: Archive, people: People) -> UUID:
    """A signed note, written past notes.py, with its entry."""
    note_id, patient_id, encounter_id = uuid4(), uuid4(), uuid4()
    async with archive.act(people.nurse.actor) as act:
        await patients.register(act, patient_id, Identity(full_name="Hoàng Thị Hoa", gender="female"))
        act.db.add(Encounter(id=encounter_id, organization_id=people.phu_thong, patient_id=patient_id, status="arrived",
                             started_at=act.at))
    async with archive.act(people.doctor.actor) as act:
        note = Note(id=note_id, encounter_id=encounter_id, organization_id=people.phu_thong, patient_id=patient_id, number=1,
                    status="final", author_id=people.doctor.id, author_organization_id=people.bach_thong, created_at=act.at,
                    saved_at=act.at, signed_at=act.at, content_hash=hashlib.sha256(b"{}").digest(), version=1)
        note.content = await act.vault.seal(b"{}", samples.context(Note, "content", note))
        act.db.add(note)
        await audit.record(act, "note:sign", "note", note_id, patient_id=patient_id, content_hash=note.content_hash)
    async with archive.act(people.doctor.actor) as act:
        await audit.record(act, "note:read", "note", note_id, patient_id=patient_id, content_hash=note.content_hash)
    return note_id


async def unlocked(archive: Archive, note_id: UUID, **values: object) -> None:
    """Alters a signed note as somebody who may also take the lock away."""
    async with archive.engine.begin() as connection:
        for statement in note_lock.UNLOCK[archive.engine.dialect.name]:
            await connection.execute(text(statement))
        await connection.execute(update(Note).where(Note.id == note_id).values(**values))


async def test_a_signed_note_that_is_as_it_was_signed_is_good(archive: Archive, note_id: UUID) -> None:
    assert (await audit.verify(archive.engine, vault=archive.vault)).good


async def test_a_note_with_another_hash_is_found_without_keys(archive: Archive, note_id: UUID) -> None:
    await unlocked(archive, note_id, content_hash=bytes(32))

    verdict = await audit.verify(archive.engine)

    assert (verdict.fault, verdict.note_id, verdict.first_bad) == ("note-changed", note_id, 2)


async def test_a_changed_hash_that_was_read_since_is_still_found(archive: Archive, people: People, note_id: UUID) -> None:
    await unlocked(archive, note_id, content_hash=bytes(range(32)))
    async with archive.act(people.doctor.actor) as act:
        await audit.record(act, "note:read", "note", note_id, content_hash=bytes(range(32)))

    verdict = await audit.verify(archive.engine)

    assert (verdict.fault, verdict.note_id, verdict.first_bad) == ("note-changed", note_id, 4)


async def test_a_flipped_byte_of_a_note_is_found_with_keys(archive: Archive, note_id: UUID) -> None:
    async with archive.engine.connect() as connection:
        content = (await connection.execute(select(Note.content))).scalar_one()
    await unlocked(archive, note_id, content=content[:-1] + bytes((content[-1] ^ 1,)))

    verdict = await audit.verify(archive.engine, vault=archive.vault)

    assert (verdict.fault, verdict.note_id) == ("note-unreadable", note_id)


async def test_a_note_sealed_anew_with_the_right_keys_is_found(archive: Archive, note_id: UUID) -> None:
    async with archive._sessions() as db:
        note = await db.get(Note, note_id)
    other = await archive.vault.seal(b'{"plan": ""}', samples.context(Note, "content", note))
    await unlocked(archive, note_id, content=other)

    assert (await audit.verify(archive.engine, vault=archive.vault)).fault == "note-changed"


async def test_a_deleted_note_is_found(archive: Archive, note_id: UUID) -> None:
    await unlocked(archive, note_id, status="final")
    async with archive.engine.begin() as connection:
        await connection.execute(delete(Note))

    verdict = await audit.verify(archive.engine)

    assert (verdict.fault, verdict.note_id, verdict.first_bad) == ("note-missing", note_id, 2)


async def test_a_note_the_trail_never_heard_of_is_found(archive: Archive, people: People, note_id: UUID) -> None:
    async with archive.engine.begin() as connection:
        found = (await connection.execute(select(*Note.__table__.columns))).one()._mapping
        await connection.execute(Note.__table__.insert().values({**found, "id": uuid4(), "number": 2}))

    assert (await audit.verify(archive.engine)).fault == "note-unknown"


async def test_the_lock_itself_refuses_whoever_does_not_take_it_away(archive: Archive, note_id: UUID) -> None:
    for statement in (update(Note).values(content_hash=bytes(32)), delete(Note)):
        with pytest.raises(Exception, match="a signed note never changes"):
            async with archive.engine.begin() as connection:
                await connection.execute(statement)
