"""What a note says: lines, checks, codes that cannot be misread, the canonical form; and nothing of it in clear on disk."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path
from unicodedata import normalize

import msgspec
import pytest

from records.archive import Archive
from records.care import note_content
from records.care.note_content import Content, Diagnosis, Written
from records.errors import Invalid
from tests import note_cases
from tests.builders import People
from tests.note_cases import WRITTEN

LATE = datetime(2026, 11, 30, 17, 30, tzinfo=UTC)       # 00:30 on 1 December in Thái Nguyên


def test_numbers_and_dashes_typed_in_front_of_a_line_are_left_out() -> None:
    assert note_content.lines("1. Uống nước\n\n - Nghỉ ngơi \n3) Tái khám\n38 độ thì uống hạ sốt") == [
        "Uống nước", "Nghỉ ngơi", "Tái khám", "38 độ thì uống hạ sốt"]


def test_texts_are_composed_and_names_come_from_the_list() -> None:
    typed = msgspec.structs.replace(
        WRITTEN, finding=normalize("NFD", WRITTEN.finding), diagnoses=[Diagnosis(code="j18.9", name="Cái gì đó")])

    checked = note_content.checked(typed)

    assert checked.finding == WRITTEN.finding
    assert checked.diagnoses == [Diagnosis(code="J18.9", name="Viêm phổi, chưa rõ tác nhân")]


def test_the_paper_says_the_finding_or_else_the_main_diagnosis() -> None:
    assert WRITTEN.told == WRITTEN.finding
    assert msgspec.structs.replace(WRITTEN, finding="").told == "Viêm phổi, chưa rõ tác nhân"


def test_too_many_diagnoses_are_refused_and_six_are_not() -> None:
    codes = ["J18.9", "I10", "E11.9", "R05", "R42", "K30", "M10.9"]
    written = [Diagnosis(code=code, name="") for code in codes]

    assert len(note_content.checked(Written(diagnoses=written[:6])).diagnoses) == 6
    with pytest.raises(Invalid):
        note_content.checked(Written(diagnoses=written))


@pytest.mark.parametrize(("place", "letters"), [
    ("Vi Hương", "VH"), ("Phủ Thông", "PT"), ("Đôn", "DO"), ("Trạm Y tế xã", "TYT"), ("", "TH"), ("Ô", "OX"),
])
def test_a_code_begins_with_the_initials_of_the_place(place: str, letters: str) -> None:
    code = note_content.make_code(place, LATE, lambda signs: signs[0])

    assert code == f"{letters}-2612-2222"      # the month is the one where the patient is


def test_a_code_has_no_sign_that_is_taken_for_another() -> None:
    assert set("01OIL5SB8UV").isdisjoint(note_content.ALPHABET)
    assert len(set(note_content.ALPHABET)) == len(note_content.ALPHABET) == 25


async def test_the_hash_is_that_of_sorted_json_and_can_be_recomputed_by_a_stranger(archive: Archive, people: People) -> None:
    note = await (await note_cases.accepted(archive, people)).signed()

    plain = note_content.canonical(note.content)
    again = json.dumps(json.loads(plain), sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()

    assert again == plain
    assert hashlib.sha256(again).digest() == note.content_hash
    assert msgspec.json.decode(plain, type=Content) == note.content


async def test_no_word_of_a_note_lies_in_clear_in_the_database(archive: Archive, people: People, tmp_path: Path) -> None:
    case = await note_cases.accepted(archive, people)
    note = await case.signed(msgspec.structs.replace(WRITTEN, finding="Chim chích choè", advice="Ăn cháo trai", assessment="Kỳ nhông"))
    await case.addend(note.id)

    markers = ["Chim chích choè", "Ăn cháo trai", "Kỳ nhông", "J18.9", "Viêm phổi", "Phương Thảo", "Nà Ít", "leo dốc"]
    stored = b"".join(path.read_bytes() for path in sorted(tmp_path.rglob("*")) if path.is_file())
    if archive.engine.dialect.name == "postgresql":
        stored = await _dump(archive)
    assert note.code.encode() in stored or note.code in stored.decode(errors="replace")     # we do look in the right place
    for marker in markers:
        for form in (marker, normalize("NFD", marker), json.dumps(marker)[1:-1]):
            assert form.encode() not in stored, marker


async def _dump(archive: Archive) -> bytes:
    """Every row of every table as PostgreSQL writes it."""
    async with archive.engine.connect() as connection:
        names = [row[0] for row in await connection.exec_driver_sql("SELECT tablename FROM pg_tables WHERE schemaname IN ('public', 'keys')")]
        names = [name for name in names if name != "patient_key"]
        rows = [str(list(await connection.exec_driver_sql(f'SELECT t::text FROM "{name}" t'))) for name in names]
    return "\n".join(rows).encode()
