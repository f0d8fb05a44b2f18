"""Rooms and a line for the tests; where they cannot be made the tests are left out, and it is said why."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.netlab import browsers, radio, rooms
from tests.netlab import lab as labs
from tests.netlab.lab import Lab
from tests.netlab.radio import Radio
from tests.netlab.rooms import Rooms


@pytest.fixture
async def line(tmp_path: Path) -> AsyncIterator[tuple[Rooms, Radio]]:
    """A line between two rooms with nothing else in them."""
    if why := rooms.lacking():
        pytest.skip(f"no lab: {why}")
    with rooms.opened() as made:
        async with radio.opened(made, tmp_path) as one:
            yield made, one


@pytest.fixture(scope="session")
async def lab() -> AsyncIterator[Lab]:
    """One lab for all calls of the run: site, relays and two Chromiums around a line."""
    if why := rooms.lacking() or browsers.lacking():
        pytest.skip(f"no lab: {why}")
    async with labs.opened() as made:
        yield made
