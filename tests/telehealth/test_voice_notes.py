"""A voice note from one side to the other over the real server: in pieces, over cuts and restarts, once and in order."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import pytest
from aiohttp import ClientSession

from records.archive import Archive
from records.care import voice_notes
from tests import live_cases
from tests.builders import People
from tests.clips import webm
from tests.live_cases import Case
from tests.signaling.pages import Page
from tests.signaling_client import close_page, open_page
from tests.site import Site
from web.keys import UPLOADS

JSON = {"Accept": "application/json"}
PIECE = 1_500


@dataclass
class Side:
    """One person of the call: browser and socket."""

    browser: ClientSession
    page: Page
    call: UUID

    async def put(self, note: UUID, content: bytes, offset: int = 0, **last: int | str) -> tuple[int, Any]:
        """One piece; with ``number`` it is the last one, with ``speaker`` another's. Returns status and answer."""
        more = {"length": 7_000, "age": 500, "total": offset + len(content)} if "number" in last else {}
        async with self.browser.put(f"/calls/{self.call}/voice-notes/{note}", data=content, headers=JSON,
                                    params={"offset": offset, **more, **last}) as answer:
            return answer.status, await answer.json()

    async def send(self, sound: bytes, number: int, note: UUID | None = None) -> UUID:
        """A whole clip in pieces."""
        note = note or uuid4()
        for offset in range(0, len(sound) - PIECE, PIECE):
            assert await self.put(note, sound[offset:offset + PIECE], offset) == (200, {"received": offset + PIECE})
        rest = offset + PIECE
        assert await self.put(note, sound[rest:], rest, number=number) == (201, {"kept": True})
        return note

    async def get(self, path: str, **headers: str) -> tuple[int, bytes, Any]:
        async with self.browser.get(path, headers=JSON | headers) as answer:
            return answer.status, await answer.read(), answer.headers

    async def notes(self) -> list[Any]:
        async with self.browser.get(f"/calls/{self.call}/voice-notes", headers=JSON) as answer:
            found: list[Any] = (await answer.json())["notes"]
            return found

    async def reached(self, note: UUID, *, heard: bool) -> None:
        outcome = await self.page.command("voice-note-reached", call=str(self.call), note=str(note), heard=heard)
        assert outcome["type"] == "ack", outcome


@dataclass
class Talk:
    """A call with both sides in it."""

    archive: Archive
    people: People
    site: Site
    case: Case
    station: Side
    ward: Side


@pytest.fixture
async def talk(site: Site, archive: Archive, people: People) -> AsyncIterator[Talk]:
    case = await live_cases.accepted(archive, people)
    sides = []
    for person in (people.nurse, people.doctor):
        browser = await site.sign_in(person)
        page = await open_page(browser)
        assert (await page.command("enter", call=str(case.call), peer=page.peer))["type"] == "ack"
        sides.append(Side(browser, page, case.call))
    yield Talk(archive, people, site, case, *sides)
    for side in sides:
        await close_page(side.page)


async def test_a_clip_in_pieces_reaches_the_other_side_exactly(talk: Talk) -> None:
    sound = webm(8_734)

    note = await talk.station.send(sound, 1)
    async with asyncio.timeout(5):
        told = await talk.ward.page.next("voice-note")
    status, heard, headers = await talk.ward.get(f"/voice-notes/{note}")

    assert (told["id"], told["number"], told["lengthMs"], told["name"]) == (str(note), 1, 7_000, talk.people.nurse.name)
    assert (status, heard, headers["Content-Type"]) == (200, sound, "audio/webm")
    assert headers["Cache-Control"] == "no-store"
    assert len(talk.site.app[UPLOADS]) == 0
    assert sound[-40:] not in str(told).encode()


async def test_what_was_lost_on_the_way_is_said_by_its_offset(talk: Talk) -> None:
    sound, note = webm(6_000), uuid4()
    await talk.station.put(note, sound[:2_000])

    gap = await talk.station.put(note, sound[4_000:], 4_000, number=1)
    repeated = await talk.station.put(note, sound[1_000:4_000], 1_000)
    kept = await talk.station.put(note, sound[4_000:], 4_000, number=1)

    assert gap == (409, {"error": "gap", "received": 2_000})
    assert repeated == (200, {"received": 4_000})
    assert kept == (201, {"kept": True})
    assert (await talk.ward.get(f"/voice-notes/{note}"))[1] == sound


async def test_a_clip_that_came_to_the_other_page_is_brought_under_the_speakers_name_and_once(talk: Talk) -> None:
    sound, note, nurse = webm(6_000), uuid4(), str(talk.people.nurse.id)

    first = await talk.ward.put(note, sound[:4_000], speaker=nurse)
    own = await talk.station.put(note, sound[:1_000])                 # by its own way, as far as that got
    kept = await talk.ward.put(note, sound[4_000:], 4_000, number=1, speaker=nurse)
    asked = await talk.station.put(note, b"", len(sound), number=1)

    assert (first, own) == ((200, {"received": 4_000}), (200, {"received": 4_000}))
    assert kept == (201, {"kept": True}) and asked == (200, {"kept": True})
    assert [(one["mine"], one["name"], one["number"]) for one in await talk.station.notes()] == [(True, talk.people.nurse.name, 1)]
    assert (await talk.ward.get(f"/voice-notes/{note}"))[1] == sound
    assert await talk.station.send(webm(3_000), 2)


async def test_nobody_brings_a_clip_of_whom_this_call_did_not_have_on_the_other_side(talk: Talk) -> None:
    sound, people = webm(2_000), talk.people
    for side, speaker in ((talk.ward, people.colleague), (talk.ward, people.second_doctor), (talk.station, people.colleague),
                          (talk.station, people.root)):
        assert (await side.put(uuid4(), sound, number=1, speaker=str(speaker.id)))[0] == 404
    assert (await talk.ward.put(uuid4(), sound, number=1, speaker="nobody"))[0] == 422
    outside = Side(await talk.site.sign_in(people.colleague), talk.station.page, talk.case.call)      # of the station, never in the call
    assert (await outside.put(uuid4(), sound, number=1, speaker=str(people.doctor.id)))[0] == 404
    assert await talk.station.notes() == [] and len(talk.site.app[UPLOADS]) == 0


async def test_a_piece_that_goes_two_ways_is_kept_by_the_first_to_arrive(talk: Talk) -> None:
    sound, note, rest = webm(6_000), uuid4(), asyncio.Event()

    async def slowly() -> AsyncIterator[bytes]:
        yield sound[3_000:4_000]
        await rest.wait()
        yield sound[4_000:]

    await talk.station.put(note, sound[:3_000])
    last = {"offset": 3_000, "number": 1, "total": 6_000, "length": 7_000, "age": 500}
    slow = asyncio.create_task(talk.station.browser.put(f"/calls/{talk.case.call}/voice-notes/{note}", data=slowly(), headers=JSON, params=last))
    await talk.station.notes()          # the server has begun to read

    swift = await talk.station.put(note, sound[3_000:], 3_000, number=1)
    rest.set()
    async with await slow as answer:
        late = answer.status, await answer.json()

    assert (swift, late) == ((201, {"kept": True}), (200, {"kept": True}))
    assert len(await talk.ward.notes()) == 1


async def test_a_last_piece_sent_again_is_one_note_and_is_announced_until_it_was_fetched(talk: Talk) -> None:
    sound, note = webm(3_000), uuid4()
    first = await talk.station.put(note, sound, number=1)

    again = [await talk.station.put(note, sound, number=1), await talk.station.put(note, b"", 3_000, number=1)]
    await talk.ward.reached(note, heard=False)
    later = await talk.station.put(note, sound, number=1)

    assert (first, again, later) == ((201, {"kept": True}), [(200, {"kept": True})] * 2, (200, {"kept": True}))
    assert [one["number"] for one in await talk.ward.notes()] == [1]
    await talk.ward.page.sync()
    assert [message["id"] for message in talk.ward.page.log if message["type"] == "voice-note"] == [str(note)] * 3


async def test_arriving_and_being_heard_are_told_to_the_one_who_spoke(talk: Talk) -> None:
    note = await talk.station.send(webm(), 1)

    await talk.ward.reached(note, heard=False)
    await talk.ward.reached(note, heard=True)
    async with asyncio.timeout(5):
        marks = [await talk.station.page.next("voice-note-mark") for _ in range(2)]

    assert [(mark["note"], mark["heard"], mark["participant"]) for mark in marks] == [
        (str(note), False, str(talk.people.doctor.id)), (str(note), True, str(talk.people.doctor.id))]
    assert [one["mark"] for one in await talk.station.notes()] == ["heard"]


async def test_only_somebody_in_the_call_marks_a_note(talk: Talk) -> None:
    note = await talk.station.send(webm(), 1)
    stranger = await open_page(await talk.site.sign_in(talk.people.stranger))

    outcome = await stranger.command("voice-note-reached", call=str(talk.case.call), note=str(note), heard=True)

    assert (outcome["type"], outcome["code"]) == ("refused", "not-in-call")
    assert [one["mark"] for one in await talk.station.notes()] == ["sent"]
    await close_page(stranger)


async def test_the_next_clip_waits_for_the_one_before(talk: Talk) -> None:
    early = await talk.station.put(uuid4(), webm(2_000), number=2)
    await talk.station.send(webm(4_000), 1)
    in_turn = await talk.station.put(uuid4(), webm(2_000), number=2)

    assert (early[0], early[1]["error"], in_turn) == (409, "out-of-order", (201, {"kept": True}))


@pytest.mark.parametrize(("asked", "status", "part"), [
    ("bytes=0-", 206, slice(None)), ("bytes=1000-", 206, slice(1_000, None)), ("bytes=10-19", 206, slice(10, 20)),
    ("bytes=2999-9999", 206, slice(2_999, None)), ("bytes=3000-", 416, None), ("bytes=-5", 200, slice(None)),
    ("bytes=0-1,4-5", 200, slice(None)), ("pages=1-2", 200, slice(None)),
])
async def test_a_cut_download_goes_on_where_it_was_cut(talk: Talk, asked: str, status: int, part: slice | None) -> None:
    sound = webm(3_000)
    note = await talk.station.send(sound, 1)

    found = await talk.ward.get(f"/voice-notes/{note}", Range=asked)

    assert found[0] == status
    assert part is None or found[1] == sound[part]


@pytest.mark.parametrize(("query", "content", "status", "code"), [
    ({"offset": -1}, b"x", 422, "invalid"), ({"offset": "a"}, b"x", 422, "invalid"), ({}, b"x", 422, "invalid"),
    ({"offset": 0, "more": 1}, b"x", 422, "invalid"), ({"offset": 0, "length": 10_501}, b"x", 422, "invalid"),
    ({"offset": 0}, bytes(64 * 1024 + 1), 413, "too-large"), ({"offset": 65_536}, b"x", 409, "gap"),
    ({"offset": 0, "total": 15, "number": 1, "length": 900}, b"<html><script/>", 422, "invalid"),
    ({"offset": 0, "total": 900, "number": 1, "length": 0}, webm(900), 422, "invalid"),
])
async def test_what_is_no_piece_of_a_clip_is_refused(talk: Talk, query: dict[str, Any], content: bytes, status: int, code: str) -> None:
    address = f"/calls/{talk.case.call}/voice-notes/{uuid4()}"

    async with talk.station.browser.put(address, data=content, params=query, headers=JSON) as answer:
        found = await answer.json()

    assert (answer.status, found["error"]) == (status, code)
    assert await talk.station.notes() == []


async def test_strangers_find_neither_call_nor_note(talk: Talk) -> None:
    note = await talk.station.send(webm(), 1)
    for person in (talk.people.stranger, talk.people.second_doctor):
        other = Side(await talk.site.sign_in(person), talk.ward.page, talk.case.call)

        status, found = await other.put(uuid4(), b"x")

        assert (status, found["error"]) == (404, "not-found")
        assert (await other.get(f"/voice-notes/{note}"))[0] == 404
    assert len(talk.site.app[UPLOADS]) == 0


async def test_what_cannot_be_written_down_now_is_kept_by_the_last_piece_said_again(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    sound, note = webm(3_000), uuid4()
    store = voice_notes.store

    async def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(voice_notes, "store", full)
    refused = await talk.station.put(note, sound, number=1)
    monkeypatch.setattr(voice_notes, "store", store)
    kept = await talk.station.put(note, b"", len(sound), number=1)

    assert refused[0] >= 500
    assert kept == (201, {"kept": True})
    assert (await talk.ward.get(f"/voice-notes/{note}"))[1] == sound


async def test_station_and_doctor_hear_it_later_from_the_case_and_nothing_is_fetched_before(talk: Talk) -> None:
    note = await talk.station.send(webm(), 1)

    at_station = await talk.station.get(f"/encounters/{talk.case.encounter}", Accept="text/html")
    at_ward = await talk.ward.get(f"/encounters/{talk.case.encounter}/note", Accept="text/html")

    for status, page, _ in (at_station, at_ward):
        assert status == 200
        assert f'<audio controls preload="none" src="/voice-notes/{note}"' in page.decode()
        assert talk.people.nurse.name in page.decode()
        assert "0:07" in page.decode()


async def test_the_messages_say_how_many_voice_notes_there_are(talk: Talk) -> None:
    before = await talk.ward.get(f"/calls/{talk.case.call}/messages")
    await talk.station.send(webm(), 1)
    after = await talk.ward.get(f"/calls/{talk.case.call}/messages")

    assert (before[1], after[1]) == (b'{"messages": [], "voiceNotes": 0}', b'{"messages": [], "voiceNotes": 1}')
