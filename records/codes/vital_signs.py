"""Vital signs: LOINC codes, UCUM units, what is possible at all, and the ranges by age that ask to look or to measure again.

Ranges are data (``data/vital_ranges.csv``): below and above are strict, the bands of age are whole months, ``from`` included
and ``to`` not. Collected on 2026-11-23 from:

- NEWS2: Royal College of Physicians, National Early Warning Score 2 (2017); 3 points are red, 2 are "look". SpO2 scale 1.
- NICE NG51: Sepsis: recognition (2016, tables for children and young people); high risk is red, moderate risk is "look".
- IMCI: WHO, Integrated Management of Childhood Illness chart booklet (2014): fast breathing, fever, the sick young infant.
- WHO 2013: Pocket book of hospital care for children, 2nd edition: hypoxaemia below 90 %, hypothermia below 35 °C.
- AHA PALS: American Heart Association (2020), hypotension below 70 + 2 x age in years, systolic.
- AAP 2017: Clinical practice guideline for high blood pressure in children, 13 years and older.
- BYT 3192: Bộ Y tế, Quyết định 3192/QĐ-BYT (2010), hypertension from 140/90 mm[Hg].
- ACC/AHA 2017: hypertensive crisis from 180 systolic or 120 diastolic.
- ADA: Standards of Care (2025), hypoglycaemia levels 1 and 2, random glucose from 11.1; Kitabchi (2009), ketoacidosis
  above 13.8 mmol/L.
- Serlin 1995: pain 4 to 6 moderate, 7 to 10 severe.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

ADULT_MONTHS = 40 * 12          # whoever has no known age is judged as an adult

PULSE = "8867-4"
PRESSURE = "85354-9"
SYSTOLIC = "8480-6"
DIASTOLIC = "8462-4"
OXYGEN = "2708-6"               # with 59408-5 (by pulse oximetry) as a second coding on export
TEMPERATURE = "8310-5"
BREATHING = "9279-1"
WEIGHT = "29463-7"
HEIGHT = "8302-2"
GLUCOSE = "14743-9"
PAIN = "72514-3"
GESTATION = "18185-9"


def N_(text: str) -> str:
    """Marks a text for the catalogues."""
    return text


@dataclass(frozen=True)
class VitalSign:
    """One vital sign. ``least`` and ``most`` bound what is possible at all, in ``unit``; of a pressure, the systolic."""

    key: str                                # name of the field: "pulse"
    code: str                               # LOINC
    name: str                               # Vietnamese; the catalogue has the English
    unit: str                               # UCUM
    shown: str                              # the unit as people read it
    least: float
    most: float
    components: tuple[str, ...] = ()        # LOINC of the parts of a panel
    folded: bool = False                    # stands under "thêm"


SIGNS = (
    VitalSign("pulse", PULSE, N_("Mạch"), "/min", N_("/phút"), 20, 300),
    VitalSign("pressure", PRESSURE, N_("Huyết áp"), "mm[Hg]", "mmHg", 40, 300, (SYSTOLIC, DIASTOLIC)),
    VitalSign("oxygen", OXYGEN, "SpO₂", "%", "%", 30, 100),
    VitalSign("temperature", TEMPERATURE, N_("Nhiệt độ"), "Cel", "°C", 25, 45),
    VitalSign("breathing", BREATHING, N_("Nhịp thở"), "/min", N_("/phút"), 3, 150),
    VitalSign("weight", WEIGHT, N_("Cân nặng"), "kg", "kg", 0.3, 350),
    VitalSign("height", HEIGHT, N_("Chiều cao"), "cm", "cm", 20, 250, folded=True),
    VitalSign("glucose", GLUCOSE, N_("Đường huyết"), "mmol/L", "mmol/L", 0.5, 40, folded=True),
    VitalSign("pain", PAIN, N_("Mức đau"), "{score}", "/10", 0, 10, folded=True),
    VitalSign("gestation", GESTATION, N_("Tuổi thai"), "wk", N_("tuần"), 3, 44, folded=True),
)
BY_CODE: Mapping[str, VitalSign] = {sign.code: sign for sign in SIGNS}
BY_KEY: Mapping[str, VitalSign] = {sign.key: sign for sign in SIGNS}
DIASTOLIC_LEAST, DIASTOLIC_MOST = 20, 200


@dataclass(frozen=True)
class Judged:
    """``level``: "", "look" or "red"; ``direction``: "", "low" or "high"."""

    level: str = ""
    direction: str = ""


@dataclass(frozen=True)
class _Range:
    from_months: int
    to_months: float
    red_below: float
    look_below: float
    look_above: float
    red_above: float
    source: str

    def judge(self, value: float) -> Judged:
        for level, low, high in (("red", self.red_below, self.red_above), ("look", self.look_below, self.look_above)):
            if value < low:
                return Judged(level, "low")
            if value > high:
                return Judged(level, "high")
        return Judged()


def possible(sign: VitalSign, values: Sequence[float]) -> bool:
    """Whether a living person may have these values: a pressure needs two, the second below the first."""
    if len(values) != (len(sign.components) or 1) or not sign.least <= values[0] <= sign.most:
        return False
    return len(values) == 1 or DIASTOLIC_LEAST <= values[1] < min(values[0], DIASTOLIC_MOST)


def judge(sign: VitalSign, values: Sequence[float], months: int | None) -> Judged:
    """What the ranges say at an age of ``months`` (None: as an adult). Of a panel the worst part counts."""
    age = ADULT_MONTHS if months is None else months
    codes = sign.components or (sign.code,)
    marks = [_judge_one(code, value, age) for code, value in zip(codes, values, strict=True)]
    return max(marks, key=lambda mark: ("", "look", "red").index(mark.level))


def source(code: str, months: int | None) -> str:
    """Where the range comes from that judges ``code`` at this age; "" when none does."""
    band = _band(code, ADULT_MONTHS if months is None else months)
    return band.source if band else ""


def _judge_one(code: str, value: float, months: int) -> Judged:
    band = _band(code, months)
    return band.judge(value) if band else Judged()


def _band(code: str, months: int) -> _Range | None:
    return next((band for band in _ranges().get(code, ()) if band.from_months <= months < band.to_months), None)


@cache
def _ranges() -> Mapping[str, tuple[_Range, ...]]:
    ranges: dict[str, tuple[_Range, ...]] = {}
    text = resources.files("records.codes").joinpath("data", "vital_ranges.csv").read_text(encoding="utf-8")
    for row in csv.DictReader(text.splitlines()):
        ranges[row["code"]] = (*ranges.get(row["code"], ()), _range(row))
    return ranges


def _range(row: Mapping[str, str]) -> _Range:
    low, high = float("-inf"), float("inf")
    return _Range(
        int(row["from_months"]), float(row["to_months"] or high), float(row["red_below"] or low),
        float(row["look_below"] or low), float(row["look_above"] or high), float(row["red_above"] or high), row["source"],
    )
