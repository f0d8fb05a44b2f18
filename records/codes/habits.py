"""How people here write numbers: "12/8" for 120/80, "375" for 37,5, comma decimals.

A number that can only mean itself is taken as it stands. Anything else is never changed silently: it gives no value, only an
offer that a person accepts by hand, or a fault.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from records.codes import vital_signs
from records.codes.vital_signs import VitalSign

NUMBER = r"\d{1,5}(?:[.,]\d{1,3})?"
ONE = re.compile(rf"({NUMBER})\s*([^\d\s.,]*)")
TWO = re.compile(rf"({NUMBER})\s*(?:[/\\-]|\s)\s*({NUMBER})\s*(?:mmhg)?", re.IGNORECASE)
WEEKS_AND_DAYS = re.compile(r"(\d{1,2})\s*\+\s*([0-6])")
METRES = re.compile(r"([12])\s*m\s*(\d{1,2})", re.IGNORECASE)
MGDL_PER_MMOL = 18.016          # glucose: g/mol / 10
UNITS = {
    "pulse": ("l/p", "l/ph", "bpm", "/phút"), "oxygen": ("%",), "temperature": ("°c", "c", "độ", "°"),
    "breathing": ("l/p", "/phút"), "weight": ("kg", "ký", "cân"), "height": ("cm",), "glucose": ("mmol", "mmol/l"),
    "gestation": ("tuần", "t", "w"),
}


@dataclass(frozen=True)
class Reading:
    """What was understood. Exactly one of ``values``, ``offer`` and ``fault`` is there, or none for an empty field.

    ``fault``: "unreadable" (no number) or "impossible" (no living person has this).
    """

    values: tuple[float, ...] = ()
    offer: tuple[float, ...] = ()
    fault: str = ""


def read(sign: VitalSign, typed: str) -> Reading:
    """Understand what was ``typed`` for ``sign``."""
    text = typed.strip()
    if not text:
        return Reading()
    said = _literal(sign, text)
    if said and vital_signs.possible(sign, said):
        return Reading(values=said)
    meant = _meant(sign, text)
    if meant and vital_signs.possible(sign, meant):
        return Reading(offer=meant)
    return Reading(fault="impossible" if said else "unreadable")


def written(values: tuple[float, ...] | list[float], decimal: str = ",") -> str:
    """The usual writing: "150/90", "37,5"."""
    return "/".join(f"{value:g}" for value in values).replace(".", decimal)


def _literal(sign: VitalSign, text: str) -> tuple[float, ...]:
    """The numbers as they stand, with their usual unit or without; nothing else."""
    if sign.components:
        pair = TWO.fullmatch(text)
        return (_number(pair[1]), _number(pair[2])) if pair else ()
    if sign.key == "gestation" and (weeks := WEEKS_AND_DAYS.fullmatch(text)):
        return (round(int(weeks[1]) + int(weeks[2]) / 7, 1),)
    if sign.key == "pain" and text.replace(" ", "").endswith("/10"):
        text = text.replace(" ", "").removesuffix("/10")
    one = ONE.fullmatch(text)
    known = one and (not one[2] or one[2].casefold() in UNITS.get(sign.key, ()))
    return (_number(one[1]),) if one and known else ()


def _meant(sign: VitalSign, text: str) -> tuple[float, ...]:
    guess = _MEANT.get(sign.key)
    return guess(text) if guess else ()


def _pressure(text: str) -> tuple[float, ...]:
    """"15/9", "12,5/8", "150/9", "15090", "150.90"."""
    together = re.fullmatch(r"(\d{2,3})(\d{2})", text)
    pair = TWO.fullmatch(text) or re.fullmatch(r"(\d{2,3})[.,](\d{2,3})", text) or together
    if not pair:
        return ()
    return tuple(round(number * 10, 1) if number < 30 else number for number in (_number(pair[1]), _number(pair[2])))


def _temperature(text: str) -> tuple[float, ...]:
    """"375" and "37 5" for 37,5; "99,5" in degrees Fahrenheit."""
    if match := re.fullmatch(r"(3\d|4[0-5])\s*(\d)", text):
        return (float(f"{match[1]}.{match[2]}"),)
    if match := re.fullmatch(rf"({NUMBER})\s*°?\s*[fF]?", text):
        degrees = _number(match[1])
        return (round((degrees - 32) / 1.8, 1),) if 90 <= degrees <= 112 else ()
    return ()


def _oxygen(text: str) -> tuple[float, ...]:
    """"0,91" for 91."""
    match = re.fullmatch(r"0[.,](\d{2})", text)
    return (float(match[1]),) if match else ()


def _weight(text: str) -> tuple[float, ...]:
    """"3200" for a newborn's grams; "485" for 48,5."""
    match = re.fullmatch(r"(\d{3,4})\s*(?:g|gr|gam)?", text, re.IGNORECASE)
    if not match:
        return ()
    number = _number(match[1])
    return (number / 1000,) if number >= 1000 or not text[-1].isdigit() else (number / 10,)


def _height(text: str) -> tuple[float, ...]:
    """"1m55", "1,55"."""
    if match := METRES.fullmatch(text):
        return (int(match[1]) * 100 + float(match[2].ljust(2, "0")),)
    match = re.fullmatch(r"([12])[.,](\d{1,2})\s*m?", text, re.IGNORECASE)
    return (int(match[1]) * 100 + float(match[2].ljust(2, "0")),) if match else ()


def _glucose(text: str) -> tuple[float, ...]:
    """"126" is mg/dL, as many meters show it."""
    match = re.fullmatch(r"(\d{2,3})\s*(?:mg/?dl|mg%|mg)?", text, re.IGNORECASE)
    return (round(_number(match[1]) / MGDL_PER_MMOL, 1),) if match else ()


def _number(text: str) -> float:
    return float(text.replace(",", "."))


_MEANT: dict[str, Callable[[str], tuple[float, ...]]] = {
    "pressure": _pressure, "temperature": _temperature, "oxygen": _oxygen, "weight": _weight, "height": _height,
    "glucose": _glucose,
}
