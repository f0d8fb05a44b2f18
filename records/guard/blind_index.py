"""Blind indexes: how a number is found again without standing in the database. Normalises and shortens."""

from __future__ import annotations

import hashlib
import hmac
import unicodedata

DIGEST_BYTES = 16


def digest(key: bytes, field: str, value: str) -> bytes:
    """The first 16 bytes of HMAC-SHA256 over the normalised value."""
    return hmac.new(key, normalise(field, value).encode(), hashlib.sha256).digest()[:DIGEST_BYTES]


def normalise(field: str, value: str) -> str:
    """NFKC, letters and digits only, upper case; a phone number begins with 0 however its country was written."""
    kept = "".join(c for c in unicodedata.normalize("NFKC", value) if c.isalnum()).upper()
    return _local(kept) if field == "phone" else kept


def _local(number: str) -> str:
    """``+84 912…``, ``0084912…`` and ``0912…`` are one number."""
    for prefix in ("0084", "84"):
        if number.startswith(prefix) and len(number) - len(prefix) >= 9:
            return "0" + number.removeprefix(prefix).removeprefix("0")
    return number
