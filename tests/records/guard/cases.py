"""What the tests of the guard share: a context, a vault over a key store of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from uuid import uuid4

from records.guard.vault import Context

NOTE = "Mạch 96, SpO₂ 91 %. Nghĩ đến viêm phổi cộng đồng; chuyển tuyến nếu khó thở hơn.".encode()


def context(**changes: object) -> Context:
    """Where a sealed note belongs."""
    return replace(Context("note", "content", uuid4(), 1, uuid4(), uuid4()), **changes)  # type: ignore[arg-type]


def wrong_contexts(right: Context) -> dict[str, Context]:
    """For each part of a context the same context with that part wrong."""
    return {
        "table": replace(right, table="message"), "column": replace(right, column="text"),
        "row_id": replace(right, row_id=uuid4()), "version": replace(right, version=right.version + 1),
        "organization_id": replace(right, organization_id=uuid4()), "patient_id": replace(right, patient_id=uuid4()),
        "boundary": replace(right, table=right.table + right.column[0], column=right.column[1:]),
    }


async def pieces(content: bytes, size: int = 10_000) -> AsyncIterator[bytes]:
    """``content`` as an upload would come in."""
    for start in range(0, len(content), size):
        yield content[start:start + size]


def flipped(content: bytes) -> list[bytes]:
    """``content`` once for each of its bytes, with that byte changed."""
    return [content[:at] + bytes((content[at] ^ 1,)) + content[at + 1:] for at in range(len(content))]
