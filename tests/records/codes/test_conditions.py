"""The list of conditions: its data, and that people find what they look for. The browser is held to the same examples."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from records.codes import conditions

EXAMPLES = json.loads((Path(__file__).parent / "conditions_examples.json").read_text(encoding="utf-8"))


def test_the_list_says_its_version_its_day_and_whose_the_names_are():
    found = conditions.load()

    assert (found.version, found.date) == ("1", "2026-11-23")
    assert found.source == "codes: WHO ICD-10 2019; names: ours"
    assert len(found.by_code) >= 300


def test_every_row_has_a_well_formed_code_and_a_name_in_both_languages():
    for item in conditions.load().by_code.values():
        assert re.fullmatch(r"[A-Z]\d\d(\.\d)?", item.code), item
        assert item.vi.strip() == item.vi != "" and item.en.strip() == item.en != "", item
    names = [item.vi for item in conditions.load().by_code.values()]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example["query"] or "nothing")
def test_a_doctor_finds_a_condition_by_code_or_by_words_without_marks(example: dict[str, Any]):
    found = [item.code for item in conditions.search(example["query"])]

    assert (found[0] if found else None) == example["first"]
    assert set(example.get("also", [])) <= set(found)


@pytest.mark.parametrize("text", ["J18.9", " j18.9", "J189", "J18.9 Viêm phổi, chưa rõ tác nhân", "viem phoi, chua ro tac nhan"])
def test_what_was_typed_names_one_condition(text: str):
    found = conditions.typed(text)

    assert found is not None and found.code == "J18.9" and found.name("en") == "Pneumonia, cause not known"


@pytest.mark.parametrize("text", ["", "J99.9", "viêm", "J18.95", "x"])
def test_what_names_no_condition_of_the_list_is_refused(text: str):
    assert conditions.typed(text) is None
