"""What a note says, as it is sealed: the station's rows (S, O), the doctor's words (A, P), the signature. No database.

FHIR Composition, LOINC 11488-4; sections 61150-9 (S), 61149-1 (O), 51848-0 (A), 18776-5 (P). Canonical form: JSON in
UTF-8 with sorted keys and no spaces; its SHA-256 is the content hash that stands in the row, the trail and the signature.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from unicodedata import normalize

import msgspec

from records.codes import conditions
from records.errors import Invalid
from records.people import folding, listing

FORMAT = "note/1"
FOLLOW_UPS = ("", "1", "3", "7", "none")                    # days until the patient comes again; "" nothing chosen yet
LONGEST = {"finding": 300, "assessment": 4000, "advice": 2000, "danger_signs": 1000}
MOST_DIAGNOSES = 6
MOST_LINES = 20
# Nothing that is taken for another sign when it is read aloud or copied by hand: no 0 O, 1 I L, 5 S, 8 B, U V.
ALPHABET = "234679ACDEFGHJKMNPQRTWXYZ"
_CANONICAL = msgspec.json.Encoder(order="sorted")
RANDOM_SIGNS = 4                                             # 390,625 codes for each place and month


class Diagnosis(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One coded diagnosis. The name is the one the list had when it was chosen."""

    code: str
    name: str


class Written(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The doctor's part. ``diagnoses``: ICD-10 codes, the main one first. ``advice``, ``danger_signs``: one thought a line.

    ``finding``: what the doctor found, in one sentence for the patient. ``follow_up``: "", "1", "3", "7" days or "none".
    """

    diagnoses: list[Diagnosis] = []
    assessment: str = ""
    finding: str = ""
    advice: str = ""
    follow_up: str = ""
    danger_signs: str = ""

    @property
    def advice_lines(self) -> list[str]:
        return lines(self.advice)

    @property
    def danger_lines(self) -> list[str]:
        return lines(self.danger_signs)

    @property
    def told(self) -> str:
        """The sentence on the paper: the doctor's, or the name of the main diagnosis."""
        return self.finding or (self.diagnoses[0].name if self.diagnoses else "")


class Measure(msgspec.Struct, frozen=True, kw_only=True):
    """One vital sign as the station measured it. ``code``: LOINC; ``unit``: UCUM; two ``values`` of a blood pressure.

    ``level``: "", "look" or "red"; ``direction``: "", "low" or "high", as the ranges said on that day.
    """

    code: str
    name: str
    values: list[float]
    unit: str
    level: str = ""
    direction: str = ""
    again: bool = False
    recorded_at: datetime
    recorded_by: str = ""


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """Who the note is about, as known when it was signed."""

    name: str
    gender: str
    birth_date: str
    village: str = ""


class Station(msgspec.Struct, frozen=True, kw_only=True):
    """The station's part. S: ``complaints`` and ``story``, background; O: ``measures``. ``place`` with its ``phone``."""

    place: str
    point: str = ""
    phone: str = ""
    complaints: list[str] = []
    story: str = ""
    allergies: str = ""
    problems: str = ""
    medications: str = ""
    measures: list[Measure] = []
    recorded_by: str = ""


class Signature(msgspec.Struct, frozen=True, kw_only=True):
    """Who signed what, where and when. ``revision``: 0 for the first version, then 1, 2, …; ``replaces``: the older code."""

    name: str
    licence_number: str
    organization: str
    signed_at: datetime
    code: str
    revision: int = 0
    replaces: str = ""


class Content(msgspec.Struct, frozen=True, kw_only=True):
    """All that is sealed in one row. While preliminary there is only ``written``."""

    written: Written
    format: str = FORMAT
    subject: Subject | None = None
    station: Station | None = None
    signature: Signature | None = None

    @property
    def follow_up_on(self) -> date | None:
        """The day to come again, counted from the day of signing."""
        if self.signature is None or not self.written.follow_up.isdigit():
            return None
        return listing.day_of(self.signature.signed_at) + timedelta(days=int(self.written.follow_up))


def canonical(content: Content) -> bytes:
    """The bytes that are sealed and hashed."""
    return _CANONICAL.encode(content)


def hash_of(plain: bytes) -> bytes:
    """SHA-256 of the canonical plaintext, 32 bytes."""
    return hashlib.sha256(plain).digest()


def lines(text: str) -> list[str]:
    """The thoughts of a text, one a line, without empty ones and without a number or dash that was typed in front."""
    return [found for line in text.splitlines() if (found := re.sub(r"^\s*(?:\d{1,2}[.)]\s+|[-–•*]\s*)", "", line).strip())]


def checked(written: Written) -> Written:
    """NFC, nothing too long, every code of the list with its name. Raises Invalid(field -> code)."""
    faults: dict[str, str] = {}
    texts = {name: normalize("NFC", getattr(written, name)).replace("\r\n", "\n") for name in LONGEST}
    faults |= {name: "too-long" for name, text in texts.items() if len(text) > LONGEST[name]}
    faults |= {name: "too-many-lines" for name in ("advice", "danger_signs") if texts[name].count("\n") >= 3 * MOST_LINES}
    if written.follow_up not in FOLLOW_UPS:
        faults["follow_up"] = "choose-one"
    diagnoses = _diagnoses([one.code for one in written.diagnoses], faults)
    if faults:
        raise Invalid(faults)
    return Written(diagnoses=diagnoses, follow_up=written.follow_up, **texts)


def ready(written: Written) -> None:
    """Raises Invalid when something is missing that a signed note needs: a main diagnosis and advice."""
    faults = {}
    if not written.diagnoses:
        faults["diagnoses"] = "missing"
    if not written.advice_lines:
        faults["advice"] = "missing"
    if len(written.advice_lines) > MOST_LINES:
        faults["advice"] = "too-many-lines"
    if faults:
        raise Invalid(faults)


def make_code(place: str, at: datetime, choose: Callable[[str], str] = secrets.choice) -> str:
    """A document code like VH-2611-7K3M: initials of the place, year and month here, four signs that cannot be confused."""
    month = listing.day_of(at).strftime("%y%m")
    return f"{initials(place)}-{month}-{''.join(choose(ALPHABET) for _ in range(RANDOM_SIGNS))}"


def initials(place: str) -> str:
    """Two to three letters: "Vi Hương" VH, "Đôn" DO; words of a kind of place are left out."""
    words = folding.fold(place).upper().split() or ["TH"]
    return ("".join(word[0] for word in words[:3]) if len(words) > 1 else words[0][:2]).ljust(2, "X")


def _diagnoses(codes: Sequence[str], faults: dict[str, str]) -> list[Diagnosis]:
    found = [conditions.get(code) for code in dict.fromkeys(codes)]
    if None in found:
        faults["diagnoses"] = "not-in-list"
    if len(found) > MOST_DIAGNOSES:
        faults["diagnoses"] = "too-many"
    return [Diagnosis(code=one.code, name=one.vi) for one in found if one]
