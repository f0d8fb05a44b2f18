"""Ranges by age: which value asks to look, which to measure again."""

from __future__ import annotations

import itertools

import pytest

from records.codes import vital_signs
from records.codes.vital_signs import Judged

OLD = 68 * 12
SIGNS = vital_signs.BY_KEY


@pytest.mark.parametrize(("key", "values", "months", "judged"), [
    ("oxygen", (91,), OLD, Judged("red", "low")), ("oxygen", (93,), OLD, Judged("look", "low")), ("oxygen", (96,), OLD, Judged()),
    ("oxygen", (91,), 36, Judged("look", "low")), ("oxygen", (89,), 36, Judged("red", "low")),
    ("pressure", (150, 90), OLD, Judged("look", "high")), ("pressure", (130, 95), OLD, Judged("look", "high")),
    ("pressure", (185, 100), OLD, Judged("red", "high")), ("pressure", (88, 60), OLD, Judged("red", "low")),
    ("pressure", (120, 80), OLD, Judged()), ("pressure", (88, 55), 36, Judged()), ("pressure", (70, 40), 36, Judged("red", "low")),
    ("pulse", (96,), OLD, Judged()), ("pulse", (135,), OLD, Judged("red", "high")), ("pulse", (135,), 6, Judged()),
    ("breathing", (24,), OLD, Judged("look", "high")), ("breathing", (45,), 6, Judged()), ("breathing", (45,), 20, Judged("look", "high")),
    ("temperature", (37.5,), 1, Judged("red", "high")), ("temperature", (37.5,), OLD, Judged()),
    ("temperature", (39.2,), OLD, Judged("look", "high")), ("temperature", (34.9,), OLD, Judged("red", "low")),
    ("glucose", (2.9,), OLD, Judged("red", "low")), ("pain", (8,), OLD, Judged("red", "high")), ("weight", (48,), OLD, Judged()),
])
def test_a_value_is_judged_by_the_age_of_the_patient(key: str, values: tuple[float, ...], months: int, judged: Judged) -> None:
    assert vital_signs.judge(SIGNS[key], values, months) == judged


def test_somebody_of_unknown_age_is_judged_as_an_adult() -> None:
    assert vital_signs.judge(SIGNS["oxygen"], (91,), None) == Judged("red", "low")


def test_the_bands_of_each_code_follow_each_other_without_gap_or_overlap() -> None:
    for code, bands in vital_signs._ranges().items():
        assert all(one.to_months == other.from_months for one, other in itertools.pairwise(bands)), code
        assert all((band.source and band.red_below <= band.look_below) or band.look_below == float("-inf") for band in bands)


def test_every_sign_bears_its_loinc_code_and_ucum_unit() -> None:
    assert {sign.key: (sign.code, sign.unit) for sign in vital_signs.SIGNS} == {
        "pulse": ("8867-4", "/min"), "pressure": ("85354-9", "mm[Hg]"), "oxygen": ("2708-6", "%"), "temperature": ("8310-5", "Cel"),
        "breathing": ("9279-1", "/min"), "weight": ("29463-7", "kg"), "height": ("8302-2", "cm"), "glucose": ("14743-9", "mmol/L"),
        "pain": ("72514-3", "{score}"), "gestation": ("18185-9", "wk"),
    }
