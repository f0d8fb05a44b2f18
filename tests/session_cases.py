"""A session told step by step in codes, as pages, sockets and the call write it; for tests of causes, sentences and drawings."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from records.care.call_events import Event, Sample
from records.care.sessions import Session
from web import dates

NURSE, DOCTOR = UUID(int=1), UUID(int=2)
PEOPLE = {"worker": NURSE, "doctor": DOCTOR}
SESSION = Session(
    request_id=UUID(int=3), call_id=UUID(int=4), asked_at=datetime(2026, 11, 23, 7, 46, 2, tzinfo=dates.ZONE),
    station_id=UUID(int=5), location_id=None, station="Vi Hương", worker_id=NURSE, doctor_id=DOCTOR, doctor="Bs. Hùng",
    emergency=False, wait_seconds=38, length_seconds=960, outcome="done", reason="finished", cuts=0, cut_seconds=0, bytes_used=0,
    ended_at=None)


def at(clock: str) -> datetime:
    """ "07:58:04" on the day of these tests, in Vietnam."""
    return datetime.combine(SESSION.asked_at, datetime.strptime(clock, "%H:%M:%S").time(), dates.ZONE)


class Story:
    """What is written of one session: ``events`` and ``samples``, each in the order of time."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.samples: list[Sample] = []

    def tell(self, *lines: str) -> Story:
        """Lines such as "07:58:04 away worker silent": instant, kind, side ("-" for none), detail."""
        for line in lines:
            clock, kind, side, detail, *_ = [*line.split(), "", ""]
            side = side.replace("-", "")
            self.events.append(Event(at(clock), kind, PEOPLE.get(side), side, detail))
        self.events.sort(key=lambda event: event.at)
        return self

    def measure(self, since: str, until: str, side: str, **figures: Any) -> Story:
        """A sample of ``side`` every ten seconds; what is not said is that of a good line."""
        good = Sample(at(since), side, received_kbps=640, sent_kbps=620, lost_percent=0.4, round_trip_ms=85, rung="medium",
                      concealed_percent=0.1, jitter_ms=8, available_kbps=900, path="srflx")
        instant = at(since)
        while (instant := instant + timedelta(seconds=10)) <= at(until):
            self.samples.append(replace(good, at=instant, **figures))
        self.samples.sort(key=lambda sample: sample.at)
        return self


def call() -> Story:
    """A call from the request to its connection at 07:46:42."""
    return Story().tell(
        "07:46:02 asked worker", "07:46:03 offered -", "07:46:05 shown doctor", "07:46:40 accepted doctor", "07:46:40 opened -",
        "07:46:41 entered worker", "07:46:41 entered doctor", "07:46:41 connecting -", "07:46:42 connected doctor")


def finished(story: Story) -> Story:
    """The doctor finishes at 08:04."""
    return story.tell("08:04:00 finish-armed doctor", "08:04:30 ended - finished", "08:04:30 completed -")
