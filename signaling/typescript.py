"""Writes web/static/js/protocol.d.ts from messages.py: ``python -m signaling.typescript [--check]``."""

from __future__ import annotations

import enum
import inspect
import sys
import types
import typing
from pathlib import Path
from typing import Any

import msgspec
from msgspec import inspect as shapes

from signaling import messages

TARGET = Path(__file__).parents[1] / "web" / "static" / "js" / "protocol.d.ts"
HEAD = "// Written by python -m signaling.typescript from signaling/messages.py. Do not edit.\n"


def source() -> str:
    """The whole file: parts, messages in both directions, the unions, the close codes."""
    inbound, outbound = typing.get_args(messages.FromBrowser), typing.get_args(messages.FromServer)
    parts = [shape for shape in _structs(messages) if shape not in inbound + outbound and shape.__struct_fields__]
    parts = [shape for shape in parts if shape is not messages.Numbered]
    blocks = [HEAD, *(_interface(shape) for shape in (*parts, *inbound, *outbound))]
    blocks.append(_union("FromBrowser", inbound))
    blocks.append(_union("Command", [shape for shape in inbound if "id" in shape.__struct_fields__]))
    blocks.append(_union("Relay", [messages.Offer, messages.Answer, messages.Candidate]))
    blocks.append(_union("FromServer", outbound))
    blocks.append(_codes(messages.Closing))
    return "\n".join(blocks)


def main(arguments: list[str]) -> int:
    """Write the file, or with ``--check`` say whether it is what would be written."""
    if "--check" in arguments:
        fresh = TARGET.exists() and TARGET.read_text() == source()
        print("protocol.d.ts is current" if fresh else "protocol.d.ts is stale: run python -m signaling.typescript")
        return 0 if fresh else 1
    TARGET.write_text(source())
    return 0


def _structs(module: types.ModuleType) -> list[type[msgspec.Struct]]:
    found = [value for value in vars(module).values() if inspect.isclass(value) and issubclass(value, msgspec.Struct)]
    return [shape for shape in found if shape.__module__ == module.__name__]


def _interface(shape: type[msgspec.Struct]) -> str:
    info = shapes.type_info(shape)
    assert isinstance(info, shapes.StructType)
    lines = [f"/** {_sentence(shape)} */", f"export interface {shape.__name__} {{"]
    if info.tag is not None:
        lines.append(f'  {info.tag_field}: "{info.tag}";')
    inbound = shape in typing.get_args(messages.FromBrowser)
    for field in info.fields:
        optional = "?" if inbound and not field.required else ""
        lines.append(f"  {field.encode_name}{optional}: {_type(field.type)};")
    return "\n".join([*lines, "}", ""])


def _sentence(shape: type[msgspec.Struct]) -> str:
    return " ".join((shape.__doc__ or "").replace("``", "`").split())


def _type(shape: shapes.Type) -> str:
    match shape:
        case shapes.StrType():
            return "string"
        case shapes.IntType() | shapes.FloatType():
            return "number"
        case shapes.BoolType():
            return "boolean"
        case shapes.NoneType():
            return "null"
        case shapes.LiteralType():
            return " | ".join(f'"{value}"' for value in sorted(map(str, shape.values)))
        case shapes.ListType():
            return f"{_type(shape.item_type)}[]"
        case shapes.StructType():
            return shape.cls.__name__
        case shapes.UnionType():
            return " | ".join(_type(member) for member in shape.types)
    raise TypeError(f"no TypeScript for {shape}")


def _union(name: str, shapes_: typing.Sequence[Any]) -> str:
    members = "\n".join(f"  | {shape.__name__}" for shape in shapes_)
    return f"export type {name} =\n{members};\n"


def _codes(codes: type[enum.IntEnum]) -> str:
    members = "\n".join(f"  readonly {code.name}: {code.value};" for code in codes)
    return f"/** Why a socket ends; see signaling/PROTOCOL.md. */\nexport interface Closing {{\n{members}\n}}\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
