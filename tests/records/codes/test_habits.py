"""How people write numbers: understood when they can only mean themselves, offered otherwise, never changed silently."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from records.codes import habits, vital_signs

SIGNS = vital_signs.BY_KEY


@pytest.mark.parametrize(("key", "typed", "values"), [
    ("pressure", "150/90", (150, 90)), ("pressure", " 150 / 90 ", (150, 90)), ("pressure", "150 90", (150, 90)),
    ("pressure", "150-90 mmHg", (150, 90)), ("temperature", "37,5", (37.5,)), ("temperature", "37.5", (37.5,)),
    ("temperature", "38°C", (38,)), ("oxygen", "91", (91,)), ("oxygen", "91 %", (91,)), ("pulse", "96", (96,)),
    ("weight", "48,5", (48.5,)), ("weight", "48 kg", (48,)), ("height", "155", (155,)), ("pain", "7/10", (7,)), ("pain", "0", (0,)),
    ("gestation", "32", (32,)), ("gestation", "32+4", (32.6,)), ("glucose", "7,0", (7,)),
])
def test_a_number_that_means_itself_is_taken_as_it_stands(key: str, typed: str, values: tuple[float, ...]) -> None:
    assert habits.read(SIGNS[key], typed) == habits.Reading(values=values)


@pytest.mark.parametrize(("key", "typed", "offer"), [
    ("pressure", "15/9", (150, 90)), ("pressure", "12/8", (120, 80)), ("pressure", "12,5/8", (125, 80)), ("pressure", "150/9", (150, 90)),
    ("pressure", "15090", (150, 90)), ("pressure", "9060", (90, 60)), ("pressure", "150.90", (150, 90)),
    ("temperature", "375", (37.5,)), ("temperature", "37 5", (37.5,)), ("temperature", "99,5", (37.5,)),
    ("oxygen", "0,91", (91,)), ("weight", "3200", (3.2,)), ("weight", "485", (48.5,)), ("weight", "900g", (0.9,)),
    ("height", "1m55", (155,)), ("height", "1,6", (160,)), ("glucose", "126", (7.0,)),
])
def test_a_habit_is_offered_and_not_taken(key: str, typed: str, offer: tuple[float, ...]) -> None:
    assert habits.read(SIGNS[key], typed) == habits.Reading(offer=offer)


@pytest.mark.parametrize(("key", "typed", "fault"), [
    ("pulse", "abc", "unreadable"), ("pulse", "9a6", "unreadable"), ("pulse", "960", "impossible"), ("oxygen", "101", "impossible"),
    ("pressure", "90/150", "impossible"), ("pressure", "150", "unreadable"), ("temperature", "12", "impossible"),
    ("pain", "11", "impossible"), ("temperature", "37,5,5", "unreadable"), ("pulse", "-96", "unreadable"),
])
def test_what_cannot_be_is_said_and_gives_no_value(key: str, typed: str, fault: str) -> None:
    assert habits.read(SIGNS[key], typed) == habits.Reading(fault=fault)


def test_an_empty_field_says_nothing() -> None:
    assert habits.read(SIGNS["pulse"], "  ") == habits.Reading()


TYPED = st.text(alphabet="0123456789/.,- mkg%°C+", max_size=12)


@given(st.sampled_from(vital_signs.SIGNS), TYPED)
def test_no_value_holds_a_digit_that_was_not_typed(sign: vital_signs.VitalSign, typed: str) -> None:
    values = habits.read(sign, typed).values
    if sign.key == "gestation" and "+" in typed:
        return                                      # weeks and days: the fraction is counted, the typed text is kept beside it

    numbers = [float(number.replace(",", ".")) for number in re.findall(r"\d+(?:[.,]\d+)?", typed)]
    assert all(value in numbers for value in values)


@given(st.sampled_from(vital_signs.SIGNS), TYPED)
def test_every_value_and_offer_is_one_that_a_living_person_may_have(sign: vital_signs.VitalSign, typed: str) -> None:
    reading = habits.read(sign, typed)

    assert all(vital_signs.possible(sign, some) for some in (reading.values, reading.offer) if some)
    assert sum(map(bool, (reading.values, reading.offer, reading.fault))) == bool(typed.strip())


@given(st.sampled_from(vital_signs.SIGNS), TYPED)
def test_an_accepted_offer_is_read_as_the_value_it_offered(sign: vital_signs.VitalSign, typed: str) -> None:
    offer = habits.read(sign, typed).offer
    if offer:
        assert habits.read(sign, habits.written(offer)).values == offer
        assert habits.read(sign, habits.written(offer, ".")).values == offer
