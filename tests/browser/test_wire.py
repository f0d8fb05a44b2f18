"""A call page is light enough for a thin line: sizes and counts, measured in a real Chromium."""

from __future__ import annotations

import pytest

from tests.browser import wire
from tests.browser.conftest import Theatre

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

# Bytes of a first visit, and requests: everything, also what loads once both see each other. Script: all that is asked for
# until they do. In the page that rang, what is made ready from the third second of ringing on stands in neither sum: nothing
# else wants the line then, and nobody waits for it (13 kB, ``wire.WHILE_IT_RINGS``).
FIRST, SCRIPT, REQUESTS = 80_000, 40_000, 20
# Bytes of a second visit, everything again. The aim is 10,000; the doctor's page alone, with the words of call and note, has 10,100.
SECOND = {"worker": 10_000, "doctor": 13_500}
ACCEPTED = 15_000       # bytes from the click on, in the page that rang; most of them two seconds after both see each other


async def test_a_call_page_is_light_and_lighter_the_second_time(theatre: Theatre) -> None:
    seen = await wire.visits(theatre, await theatre.accepted())

    for before, after in seen.first.values():
        assert (before + after).bytes <= FIRST and before.script <= SCRIPT, (before, after)
        assert len((before + after).requests) <= REQUESTS, (before, after)
    for side, (before, after) in seen.second.items():
        assert (before + after).bytes <= SECOND[side], (before, after)


async def test_a_call_in_the_page_that_rang_is_as_light(theatre: Theatre) -> None:
    parts = await wire.accepting(theatre)

    for side in ("doctor", "worker"):
        mine = [part for name, part in parts.items() if name.startswith(side)]
        assert sum(part.bytes for part in mine) <= FIRST, mine
        assert sum(part.script for part in mine[:-1]) <= SCRIPT, mine
    assert parts["doctor from accept on"].bytes + parts["doctor, after"].bytes <= ACCEPTED
