"""The name list of an organization, opened for searching and kept at most a minute. Knows no database and no keys."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from rapidfuzz import process
from rapidfuzz.distance import OSA

LIFETIME = 60.0             # seconds that opened names may stay in memory
SHORTEST_SLIP = 3           # letters; in shorter words one wrong letter says nothing


@dataclass(frozen=True, slots=True)
class Entry:
    """One patient, as the search sees them. ``folded`` has a blank at both ends: " hoang thi hoa "."""

    id: UUID
    code: str
    folded: str
    full_name: str
    gender: str
    birth_date: str
    village: str
    unnamed: bool
    last_seen_at: datetime | None


@dataclass
class NameList:
    """The entries of one organization, and the different words their names are made of."""

    entries: dict[UUID, Entry]
    words: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        for entry in self.entries.values():
            self.words.update(entry.folded.split())

    def put(self, entry: Entry) -> None:
        self.entries[entry.id] = entry
        self.words.update(entry.folded.split())

    def near(self, word: str) -> list[str]:
        """The words of names that are one slip of a finger away: a letter more, fewer, other, or two exchanged."""
        if len(word) < SHORTEST_SLIP:
            return []
        close = process.extract(word, self.words, scorer=OSA.distance, score_cutoff=1, limit=50)
        return [found for found, _, _ in close]


class NameCache:
    """Name lists by organization. ``clock`` is monotonic, in seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lists: dict[UUID, tuple[float, NameList]] = {}

    def get(self, organization_id: UUID) -> NameList | None:
        until, names = self._lists.get(organization_id, (0.0, None))
        if self._clock() < until:
            return names
        self._lists.pop(organization_id, None)
        return None

    def put(self, organization_id: UUID, entries: Iterable[Entry]) -> NameList:
        names = NameList({entry.id: entry for entry in entries})
        self._lists[organization_id] = (self._clock() + LIFETIME, names)
        # Nobody may search again: the names leave the memory by themselves.
        asyncio.get_running_loop().call_later(LIFETIME, self.get, organization_id)
        return names

    def change(self, organization_id: UUID, entry: Entry) -> None:
        """A patient was written: no need to open the whole list again."""
        if names := self.get(organization_id):
            names.put(entry)

    def remove(self, organization_id: UUID, patient_id: UUID) -> None:
        """A patient is no longer found by a name of their own."""
        if names := self.get(organization_id):
            names.entries.pop(patient_id, None)
