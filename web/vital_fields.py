"""The fields of the vital signs: what stands in each, the last value beside it, and which sentence is shown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from records.care.observations import Measured
from records.codes import habits, vital_signs
from records.codes.vital_signs import VitalSign
from web import dates

MEASURE_AGAIN = timedelta(minutes=5)            # a high blood pressure is measured again after a rest
STATES = (
    "offer", "unreadable", "impossible", "red-low", "red-high", "red-low-again", "red-high-again", "look-low", "look-high",
    "look-high-timed",
)


@dataclass(frozen=True, kw_only=True)
class Field:
    """One field. ``id``: the measurement that what is typed belongs to. ``after``: the one that was shown last, or ""."""

    sign: VitalSign
    id: UUID
    version: int
    typed: str
    state: str
    offer: str
    at: str
    last: str

    @property
    def mark(self) -> str:
        """What the field looks like: "red", "look" or ""."""
        return mark(self.state)


def fields(
    measured: list[Measured], before: dict[str, Measured], decimal: str, now: datetime, gender: str, years: int | None,
) -> list[Field]:
    """One field per sign that this patient may have."""
    latest = {one.code: one for one in measured}
    return [_field(sign, latest.get(sign.code), before.get(sign.code), decimal, now)
            for sign in vital_signs.SIGNS if sign.key != "gestation" or _may_be_pregnant(gender, years)]


def state(one: Measured) -> str:
    """Which sentence stands under the field: one of STATES, or ""."""
    if one.fault or one.offer:
        return one.fault or "offer"
    if not one.level:
        return ""
    if one.level == "red" and one.again:
        return f"red-{one.direction}-again"
    timed = one.level == "look" and one.direction == "high" and one.sign.key == "pressure" and not one.again
    return f"{one.level}-{one.direction}{'-timed' if timed else ''}"


def mark(of: str) -> str:
    """"red", "look" or "" for a state."""
    if of.startswith("red") or of in ("unreadable", "impossible"):
        return "red"
    return "look" if of else ""


def again_at(one: Measured) -> str:
    """When to measure again, as "07:50"."""
    return dates.time(one.recorded_at + MEASURE_AGAIN)


def offered(one: Measured, decimal: str) -> str:
    return habits.written(one.offer, decimal)


def _field(sign: VitalSign, current: Measured | None, before: Measured | None, decimal: str, now: datetime) -> Field:
    last = f"{_day(before.recorded_at, now)}: {before.written(decimal)}" if before else ""
    if current is None:
        return Field(sign=sign, id=uuid4(), version=0, typed="", state="", offer="", at="", last=last)
    return Field(sign=sign, id=current.id, version=current.version, typed=current.typed, state=state(current),
                 offer=offered(current, decimal), at=again_at(current), last=last)


def _day(at: datetime, now: datetime) -> str:
    """"12/10", with the year when it was another one."""
    there, here = dates.local(at), dates.local(now)
    return f"{there:%d/%m}" if there.year == here.year else f"{there:%d/%m/%Y}"


def _may_be_pregnant(gender: str, years: int | None) -> bool:
    return gender != "male" and (years is None or 10 <= years <= 55)
