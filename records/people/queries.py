"""What a person types into the one search box, understood: words of a name, a year, an age, numbers of cards."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime

from records.people import ages
from records.people.folding import fold, readings
from records.people.names import Entry, NameList

DATE = re.compile(r"\d{1,2}[/.]\d{1,2}[/.]\d{4}|\d{1,2}/\d{4}")
CARD = re.compile(r"[A-Za-z]{2}\d{13}|\d{9,13}")                         # insurance number, identity number, telephone
CODE = re.compile(r"[0-9A-HJKMNP-TV-Za-hjkmnp-tv-z]{4}-[0-9A-HJKMNP-TV-Za-hjkmnp-tv-z]{4}")
SPLIT_NUMBER = re.compile(r"(?<=\d)[ .\-](?=\d{3})")                     # "0912 345 678", "0912.345.678"
NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Query:
    """``words`` hold for each word of a name what it may mean; ``numbers`` are normalised as in the blind index."""

    words: tuple[tuple[str, ...], ...] = ()
    birth_date: str = ""
    year: int | None = None
    short: int | None = None                # "68": an age, or the end of a year
    numbers: tuple[str, ...] = ()
    code: str = ""

    @property
    def is_empty(self) -> bool:
        return not (self.numbers or self.code or self.year or self.birth_date or any(len(word[0]) > 1 for word in self.words))


def read(typed: str, today: date) -> Query:
    """Understand ``typed``; marks, order and case do not matter."""
    text = typed.strip()
    if found := CODE.search(text):
        return Query(code=found[0].upper())
    if found := CARD.search(number(SPLIT_NUMBER.sub("", text))):
        return Query(numbers=(number(found[0]),))
    born = DATE.search(text)
    rest = text.replace(born[0], " ") if born else text
    return _of_words(fold(rest).split(), _date(born[0], today) if born else "", today)


def number(typed: str) -> str:
    """A number of a card or telephone as it is indexed: no blanks or dots, +84 written as 0, capital letters."""
    bare = re.sub(r"[\s.\-()]", "", typed).upper()
    return re.sub(r"^\+84", "0", bare)


def search(names: NameList, query: Query, today: date, limit: int) -> list[Entry]:
    """The entries that fit, best first; when none does, those one slip of a finger away."""
    found = _filter(names, query, query.words, today, " ")
    if not found and query.words:
        near = tuple(tuple({*word, *(close for one in word for close in names.near(one))}) for word in query.words)
        found = _filter(names, query, near, today, " ")
    return sorted(found, key=_rank(query))[:limit]


def _of_words(words: list[str], birth_date: str, today: date) -> Query:
    year = next((int(word) for word in words if _is_year(word, today)), None)
    short = next((int(word) for word in words if word.isdigit() and len(word) <= 2), None)
    letters = tuple(readings(word) for word in words if not word.isdigit())
    return Query(letters, birth_date, year, short)


def _is_year(word: str, today: date) -> bool:
    return word.isdigit() and len(word) == 4 and today.year - ages.OLDEST <= int(word) <= today.year


def _date(typed: str, today: date) -> str:
    try:
        return ages.read(typed, today)
    except ValueError:
        return ""


def _filter(
    names: NameList, query: Query, words: Iterable[tuple[str, ...]], today: date, before: str,
) -> list[Entry]:
    wanted = [tuple(before + reading for reading in word) for word in words]
    fits = _others_fit(query, today)
    return [entry for entry in names.entries.values() if _has_all(entry.folded, wanted) and fits(entry)]


def _has_all(folded: str, wanted: list[tuple[str, ...]]) -> bool:
    for starts in wanted:
        for start in starts:
            if start in folded:
                break
        else:
            return False
    return True


def _others_fit(query: Query, today: date) -> Callable[[Entry], bool]:
    year = str(query.year or "")
    def fits(entry: Entry) -> bool:
        if query.code:
            return entry.code == query.code
        if query.birth_date and entry.birth_date != query.birth_date:
            return False
        if not entry.birth_date.startswith(year):
            return False
        return query.short is None or _short_fits(entry, query.short, today)
    return fits


def _short_fits(entry: Entry, short: int, today: date) -> bool:
    return bool(entry.birth_date) and (
        ages.years(entry.birth_date, today) == short or int(entry.birth_date[:4]) % 100 == short
    )


def _rank(query: Query) -> Callable[[Entry], tuple[int, int, float, str]]:
    """Whole words before beginnings, the given name (which stands last) before others, seen lately before long ago."""
    def rank(entry: Entry) -> tuple[int, int, float, str]:
        whole = sum(any(f" {reading} " in entry.folded for reading in word) for word in query.words)
        given = entry.folded[entry.folded.rfind(" ", 0, -1) :]
        is_given = any(given.startswith(f" {reading}") for word in query.words for reading in word)
        return -whole, -is_given, -(entry.last_seen_at or NEVER).timestamp(), entry.folded
    return rank
