"""Clips as a browser's recorder makes them: the head of a WebM file with Opus, and bytes that stand for the sound."""

from __future__ import annotations

import os
from datetime import timedelta

from records.care.voice_notes import Clip

WEBM = b"\x1aE\xdf\xa3\x9fB\x86\x81\x01B\xf7\x81\x01B\xf2\x81\x04B\xf3\x81\x08B\x82\x84webmB\x87\x81\x04B\x85\x81\x02\x18S\x80g"
TRACK = b"\x16T\xaek\xbf\xae\xbd\xd7\x81\x01s\xc5\x87\x83\x81\x02\x86\x86A_OPUS"
OGG = b"OggS\0\x02" + bytes(22) + b"OpusHead\x01\x01"
MP4 = b"\0\0\0\x1cftypiso5" + bytes(20) + b"moovtrakmdiasoun" + b"mp4a"


def webm(size: int = 8_000, marker: bytes = b"") -> bytes:
    """``size`` bytes of a WebM file whose sound contains ``marker``."""
    head = WEBM + TRACK
    return head + marker + os.urandom(size - len(head) - len(marker))


def clip(number: int = 1, content: bytes = b"", *, length_ms: int = 7_000, age: float = 2) -> Clip:
    """A clip that was spoken ``age`` seconds ago."""
    return Clip(number=number, length_ms=length_ms, age=timedelta(seconds=age), content=content or webm())
