"""The protocol on paper: examples in both languages, the generated types, the story."""

from __future__ import annotations

import json
import re
import typing
from pathlib import Path

import msgspec
import pytest

from signaling import faults, messages, typescript

ROOT = Path(__file__).parents[2]
EXAMPLES = json.loads((ROOT / "tests/protocol/examples.json").read_text())
INBOUND, OUTBOUND = typing.get_args(messages.FromBrowser), typing.get_args(messages.FromServer)


def tag(shape) -> str:
    return shape.__struct_config__.tag


@pytest.mark.parametrize("example", EXAMPLES["fromBrowser"], ids=lambda example: example["type"])
def test_what_a_page_may_say_is_understood(example):
    message = messages.decode(json.dumps(example))

    again = json.loads(msgspec.json.encode(message))
    assert {name: again[name] for name in example} == example


@pytest.mark.parametrize("example", EXAMPLES["fromServer"], ids=lambda example: example["type"])
def test_what_the_server_says_is_written_as_in_the_example(example):
    message = msgspec.json.decode(json.dumps(example), type=messages.FromServer)

    unnumbered = messages.encode(msgspec.structs.replace(message, seq=0))

    assert json.loads(messages.numbered(unnumbered, example["seq"])) == example


@pytest.mark.parametrize("example", EXAMPLES["bad"], ids=lambda example: example["what"])
def test_what_a_page_may_not_say_is_refused(example):
    frame = json.dumps(example["message"]).encode()

    with pytest.raises(msgspec.ValidationError) as fault:
        messages.decode(frame)

    refused, _ = faults.bad_message(frame, fault.value)
    assert refused.path == example["path"]
    assert refused.id == example["message"].get("id", "")


def test_a_page_that_measures_less_is_still_understood():
    """Figures that were added later have a default: a page loaded before the server was renewed goes on."""
    older = {"receivedKbps": 512.5, "sentKbps": 480, "lostPercent": 1.5, "roundTripMs": 180}

    message = messages.decode(json.dumps({"type": "measured", "id": EXAMPLES["fromBrowser"][3]["id"],
                                          "call": EXAMPLES["fromBrowser"][3]["request"], "quality": older}))

    assert (message.quality.concealed_percent, message.quality.path) == (0, "")


def test_every_message_has_an_example():
    assert {example["type"] for example in EXAMPLES["fromBrowser"]} == {tag(shape) for shape in INBOUND}
    assert {example["type"] for example in EXAMPLES["fromServer"]} == {tag(shape) for shape in OUTBOUND}


def test_the_number_is_the_last_field_of_everything_the_server_says():
    assert {shape.__struct_encode_fields__[-1] for shape in OUTBOUND} == {"seq"}


def test_no_message_from_a_page_can_name_its_sender():
    assert not [shape for shape in INBOUND if {"sender", "participant", "seq"} & set(shape.__struct_fields__)]


def test_the_types_of_the_scripts_are_what_the_generator_writes():
    assert typescript.TARGET.read_text() == typescript.source()


def test_the_check_of_the_types_finds_a_stale_file(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(typescript, "TARGET", tmp_path / "protocol.d.ts")

    assert typescript.main(["--check"]) == 1
    assert typescript.main([]) == 0
    assert typescript.main(["--check"]) == 0


def test_the_story_tells_of_every_message_and_every_close_code():
    story = (ROOT / "signaling/PROTOCOL.md").read_text()

    told = set(re.findall(r"[a-z]+(?:-[a-z]+)*", story))
    assert {tag(shape) for shape in (*INBOUND, *OUTBOUND)} <= told
    assert {str(code.value) for code in messages.Closing} <= set(re.findall(r"\d{4}", story))
