"""Notes in words: the station's rows, the faults of a note, what an addendum changed. Knows texts; knows no request."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from records.care.note_content import Content, Measure, Station, Subject
from records.care.note_rows import Note
from records.codes import conditions, habits, vital_signs
from records.people import ages, listing
from web import dates
from web.i18n import N_, Translate

FOLLOW_UPS = (("1", N_("1 ngày")), ("3", N_("3 ngày")), ("7", N_("7 ngày")), ("none", N_("Không hẹn")))
DIRECTIONS = {"low": N_("thấp"), "high": N_("cao"), "": ""}
RATES = {"low": N_("chậm"), "high": N_("nhanh"), "": ""}        # of what is counted by the minute
FIELDS = {
    "diagnoses": N_("Chẩn đoán"), "assessment": N_("Nhận xét"), "finding": N_("Bác sĩ thấy gì"), "advice": N_("Lời dặn"),
    "follow_up": N_("Hẹn lại"), "danger_signs": N_("Dấu hiệu nguy hiểm"),
}
FAULTS = {
    "diagnoses:missing": N_("Hãy chọn ít nhất một chẩn đoán trong danh sách."),
    "diagnoses:not-in-list": N_("Chẩn đoán này không có trong danh sách. Hãy gõ mã hoặc tên rồi chọn."),
    "diagnoses:too-many": N_("Nhiều nhất sáu chẩn đoán."),
    "advice:missing": N_("Hãy viết ít nhất một lời dặn: người bệnh mang giấy này về nhà."),
    "too-many-lines": N_("Nhiều dòng quá: giấy A5 chỉ đủ hai mươi dòng."),
}
BACKGROUND = (("allergies", N_("Dị ứng")), ("problems", N_("Bệnh đã có")), ("medications", N_("Thuốc đang dùng")))
ELDERLY, ADULT, TODDLER = 50, 16, 24            # years, years, months: how people are spoken of on the paper
WORDS = re.compile(r"\s+|\w+|[^\w\s]")         # together every character


@dataclass(frozen=True)
class Part:
    """A piece of a text: "same", "gone" or "new"."""

    kind: str
    text: str


@dataclass(frozen=True)
class Change:
    """A field that an addendum changed, word by word."""

    label: str
    parts: list[Part]


def station(_: Translate, locale: str, rows: Station) -> dict[str, Any]:
    """S and O as the panel shows them: sentences, and one entry per value with its mark in words."""
    complaint = ", ".join(_(one) for one in rows.complaints).capitalize()
    background = [f"{_(label)}: {text}" for name, label in BACKGROUND if (text := getattr(rows, name))]
    return {
        "subjective": [line for line in (complaint, rows.story) if line], "background": background,
        "objective": [measure(_, locale, one) for one in rows.measures], "by": rows.recorded_by,
    }


def measure(_: Translate, locale: str, one: Measure) -> dict[str, str]:
    value = habits.written(tuple(one.values), "." if locale == "en" else ",")
    sign = vital_signs.BY_CODE.get(one.code)
    unit = _(sign.shown) if sign else one.unit
    again = _("đo lại") if one.again else ""
    directions = RATES if one.unit == "/min" else DIRECTIONS
    return {
        "text": f"{_(one.name)} {value}{'' if unit.startswith(('/', '%')) else ' '}{unit}", "again": again,
        "level": one.level, "word": _(directions[one.direction]) if one.direction else "", "by": one.recorded_by,
        "at": dates.time(one.recorded_at),
    }


def follow_up(_: Translate, written: str) -> str:
    return _(dict(FOLLOW_UPS).get(written, "")) if written else ""


def diagnosis(code: str, name: str, locale: str) -> str:
    """"J18.9 Viêm phổi, chưa rõ tác nhân": the name as it was signed, in English from the list."""
    found = conditions.get(code)
    return f"{code} {found.en if locale == 'en' and found else name}"


def diagnoses(content: Content, locale: str) -> list[str]:
    return [diagnosis(one.code, one.name, locale) for one in content.written.diagnoses]


def addressed(subject: Subject, at: Any) -> str:
    """The heading of the paper, always Vietnamese: "Bà Hoàng Thị Hoa, 68 tuổi"; a small child in months."""
    day = listing.day_of(at)
    years, months = ages.years(subject.birth_date, day), ages.months(subject.birth_date, day)
    name = f"{_title(subject.gender, years)} {subject.name}" if subject.name else "Người bệnh chưa rõ tên"
    if years is None or months is None:
        return name
    return f"{name}, {months} tháng" if _is_told_in_months(subject.birth_date, months) else f"{name}, {years} tuổi"


def _is_told_in_months(birth_date: str, months: int) -> bool:
    return months < TODDLER and len(birth_date) > len("2026")


def _title(gender: str, years: int | None) -> str:
    if years is None or gender not in ("female", "male"):
        return "Người bệnh"
    if years < ADULT:
        return "Cháu"
    return {"female": ("Chị", "Bà"), "male": ("Anh", "Ông")}[gender][years >= ELDERLY]


def about(_: Translate, subject: Subject, at: Any) -> str:
    """"nữ, 68 tuổi · thôn Nà Ít" under the name on screens."""
    day = listing.day_of(at)
    years, months = ages.years(subject.birth_date, day), ages.months(subject.birth_date, day)
    gender = {"female": _("nữ"), "male": _("nam"), "other": _("giới tính khác")}.get(subject.gender, "")
    age = _("%(years)s tuổi", years=years) if years is not None else ""
    if months is not None and _is_told_in_months(subject.birth_date, months):
        age = _("%(number)s tháng tuổi", number=months)
    return " · ".join(part for part in (", ".join(one for one in (gender, age) if one), subject.village) if part)


def in_a_row(lines: list[str]) -> str:
    """Lines as the end of a sentence: "khó thở, thở nhanh, sốt trên 39 °C". Abbreviations keep their capitals."""
    return ", ".join(_small(line.rstrip(".;,")) for line in lines)


def _small(line: str) -> str:
    first = line.partition(" ")[0]
    return line if first[1:] != first[1:].lower() else line[:1].lower() + line[1:]


def history(_: Translate, locale: str, versions: list[Note]) -> list[tuple[Note, list[Change]]]:
    """Each version with what it changed in the one it follows; the first one changed nothing."""
    by_id = {one.id: one for one in versions}
    return [(one, changes(_, locale, by_id[one.follows_id], one) if one.follows_id in by_id else []) for one in versions]


def changes(_: Translate, locale: str, old: Note, new: Note) -> list[Change]:
    """What differs between two versions, field by field; fields that are equal are left out."""
    pairs = zip(FIELDS, _texts(_, locale, old.content), _texts(_, locale, new.content), strict=True)
    return [Change(_(FIELDS[name]), _parts(before, after)) for name, before, after in pairs if before != after]


def _texts(_: Translate, locale: str, content: Content) -> Iterable[str]:
    written = content.written
    return ("\n".join(diagnoses(content, locale)), written.assessment, written.finding, written.advice,
            follow_up(_, written.follow_up), written.danger_signs)


def _parts(before: str, after: str) -> list[Part]:
    """Word by word; blanks count as words, so that joining the parts gives the texts again."""
    old, new = WORDS.findall(before), WORDS.findall(after)
    parts = []
    for deed, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if deed == "equal":
            parts.append(Part("same", "".join(old[i1:i2])))
        else:
            parts += [Part(kind, text) for kind, text in (("gone", "".join(old[i1:i2])), ("new", "".join(new[j1:j2]))) if text]
    return parts
