"""What is done to a call while it runs, and how long until both sides hear each other again. Ours and the bare pages are treated alike."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from tests.netlab.lab import SIDES, Call, Lab, now
from tests.netlab.lines import Shape

Back = dict[str, float | None]       # by side: seconds until the other was heard again; None: not while it was watched
SETTLED = 6             # seconds of a quiet call before something happens to it
PATIENCE = 30           # seconds for a voice to come back
NEVER: Back = dict.fromkeys(SIDES)


async def cuts(lab: Lab, lengths: Sequence[float], *, bare: bool = False) -> list[Back]:
    """Cuts of these lengths in seconds, one after the other, in one call on ``4g``. After a voice that stays away nothing more is tried."""
    async with lab.call("4g", bare=bare) as call:
        await call.heard()
        found: list[Back] = []
        for length in lengths:
            await asyncio.sleep(SETTLED)
            found.append(await call.voice_back(await call.line.cut(length), within=PATIENCE))
            if None in found[-1].values():
                break
    return found + [NEVER] * (len(lengths) - len(found))


async def moves(lab: Lab, times: int, *, bare: bool = False) -> list[Back]:
    """The station changes its net and its address so many times in a call on ``4g``."""
    async with lab.call("4g", bare=bare) as call:
        await call.heard()
        found: list[Back] = []
        for _ in range(times):
            await asyncio.sleep(SETTLED)
            found.append(await call.voice_back(await call.line.move(), within=PATIENCE))
    return found


async def relays_killed(lab: Lab, times: int, *, bare: bool = False) -> list[Back]:
    """A call through relays only, of which the one that carries it is killed; it is there again before the next time."""
    async with lab.call("4g", relay=True, relays=2, bare=bare) as call:
        await call.heard()
        found: list[Back] = []
        for _ in range(times):
            await asyncio.sleep(SETTLED)
            for relay in [one for one in lab.relays if one.address in await _relay_of(call)]:
                await relay.kill()
            found.append(await call.voice_back(now(), within=PATIENCE))
            for relay in lab.relays:
                await relay.ensure()
    return found


@dataclass(frozen=True)
class Opened:
    """How a call came about behind a firewall: seconds from the click until each side heard the other, and by which path."""

    heard: Back
    path: str


async def behind(lab: Lab, allow: str, *, relay: bool = False, bare: bool = False) -> Opened:
    """A call on ``4g`` behind this firewall, or through the relay only."""
    try:
        async with lab.call("4g", allow=allow, relay=relay, bare=bare) as call:
            heard = await call.heard(PATIENCE)
            seen = await call.measure(SETTLED)
            return Opened({side: (heard[side] - call.accepted_at) / 1_000 for side in SIDES}, seen["station"].path)
    except TimeoutError:
        return Opened(NEVER, "")


@dataclass(frozen=True)
class First:
    """Seconds from the click to the first sound and the first frame of the other, by side."""

    voice: Back
    picture: Back


async def first(lab: Lab, line: str | float, *, bare: bool = False) -> First:
    """From the doctor's click on a line with this name, or on a fast one with this round trip in milliseconds."""
    shaped = line if isinstance(line, str) else Shape(delay_ms=line / 2)
    async with lab.call(shaped, bare=bare) as call:
        moments = {side: await call.moments(side, within=PATIENCE) for side in SIDES}
        clicked = moments["doctor"]["clicked"]
    return First(*({side: (one[what] - clicked) / 1_000 if one[what] else None for side, one in moments.items()}
                   for what in ("voice", "picture")))


async def _relay_of(call: Call) -> str:
    """The addresses of the relays through which the call passes now."""
    return " ".join([await page.evaluate(RELAYS) for page in call.pages.values()])


RELAYS = """async () => {
  const found = [];
  for (const peer of window.lab.peers) {
    const report = await peer.getStats();
    for (const one of report.values()) {
      if (one.type !== "transport" || !one.selectedCandidatePairId) continue;
      const pair = report.get(one.selectedCandidatePairId);
      for (const id of [pair?.localCandidateId, pair?.remoteCandidateId]) found.push(report.get(id)?.address);
    }
  }
  return found.join(" ");
}"""
