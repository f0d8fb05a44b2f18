"""Calls that must hold, through the real pages in real browsers: a short set. The whole table is in test_table.py."""

from __future__ import annotations

import asyncio

import pytest

from tests.netlab.lab import Lab

pytestmark = [pytest.mark.browser, pytest.mark.coturn, pytest.mark.timeout(240)]


async def test_both_hear_and_see_each_other_on_a_good_line(lab: Lab) -> None:
    async with lab.call("lan") as call:
        await call.heard()
        await asyncio.sleep(5)      # the estimate of a new connection begins low

        seen = await call.measure(8)

    for side in seen.values():
        assert side.longest_silence < 1 and side.frames > 0 and side.concealed < 0.1
        assert side.path == "host host"


async def test_a_cut_of_ten_seconds_heals_and_nothing_is_clicked(lab: Lab) -> None:
    async with lab.call("4g") as call:
        await call.heard()
        again_at = await call.line.cut(10)

        back = await call.voice_back(again_at, within=15)

    assert all(seconds is not None and seconds < 5 for seconds in back.values()), back
