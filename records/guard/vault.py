"""The vault: seals and opens, makes patients' keys, derives digests and tokens, and knows whether its keys can be used.

The layout of the bytes is in envelope.py, the key file in keyring.py, the patients' keys in key_store.py; here they meet.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import logging
import time
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from records.errors import CannotOpen, Sealed, Unavailable
from records.guard import blind_index, checks, envelope, keyring, samples, streams
from records.guard.envelope import Context
from records.guard.key_store import KeyStore
from records.guard.patient_keys import Key, PatientKeys

__all__ = ["Context", "SealedStream", "Vault"]

RETRY_SECONDS = 1.0             # a sealed vault looks at its key file this often at most
IN_A_THREAD = 200               # from so many texts on, opening leaves the event loop to others
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Opened:
    """What there is while the vault is not sealed."""

    ring: keyring.KeyRing
    deployment: UUID
    keys: PatientKeys
    index_keys: dict[tuple[str, UUID | None], bytes]


@dataclass(frozen=True)
class SealedStream:
    """A text sealed in chunks: the header first, then the chunks as they are asked for."""

    header: bytes
    chunks: AsyncIterator[bytes]


class Vault:
    """Sealed until ``ready()`` says "". A vault whose key file vanishes or changes looks again by itself."""

    def __init__(self, key_file: Path, store: KeyStore, engine: AsyncEngine, clock: Callable[[], datetime]) -> None:
        self._key_file, self._store, self._engine, self._clock = key_file, store, engine, clock
        self._opened: _Opened | None = None
        self._reason = "key-missing"
        self._signature: tuple[int, ...] = ()
        self._looked_at = 0.0
        self._lock = asyncio.Lock()

    @classmethod
    async def load(
        cls, *, key_file: Path, key_store_url: str, engine: AsyncEngine, clock: Callable[[], datetime],
    ) -> Vault:
        """A vault over these keys; sealed, not failing, when they cannot be used yet."""
        vault = cls(key_file, KeyStore(key_store_url), engine, clock)
        await vault.ready()
        return vault

    @property
    def store_engine(self) -> AsyncEngine:
        """Of the store of the patient keys, which may lie on a server of its own."""
        return self._store.engine

    async def ready(self) -> str:
        """"" or why not: key-missing, key-readable, key-wrong, store-unavailable. Looks anew at everything."""
        async with self._lock:
            self._looked_at = time.monotonic()
            self._signature = keyring.signature(self._key_file)
            reason = await self._look()
            if reason != self._reason:
                log.log(logging.WARNING if reason else logging.INFO, "vault %s", reason or "open")
            self._reason = reason
            if reason:
                self._opened = None
            return reason

    async def require(self) -> None:
        """Passes while the vault is open; heals it when the keys have returned.

        Raises Sealed, or Unavailable when it is the database that keeps it closed. The door asks before each act.
        """
        same = self._signature == keyring.signature(self._key_file)
        if self._opened and same:
            return
        if not same or time.monotonic() - self._looked_at >= RETRY_SECONDS:
            await self.ready()
        if self._reason == "store-unavailable":
            raise Unavailable
        if self._reason:
            raise Sealed

    async def _look(self) -> str:
        try:
            ring = keyring.read(self._key_file)
            await self._store.make()
            deployment = await checks.deployment(self._engine, ring, self._clock())
            keys = self._opened.keys if self._opened and self._opened.ring == ring else None
            keys = keys or PatientKeys(self._store, ring, deployment, self._clock)
            await keys.check()
        except keyring.Unusable as unusable:
            return unusable.reason
        except (SQLAlchemyError, OSError):
            return "store-unavailable"
        if self._opened and self._opened.keys is keys:
            return ""
        self._opened = _Opened(ring, deployment, keys, {})
        return await self._try_samples()

    async def _try_samples(self) -> str:
        """Opens something of every kind with keys that are new to us."""
        try:
            for some in await samples.of_every_kind(self._engine):
                if not await self._any_opens(some):
                    return "key-wrong"
        except SQLAlchemyError:
            return "store-unavailable"
        return ""

    async def _any_opens(self, some: list[tuple[bytes, Context]]) -> bool:
        """Whether one of them opens: a single damaged record does not close the house."""
        for sealed, context in some:
            with suppress(CannotOpen):
                await self.open(sealed, context)
                return True
        return not some

    def _open(self) -> _Opened:
        if self._opened is None:
            raise Sealed
        return self._opened

    async def seal(self, plain: bytes, context: Context) -> bytes:
        """Sealed format v1, 145 bytes and padding longer than ``plain``. Makes the patient's key on first use."""
        opened = self._open()
        key = await opened.keys.for_sealing(context.patient_id)
        return envelope.seal(plain, key.key, key.id, key.version, opened.deployment, context)

    async def open(self, sealed: bytes, context: Context) -> bytes:
        """The text again. Raises CannotOpen for every fault alike, Sealed without keys."""
        return (await self.open_many([(sealed, context)]))[0]

    async def open_many(self, items: Iterable[tuple[bytes, Context]]) -> list[bytes]:
        """Opens many texts, in order, asking the key store once. Raises CannotOpen when one of them does not open."""
        opened, wanted = self._open(), list(items)
        headers = [_header(sealed, envelope.WHOLE, context) for sealed, context in wanted]
        keys = await opened.keys.by_ids({header.key_id for header in headers})

        def work() -> list[bytes]:
            return [_open_one(sealed, header, keys, opened.deployment, context)
                    for (sealed, context), header in zip(wanted, headers, strict=True)]

        return await asyncio.to_thread(work) if len(wanted) >= IN_A_THREAD else work()

    async def seal_stream(self, chunks: AsyncIterable[bytes], context: Context) -> SealedStream:
        """Seals pieces of any size into chunks of 64 KiB of text, the last one padded and flagged."""
        opened = self._open()
        key = await opened.keys.for_sealing(context.patient_id)
        header, cipher = envelope.new_header(key.key, key.id, key.version, envelope.STREAM)
        bound = envelope.associated_data(header, opened.deployment, context)
        return SealedStream(header, streams.seal(chunks, cipher, header, bound))

    async def open_chunk(self, header: bytes, number: int, last: bool, sealed: bytes, context: Context) -> bytes:
        """Chunk ``number`` (from 0) of a stream, by itself. Raises CannotOpen for every fault alike."""
        opened, found = self._open(), _header(header, envelope.STREAM, context)
        keys = await opened.keys.by_ids({found.key_id})
        try:
            key = keys[found.key_id].fitting(found, context)
            bound = envelope.associated_data(header, opened.deployment, context)
            return streams.open_chunk(envelope.cipher_of(found, key), header, number, last, sealed, bound)
        except (CannotOpen, KeyError):
            raise _cannot_open(context) from None

    def digest(self, field: str, organization_id: UUID | None, value: str) -> bytes:
        """Blind index of a number, 16 bytes; ``organization_id`` None for the national one. Raises Sealed."""
        opened, place = self._open(), (field, organization_id)
        if place not in opened.index_keys:
            opened.index_keys[place] = opened.ring.index_key(field, organization_id)
        return blind_index.digest(opened.index_keys[place], field, value)

    def token(self, purpose: str, value: bytes) -> bytes:
        """HMAC-SHA256 of a login's, link's or session's token, 32 bytes; ``purpose`` keeps the kinds apart."""
        label = purpose.encode()
        framed = len(label).to_bytes(4, "big") + label + value
        return hmac.new(self._open().ring.token_key, framed, hashlib.sha256).digest()

    @property
    def deployment(self) -> UUID:
        """The id of this installation. Raises Sealed."""
        return self._open().deployment

    async def close(self) -> None:
        self._opened = None
        await self._store.close()


def _open_one(
    sealed: bytes, header: envelope.Header, keys: dict[UUID, Key], deployment: UUID, context: Context,
) -> bytes:
    try:
        key = keys[header.key_id].fitting(header, context)
        return envelope.open_whole(sealed, header, key, deployment, context)
    except (CannotOpen, KeyError):
        raise _cannot_open(context) from None


def _header(sealed: bytes, flags: int, context: Context) -> envelope.Header:
    try:
        return envelope.read_header(sealed, flags)
    except CannotOpen:
        raise _cannot_open(context) from None


def _cannot_open(context: Context) -> CannotOpen:
    return CannotOpen(context.table, context.row_id, context.patient_id)
