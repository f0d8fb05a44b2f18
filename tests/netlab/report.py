"""One call on one line as a row of the table in README.md. What a side *received* stands under its name."""

from __future__ import annotations

import asyncio

from tests.netlab.figures import Figures
from tests.netlab.lab import SIDES, Call, Lab

SETTLING = 10           # seconds after both hear each other that are not counted
HEAD = """| line | page | heard after | voice made up | longest silence | picture | frozen | kbit/s up, down | words, from second |
|---|---|---|---|---|---|---|---|---|"""


async def row(lab: Lab, name: str, *, seconds: float, bare: bool) -> str:
    """Make the call, measure it. Where the two never hear each other, that is the row."""
    try:
        async with lab.call(name, bare=bare) as call:
            return f"| {name} | {'bare' if bare else 'ours'} | {await _measured(call, seconds)} |"
    except TimeoutError:
        return f"| {name} | {'bare' if bare else 'ours'} | never | | | | | | |"


async def _measured(call: Call, seconds: float) -> str:
    heard = await call.heard()
    await asyncio.sleep(SETTLING)
    before = await call.line.counts()
    seen = await call.measure(seconds)
    after = await call.line.counts()
    rates = [(after[way]["sent_bytes"] - before[way]["sent_bytes"]) * 8 / 1_000 / seconds for way in ("up", "down")]
    both = [seen[side] for side in SIDES]
    cells = [
        _pair([f"{(heard[side] - call.accepted_at) / 1_000:.1f}" for side in SIDES], " s"),
        _pair([f"{one.concealed * 100:.1f}" for one in both], " %"), _pair([f"{one.longest_silence:.1f}" for one in both], " s"),
        _pair([_picture(one) for one in both], ""), _pair([f"{one.frozen * 100:.0f}" for one in both], " %"),
        _pair([f"{rate:.0f}" for rate in rates], ""), _pair([_words(one) for one in both], "")]
    return " | ".join(cells)


def _pair(values: list[str], unit: str) -> str:
    """Station's and doctor's, once where they are the same."""
    return values[0] + unit if values[0] == values[1] else f"{', '.join(values)}{unit}"


def _picture(one: Figures) -> str:
    return f"{one.size[0]}x{one.size[1]} {one.rate:.0f}/s" if one.frames else "none"


def _words(one: Figures) -> str:
    return " ".join(f"{words} {at:.0f}" for at, words in one.words) or "-"
