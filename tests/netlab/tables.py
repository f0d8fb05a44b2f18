"""The tables of README.md, ours beside the bare pages; each prints its rows as they are measured."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from tests.netlab import deeds, report, trials
from tests.netlab.lab import Lab
from tests.netlab.trials import Back

Table = Callable[[Lab, tuple[bool, ...]], Awaitable[None]]
CUTS = (10, 20, 40)
LONG_CUT = 300
ROUND_TRIPS = [20, 100, 300, 600]       # milliseconds
TIMES = 3
SAVING = 180            # seconds


async def steady(lab: Lab, kinds: tuple[bool, ...], names: list[str], seconds: float) -> None:
    """Calls on lines with names."""
    _say(report.HEAD)
    for name in names:
        for bare in kinds:
            _say(await report.row(lab, name, seconds=seconds, bare=bare))


async def cuts(lab: Lab, kinds: tuple[bool, ...], lengths: Sequence[float] = CUTS) -> None:
    """The voice after the line is back."""
    _head("cut of", *(f"{length:.0f} s" for length in lengths))
    for bare in kinds:
        _row(_page(bare), *(_back(one) for one in await trials.cuts(lab, lengths, bare=bare)))


async def long_cut(lab: Lab, kinds: tuple[bool, ...]) -> None:
    await cuts(lab, kinds, [LONG_CUT])


async def moves(lab: Lab, kinds: tuple[bool, ...]) -> None:
    """The voice after another address of the station."""
    _head("another address", *(str(number + 1) for number in range(TIMES)))
    for bare in kinds:
        _row(_page(bare), *(_back(one) for one in await trials.moves(lab, TIMES, bare=bare)))


async def relays(lab: Lab, kinds: tuple[bool, ...]) -> None:
    """The voice after the relay in use was killed."""
    _head("relay killed", *(str(number + 1) for number in range(TIMES)))
    for bare in kinds:
        _row(_page(bare), *(_back(one) for one in await trials.relays_killed(lab, TIMES, bare=bare)))


async def paths(lab: Lab, kinds: tuple[bool, ...]) -> None:
    """A call behind firewalls: seconds from the click to the voice, and the path."""
    ways = {"UDP blocked": ("no-udp", False), "only TLS on 443": ("tls-443", False), "relay only": ("all", True)}
    _head("first voice after", *ways)
    for bare in kinds:
        found = [await trials.behind(lab, allow, relay=relay, bare=bare) for allow, relay in ways.values()]
        _row(_page(bare), *(f"{_back(one.heard)} by {one.path or 'nothing'}" for one in found))


async def opening(lab: Lab, kinds: tuple[bool, ...]) -> None:
    """From the click on accept to the first frame (and the first sound) at each side."""
    _head("first frame, voice, after", *(f"{trip} ms" for trip in ROUND_TRIPS), "thin")
    for bare in kinds:
        found = [await trials.first(lab, line, bare=bare) for line in (*ROUND_TRIPS, "thin")]
        _row(_page(bare), *(f"{_back(one.picture, 2)}; {_back(one.voice, 2)}" for one in found))


async def stills(lab: Lab, kinds: tuple[bool, ...]) -> None:
    """The sharp still; the bare pages have none."""
    _head("still on", "first sight", "whole", "size", "voice made up meanwhile")
    for line in ("worst", "thin", "thin+bursts", "edge"):
        one = await deeds.still(lab, line)
        voice = ", ".join(f"{side.concealed * 100:.1f}" for side in one.voice.values())
        _row(line, _seconds(one.sight), _seconds(one.whole), f"{one.size[0]}x{one.size[1]}", f"{voice} %")


async def notes(lab: Lab, kinds: tuple[bool, ...]) -> None:
    """Voice notes of nine seconds, one after the other."""
    _head("voice note on", "first", "second")
    _row("breath", *(_seconds(one) for one in await deeds.notes(lab, "breath")))


async def saver(lab: Lab, kinds: tuple[bool, ...]) -> None:
    """Data in saver mode."""
    _head("saver mode on", "MB in 15 minutes")
    _row("4g", f"{await deeds.saver(lab, SAVING):.1f}")


async def checks(lab: Lab, kinds: tuple[bool, ...]) -> None:
    """The line check against what the line is."""
    _head("check on", "took", "kB", "says", "up, down", "ways")
    for line in ("worst", "thin", "edge", "3g", "poor4g", "4g"):
        _checked(line, await deeds.check(lab, line))
    for rule in ("no-udp", "tls-443"):
        _checked(f"4g, {rule}", await deeds.check(lab, "4g", allow=rule))


def _checked(name: str, one: deeds.Check) -> None:
    _row(name, _seconds(one.seconds), f"{one.bytes / 1_000:.0f}", one.words, f"{one.up}, {one.down}", " ".join(one.paths))


def _seconds(one: float | None) -> str:
    return "never" if one is None else f"{one:.1f} s"


TABLES: dict[str, Table] = {
    "cuts": cuts, "long-cut": long_cut, "moves": moves, "relays": relays, "paths": paths, "opening": opening,
    "stills": stills, "notes": notes, "saver": saver, "checks": checks,
}


def _page(bare: bool) -> str:
    return "bare" if bare else "ours"


def _back(one: Back, digits: int = 1) -> str:
    """Station's and doctor's seconds."""
    return ", ".join("never" if seconds is None else f"{seconds:.{digits}f}" for seconds in one.values()) + " s"


def _head(*cells: str) -> None:
    _row(*cells)
    _say("|" + "---|" * len(cells))


def _row(*cells: str) -> None:
    _say(f"| {' | '.join(cells)} |")


def _say(line: str) -> None:
    print(line, flush=True)
