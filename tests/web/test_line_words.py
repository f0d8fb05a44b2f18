"""What a line carries, in words of both languages."""

from __future__ import annotations

from pathlib import Path

import pytest

from records.care.line_checks import RUNGS, Said
from web import line_words
from web.i18n import Texts

TEXTS = Texts.load(Path(line_words.__file__).parent / "locale")


def translate(locale: str):
    def one(text: str, **values: object) -> str:
        found = TEXTS.one(locale, text)
        return found % values if values else found
    return one


@pytest.mark.parametrize(("line", "vietnamese", "english"), [
    (Said("medium", 412), "Đường truyền: hình vừa · 0,4 Mb/s lên", "Line: medium picture · 0.4 Mb/s up"),
    (Said("stills", 48), "Đường truyền: ảnh + tiếng · 48 kb/s lên", "Line: stills + voice · 48 kb/s up"),
    (Said("clear", 1000), "Đường truyền: hình rõ · 1,0 Mb/s lên", "Line: clear picture · 1.0 Mb/s up"),
    (Said("clear", 1001), "Đường truyền: hình rõ · trên 1 Mb/s lên", "Line: clear picture · over 1 Mb/s up"),
    (Said("text", None), "Đường truyền: chưa đo được", "Line: not measured"),
])
def test_a_line_is_said_by_its_rung_and_its_rate_up(line: Said, vietnamese: str, english: str) -> None:
    assert line_words.sentence(translate("vi"), "vi", line) == vietnamese
    assert line_words.sentence(translate("en"), "en", line) == english


def test_every_rung_has_its_word_and_its_step() -> None:
    assert tuple(line_words.RUNGS) == RUNGS
    assert [line_words.STEPS[rung] for rung in RUNGS] == [7, 6, 5, 4, 3, 2, 1]


def test_only_a_line_without_a_moving_picture_is_weak() -> None:
    assert [rung for rung in RUNGS if line_words.is_weak(Said(rung, 1))] == ["stills", "voice", "voice-notes", "text"]


def test_the_session_log_says_what_was_measured_before() -> None:
    assert line_words.noted(translate("vi"), "medium 412") == "hình vừa, 412 kb/s lên"
    assert line_words.noted(translate("en"), "text") == "not measured"
