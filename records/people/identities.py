"""Who a patient is, as it is sealed: names, birth, address, numbers and background. Checked here, before it is sealed."""

from __future__ import annotations

import re
from datetime import date
from unicodedata import normalize

import msgspec

from records.codes import communes
from records.errors import Invalid
from records.people import ages

GENDERS = ("female", "male", "other", "unknown")            # FHIR administrative-gender
NUMBERS = ("national_id", "insurance_number", "phone")     # each found again by its blind index
NATIONAL_ID_DIGITS = 12                                     # số định danh cá nhân
LONGEST = {"full_name": 80, "village": 80, "former_commune": 60, "ethnicity": 40, "language": 40}
LONGEST_BACKGROUND = 2000


class Identity(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """FHIR Patient in short. ``birth_date``: "1958", "1958-03" or "1958-03-09"; ``commune_code``: five digits or "".

    ``former_commune`` is the name on old papers ("Vi Hương"). Allergies, problems and medications are plain text.
    """

    full_name: str
    gender: str = "unknown"
    birth_date: str = ""
    village: str = ""
    commune_code: str = ""
    former_commune: str = ""
    phone: str = ""
    national_id: str = ""
    insurance_number: str = ""
    ethnicity: str = ""
    language: str = ""
    allergies: str = ""
    problems: str = ""
    medications: str = ""


NOBODY = Identity(full_name="")


def checked(identity: Identity, today: date) -> Identity:
    """The identity in NFC with single blanks. Raises Invalid with a code per field."""
    clean = Identity(**{name: _clean(name, value) for name, value in msgspec.structs.asdict(identity).items()})
    faults = {**_faults_of_texts(clean), **_faults_of_codes(clean, today), **_faults_of_numbers(clean)}
    if faults:
        raise Invalid(faults)
    return clean


def _clean(name: str, value: str) -> str:
    text = normalize("NFC", value).strip()
    return text if name in ("allergies", "problems", "medications") else " ".join(text.split())


def _faults_of_texts(identity: Identity) -> dict[str, str]:
    faults = {} if any(letter.isalpha() for letter in identity.full_name) else {"full_name": "missing"}
    for name, value in msgspec.structs.asdict(identity).items():
        if len(value) > LONGEST.get(name, LONGEST_BACKGROUND):
            faults[name] = "too-long"
    return faults


def _faults_of_codes(identity: Identity, today: date) -> dict[str, str]:
    faults = {}
    if identity.gender not in GENDERS:
        faults["gender"] = "choose-one"
    if identity.commune_code and not communes.read(identity.commune_code):
        faults["commune"] = "unknown-commune"
    try:
        if identity.birth_date:
            ages.read(ages.typed(identity.birth_date), today)
    except ValueError:
        faults["birth_date"] = "not-a-birth-date"
    return faults


def _faults_of_numbers(identity: Identity) -> dict[str, str]:
    faults = {}
    if identity.national_id and (fault := _fault_of_national_id(identity.national_id)):
        faults["national_id"] = fault
    if identity.insurance_number and not re.fullmatch(r"([A-Za-z]{2})?[\d ]{10,18}", identity.insurance_number):
        faults["insurance_number"] = "wrong-form"
    if identity.phone and not re.fullmatch(r"\+?[\d .\-()]{8,18}", identity.phone):
        faults["phone"] = "wrong-form"
    return faults


def _fault_of_national_id(typed: str) -> str:
    digits = re.sub(r"[\s.]", "", typed)
    if not digits.isdigit():
        return "not-digits"
    return "" if len(digits) == NATIONAL_ID_DIGITS else "too-short" if len(digits) < NATIONAL_ID_DIGITS else "too-long"
