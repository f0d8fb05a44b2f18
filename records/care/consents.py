"""What the patient agreed to: the consultation, each receiving organization, photos. Nothing is ticked beforehand.

An emergency replaces agreement by a recorded reason. Only doctors of ticked organizations are rung.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import select

from records.acts import Act, Purpose
from records.care import tables
from records.errors import Conflict, Invalid
from records.guard import access, audit
from records.people import organizations
from records.people.organizations import Place

OPEN = ("planned", "arrived", "in-progress", "onleave")   # FHIR Encounter.status while people may still write
Wanted = tuple[str, UUID | None]                           # purpose and receiving organization


@dataclass(frozen=True)
class Share:
    """An organization that covers the station, and whether the patient agreed that it reads this record."""

    place: Place
    given: bool


@dataclass(frozen=True, kw_only=True)
class Choices:
    """What stands on the page. ``emergency``: the reason code that replaced agreement, or ""."""

    consult: bool
    shares: tuple[Share, ...]
    photo: bool
    emergency: str

    @property
    def boxes(self) -> list[str]:
        """What is ticked, as `wanted_by` reads it."""
        shares = [str(share.place.id) for share in self.shares if share.given]
        return [*(name for name, given in (("consult", self.consult), ("photo", self.photo)) if given), *shares]

    @property
    def missing(self) -> str:
        """What keeps a doctor from being called: "consult", "share", or ""."""
        if not self.consult:
            return "consult"
        return "" if any(share.given for share in self.shares) else "share"


async def choices(act: Act, encounter_id: UUID) -> Choices:
    """What may be ticked for this encounter, and what is."""
    row = await access.encounter(act, "consent:read", encounter_id)
    given = await _active(act, encounter_id)
    covering = await organizations.covering(act, row.organization_id)
    ticked = {(consent.purpose, consent.recipient_id) for consent in given if consent.basis == "given"}
    return Choices(
        consult=("consult", None) in ticked, photo=("photo", None) in ticked,
        shares=tuple(Share(place, ("share", place.id) in ticked) for place in covering),
        emergency=next((consent.reason for consent in given if consent.basis == "emergency"), ""))


def wanted_by(box: str) -> Wanted:
    """What a box stands for: "consult", "photo", or the id of a receiving organization. Raises ValueError for any other."""
    return (box, None) if box in ("consult", "photo") else ("share", UUID(box))


def agreed(*, consult: bool, share: set[UUID], photo: bool) -> set[Wanted]:
    """What the ticked boxes stand for."""
    ticked = {(purpose, None) for purpose, is_ticked in (("consult", consult), ("photo", photo)) if is_ticked}
    return {*ticked, *(("share", one) for one in share)}


async def save(
    act: Act, encounter_id: UUID, *, consult: bool, share: set[UUID], photo: bool, touched: set[Wanted] | None = None,
) -> None:
    """From now on exactly this is agreed to; or, of what was ``touched``, this. The same again changes nothing.

    Whoever saves a page that was opened earlier has not withdrawn what the patient agreed to elsewhere meanwhile.
    Raises Invalid({"share": "not-covering"}) for an organization that does not cover the station, Conflict once it is over.
    """
    row = await access.encounter(act, "consent:save", encounter_id)
    if row.status not in OPEN:
        raise Conflict("finished")
    if share - {place.id for place in await organizations.covering(act, row.organization_id)}:
        raise Invalid({"share": "not-covering"})
    if await _change(act, row, agreed(consult=consult, share=share, photo=photo), touched):
        await audit.record(act, "consent:save", "encounter", encounter_id, patient_id=row.patient_id)


async def recipients(act: Act, encounter_id: UUID) -> set[UUID]:
    """The organizations whose doctors may be rung: none without agreement to the consultation. Checks no access."""
    given = await _active(act, encounter_id)
    if not any(consent.purpose == "consult" for consent in given):
        return set()
    return {consent.recipient_id for consent in given if consent.purpose == "share" and consent.recipient_id}


async def may_show_photos(act: Act, encounter_id: UUID) -> bool:
    """Whether photos may leave the station: agreed to, or an emergency. Checks no access."""
    given = await _active(act, encounter_id)
    return any(consent.purpose == "photo" or consent.basis == "emergency" for consent in given)


async def refused_photo(act: Act, encounter_id: UUID, *, since: datetime) -> bool:
    """Whether the patient was asked since then and did not agree to a photo. Checks no access."""
    consent = tables.Consent
    query = select(consent.id).where(consent.encounter_id == encounter_id, consent.purpose == "photo",
                                     consent.status == "rejected", consent.recorded_at >= since)
    return (await act.db.scalars(query.limit(1))).first() is not None


async def answer_photo(act: Act, row: tables.Encounter, *, agreed: bool) -> None:
    """The patient was asked for a photo: agreed to from now on, or refused. The caller has loaded the encounter."""
    act.db.add(_consent(act, row, ("photo", None), status="active" if agreed else "rejected"))
    await act.db.flush()
    await audit.record(act, "consent:photo", "encounter", row.id, patient_id=row.patient_id,
                       reason="given" if agreed else "refused")


async def emergency_reason(act: Act, encounter_id: UUID) -> str:
    """The code that replaced agreement, or "". The caller has loaded the encounter through the actor."""
    given = await _active(act, encounter_id)
    return next((consent.reason for consent in given if consent.basis == "emergency"), "")


async def emergency(act: Act, encounter_id: UUID, reason: str) -> None:
    """Nobody could be asked: ``reason`` (a code) replaces agreement, and stands on the auditor's list. Once per encounter."""
    row = await access.encounter(act, "consent:emergency", encounter_id)
    if any(consent.basis == "emergency" for consent in await _active(act, encounter_id)):
        return
    act.db.add(_consent(act, row, ("consult", None), basis="emergency", reason=reason))
    await act.db.flush()
    await audit.record(act, "consent:emergency", "encounter", encounter_id, patient_id=row.patient_id,
                       purpose=Purpose.EMERGENCY, reason=reason)


async def _active(act: Act, encounter_id: UUID) -> list[tables.Consent]:
    query = select(tables.Consent).where(tables.Consent.encounter_id == encounter_id, tables.Consent.status == "active")
    return list(await act.db.scalars(query.order_by(tables.Consent.recorded_at)))


async def _change(act: Act, row: tables.Encounter, wanted: set[Wanted], touched: set[Wanted] | None) -> bool:
    active = await _active(act, row.id)
    given = {(consent.purpose, consent.recipient_id): consent for consent in active if consent.basis == "given"}
    if touched is not None:
        wanted = (given.keys() - touched) | (wanted & touched)
    ended = _end(act, (consent for what, consent in given.items() if what not in wanted))
    new = wanted - given.keys()
    act.db.add_all(_consent(act, row, one) for one in new)
    await act.db.flush()
    return bool(new) or ended


def _end(act: Act, consents: Iterable[tables.Consent]) -> bool:
    ended = False
    for consent in consents:
        consent.status, consent.ended_at, ended = "inactive", act.at, True
    return ended


def _consent(act: Act, row: tables.Encounter, wanted: Wanted, *, basis: str = "given", reason: str = "",
             status: str = "active") -> tables.Consent:
    purpose, recipient = wanted
    return tables.Consent(
        id=uuid4(), organization_id=row.organization_id, patient_id=row.patient_id, encounter_id=row.id, purpose=purpose,
        recipient_id=recipient, status=status, basis=basis, reason=reason, recorded_at=act.at,
        recorded_by=act.actor.practitioner_id)
