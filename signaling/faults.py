"""What is said about a frame that is no message: where its fault is, never what stood there."""

from __future__ import annotations

import contextlib
import re

import msgspec

from signaling import messages


class _Outline(msgspec.Struct):
    id: str = ""
    type: str = ""


def bad_message(frame: bytes, fault: Exception) -> tuple[messages.Refused, bool]:
    """Where the fault is, never what stood there; and whether it was to be relayed.

    The id, where it can be read, lets the page stop waiting.
    """
    found = re.search(r" - at `([^`]{1,100})`$", str(fault))
    outline = _Outline()
    with contextlib.suppress(msgspec.DecodeError, RecursionError):
        outline = msgspec.json.decode(frame, type=_Outline)
    refused = messages.Refused(code="bad-message", id=outline.id[:36], path=found[1] if found else "")
    return refused, outline.type in ("offer", "answer", "candidate")
