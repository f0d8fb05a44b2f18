"""The session log as a spreadsheet: columns and cells. No patient; what a spreadsheet would run as a formula is quoted."""

from __future__ import annotations

import csv
import io

from records.care.session_summaries import Sent
from records.care.sessions import Session
from web import dates
from web.cause_words import RUNGS
from web.i18n import N_, Translate

DANGEROUS = ("=", "+", "-", "@", "\t", "\r")   # a spreadsheet would run such a cell as a formula
SIDES = {"worker": N_("Trạm gửi"), "doctor": N_("Bác sĩ gửi")}
COLUMNS = (
    N_("Lúc"), N_("Trạm"), N_("Bác sĩ"), N_("Kết quả"), N_("Chờ (giây)"), N_("Kéo dài (giây)"), N_("Số lần mất kết nối"),
    N_("Mất kết nối (giây)"), N_("Dữ liệu (MB)"), N_("Khẩn cấp"), N_("Mã phiên"), N_("Mã trục trặc"), N_("Phía trục trặc"),
)
FIGURES = (N_("Mất gói (%)"), N_("Tiếng phải bù (%)"), N_("Độ trễ (ms)"), N_("Tốc độ (kb/s)"))


def head(translate: Translate) -> str:
    """The line of names: those of the session, then for each side its rungs in percent and its figures."""
    sent = [f"{translate(side)}: {translate(name)}{unit}" for side in SIDES.values()
            for name, unit in [*((rung, " (%)") for rung in RUNGS.values()), *((figure, "") for figure in FIGURES)]]
    return line([*map(translate, COLUMNS), *sent])


def row(outcome: str, one: Session) -> str:
    """One session. ``outcome`` in words; a cause as its code, the same in every language."""
    known = [
        dates.full(one.asked_at), one.station, one.doctor, outcome, _number(one.wait_seconds), _number(one.length_seconds),
        str(one.cuts), str(one.cut_seconds), f"{one.bytes_used / 1e6:.1f}", "x" if one.emergency else "", str(one.request_id),
        one.summary.cause, one.summary.cause_side]
    return line([*known, *(cell for side in SIDES for cell in _sent(one.summary.sent.get(side)))])


def line(cells: list[str]) -> str:
    file = io.StringIO()
    csv.writer(file, lineterminator="\r\n").writerow(
        [f"'{cell}" if cell.startswith(DANGEROUS) else cell for cell in cells])
    return file.getvalue()


def _sent(sent: Sent | None) -> list[str]:
    if sent is None:
        return [""] * (len(RUNGS) + len(FIGURES))
    whole = sum(sent.used.values())
    shares = [str(round(100 * sent.used.get(rung, 0) / whole)) if whole else "" for rung in RUNGS]
    figures = (sent.lost_percent, sent.concealed_percent, sent.round_trip_ms, sent.kbps)
    return [*shares, *(f"{figure:.1f}" for figure in figures)]


def _number(value: int | None) -> str:
    return "" if value is None else str(value)
