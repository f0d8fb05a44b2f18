"""Words about a patient: how old, from where, and how a nurse would call them."""

from __future__ import annotations

from aiohttp import web

from records.codes import communes
from records.people import ages, listing
from records.people.listing import Found
from records.people.patients import Patient
from web import dates
from web.i18n import N_, gettext
from web.keys import ARCHIVE

GENDERS = {"female": N_("nữ"), "male": N_("nam"), "other": N_("giới tính khác"), "unknown": N_("chưa rõ giới tính")}
NAMELESS = N_("Chưa rõ tên")
OLD, GROWN = 60, 16             # years from which people say ông or bà, and from which anh or chị
MONTHS_UNTIL = 24               # below this an age is told in months


class Words:
    """The words for one request: its language and its day."""

    def __init__(self, request: web.Request) -> None:
        self._ = gettext(request)
        self.now = request.app[ARCHIVE].clock()

    def name(self, patient: Patient | Found) -> str:
        """The full name, or that nobody knows it yet."""
        full_name = patient.identity.full_name if isinstance(patient, Patient) else patient.full_name
        return full_name or self._(NAMELESS)

    def age(self, birth_date: str) -> str:
        """"68 tuổi", "8 tháng", or "" when the birth is not known."""
        today = listing.day_of(self.now)
        months = ages.months(birth_date, today)
        if months is None:
            return ""
        if months < MONTHS_UNTIL and "-" in birth_date:
            return self._("%(number)s tháng tuổi", number=months)
        return self._("%(number)s tuổi", number=ages.years(birth_date, today))

    def about(self, patient: Patient) -> str:
        """Under the name: "nữ, 68 tuổi (1958) · thôn Nà Ít · nói tiếng Tày"."""
        identity = patient.identity
        old = self.age(identity.birth_date)
        born = f"{old} ({dates.day(identity.birth_date)})" if old else self._("chưa rõ tuổi")
        spoken = self._("nói tiếng %(language)s", language=identity.language) if identity.language else ""
        return " · ".join(filter(None, (f"{self._(GENDERS[identity.gender])}, {born}", self.village(identity.village), spoken)))

    def short(self, patient: Patient) -> str:
        """"nữ, 68 tuổi"."""
        return ", ".join(filter(None, (self._(GENDERS[patient.identity.gender]), self.age(patient.identity.birth_date))))

    def found(self, one: Found) -> str:
        """Under a found name: "nữ, 1958 · thôn Nà Ít · khám 12/10/2026"."""
        born = ", ".join(filter(None, (self._(GENDERS[one.gender]), dates.day(one.birth_date))))
        seen = self._("khám %(day)s", day=dates.day(one.last_seen_at)) if one.last_seen_at else ""
        return " · ".join(filter(None, (born, self.village(one.village), seen)))

    def village(self, text: str) -> str:
        """"thôn Nà Ít", also when only the name was typed."""
        known = ("thôn", "bản", "xóm", "tổ", "khu", "ấp", "phố", "buôn", "làng", "đội", "tiểu khu", "số", "đường")
        if not text or text.casefold().startswith(known):
            return text[:1].lower() + text[1:] if text.startswith(("Thôn", "Bản", "Xóm", "Tổ")) else text
        return self._("thôn %(name)s", name=text)


def called(patient: Patient, years: int | None) -> str:
    """The word before a given name, and instead of one: bà, ông, chị, anh, cháu; "người bệnh" when it is not clear."""
    gender = patient.identity.gender
    if years is None or gender not in ("female", "male"):
        return N_("người bệnh")
    if years < GROWN:
        return N_("cháu")
    words = (N_("bà"), N_("ông")) if years >= OLD else (N_("chị"), N_("anh"))
    return words[gender == "male"]


def given_name(patient: Patient) -> str:
    """"bà Hoa": the given name stands last in Vietnamese."""
    return patient.identity.full_name.split()[-1] if patient.identity.full_name else ""


def commune(patient: Patient) -> str:
    """"Phủ Thông, Thái Nguyên", with the name on old papers where there is one."""
    one = communes.read(patient.identity.commune_code)
    if one is None:
        return ""
    former = patient.identity.former_commune
    return f"{former} (nay {one.name}), {one.province}" if former else one.label
