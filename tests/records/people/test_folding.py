"""Folding: marks, case, đ, and the slips of people whose typing method was off."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from records.people.folding import fold, readings

NAMES = ["Hoàng Thị Hoa", "Nguyễn Thị Phương Thảo", "Đặng Văn Quý", "Lường Văn Páo", "Bàn Thị Mùi", "Đàm Ngọc Sơn"]


def test_marks_case_and_blanks_do_not_matter() -> None:
    assert fold("  HOÀNG  thị\tHoa ") == "hoang thi hoa"


def test_the_letter_d_with_a_stroke_is_found_by_a_plain_d() -> None:
    assert fold("Đặng Đình Đào") == fold("dang dinh dao") == "dang dinh dao"


@pytest.mark.parametrize("name", NAMES)
def test_composed_and_decomposed_letters_fold_alike(name: str) -> None:
    assert fold(unicodedata.normalize("NFD", name)) == fold(unicodedata.normalize("NFC", name))


@pytest.mark.parametrize(("typed", "meant"), [
    ("hoaf", "hoa"), ("nguyeenx", "nguyen"), ("ddawngj", "dang"), ("luwowngf", "luong"), ("phuwowng", "phuong"),
    ("dangdj", "dang"), ("tw", "tu"), ("quys", "quy"), ("thijnh", "thinh"), ("hoa2", "hoa"), ("nguye6n4", "nguyen"), ("d9a8ng5", "dang"),
])
def test_a_telex_or_vni_slip_is_read_as_the_word_it_was_meant_to_be(typed: str, meant: str) -> None:
    assert meant in readings(fold(typed))


@pytest.mark.parametrize("name", NAMES)
def test_a_word_typed_well_keeps_its_own_reading_first(name: str) -> None:
    for word in fold(name).split():
        assert readings(word)[0] == word


@given(st.text(max_size=30))
def test_folding_twice_changes_nothing_more(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text(alphabet=st.characters(categories=["L", "N"]), max_size=20))
def test_every_word_is_one_of_its_own_readings(text: str) -> None:
    for word in fold(text).split():
        assert word in readings(word)
