"""Sealed format v1: the byte layout and the five primitives under it. Knows no database and no key store.

FORMAT.md beside this package describes every byte; what is written here and there must say the same.
"""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass
from hmac import compare_digest
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap

from records.errors import CannotOpen

MAGIC = b"TLHS"
VERSION = 1
SUITE = 1                           # AES-256-GCM, HKDF-SHA256, AES key wrap (RFC 3394)
WHOLE, STREAM = 0, 1                # flags
LAYOUT = struct.Struct(">4sBBH16sI16s40s32s12s")
HEADER_BYTES = LAYOUT.size          # 128
START = MAGIC + bytes((VERSION, SUITE))
INFO = b"telehealth/sealed/v1/key-and-commitment"
_LENGTH = struct.Struct(">I")
_ROW_VERSION = struct.Struct(">Q")


@dataclass(frozen=True)
class Context:
    """Where a sealed text belongs; taken from the row being read, never from the blob. The vault adds the deployment."""

    table: str
    column: str
    row_id: UUID
    version: int
    organization_id: UUID
    patient_id: UUID


@dataclass(frozen=True)
class Header:
    """The first 128 bytes. ``key_id`` and ``key_version`` name the patient key that wraps the data key."""

    flags: int
    key_id: UUID
    key_version: int
    salt: bytes
    wrapped: bytes
    commitment: bytes
    nonce: bytes

    def encode(self) -> bytes:
        return LAYOUT.pack(
            MAGIC, VERSION, SUITE, self.flags, self.key_id.bytes, self.key_version,
            self.salt, self.wrapped, self.commitment, self.nonce,
        )


def read_header(sealed: bytes, flags: int) -> Header:
    """Parses the header of a text sealed with ``flags``. Raises CannotOpen."""
    if len(sealed) < HEADER_BYTES or sealed[:6] != START:
        raise CannotOpen
    _, _, _, found, key_id, key_version, salt, wrapped, commitment, nonce = LAYOUT.unpack_from(sealed)
    if found != flags:
        raise CannotOpen
    return Header(found, UUID(bytes=key_id), key_version, salt, wrapped, commitment, nonce)


def associated_data(header: bytes, deployment: UUID, context: Context) -> bytes:
    """What is bound besides the text: the header without its two rewrappable ranges, then seven items of context."""
    table, column = context.table.encode(), context.column.encode()
    return b"".join((
        b"\0\0\0\x44", header[:8], header[28:44], header[84:128],
        b"\0\0\0\x10", deployment.bytes,
        _LENGTH.pack(len(table)), table,
        _LENGTH.pack(len(column)), column,
        b"\0\0\0\x10", context.row_id.bytes,
        b"\0\0\0\x08", _ROW_VERSION.pack(context.version),
        b"\0\0\0\x10", context.organization_id.bytes,
        b"\0\0\0\x10", context.patient_id.bytes,
    ))


def new_header(patient_key: bytes, key_id: UUID, key_version: int, flags: int) -> tuple[bytes, AESGCM]:
    """A header with a fresh data key, and the cipher of that data key."""
    data_key, salt = os.urandom(32), os.urandom(16)
    # A stream's nonce is a prefix of seven bytes; counter and last-chunk flag follow per chunk.
    nonce = os.urandom(12) if flags == WHOLE else os.urandom(7) + bytes(5)
    key, commitment = _derive(data_key, salt)
    header = Header(flags, key_id, key_version, salt, aes_key_wrap(patient_key, data_key), commitment, nonce)
    return header.encode(), AESGCM(key)


def cipher_of(header: Header, patient_key: bytes) -> AESGCM:
    """The cipher of the data key wrapped in ``header``. Raises CannotOpen if key or commitment do not fit."""
    try:
        data_key = aes_key_unwrap(patient_key, header.wrapped)
    except InvalidUnwrap:
        raise CannotOpen from None
    key, commitment = _derive(data_key, header.salt)
    if not compare_digest(commitment, header.commitment):
        raise CannotOpen
    return AESGCM(key)


def seal(plain: bytes, patient_key: bytes, key_id: UUID, key_version: int, deployment: UUID, context: Context) -> bytes:
    """Header and ciphertext of one whole text, padded."""
    header, cipher = new_header(patient_key, key_id, key_version, WHOLE)
    return header + cipher.encrypt(header[116:], pad(plain), associated_data(header, deployment, context))


def open_whole(sealed: bytes, header: Header, patient_key: bytes, deployment: UUID, context: Context) -> bytes:
    """The text again. Raises CannotOpen for every fault alike."""
    cipher = cipher_of(header, patient_key)
    bound = associated_data(sealed[:HEADER_BYTES], deployment, context)
    return unpad(decrypt(cipher, header.nonce, sealed[HEADER_BYTES:], bound))


def decrypt(cipher: AESGCM, nonce: bytes, data: bytes, bound: bytes) -> bytes:
    try:
        return cipher.decrypt(nonce, data, bound)
    except (InvalidTag, ValueError):
        raise CannotOpen from None


def rewrap(sealed: bytes, old: bytes, new: bytes, key_id: UUID, key_version: int) -> bytes:
    """The same text under another patient key: two ranges of the header change, the body stays."""
    try:
        data_key = aes_key_unwrap(old, sealed[44:84])
    except InvalidUnwrap:
        raise CannotOpen from None
    key_range = key_id.bytes + _LENGTH.pack(key_version)
    return sealed[:8] + key_range + sealed[28:44] + aes_key_wrap(new, data_key) + sealed[84:]


def pad(plain: bytes) -> bytes:
    """ISO/IEC 7816-4: one byte 0x80, then zeros up to the next step, so that sizes tell little."""
    return plain + b"\x80" + bytes(-(len(plain) + 1) % _step(len(plain)))


def unpad(padded: bytes) -> bytes:
    stripped = padded.rstrip(b"\0")
    if not stripped.endswith(b"\x80"):
        raise CannotOpen
    return stripped[:-1]


def _step(size: int) -> int:
    return 64 if size < 1024 else 256 if size < 8192 else 1024


def _derive(data_key: bytes, salt: bytes) -> tuple[bytes, bytes]:
    """Encryption key and key commitment, 32 bytes each."""
    derived = HKDF(hashes.SHA256(), 64, salt, INFO).derive(data_key)
    return derived[:32], derived[32:]
