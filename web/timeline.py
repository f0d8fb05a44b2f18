"""Geometry of a call's time line: bands and curves as percentages and SVG points, so that a template can draw them.

The drawing is the server's (no script, no library): one axis from the request to the last event; bands above, curves below.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

HEIGHT = 40.0          # units of a curve's viewBox; 2 are kept free at both edges
WIDTH = 1000.0
TICKS_AT_MOST = 6
GAP = timedelta(seconds=25)     # two reports are missing: nothing is drawn between
STEPS = (10, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200)   # seconds between ticks


@dataclass(frozen=True)
class Band:
    """A stretch of one kind (ring, video, cut, write, or a rung), in percent of the axis."""

    kind: str
    start: float
    length: float
    seconds: int

    @property
    def x(self) -> str:
        return f"{self.start:.2f}%"

    @property
    def width(self) -> str:
        return f"{self.length:.2f}%"


@dataclass(frozen=True)
class Tick:
    """A labelled place on the axis, in percent."""

    at: datetime
    place: float

    @property
    def x(self) -> str:
        return f"{self.place:.2f}%"

    @property
    def anchor(self) -> str:
        return "start" if self.place < 4 else "end" if self.place > 96 else "middle"


@dataclass(frozen=True)
class Curve:
    """``points`` of a polyline in a WIDTH x HEIGHT box, one at least, without a gap in what was measured."""

    points: str

    @property
    def area(self) -> str:
        first, last = self.points.split(" ")[0], self.points.rsplit(" ", 1)[-1]
        return f"{first.split(',')[0]},{HEIGHT:.0f} {self.points} {last.split(',')[0]},{HEIGHT:.0f}"


@dataclass(frozen=True)
class Axis:
    """From ``start`` to ``end``; never shorter than ten seconds."""

    start: datetime
    end: datetime

    @classmethod
    def over(cls, instants: Iterable[datetime]) -> Axis:
        ordered = sorted(instants)
        return cls(ordered[0], max(ordered[-1], ordered[0] + timedelta(seconds=10)))

    def place(self, at: datetime) -> float:
        """Where ``at`` lies, in percent, kept within the axis."""
        share = (at - self.start) / (self.end - self.start)
        return min(100.0, max(0.0, 100.0 * share))

    def band(self, kind: str, start: datetime, end: datetime) -> Band:
        place = self.place(start)
        return Band(kind, place, max(0.3, self.place(end) - place), round((end - start).total_seconds()))

    def ticks(self, zone: tzinfo) -> list[Tick]:
        """At most TICKS_AT_MOST round instants of the local day."""
        span = (self.end - self.start).total_seconds()
        step = next((one for one in STEPS if span / one <= TICKS_AT_MOST), STEPS[-1])
        midnight = self.start.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
        first = int((self.start - midnight).total_seconds() // step) + 1
        found = []
        while (at := midnight + timedelta(seconds=first * step)) < self.end:
            found.append(Tick(at, self.place(at)))
            first += 1
        return found

    def curves(self, samples: Sequence[tuple[datetime, float]], highest: float) -> list[Curve]:
        """The samples as polylines, a new one after each gap; the value ``highest`` touches the top."""
        runs: list[list[tuple[datetime, float]]] = []
        for sample in samples:
            if not runs or sample[0] - runs[-1][-1][0] > GAP:
                runs.append([])
            runs[-1].append(sample)
        return [Curve(" ".join(self._point(at, value, highest) for at, value in run)) for run in runs]

    def _point(self, at: datetime, value: float, highest: float) -> str:
        height = (HEIGHT - 4) * (value / highest if highest else 0)
        return f"{self.place(at) * WIDTH / 100:.0f},{HEIGHT - 2 - height:.1f}"
