"""Patients' keys in memory: unwrapped, counted, and forgotten when there are too many. Knows the key ring and the store."""

from __future__ import annotations

import logging
import os
from collections import OrderedDict
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID, uuid4

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from records.errors import CannotOpen, Sealed
from records.guard.envelope import Context, Header
from records.guard.key_store import KeyStore, Wrapped
from records.guard.keyring import KeyRing, Unusable

AT_MOST = 20_000                # keys held in memory, about 10 MB
BLOCK = 4096                    # uses reserved at a time
WARN, ROTATE, REFUSE = 2**24, 2**28, 2**32      # uses of one key: say so, make the next version, never go on
log = logging.getLogger(__name__)


@dataclass
class Key:
    """One unwrapped version of a patient's key. ``left`` of the reserved uses may still be spent."""

    id: UUID
    patient_id: UUID
    version: int
    key: bytes = field(repr=False)
    uses: int
    left: int = 0

    def fitting(self, header: Header, context: Context) -> bytes:
        """The key, if it is the one the header names and the patient's own. Raises CannotOpen."""
        if self.version != header.key_version or self.patient_id != context.patient_id:
            raise CannotOpen
        return self.key


class PatientKeys:
    """The keys of one key ring over one store."""

    def __init__(self, store: KeyStore, ring: KeyRing, deployment: UUID, clock: Callable[[], datetime]) -> None:
        self._store, self._ring, self._deployment, self._clock = store, ring, deployment, clock
        self._by_id: OrderedDict[UUID, Key] = OrderedDict()
        self._current: OrderedDict[UUID, Key] = OrderedDict()

    async def check(self) -> None:
        """Unwraps one key of every version in use. Raises Unusable: a version is missing, or a key does not fit."""
        for wrapped in await self._store.one_per_kek():
            if wrapped.kek_version not in self._ring.keks:
                raise Unusable("key-missing")
            try:
                self._unwrap(wrapped)
            except CannotOpen:
                raise Unusable("key-wrong") from None

    async def for_sealing(self, patient_id: UUID) -> Key:
        """The newest key of a patient, made on first use, with one use spent. Raises Sealed past the last mark."""
        key = self._current.get(patient_id) or await self._newest(patient_id)
        if key.left <= 0:
            key.uses = await self._store.reserve(key.id, BLOCK)
            key.left += BLOCK
        if key.uses >= ROTATE:
            key = await self._next(key)
        key.left -= 1
        _keep(self._current, patient_id, key)
        return key

    async def by_ids(self, ids: Collection[UUID]) -> dict[UUID, Key]:
        """The keys there are of these ids; unknown and unusable ones are left out. Asks the store for what is not in memory."""
        found = {key_id: self._by_id[key_id] for key_id in ids if key_id in self._by_id}
        for key_id in found:
            self._by_id.move_to_end(key_id)
        if missing := [key_id for key_id in ids if key_id not in found]:
            for wrapped in await self._store.by_ids(missing):
                with suppress(CannotOpen):
                    found[wrapped.id] = self._learn(wrapped)
        return found

    async def _newest(self, patient_id: UUID) -> Key:
        wrapped = await self._store.latest(patient_id)
        return self._learn(wrapped) if wrapped else await self._make(patient_id, 1)

    async def _next(self, key: Key) -> Key:
        """The version after ``key``, which has been used enough."""
        if key.uses >= REFUSE:
            raise Sealed
        log.warning("key %s rotated after %s uses", key.id, key.uses)
        return await self._make(key.patient_id, key.version + 1)

    async def _make(self, patient_id: UUID, version: int) -> Key:
        wrapped = self._wrap(uuid4(), patient_id, version, os.urandom(32))
        if await self._store.add(wrapped, self._clock()):
            key = self._learn(wrapped)
            key.left = BLOCK
            return key
        latest = await self._store.latest(patient_id)     # somebody else was faster
        if latest is None:
            raise Sealed
        return self._learn(latest)

    def _learn(self, wrapped: Wrapped) -> Key:
        known = self._by_id.get(wrapped.id) or self._unwrap(wrapped)
        if wrapped.uses >= WARN:
            log.warning("key %s has %s uses", wrapped.id, wrapped.uses)
        _keep(self._by_id, wrapped.id, known)
        return known

    def _wrap(self, key_id: UUID, patient_id: UUID, version: int, key: bytes) -> Wrapped:
        kek_version, nonce = self._ring.current, os.urandom(12)
        blank = Wrapped(key_id, patient_id, version, kek_version, b"", 0)
        sealed = AESGCM(self._ring.keks[kek_version]).encrypt(nonce, key, self._bound(blank))
        return Wrapped(key_id, patient_id, version, kek_version, nonce + sealed, BLOCK)

    def _unwrap(self, row: Wrapped) -> Key:
        kek = self._ring.keks.get(row.kek_version)
        if kek is None or len(row.wrapped) != 60:
            raise CannotOpen
        try:
            key = AESGCM(kek).decrypt(row.wrapped[:12], row.wrapped[12:], self._bound(row))
        except InvalidTag:
            raise CannotOpen from None
        return Key(row.id, row.patient_id, row.version, key, row.uses)

    def _bound(self, row: Wrapped) -> bytes:
        """Associated data of a wrapped patient key, 84 bytes; all parts have fixed lengths."""
        return b"".join((
            b"telehealth/patient-key/v1\0\0\0", self._deployment.bytes, row.id.bytes, row.patient_id.bytes,
            row.version.to_bytes(4, "big"), row.kek_version.to_bytes(4, "big"),
        ))


def _keep(keys: OrderedDict[UUID, Key], name: UUID, key: Key) -> None:
    keys[name] = key
    keys.move_to_end(name)
    while len(keys) > AT_MOST:
        keys.popitem(last=False)
