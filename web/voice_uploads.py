"""Clips that are still arriving, piece by piece. In memory alone: a page sends again whatever was not acknowledged as kept.

Nothing of an unfinished clip is ever on the disk; it is bounded per author and altogether, and forgotten after a while.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

from records.care import clips

PER_AUTHOR = 4          # unfinished at once; a page sends one after the other
ALTOGETHER = 512        # 32 MiB at most
KEPT_SECONDS = 600.0    # after the last piece: longer than a cut of five minutes

Key = tuple[UUID, UUID]     # author, note


class Gap(Exception):
    """The piece does not follow what is here. ``received``: the offset to go on from."""

    def __init__(self, received: int) -> None:
        super().__init__("a piece is missing")
        self.received = received


class TooLarge(Exception):
    """More than a clip may have."""


@dataclass
class _Unfinished:
    content: bytearray = field(default_factory=bytearray)
    at: float = 0.0


class Uploads:
    """Unfinished clips by author and id. ``now``: seconds of a clock that never jumps."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._unfinished: dict[Key, _Unfinished] = {}       # the one touched last stands last

    def __len__(self) -> int:
        return len(self._unfinished)

    def add(self, author: UUID, note: UUID, offset: int, piece: bytes) -> int:
        """Takes a piece that begins at ``offset``, also one that repeats what is here. Returns how many bytes are here.

        Raises Gap when bytes before ``offset`` are missing, TooLarge past the size of a clip.
        """
        self._forget_old()
        one = self._unfinished.pop((author, note), None) or _Unfinished()
        received = len(one.content)
        if offset > received:
            self._keep((author, note), one)
            raise Gap(received)
        if offset + len(piece) > clips.MOST_BYTES:
            raise TooLarge
        one.content += piece[received - offset:]
        self._keep((author, note), one)
        return len(one.content)

    def content(self, author: UUID, note: UUID) -> bytes:
        """What has arrived so far; empty when nothing has."""
        one = self._unfinished.get((author, note))
        return bytes(one.content) if one else b""

    def drop(self, author: UUID, note: UUID) -> None:
        """The clip is kept elsewhere now, or will never be."""
        self._unfinished.pop((author, note), None)

    def _keep(self, key: Key, one: _Unfinished) -> None:
        one.at = self._now()
        self._unfinished[key] = one
        of_author = [other for other in self._unfinished if other[0] == key[0]]
        for other in of_author[:-PER_AUTHOR]:
            del self._unfinished[other]
        while len(self._unfinished) > ALTOGETHER:
            del self._unfinished[next(iter(self._unfinished))]

    def _forget_old(self) -> None:
        for key, one in list(self._unfinished.items()):
            if self._now() - one.at <= KEPT_SECONDS:
                break
            del self._unfinished[key]
