"""Values sealed as JSON: what most columns hold. Encodes with msgspec; sealing itself is the vault's."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

import msgspec

from records.acts import Act
from records.errors import CannotOpen
from records.guard.envelope import Context

T = TypeVar("T")
_ENCODER = msgspec.json.Encoder(order="deterministic")


def encode(value: Any) -> bytes:
    """The JSON that is sealed: UTF-8, keys in order, so that equal values have equal bytes and hashes."""
    return _ENCODER.encode(value)


async def seal_json(act: Act, value: Any, context: Context) -> bytes:
    """Seals a msgspec Struct, a dict or a list."""
    return await act.vault.seal(encode(value), context)


async def open_json(act: Act, sealed: bytes, context: Context, type_: type[T]) -> T:
    """Opens what ``seal_json`` sealed, as ``type_``. Raises CannotOpen."""
    return (await open_json_many(act, [(sealed, context)], type_))[0]


async def open_json_many(act: Act, items: Iterable[tuple[bytes, Context]], type_: type[T]) -> list[T]:
    """Opens many at once, in order."""
    decoder = msgspec.json.Decoder(type_)
    try:
        return [decoder.decode(plain) for plain in await act.vault.open_many(items)]
    except msgspec.DecodeError:
        raise CannotOpen from None
