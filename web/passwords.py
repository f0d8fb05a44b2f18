"""Checks and hashes passwords (argon2id) in threads: few at once, a short queue, the same time for a name nobody bears."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from functools import cached_property

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from web.replies import Busy


class Passwords:
    """Hashing costs memory and a core: ``at_once`` of them run, ``queue`` more wait, the rest hear Busy."""

    def __init__(self, *, at_once: int = 4, queue: int = 50, hasher: PasswordHasher | None = None) -> None:
        self.hasher = hasher or PasswordHasher()
        self._running = asyncio.Semaphore(at_once)
        self._places = at_once + queue
        self._inside = 0

    async def is_right(self, password: str, known_hash: str | None) -> bool:
        """Whether ``password`` fits. Without a hash it takes as long and is always wrong."""
        async with self._turn():
            return await asyncio.to_thread(self._verify, password, known_hash)

    async def hash(self, password: str) -> str:
        async with self._turn():
            return await asyncio.to_thread(self.hasher.hash, password)

    def is_weak(self, known_hash: str) -> bool:
        """Whether a hash was made with weaker settings than today's."""
        return self.hasher.check_needs_rehash(known_hash)

    def _verify(self, password: str, known_hash: str | None) -> bool:
        try:
            fits = self.hasher.verify(known_hash or self._nobodys, password)
        except (VerificationError, InvalidHashError):
            return False
        return fits and known_hash is not None

    @cached_property
    def _nobodys(self) -> str:
        return self.hasher.hash("")

    @contextlib.asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        if self._inside >= self._places:
            raise Busy
        self._inside += 1
        try:
            async with self._running:
                yield
        finally:
            self._inside -= 1
