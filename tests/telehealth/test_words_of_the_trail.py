"""Nothing that is written down is shown as a bare code: every kind of the time line and every tag has words."""

from __future__ import annotations

import re
from pathlib import Path

from records.care.request_rows import KINDS
from web import deeds, sentences

ROOT = Path(__file__).parents[2]
ABOUT_PATIENTS = ("patient", "encounter", "observation", "attachment", "consent", "message", "note", "voice-note")


def test_every_step_of_a_request_has_its_line():
    assert not {kind for kind in KINDS.values() if kind != "failed"} - set(sentences.ROWS)


def test_every_deed_about_a_patient_has_words():
    written = {
        tag for path in (ROOT / "records").rglob("*.py")
        for tag in re.findall(r'record\(\s*act, "([a-z-]+:[a-z-]+)"', path.read_text())
    }

    assert len(written) > 20
    assert not {tag for tag in written if tag.partition(":")[0] in ABOUT_PATIENTS} - set(deeds.DEEDS) - {
        "patient:list", "encounter:today", "note:list"}    # lists name nobody's record
