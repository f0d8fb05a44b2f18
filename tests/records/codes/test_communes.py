"""Communes: today's names, the names on old papers, and names that many places share."""

from __future__ import annotations

from collections import Counter

from records.codes import communes

PHU_THONG = "01969"


def test_there_are_as_many_communes_as_the_country_has() -> None:
    kinds = Counter(commune.kind for commune in communes._communes().values())

    assert kinds == {"Xã": 2621, "Phường": 687, "Đặc khu": 13}


def test_a_commune_is_found_by_its_name_of_today() -> None:
    assert [one.code for one in communes.called("xã phu thong")] == [PHU_THONG]


def test_a_former_commune_is_found_and_keeps_its_name() -> None:
    (found,) = communes.called("Vi Hương", near=PHU_THONG)

    assert (found.code, found.former) == (PHU_THONG, "Vi Hương")
    assert found.label == "Vi Hương (nay Phủ Thông), Thái Nguyên"


def test_a_label_is_read_back_as_the_commune_it_names() -> None:
    for commune in communes.of_province(PHU_THONG):
        assert communes.called(commune.label) == [commune]


def test_a_name_that_several_places_bear_is_not_guessed() -> None:
    assert len({one.code for one in communes.called("Tân Lập")}) > 1
    assert len(communes.called("Tân Lập, Đắk Lắk")) == 1


def test_the_place_nearby_is_meant_first() -> None:
    (near,) = {one.code for one in communes.called("phu thong", near=PHU_THONG)}

    assert near == PHU_THONG


def test_a_place_that_is_none_is_not_found() -> None:
    assert communes.called("Không Đâu Cả") == []
