"""Ages of people whose birth is known to the year, the month or the day."""

from __future__ import annotations

from datetime import date

import pytest

from records.people import ages

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(("born", "years"), [("1958", 68), ("1958-11", 68), ("1958-12", 67), ("1958-11-23", 68), ("1958-11-24", 67)])
def test_years_are_counted_as_far_as_the_birth_is_known(born: str, years: int) -> None:
    assert ages.years(born, TODAY) == years


def test_nobody_has_an_age_without_a_birth_date() -> None:
    assert ages.years("", TODAY) is None
    assert ages.months("", TODAY) is None


@pytest.mark.parametrize(("born", "months"), [("2026-10-24", 0), ("2026-10-23", 1), ("2025-03-01", 20), ("2026-09", 2), ("2025", 16)])
def test_months_are_counted_for_small_children(born: str, months: int) -> None:
    assert ages.months(born, TODAY) == months


@pytest.mark.parametrize(("typed", "kept"), [
    ("1958", "1958"), ("3/1958", "1958-03"), ("09/03/1958", "1958-03-09"), ("9.3.1958", "1958-03-09"), (" 9-3-1958 ", "1958-03-09")])
def test_a_birth_date_is_read_as_people_write_it(typed: str, kept: str) -> None:
    assert ages.read(typed, TODAY) == kept


@pytest.mark.parametrize("typed", ["", "58", "31/02/1958", "13/1958", "24/11/2026", "1890", "hoa", "1958-03-09"])
def test_what_is_no_birth_date_is_refused(typed: str) -> None:
    with pytest.raises(ValueError):
        ages.read(typed, TODAY)


def test_what_was_kept_is_written_as_people_write_it() -> None:
    assert ages.typed("1958-03-09") == "09/03/1958"
