"""Ages from birth dates that may be whole or partial: "1958", "1958-03" or "1958-03-09" (FHIR date)."""

from __future__ import annotations

import re
from datetime import date

TYPED = re.compile(r"(?:(\d{1,2})[/.\- ])?(?:(\d{1,2})[/.\- ])?(\d{4})")
OLDEST = 125                                               # years; nobody known lived longer than 122


def years(birth_date: str, on: date) -> int | None:
    """Completed years on the day ``on``; with a year alone the difference of years, as people in Vietnam count it."""
    parts = _parts(birth_date)
    if not parts:
        return None
    return max(0, on.year - parts[0] - (tuple(parts[1:]) > (on.month, on.day)[: len(parts) - 1]))


def months(birth_date: str, on: date) -> int | None:
    """Completed months on the day ``on``. A year alone counts from its middle, a month alone from its first day."""
    parts = _parts(birth_date)
    if not parts:
        return None
    year, month, day = (*parts, *(7, 1)[len(parts) - 1 :])
    return max(0, (on.year - year) * 12 + on.month - month - (day > on.day))


def read(typed: str, today: date) -> str:
    """What a person typed ("1958", "3/1958", "09/03/1958") as a FHIR date.

    Raises ValueError for a day that does not exist, lies ahead of ``today`` or more than 125 years back.
    """
    match = TYPED.fullmatch(typed.strip())
    if not match:
        raise ValueError("not a date")
    first, second, year = match.groups()
    day, month = (first, second) if second else (None, first)
    born = date(int(year), int(month or 1), int(day or 1))
    if born > today or today.year - born.year > OLDEST:
        raise ValueError("not a birth date")
    return "-".join(part for part in (year, month and month.zfill(2), day and day.zfill(2)) if part)


def typed(birth_date: str) -> str:
    """The way people write it here: "1958", "03/1958", "09/03/1958"."""
    return "/".join(reversed(birth_date.split("-")))


def _parts(birth_date: str) -> list[int]:
    return [int(part) for part in birth_date.split("-")] if birth_date else []
