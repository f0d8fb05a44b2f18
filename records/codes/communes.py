"""The communes of Viet Nam since 1 July 2025, and the names they had before: old papers still match.

Source: the MIT-licensed package vietnamadminunits 1.0.4 (34 provinces; 3,321 communes: 2,621 xã, 687 phường, 13 đặc khu),
its tables copied as ``data/communes.csv`` and ``data/former_communes.csv``. Codes have five digits.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from unicodedata import normalize

from records.people.folding import fold

KINDS = ("phuong", "dac khu", "thi tran", "xa")


@dataclass(frozen=True)
class Commune:
    """A commune of today. ``former`` is the old name by which it was found, if it was."""

    code: str
    name: str
    kind: str               # Xã, Phường, Đặc khu
    province_code: str
    province: str           # "Thái Nguyên", without "Tỉnh" or "Thành phố"
    former: str = ""        # "Vi Hương"

    @property
    def label(self) -> str:
        """As it stands in a field: "Phủ Thông, Thái Nguyên"; under an old name "Vi Hương (nay Phủ Thông), Thái Nguyên"."""
        name = f"{self.former} (nay {self.name})" if self.former else self.name
        return f"{name}, {self.province}"


def read(code: str) -> Commune | None:
    """The commune with this code."""
    return _communes().get(code)


def called(text: str, near: str = "") -> list[Commune]:
    """The communes a person may mean by ``text``, best first; several when it is not clear.

    ``text`` is a label, a name of today or a former name, with or without marks, "xã" and the province. ``near`` is the
    code of a commune: when its province has the name, only those are given, and the name of today goes before an old one.
    """
    words = fold(text)
    found = _by_label().get(words) or _by_name().get(_bare(words)) or []
    home = read(near)
    at_home = [commune for commune in found if home and commune.province_code == home.province_code]
    chosen = _with_these_marks(at_home or found, text)
    return [commune for commune in chosen if not commune.former] or chosen


def _with_these_marks(found: list[Commune], text: str) -> list[Commune]:
    """Văn Lăng and Văn Lang fold alike: whoever typed the marks meant them."""
    typed = normalize("NFC", text).casefold().strip()
    exact = [one for one in found if typed in (one.label.casefold(), (one.former or one.name).casefold())]
    return exact or list(found)


def of_province(near: str) -> list[Commune]:
    """The communes of the province of ``near``, names of today and then former ones, for a list beside a field."""
    home = read(near)
    if not home:
        return []
    inside = [commune for commune in _everything() if commune.province_code == home.province_code]
    return sorted(inside, key=lambda commune: (bool(commune.former), fold(commune.label)))


@cache
def _communes() -> Mapping[str, Commune]:
    return {row["code"]: Commune(row["code"], row["name"], row["kind"], row["province_code"], _province(row["province"]))
            for row in _rows("communes.csv")}


@cache
def _everything() -> tuple[Commune, ...]:
    former = {(commune.code, commune.former): commune for commune in _former()}
    return (*_communes().values(), *former.values())


def _former() -> Iterator[Commune]:
    for row in _rows("former_communes.csv"):
        today = _communes()[row["code"]]
        name = _without_kind(row["former_name"])
        if fold(name) != fold(today.name):
            yield Commune(today.code, today.name, today.kind, today.province_code, today.province, name)


@cache
def _by_label() -> Mapping[str, list[Commune]]:
    return _grouped(lambda commune: [fold(commune.label), fold(f"{commune.former or commune.name} {commune.province}")])


@cache
def _by_name() -> Mapping[str, list[Commune]]:
    return _grouped(lambda commune: [fold(commune.former or commune.name)])


def _grouped(keys: Callable[[Commune], list[str]]) -> Mapping[str, list[Commune]]:
    groups: dict[str, list[Commune]] = defaultdict(list)
    for commune in _everything():
        for key in dict.fromkeys(keys(commune)):
            groups[key].append(commune)
    return dict(groups)


def _rows(name: str) -> Iterator[dict[str, str]]:
    text = resources.files("records.codes").joinpath("data", name).read_text(encoding="utf-8")
    yield from csv.DictReader(text.splitlines())


def _province(name: str) -> str:
    return name.removeprefix("Tỉnh ").removeprefix("Thành phố ")


def _without_kind(name: str) -> str:
    for kind in ("Thị trấn ", "Phường ", "Xã ", "Đặc khu "):
        name = name.removeprefix(kind)
    return name


def _bare(words: str) -> str:
    for kind in KINDS:
        if words.startswith(kind + " "):
            return words[len(kind) + 1 :]
    return words
