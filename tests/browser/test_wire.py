"""A call page is light enough for a thin line: sizes and counts, measured in a real Chromium."""

from __future__ import annotations

import pytest

from tests.browser import wire
from tests.browser.conftest import Theatre

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

# Bytes, bytes, requests, bytes. The aim of a second visit is 10,000: see the figures in tests/benchmarks/README.md.
FIRST, SCRIPT, REQUESTS, SECOND = 80_000, 40_000, 20, 11_000
# Loaded from the third second of ringing on, when the line has nothing better to do, and waited for by nobody.
WHILE_IT_RINGS = ("/js/call/still_parts.js", "/js/photo.js")


async def test_a_call_page_is_light_and_lighter_the_second_time(theatre: Theatre) -> None:
    seen = await wire.visits(theatre, await theatre.accepted())

    for first in seen.first.values():
        assert first.bytes <= FIRST and first.script <= SCRIPT and len(first.requests) <= REQUESTS, first.requests
    for second in seen.second.values():
        assert second.bytes <= SECOND, second.requests


async def test_a_call_in_the_page_that_rang_is_as_light(theatre: Theatre) -> None:
    parts = await wire.accepting(theatre)

    for side in ("doctor", "worker"):
        mine = [part for name, part in parts.items() if name.startswith(side)]
        later = sum(size for part in mine for address, size in part.sizes.items() if address.endswith(WHILE_IT_RINGS))
        assert sum(part.bytes for part in mine) - later <= FIRST
        assert sum(part.script for part in mine) - later <= SCRIPT
    assert parts["doctor from accept on"].bytes <= SECOND * 2
