"""One consultation of the past, step by step through the real records, at the instants at which it would have happened."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID, uuid4

from records.acts import Actor
from records.archive import Archive
from records.care import call_reports, calls, consents, encounters, note_drafts, notes, observations, requests
from records.care.encounters import Intake
from records.care.note_content import Diagnosis, Written
from records.codes import conditions, vital_signs
from records.people import duty
from telehealth.demo import courses
from telehealth.demo.courses import PLAIN, Break, Course, Step, Stretch, Word

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
    unconnected: bool = False   # at first the two sides found no way to each other
    course: Course = PLAIN      # how the line behaved
    signed: bool = True


class Stage:
    """Where a visit is played: the records, the past, and chance that always falls the same way."""

    def __init__(self, archive: Archive, past: Past, chance: Random) -> None:
        self.archive, self.past, self.chance = archive, past, chance

    async def play(self, visit: Visit) -> None:
        """The whole visit, from the door of the station to the signed note."""
        encounter_id = await self._examine(visit)
        request_id = await self._ask(visit, encounter_id)
        if visit.unconnected:
            request_id = await self._fail(visit, request_id)
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
        await self._enter(visit, call_id)
        await self._media(visit, call_id, "connected")
        for step in visit.course:
            await self._step(visit, call_id, step)
        measured = any(isinstance(step, Stretch) for step in visit.course)
        self.past.forward(self.chance.randint(15, 30) if measured else self.chance.randint(200, 700))

    async def _enter(self, visit: Visit, call_id: UUID) -> None:
        self.past.forward(1)
        async with self.archive.act(visit.worker) as act:
            await calls.entered(act, call_id, "worker", together=False)
        async with self.archive.act(visit.doctor) as act:
            await calls.entered(act, call_id, "doctor", together=True)
        self.past.forward(2)

    async def _step(self, visit: Visit, call_id: UUID, step: Step) -> None:
        match step:
            case Stretch():
                await self._measure(visit, call_id, step)
            case Break():
                await self._break(visit, call_id, step)
            case Word():
                await self._tell(visit, call_id, step.kind, step.detail, side=step.side)

    async def _measure(self, visit: Visit, call_id: UUID, stretch: Stretch) -> None:
        for _ in range(stretch.samples):
            self.past.forward(10)
            station, doctor = courses.qualities(stretch, self.chance)
            async with self.archive.act(visit.worker) as act:
                await calls.measured(act, call_id, "worker", station, station.bytes_used)
                await calls.measured(act, call_id, "doctor", doctor, 0)

    async def _break(self, visit: Visit, call_id: UUID, step: Break) -> None:
        await self._media(visit, call_id, "lost")
        noticed = min(9, step.seconds - 2)
        self.past.forward(noticed)
        if step.told:
            await self._tell(visit, call_id, "away", "silent")
        self.past.forward(step.seconds - noticed - 1)
        if step.told:
            await self._tell(visit, call_id, "back")
        for kind, detail in step.told:
            await self._tell(visit, call_id, kind, detail)
        self.past.forward(1)
        await self._media(visit, call_id, "connected")

    async def _tell(self, visit: Visit, call_id: UUID, kind: str, detail: str = "", *, side: str = "worker") -> None:
        actor = {"worker": visit.worker, "doctor": visit.doctor}.get(side, Actor.of_system("calls"))
        async with self.archive.act(actor) as act:
            await call_reports.tell(act, call_id, side, kind, detail)

    async def _media(self, visit: Visit, call_id: UUID, flow: Any) -> None:
        """Whichever side loses the other is told by the doctor first: a station whose line is out tells nothing."""
        async with self.archive.act(visit.doctor) as act:
            await calls.media(act, call_id, "doctor", flow)
        async with self.archive.act(visit.worker) as act:
            await calls.media(act, call_id, "worker", flow)

    async def _fail(self, visit: Visit, request_id: UUID) -> UUID:
        """The two sides find no way to each other, give up, and the station calls again. Returns the new request."""
        call_id = await self._answer(visit, request_id)
        await self._enter(visit, call_id)
        self.past.forward(10)
        await self._tell(visit, call_id, "path-failed", "no-relay")
        await self._expire(call_id, 20)
        self.past.forward(15)
        async with self.archive.act(visit.worker) as act:
            await calls.left(act, call_id, "worker", "left", empty=False)
        async with self.archive.act(visit.doctor) as act:
            await calls.left(act, call_id, "doctor", "left", empty=True)
        await self._expire(call_id, 600)
        again = uuid4()
        async with self.archive.act(visit.worker) as act:
            await requests.again(act, request_id, again)
        return again

    async def _expire(self, call_id: UUID, seconds: int) -> None:
        self.past.forward(seconds)
        async with self.archive.act(Actor.of_system("deadline")) as act:
            deadline = (await calls.read(act, call_id)).deadline_at
            assert deadline
            await calls.expire(act, call_id, deadline, occupied=False)

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
