"""Pictures that come from outside: known by their first bytes, decoded in a child process, written anew."""

from __future__ import annotations

import asyncio
import contextlib
import struct
import sys
from collections.abc import Iterator
from dataclasses import dataclass

from records.care import picture_child
from records.errors import Crowded, Invalid

MOST_BYTES = 8 * 1024 * 1024            # of an uploaded file
PATIENCE = 20.0                         # seconds for the child, waiting for the processor included
AT_ONCE = 2                             # children; each takes a processor
INSIDE = 40                             # uploads that are being read or wait: each may hold some megabytes


@dataclass(frozen=True)
class Picture:
    """JPEG, at most 1600 pixels along the long side, without EXIF; ``small`` at most 320."""

    content: bytes
    small: bytes


class Darkroom:
    """Develops pictures, a few at a time, so that a pile of uploads leaves the machine usable."""

    def __init__(self, inside: int = INSIDE) -> None:
        self._places = asyncio.Semaphore(AT_ONCE)
        self._free = inside

    @contextlib.contextmanager
    def place(self) -> Iterator[None]:
        """A place for one upload, from before its first byte is read. Raises Crowded when there is none."""
        if self._free == 0:
            raise Crowded
        self._free -= 1
        try:
            yield
        finally:
            self._free += 1

    async def develop(self, content: bytes) -> Picture:
        """The picture in ``content`` (JPEG, PNG or WebP).

        Raises Invalid({"photo": code}): "too-large", "not-a-picture", or "cannot-decode" when the child gave up.
        """
        if len(content) > MOST_BYTES:
            raise Invalid({"photo": "too-large"})
        if not kind(content):
            raise Invalid({"photo": "not-a-picture"})
        async with self._places:
            return _parts(await _in_child(content))


def kind(content: bytes) -> str:
    """"jpeg", "png", "webp", or "" by the first bytes; what the browser claims does not count."""
    if content.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    return "webp" if content[:4] == b"RIFF" and content[8:12] == b"WEBP" else ""


async def _in_child(content: bytes) -> bytes:
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-I", picture_child.__file__, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL, env={})
    try:
        async with asyncio.timeout(PATIENCE):
            out, _ = await child.communicate(content)
    except TimeoutError:
        raise Invalid({"photo": "cannot-decode"}) from None
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    if child.returncode != 0:
        raise Invalid({"photo": "cannot-decode"})
    return out


def _parts(out: bytes) -> Picture:
    (length,) = struct.unpack_from(">I", out)
    return Picture(out[4 : 4 + length], out[8 + length :])
