"""Rooms and a line for the tests; where they cannot be made the tests are left out, and it is said why."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.netlab import radio, rooms
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
