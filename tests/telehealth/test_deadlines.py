"""Alarms run on the monotonic clock, survive faults, and are set anew after a restart."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest

from telehealth.deadlines import AGAIN, AT_LEAST, Deadlines
from tests.virtual_time import VirtualTime


class Bell:
    """Writes down which alarms rang; fails as often as it is told to."""

    def __init__(self) -> None:
        self.rang: list[tuple[UUID, datetime]] = []
        self.failures = 0

    async def due(self, key: UUID, at: datetime) -> None:
        if self.failures:
            self.failures -= 1
            raise OSError("the database is away")
        self.rang.append((key, at))


@pytest.fixture
def time() -> VirtualTime:
    return VirtualTime()


@pytest.fixture
def bell() -> Bell:
    return Bell()


@pytest.fixture
def deadlines(time: VirtualTime, bell: Bell) -> Deadlines:
    made = Deadlines(time.clock, time.later)
    made.on("request", bell.due)
    return made


async def test_an_alarm_rings_once_at_its_time(deadlines: Deadlines, time: VirtualTime, bell: Bell) -> None:
    key, at = uuid4(), time.now + timedelta(seconds=120)
    deadlines.arm("request", key, at)

    await time.forward(deadlines, seconds=119)
    assert bell.rang == []
    await time.forward(deadlines, seconds=1)
    assert bell.rang == [(key, at)]
    await time.forward(deadlines, seconds=600)
    assert bell.rang == [(key, at)]


async def test_a_clock_that_jumps_makes_nothing_early_or_late(deadlines: Deadlines, time: VirtualTime, bell: Bell) -> None:
    deadlines.arm("request", uuid4(), time.now + timedelta(seconds=120))

    time.jump(hours=3)
    await time.forward(deadlines, seconds=119)
    assert bell.rang == []
    time.jump(hours=-9)
    await time.forward(deadlines, seconds=1)
    assert len(bell.rang) == 1


async def test_a_newer_alarm_replaces_the_older_one(deadlines: Deadlines, time: VirtualTime, bell: Bell) -> None:
    key = uuid4()
    deadlines.arm("request", key, time.now + timedelta(seconds=10))
    later = time.now + timedelta(seconds=90)
    deadlines.arm("request", key, later)

    await time.forward(deadlines, seconds=200)

    assert bell.rang == [(key, later)]


async def test_an_alarm_that_was_taken_away_does_not_ring(deadlines: Deadlines, time: VirtualTime, bell: Bell) -> None:
    key = uuid4()
    deadlines.arm("request", key, time.now + timedelta(seconds=10))
    deadlines.arm("request", key, None)

    await time.forward(deadlines, seconds=60)

    assert bell.rang == [] and deadlines.armed("request") == {}


async def test_after_a_restart_an_alarm_of_the_past_waits_60_seconds(deadlines: Deadlines, time: VirtualTime, bell: Bell) -> None:
    deadlines.arm("request", uuid4(), time.now - timedelta(minutes=5), at_least=AT_LEAST)

    await time.forward(deadlines, seconds=59)
    assert bell.rang == []
    await time.forward(deadlines, seconds=1)
    assert len(bell.rang) == 1


async def test_what_could_not_be_handled_rings_again(deadlines: Deadlines, time: VirtualTime, bell: Bell) -> None:
    bell.failures = 2
    deadlines.arm("request", uuid4(), time.now + timedelta(seconds=10))

    await time.forward(deadlines, seconds=10 + 2 * AGAIN)

    assert len(bell.rang) == 1


async def test_nothing_rings_after_closing(deadlines: Deadlines, time: VirtualTime, bell: Bell) -> None:
    deadlines.arm("request", uuid4(), time.now + timedelta(seconds=10))

    await deadlines.close()
    await time.forward(deadlines, seconds=60)

    assert bell.rang == []
