"""The lines that have names: how fast, how far and how lossy each way between a station and the server. Knows no device and no clock.

Rates count IP headers. ``named("thin")`` gives a line; ``thin+bursts`` the same one losing packets in bursts of three. ``sawtooth`` and
``tunnel`` change by themselves: their phases follow each other round and round.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

BURST = 3.0             # packets lost in one go, mean, where losses come in bursts
SHALLOW, DEEP = 300.0, 1_000.0  # milliseconds of queue: thin mobile lines have deep buffers,
FEWEST = 4 * 1_500 * 8          # bits: and none that holds fewer packets than four, which is 1 s at 48 kbit/s and 4 s at 12


@dataclass(frozen=True)
class Shape:
    """One direction. ``kbps`` None: as fast as it comes. ``loss`` 0..1; ``burst`` mean length of a loss, 1: each packet by itself."""

    kbps: float | None = None
    delay_ms: float = 0
    jitter_ms: float = 0
    loss: float = 0
    burst: float = 1
    queue_ms: float = SHALLOW


@dataclass(frozen=True)
class Phase:
    """How the line is for so many seconds; without a shape it is cut."""

    seconds: float
    shape: Shape | None


@dataclass(frozen=True)
class Line:
    """A line with a name. Both directions alike; ``phases`` where it changes by itself, ``shape`` being how it begins."""

    name: str
    shape: Shape
    phases: tuple[Phase, ...] = ()


def line(name: str, kbps: float | None, round_trip_ms: float, loss_percent: float) -> Line:
    """A line from the figures by which it is known: rate each way, round trip, loss each way."""
    queue = max(DEEP, FEWEST / kbps) if kbps is not None and kbps < 200 else SHALLOW
    return Line(name, Shape(kbps, round_trip_ms / 2, loss=loss_percent / 100, queue_ms=queue))


LINES = {one.name: one for one in (
    line("lan", None, 2, 0),
    line("4g", 4_000, 80, 0.5),
    line("poor4g", 1_000, 350, 5),
    line("3g", 384, 200, 1),
    line("edge", 128, 400, 5),
    line("thin", 64, 100, 15),
    line("worst", 48, 400, 10),
    line("breath", 12, 600, 20),
)}
LINES["sawtooth"] = Line("sawtooth", LINES["4g"].shape, (Phase(30, LINES["4g"].shape), Phase(30, LINES["thin"].shape)))
LINES["tunnel"] = Line("tunnel", LINES["4g"].shape, (Phase(60, LINES["4g"].shape), Phase(40, None)))


def named(name: str) -> Line:
    """The line of this name, with ``+bursts`` losing in bursts. Raises KeyError for a name that nobody knows."""
    plain, _, more = name.partition("+")
    found = LINES[plain]
    return in_bursts(found) if more == "bursts" else found


def in_bursts(one: Line) -> Line:
    """As much loss, but in bursts."""
    phases = tuple(replace(phase, shape=phase.shape and replace(phase.shape, burst=BURST)) for phase in one.phases)
    return Line(f"{one.name}+bursts", replace(one.shape, burst=BURST), phases)
