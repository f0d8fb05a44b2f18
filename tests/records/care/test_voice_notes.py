"""Voice notes: kept in each author's order, kept once, sealed, for the two sides alone, each listening in the trail."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from records.acts import Actor
from records.care import attachments, clips, tables, voice_notes
from records.errors import Conflict, Invalid, NotAllowed, NotFound
from tests.builders import Clock, Someone
from tests.clips import MP4, OGG, WEBM, clip, webm
from tests.records.care.test_calls import Live, live

__all__ = ["live"]


async def send(live: Live, who: Someone, given: voice_notes.Clip, id: UUID | None = None) -> voice_notes.VoiceNote:
    async with live.archive.act(who.actor) as act:
        return await voice_notes.store(act, live.call, id or uuid4(), given)


async def listed(live: Live, who: Someone) -> list[voice_notes.VoiceNote]:
    async with live.archive.act(who.actor) as act:
        return await voice_notes.of_call(act, live.call)


async def listen(live: Live, who: Someone, id: UUID) -> bytes:
    async with live.archive.act(who.actor) as act:
        return (await voice_notes.open(act, id)).content


async def mark(live: Live, who: Someone, id: UUID, *, heard: bool) -> bool:
    async with live.archive.act(who.actor) as act:
        return await voice_notes.reached(act, live.call, id, heard=heard)


async def test_both_sides_hear_exactly_what_was_spoken_and_each_listening_is_written_down(live: Live, clock: Clock) -> None:
    sound = webm(9_000)
    note = await send(live, live.people.nurse, clip(content=sound, age=3))

    heard = [await listen(live, who, note.id) for who in (live.people.doctor, live.people.nurse, live.people.doctor)]

    assert heard == [sound] * 3
    assert await live.trail("voice-note:read") == 3
    assert await live.trail("voice-note:write") == 1
    assert (note.number, note.length_ms, note.name) == (1, 7_000, live.people.nurse.name)
    assert note.recorded_at == clock.now - timedelta(seconds=3)


async def test_each_author_counts_alone_and_the_list_is_in_the_order_of_speaking(live: Live, clock: Clock) -> None:
    nurse, doctor = live.people.nurse, live.people.doctor
    await send(live, nurse, clip(1, age=0))
    clock.forward(seconds=5)
    await send(live, doctor, clip(1, age=0))
    clock.forward(seconds=20)
    await send(live, nurse, clip(2, age=22))        # spoken before the doctor's, long under way

    found = await listed(live, doctor)

    assert [(one.name, one.number) for one in found] == [(nurse.name, 1), (nurse.name, 2), (doctor.name, 1)]
    assert await listed(live, nurse) == found
    async with live.archive.act(nurse.actor) as act:
        assert await voice_notes.of_encounter(act, live.encounter) == found


async def test_the_same_id_is_kept_once_and_somebody_elses_id_is_nobodys(live: Live) -> None:
    id = uuid4()

    first, again = await send(live, live.people.nurse, clip(), id), await send(live, live.people.nurse, clip(), id)

    assert first == again
    assert len(await listed(live, live.people.nurse)) == 1
    with pytest.raises(NotFound):
        await send(live, live.people.doctor, clip(), id)
    async with live.archive.act(live.people.doctor.actor) as act:
        assert await voice_notes.find(act, live.call, id) is None
    async with live.archive.act(live.people.nurse.actor) as act:
        assert await voice_notes.find(act, live.call, id) == first


async def test_the_same_clip_sent_twice_at_the_same_moment_is_one_note(live: Live) -> None:
    id, given = uuid4(), clip()

    found = await asyncio.gather(*(send(live, live.people.nurse, given, id) for _ in range(4)))

    assert len({one.id for one in found}) == 1
    assert len(await listed(live, live.people.doctor)) == 1


@pytest.mark.parametrize("number", [0, 2, 7])
async def test_a_number_out_of_order_is_refused_so_that_no_gap_can_hide_a_lost_clip(live: Live, number: int) -> None:
    with pytest.raises(Conflict, match="out-of-order"):
        await send(live, live.people.nurse, clip(number))

    assert await listed(live, live.people.nurse) == []


async def test_one_author_may_not_fill_the_case(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(voice_notes, "MOST", 2)
    for number in (1, 2):
        await send(live, live.people.nurse, clip(number))

    with pytest.raises(Conflict, match="too-many"):
        await send(live, live.people.nurse, clip(3))
    await send(live, live.people.doctor, clip(1))


async def test_strangers_neither_send_nor_list_nor_listen(live: Live) -> None:
    note = await send(live, live.people.nurse, clip())

    for stranger in (live.people.stranger, live.people.second_doctor, live.people.administrator, live.people.auditor):
        for deed in (send(live, stranger, clip()), listed(live, stranger), listen(live, stranger, note.id),
                     mark(live, stranger, note.id, heard=True)):
            with pytest.raises(NotAllowed):
                await deed
    assert (await listed(live, live.people.nurse))[0].delivered_at is None


async def test_a_photo_is_no_voice_note_and_a_voice_note_no_photo(live: Live) -> None:
    note = await send(live, live.people.nurse, clip())

    async with live.archive.act(live.people.nurse.actor) as act:
        assert await attachments.for_encounter(act, live.encounter) == []
        with pytest.raises(NotFound):
            await attachments.open(act, note.id)
        with pytest.raises(NotFound):
            await attachments.remove(act, note.id)
        with pytest.raises(NotFound):
            await voice_notes.open(act, uuid4())


async def test_arriving_and_being_heard_are_told_apart_and_only_rise(live: Live, clock: Clock) -> None:
    note = await send(live, live.people.nurse, clip())

    own = await mark(live, live.people.nurse, note.id, heard=True)
    arrived = [await mark(live, live.people.doctor, note.id, heard=False) for _ in range(2)]
    before = (await listed(live, live.people.nurse))[0]
    clock.forward(seconds=9)
    heard = [await mark(live, live.people.doctor, note.id, heard=True) for _ in range(2)]
    after = (await listed(live, live.people.nurse))[0]

    assert (own, arrived, heard) == (False, [True, False], [True, False])
    assert (before.delivered_at is not None, before.heard_at) == (True, None)
    assert (after.delivered_at, after.heard_at) == (before.delivered_at, clock.now)


async def test_after_the_case_is_finished_notes_are_heard_but_no_longer_sent(live: Live) -> None:
    await live.connect()
    note = await send(live, live.people.nurse, clip())
    armed = await live.move(live.people.doctor, "finish")
    await live.move(Actor.of_system("deadline"), "finish_now", armed.finish_at)

    with pytest.raises(Conflict, match="encounter-over"):
        await send(live, live.people.nurse, clip(2))
    assert await listen(live, live.people.doctor, note.id)


async def test_the_sound_lies_sealed(live: Live) -> None:
    marker = b"bac si oi, ba dau bung tu dem qua"
    note = await send(live, live.people.nurse, clip(content=webm(marker=marker)))

    async with live.archive.act(Actor.of_system("test")) as act:
        chunks = list(await act.db.scalars(select(tables.AttachmentChunk).where(tables.AttachmentChunk.attachment_id == note.id)))
        row = await act.db.get_one(tables.Attachment, note.id)
    stored = b"".join([*(one.sealed for one in chunks), row.header, row.about])
    assert chunks
    assert not any(secret in stored for secret in (marker, WEBM, b"A_OPUS", b"audio/webm"))


async def test_browsers_containers_are_known_by_their_first_bytes(live: Live) -> None:
    kinds = [clips.check(one, 5_000) for one in (webm(), OGG + bytes(900), MP4 + bytes(900))]

    assert kinds == ["audio/webm", "audio/ogg", "audio/mp4"]


@pytest.mark.parametrize(("content", "length_ms", "fault"), [
    (b"<html><script>", 5_000, "not-a-clip"), (b"\xff\xd8\xff\xe0JFIF", 5_000, "not-a-clip"), (b"", 5_000, "not-a-clip"),
    (WEBM + b"V_VP8 A_OPUS", 5_000, "not-a-clip"), (WEBM + b"A_VORBIS", 5_000, "not-a-clip"),
    (webm(clips.MOST_BYTES + 1), 5_000, "too-large"), (webm(), 10_501, "too-long"), (webm(), 0, "too-long"),
])
async def test_what_is_no_clip_of_ten_seconds_is_refused(live: Live, content: bytes, length_ms: int, fault: str) -> None:
    given = voice_notes.Clip(number=1, length_ms=length_ms, age=timedelta(0), content=content)

    with pytest.raises(Invalid) as refused:
        await send(live, live.people.nurse, given)

    assert refused.value.fields == {"clip": fault}
    assert await listed(live, live.people.nurse) == []
