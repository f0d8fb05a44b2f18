"""Reasons for coming, as a worker ticks them: our codes, our words. LOINC 10154-3 (chief complaint).

Written by us on 2026-11-23 after chapter R and the commonest reasons at commune health stations; ``icd10`` names the symptom in
the WHO's ICD-10 (2019), so that exports need no guess.
"""

from __future__ import annotations

from dataclasses import dataclass

LOINC = "10154-3"


@dataclass(frozen=True)
class Complaint:
    code: str
    name: str           # Vietnamese; the catalogue has the English
    icd10: str


def N_(text: str) -> str:
    """Marks a text for the catalogues."""
    return text


COMPLAINTS = (
    Complaint("cough", N_("Ho"), "R05"),
    Complaint("breathless", N_("Khó thở"), "R06.0"),
    Complaint("fever", N_("Sốt"), "R50.9"),
    Complaint("chest-pain", N_("Đau ngực"), "R07.4"),
    Complaint("abdominal-pain", N_("Đau bụng"), "R10.4"),
    Complaint("diarrhoea", N_("Tiêu chảy"), "A09.9"),
    Complaint("headache", N_("Đau đầu"), "R51"),
    Complaint("dizziness", N_("Chóng mặt"), "R42"),
    Complaint("vomiting", N_("Nôn"), "R11"),
    Complaint("weakness", N_("Mệt, yếu"), "R53"),
    Complaint("rash", N_("Nổi ban, ngứa"), "R21"),
    Complaint("wound", N_("Vết thương, vết loét"), "T14.1"),
    Complaint("back-joint-pain", N_("Đau lưng, khớp"), "M25.5"),
    Complaint("swelling", N_("Phù"), "R60.9"),
    Complaint("urinary", N_("Tiểu buốt, tiểu khó"), "R30.0"),
    Complaint("bleeding", N_("Chảy máu"), "R58"),
    Complaint("pregnancy", N_("Thai kỳ"), "Z34.9"),
    Complaint("check-up", N_("Khám lại"), "Z09.9"),
)
SHOWN_FIRST = 7         # on one line of a laptop; the others unfold
BY_CODE = {complaint.code: complaint for complaint in COMPLAINTS}


def names(codes: list[str]) -> list[str]:
    """The Vietnamese names of ``codes``, in the order of the list; unknown codes are left out."""
    return [BY_CODE[code].name for code in codes if code in BY_CODE]
