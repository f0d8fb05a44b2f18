"""The patient of practice calls: one for each organization, under an id that follows from the organization's own.

Nobody real: never searched, never listed, never opened as a patient. Made by care/practice.py.
"""

from __future__ import annotations

from uuid import UUID, uuid5

from records.people.tables import Patient

NAME = "Người bệnh thử"      # sealed like any name; pages say it in their own language


def patient_id(organization_id: UUID) -> UUID:
    """Version 5 (RFC 9562), so that it can never be an id that a page made."""
    return uuid5(organization_id, "practice-patient")


def is_patient(row: Patient) -> bool:
    return row.id == patient_id(row.organization_id)
