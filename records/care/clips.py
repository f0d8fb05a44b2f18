"""What may be kept as a voice note: known by its first bytes, never decoded here. Knows no database."""

from __future__ import annotations

from datetime import timedelta

from records.errors import Invalid

MOST_BYTES = 64 * 1024          # ten seconds at 48 kbit/s; the pages record at 6 to 12
MOST_LENGTH_MS = 10_500         # ten seconds and what a slow machine takes to stop
MOST_AGE = timedelta(hours=4)   # a call lasts no longer
HEAD = 4096                     # where a container names its codecs
PICTURES = (b"V_VP", b"V_AV1", b"V_MPEG")   # a WebM's video codecs


def check(content: bytes, length_ms: int) -> str:
    """The media type of ``content``: audio/webm, audio/ogg or audio/mp4.

    Raises Invalid for ``clip``: too-large, too-long, or not-a-clip (its first bytes name no Opus or AAC in a known container).
    Source: RFC 8794 (EBML), RFC 7845 (Ogg Opus), ISO/IEC 14496-12 and -14 (MP4).
    """
    if len(content) > MOST_BYTES:
        raise Invalid({"clip": "too-large"})
    if not 0 < length_ms <= MOST_LENGTH_MS:
        raise Invalid({"clip": "too-long"})
    found = _container(content[:HEAD])
    if found is None:
        raise Invalid({"clip": "not-a-clip"})
    return found


def _container(head: bytes) -> str | None:
    if head.startswith(b"\x1a\x45\xdf\xa3") and b"webm" in head and b"A_OPUS" in head:
        return None if any(codec in head for codec in PICTURES) else "audio/webm"
    if head.startswith(b"OggS") and b"OpusHead" in head[:64]:
        return "audio/ogg"
    if head[4:8] == b"ftyp" and (b"mp4a" in head or b"Opus" in head) and b"vmhd" not in head:
        return "audio/mp4"
    return None
