"""A first list of conditions that a commune health station meets: WHO ICD-10 codes, our own names. Data in conditions.csv.

The file begins with ``# version``, ``# date`` and ``# source``. The page searches the same list in the browser with the
same rules (web/static/js/conditions.js); both are held to tests/records/codes and tests/js by one table of examples.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import cache
from importlib import resources

from records.people import folding

AT_MOST = 8                       # found conditions: what fits under the field without scrolling
CODE = re.compile(r"^\s*([A-Za-z]\d\d(?:\.?\d{1,2})?)(?=\s|$)")


@dataclass(frozen=True)
class Condition:
    """One row: ICD-10 code ("J18.9"), a Vietnamese and an English name, further words that find it.

    ``often``: met every week at a station, so it is offered before rarer ones that fit as well.
    """

    code: str
    often: bool
    vi: str
    en: str
    synonyms: str

    def name(self, locale: str) -> str:
        return self.en if locale == "en" else self.vi


@dataclass(frozen=True)
class ConditionList:
    """All conditions by code, with the version, day and source that stand in the file."""

    version: str
    date: str
    source: str
    by_code: dict[str, Condition]


@dataclass(frozen=True)
class _Words:
    """A condition folded for finding."""

    condition: Condition
    code: str                     # "j189"
    name: str
    english: str
    other: str


@cache
def load() -> ConditionList:
    """The list as it lies in the package; read once."""
    text = (resources.files("records.codes") / "data" / "conditions.csv").read_text(encoding="utf-8")
    lines = text.splitlines()
    about = dict(line.removeprefix("# ").split(": ", 1) for line in lines if line.startswith("# "))
    rows = csv.DictReader(line for line in lines if not line.startswith("# "))
    by_code = {row["code"]: Condition(row["code"], bool(row["often"]), row["vi"], row["en"], row["synonyms"]) for row in rows}
    return ConditionList(about["version"], about["date"], about["source"], by_code)


def get(code: str) -> Condition | None:
    """The condition of ``code``, written "J18.9", "j18.9" or "J189"; None when it is not in the list."""
    plain = code.strip().upper().replace(".", "")
    return load().by_code.get(f"{plain[:3]}.{plain[3:]}" if len(plain) > 3 else plain)


def typed(text: str) -> Condition | None:
    """The condition that ``text`` names: its code, alone or before a name ("J18.9 Viêm phổi"), or exactly its name."""
    code = CODE.match(text)
    if code and (found := get(code[1])):
        return found
    folded = folding.fold(text)
    return next((words.condition for words in _folded() if folded in (words.name, words.english)), None)


def search(query: str, limit: int = AT_MOST) -> list[Condition]:
    """The best ``limit`` conditions for a beginning of a code or for words in any order, without marks.

    Ranked: the code itself, code beginnings, names that begin with the query, the query word for word in name or
    synonyms, all words in the name, in the synonyms, in English; among equals what is met often, then the shorter name.
    """
    words = folding.fold(query).split()
    if not words:
        return []
    code = re.sub(r"[\s.]", "", query.casefold())
    ranked = [(rank, not entry.condition.often, len(entry.name), entry.condition.code)
              for entry in _folded() if (rank := _rank(entry, code, words)) is not None]
    return [load().by_code[found] for *_, found in sorted(ranked)[:limit]]


@cache
def _folded() -> tuple[_Words, ...]:
    return tuple(_Words(item, item.code.replace(".", "").lower(), folding.fold(item.vi), folding.fold(item.en),
                        folding.fold(item.synonyms)) for item in load().by_code.values())


def _rank(entry: _Words, code: str, words: list[str]) -> int | None:
    """0 is best; None when it is not found."""
    if entry.code.startswith(code):
        return 0 if entry.code == code else 1
    phrase, native = " ".join(words), f"{entry.name} {entry.other}"
    if entry.name.startswith(phrase):
        return 2
    if f" {phrase}" in f" {native}":
        return 3
    texts = (entry.name, native, f"{native} {entry.english}")
    return next((rank for rank, text in enumerate(texts, 4) if _has_all(text, words)), None)


def _has_all(text: str, words: list[str]) -> bool:
    """Every word begins a word of ``text``."""
    parts = f" {text}"
    return all(f" {word}" in parts for word in words)
