"""What one side received over some time, from the rows that ``hooks.js`` writes down. Knows no page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

Row = dict[str, Any]
QUIET = 1e-6            # mean square of the loudness below which nobody is heard (1: as loud as it goes)
SURE = 3                # steps in a row (0.6 s) before a voice counts as gone, or as back
SOON = 3_000            # milliseconds in which an event silences the other, if at all


@dataclass(frozen=True)
class Figures:
    """One side's view of the other. Shares are 0..1, times in seconds."""

    seconds: float
    concealed: float            # share of the voice that was made up
    longest_silence: float      # without a sound of the other
    frames: int                 # of the picture, decoded
    frozen: float               # share of the time
    freezes: int
    size: tuple[int, int]       # of the last picture
    buffer: float               # mean time that a sound waits in the jitter buffer
    lost: float                 # share of the voice's packets
    path: str                   # kinds of the candidates in use, as "relay/udp host"
    words: list[tuple[float, str]] = field(default_factory=list)    # what the page said of the line, from when on

    @property
    def rate(self) -> float:
        """Frames a second."""
        return self.frames / self.seconds if self.seconds else 0


def of(rows: Sequence[Row]) -> Figures:
    """Figures of consecutive rows; two at least."""
    first, last = rows[0], rows[-1]
    seconds = (last["at"] - first["at"]) / 1_000
    total, received = _grew(first, last, "audio.totalSamplesReceived"), _grew(first, last, "audio.packetsReceived")
    lost, emitted = _grew(first, last, "audio.packetsLost"), _grew(first, last, "audio.jitterBufferEmittedCount")
    return Figures(
        seconds=seconds, concealed=_share(_grew(first, last, "audio.concealedSamples"), total), longest_silence=longest_silence(rows),
        frames=int(_grew(first, last, "video.framesDecoded")), frozen=_share(_grew(first, last, "video.totalFreezesDuration"), seconds),
        freezes=int(_grew(first, last, "video.freezeCount")), size=(last["width"], last["height"]),
        buffer=_share(_grew(first, last, "audio.jitterBufferDelay"), emitted), lost=_share(lost, lost + received),
        path=last["path"], words=changes(rows))


def longest_silence(rows: Sequence[Row]) -> float:
    """Seconds; a step counts as silent when nothing came, when most of it was made up, or when it was not loud."""
    longest, begun = 0.0, rows[0]["at"]
    for before, row in pairwise(rows):
        if is_heard(before, row):
            begun = row["at"]
        longest = max(longest, row["at"] - begun)
    return longest / 1_000


def is_heard(before: Row, row: Row) -> bool:
    total, seconds = _grew(before, row, "audio.totalSamplesReceived"), (row["at"] - before["at"]) / 1_000
    loudness = _grew(before, row, "audio.totalAudioEnergy") / seconds if seconds else 0
    return total > 0 and _grew(before, row, "audio.concealedSamples") < total / 2 and loudness > QUIET


def voice_back(rows: Sequence[Row], after: float) -> float | None:
    """Seconds from the instant ``after`` (milliseconds) until the other is heard again and stays so; None: not yet, or too early to tell.

    What lies in the jitter buffer is still heard a moment after the event. 0: no silence of three steps began in the three seconds after it.
    """
    steps = [(row["at"], is_heard(before, row)) for before, row in pairwise(rows)]
    gone = _run(steps, False, 0, after + SOON)
    if gone is None:
        return 0.0 if rows[-1]["at"] > after + SOON + SURE * 1_000 else None
    back = _run(steps, True, gone, float("inf"), after)
    return None if back is None else (steps[back][0] - after) / 1_000


def _run(steps: Sequence[tuple[float, bool]], heard: bool, begin: int, until: float, after: float = 0) -> int | None:
    """Where ``SURE`` steps in a row of one kind begin: from this one on, after one instant and until another."""
    for at in range(begin, len(steps) - SURE + 1):
        if after < steps[at][0] <= until and all(is_on == heard for _, is_on in steps[at:at + SURE]):
            return at
    return None


def changes(rows: Sequence[Row]) -> list[tuple[float, str]]:
    """What the page said of the line, and from which second on, counted from the first row."""
    found: list[tuple[float, str]] = []
    for row in rows:
        if row["words"] and (not found or found[-1][1] != row["words"]):
            found.append(((row["at"] - rows[0]["at"]) / 1_000, row["words"]))
    return found


def _grew(first: Row, last: Row, name: str) -> float:
    return float(last.get(name, 0)) - float(first.get(name, 0))


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0
