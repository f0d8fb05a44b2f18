"""How long a name must wait after wrong passwords. Figures only; knows no database."""

from __future__ import annotations

from datetime import datetime, timedelta

FREE_FAILURES = 10                              # failures in a row before each further one costs time
FORGIVEN_AFTER = timedelta(minutes=15)          # without a failure
FIRST_DELAY = timedelta(seconds=30)             # doubled with each further failure
LONGEST_DELAY = timedelta(minutes=15)


def next_delay(failures: int, last: datetime | None, now: datetime) -> tuple[int, datetime]:
    """Failures in a row and the instant from which the next attempt counts, after one more failure at ``now``.

    ``last`` is that instant as it stood: a quarter of an hour after it all is forgiven.
    """
    count = 1 if last is None or now - last > FORGIVEN_AFTER else failures + 1
    if count < FREE_FAILURES:
        return count, now
    doublings = min(count - FREE_FAILURES, 10)
    return count, now + min(FIRST_DELAY * 2**doublings, LONGEST_DELAY)
