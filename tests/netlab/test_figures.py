"""Figures from rows: what counts as made up, as silence, and as a voice that is back."""

from __future__ import annotations

from itertools import accumulate

import pytest

from tests.netlab import figures
from tests.netlab.figures import Row

STEP = 200              # milliseconds between rows
SAMPLES = 9_600         # of 48 kHz in a step
HEARD, MADE_UP, MUTED, NOTHING = (SAMPLES, 0, 0.01), (SAMPLES, SAMPLES, 0.01), (SAMPLES, 0, 0.0), (0, 0, 0.0)


def rows_of(*steps: tuple[int, int, float], words: str = "Chỉ tiếng") -> list[Row]:
    """Rows that grow by these steps: samples, how many of them made up, energy. The first row stands at nothing."""
    sums = accumulate(steps, lambda one, other: tuple(a + b for a, b in zip(one, other, strict=True)), initial=(0, 0, 0.0))
    return [{"at": 1_000 + number * STEP, "audio.totalSamplesReceived": total, "audio.concealedSamples": made, "audio.totalAudioEnergy": energy,
             "width": 0, "height": 0, "path": "", "words": words} for number, (total, made, energy) in enumerate(sums)]


def test_the_share_that_was_made_up_is_of_all_that_was_played() -> None:
    found = figures.of(rows_of(HEARD, HEARD, MADE_UP, HEARD))

    assert found.concealed == pytest.approx(0.25) and found.seconds == pytest.approx(0.8)


@pytest.mark.parametrize("gone", [MADE_UP, MUTED, NOTHING])
def test_silence_is_what_is_made_up_or_muted_or_does_not_come(gone: tuple[int, int, float]) -> None:
    assert figures.longest_silence(rows_of(HEARD, gone, gone, gone, HEARD, gone)) == pytest.approx(0.6)
    assert figures.longest_silence(rows_of(HEARD, HEARD, HEARD)) == 0
    assert figures.longest_silence(rows_of(HEARD, gone, gone)) == pytest.approx(0.4)      # it lasts still


def test_a_voice_is_back_when_it_stays() -> None:
    rows = rows_of(HEARD, MADE_UP, MADE_UP, MADE_UP, HEARD, MADE_UP, HEARD, HEARD, HEARD, HEARD)

    assert figures.voice_back(rows, 1_000) == pytest.approx(1.4)
    assert figures.voice_back(rows, 1_700) == pytest.approx(0.7)         # gone before the line is back
    assert figures.voice_back(rows[:8], 1_000) is None
    assert figures.voice_back(rows_of(*[HEARD] * 5), 1_000) is None      # too early to tell
    assert figures.voice_back(rows_of(*[HEARD] * 40), 1_000) == 0        # never gone


def test_words_are_told_when_they_change() -> None:
    rows = [*rows_of(HEARD, words="Hình nhỏ"), *rows_of(HEARD)]
    for number, row in enumerate(rows):
        row["at"] = 1_000 + number * STEP

    assert figures.changes(rows) == [(0, "Hình nhỏ"), (pytest.approx(0.4), "Chỉ tiếng")]


def test_what_never_came_has_figures_too() -> None:
    empty = figures.of([{"at": 0, "width": 0, "height": 0, "path": "", "words": ""}, {"at": 1_000, "width": 0, "height": 0, "path": "", "words": ""}])

    assert (empty.concealed, empty.frames, empty.lost, empty.words) == (0, 0, 0, []) and empty.longest_silence == 1
