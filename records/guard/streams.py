"""Sealed streams: chunks of 64 KiB, each with its number and a last-chunk flag in the nonce (STREAM construction).

A chunk that is missing, moved, repeated or taken from elsewhere does not open. FORMAT.md has the bytes.
"""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from records.errors import CannotOpen
from records.guard import envelope

CHUNK_BYTES = 64 * 1024         # of text; 16 bytes of tag come on top
LAST_STEP = 1024                # the last chunk is padded to a multiple of this
NONCE_AT = 116                  # where the header holds the seven bytes of prefix


async def seal(pieces: AsyncIterable[bytes], cipher: AESGCM, header: bytes, bound: bytes) -> AsyncIterator[bytes]:
    """Yields sealed chunks. Every chunk but the last has exactly 64 KiB of text; the last holds 0 to 65,535 bytes."""
    number, held = 0, bytearray()
    async for piece in pieces:
        held += piece
        while len(held) >= CHUNK_BYTES:
            yield cipher.encrypt(nonce(header, number, last=False), bytes(held[:CHUNK_BYTES]), bound)
            del held[:CHUNK_BYTES]
            number += 1
    padded = bytes(held) + b"\x80" + bytes(-(len(held) + 1) % LAST_STEP)
    yield cipher.encrypt(nonce(header, number, last=True), padded, bound)


def open_chunk(cipher: AESGCM, header: bytes, number: int, last: bool, sealed: bytes, bound: bytes) -> bytes:
    """The text of one chunk. Raises CannotOpen."""
    if header[NONCE_AT + 7:] != bytes(5) or not 0 <= number < 2**32:
        raise CannotOpen
    text = envelope.decrypt(cipher, nonce(header, number, last=last), sealed, bound)
    return envelope.unpad(text) if last else text


def nonce(header: bytes, number: int, *, last: bool) -> bytes:
    """Seven random bytes of the header, the number of the chunk (4 bytes), 1 for the last chunk and 0 for others."""
    return header[NONCE_AT:NONCE_AT + 7] + number.to_bytes(4, "big") + (b"\1" if last else b"\0")
