"""One consultation of the past, step by step through the real records, at the instants at which it would have happened."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID, uuid4

from records.acts import Act, Actor
from records.archive import Archive
from records.care import calls, consents, encounters, note_drafts, notes, observations, requests
from records.care.encounters import Intake
from records.care.note_content import Diagnosis, Written
from records.codes import conditions, vital_signs
from records.people import duty
from signaling.messages import Quality

SAMPLES = 15        # of ten seconds each, at either side of a recent call
RECENT = timedelta(days=21)


class Past:
    """The clock of the demo: stands at an instant of the past and is moved on step by step."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def forward(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@dataclass(frozen=True, kw_only=True)
class Visit:
    """Who came with what, to whom, and how it went. ``story`` is one entry of stories.json."""

    patient_id: UUID
    story: dict[str, Any]
    worker: Actor
    doctor: Actor
    emergency: str = ""         # code of the reason
    unanswered: bool = False    # nobody was on duty at first
    cut: bool = False           # the line broke once
    signed: bool = True
    measured: bool = False      # the call's quality is in the log


class Stage:
    """Where a visit is played: the records, the past, and chance that always falls the same way."""

    def __init__(self, archive: Archive, past: Past, chance: Random) -> None:
        self.archive, self.past, self.chance = archive, past, chance

    async def play(self, visit: Visit) -> None:
        """The whole visit, from the door of the station to the signed note."""
        encounter_id = await self._examine(visit)
        request_id = await self._ask(visit, encounter_id)
        call_id = await self._answer(visit, request_id)
        await self._talk(visit, call_id)
        await self._write(visit, encounter_id)
        await self._finish(visit, call_id)

    async def _examine(self, visit: Visit) -> UUID:
        story, signs = visit.story, visit.story["signs"]
        async with self.archive.act(visit.worker) as act:
            encounter_id = await encounters.start(act, uuid4(), visit.patient_id)
            await encounters.save_intake(act, encounter_id, Intake(story["complaints"], story["text"]))
            for key, choice in signs.items():
                typed = self.chance.choice(choice)
                await observations.record(act, encounter_id, uuid4(), vital_signs.BY_KEY[key].code, typed)
        self.past.forward(self.chance.randint(120, 420))
        return encounter_id

    async def _ask(self, visit: Visit, encounter_id: UUID) -> UUID:
        request_id = uuid4()
        async with self.archive.act(visit.worker) as act:
            if visit.emergency:
                await requests.emergency(act, request_id, visit.emergency, encounter_id=encounter_id)
            else:
                assert visit.doctor.organization_id
                share = {visit.doctor.organization_id}
                await consents.save(act, encounter_id, consult=True, share=share, photo=False)
                await requests.ask(act, request_id, encounter_id)
        if visit.unanswered:
            await self._offer(request_id)
            self.past.forward(600)
            before, request_id = request_id, uuid4()
            async with self.archive.act(visit.worker) as act:
                await requests.again(act, before, request_id)
        return request_id

    async def _offer(self, request_id: UUID) -> None:
        async with self.archive.act(Actor.of_system("desk")) as act:
            await requests.offer(act, request_id)

    async def _answer(self, visit: Visit, request_id: UUID) -> UUID:
        async with self.archive.act(visit.doctor) as act:
            await duty.begin(act)
        await self._offer(request_id)
        self.past.forward(2)
        async with self.archive.act(visit.doctor) as act:
            await requests.shown(act, request_id)
        self.past.forward(self.chance.randint(5, 55))
        async with self.archive.act(visit.doctor) as act:
            return await requests.accept(act, request_id)

    async def _talk(self, visit: Visit, call_id: UUID) -> None:
        self.past.forward(1)
        async with self.archive.act(visit.worker) as act:
            await calls.entered(act, call_id, "worker", together=False)
        async with self.archive.act(visit.doctor) as act:
            await calls.entered(act, call_id, "doctor", together=True)
        self.past.forward(2)
        await self._media(visit, call_id, "connected")
        if visit.measured:
            await self._measure(visit, call_id)
        if visit.cut:
            await self._media(visit, call_id, "lost")
            self.past.forward(self.chance.randint(4, 25))
            await self._media(visit, call_id, "connected")
        self.past.forward(self.chance.randint(200, 700))

    async def _media(self, visit: Visit, call_id: UUID, flow: Any) -> None:
        async with self.archive.act(visit.worker) as act:
            await calls.media(act, call_id, "worker", flow)
        async with self.archive.act(visit.doctor) as act:
            await calls.media(act, call_id, "doctor", flow)

    async def _measure(self, visit: Visit, call_id: UUID) -> None:
        for _ in range(SAMPLES):
            self.past.forward(10)
            async with self.archive.act(visit.worker) as act:
                await self._sample(act, call_id, "worker", 380)
                await self._sample(act, call_id, "doctor", 620)

    async def _sample(self, act: Act, call_id: UUID, side: Any, kbps: int) -> None:
        bad = self.chance.random() < 0.12       # a moment of rain on the mountain
        rate = kbps * self.chance.uniform(0.2, 0.4) if bad else kbps * self.chance.uniform(0.85, 1.1)
        quality = Quality(
            received_kbps=round(rate, 1), sent_kbps=round(rate * 0.9, 1), bytes_used=round(rate * 1.9 * 1250),
            lost_percent=round(self.chance.uniform(2, 9) if bad else self.chance.uniform(0, 0.8), 2),
            round_trip_ms=round(self.chance.uniform(180, 420) if bad else self.chance.uniform(38, 90), 1))
        await calls.measured(act, call_id, side, quality, quality.bytes_used)

    async def _write(self, visit: Visit, encounter_id: UUID) -> None:
        story, note_id = visit.story, uuid4()
        written = Written(
            diagnoses=[diagnosis(code) for code in story["diagnoses"]], assessment=story["assessment"],
            finding=story["finding"], advice=story["advice"], follow_up=story["follow_up"], danger_signs=story["danger"])
        async with self.archive.act(visit.doctor) as act:
            draft = await note_drafts.save(act, encounter_id, note_id, 0, written)
        self.past.forward(20)
        if visit.signed:
            async with self.archive.act(visit.doctor) as act:
                await notes.sign(act, encounter_id, note_id, draft.version)

    async def _finish(self, visit: Visit, call_id: UUID) -> None:
        self.past.forward(8)
        async with self.archive.act(visit.doctor) as act:
            call = await calls.finish(act, call_id)
        self.past.forward(30)
        assert call.finish_at
        async with self.archive.act(Actor.of_system("deadline")) as act:
            await calls.finish_now(act, call_id, call.finish_at)
        async with self.archive.act(visit.doctor) as act:
            await duty.end(act)


def diagnosis(code: str) -> Diagnosis:
    found = conditions.get(code)
    assert found, code
    return Diagnosis(code=found.code, name=found.vi)
