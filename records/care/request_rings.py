"""Who is rung for a request: doctors on duty of the organizations that cover the station and that the patient agreed to."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import update

from records.acts import Act
from records.care import consents
from records.care import request_rows as rows
from records.care.tables import Offer, Request
from records.people import duty, organizations


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A doctor on duty who may be rung for this request. ``busy``: in a live call just now."""

    practitioner_id: UUID
    organization_id: UUID
    busy: bool


async def candidates(act: Act, row: Request) -> list[Candidate]:
    """Everybody who could answer, longest on duty first. In an emergency the patient's ticks do not count."""
    places = {place.id for place in await organizations.covering(act, row.organization_id)}
    if not row.emergency:
        places &= await consents.recipients(act, row.encounter_id)
    found = await duty.on_duty(act, places)
    busy = await rows.busy(act, [one.practitioner_id for one in found])
    return [Candidate(practitioner_id=one.practitioner_id, organization_id=one.organization_id,
                      busy=one.practitioner_id in busy) for one in found]


async def ring(act: Act, row: Request, wanted: list[Candidate]) -> list[UUID]:
    """Write an offer for each who has none, or whose own was ended; who declined stays declined. Returns the new ones."""
    before = {one.practitioner_id: one for one in await rows.offers(act, row.id)}
    new = []
    for one in wanted:
        old = before.get(one.practitioner_id)
        if old is None:
            act.db.add(Offer(request_id=row.id, practitioner_id=one.practitioner_id,
                             organization_id=one.organization_id, offered_at=act.at, shown_at=None, answer=""))
        elif old.answer == "ended":
            old.answer, old.answered_at, old.offered_at, old.shown_at = "", None, act.at, None
        else:
            continue
        rows.note(act, row, "offer", side="doctor", who=one.practitioner_id)
        new.append(one.practitioner_id)
    await act.db.flush()
    return new


async def settle(act: Act, request_id: UUID, word: str) -> None:
    """Close every offer that is still open: "taken" by another, or "ended"."""
    await act.db.flush()
    await act.db.execute(
        update(Offer).where(Offer.request_id == request_id, Offer.answer == "")
        .values(answer=word, answered_at=act.at).execution_options(synchronize_session="fetch"))


async def reopen(act: Act, request_id: UUID) -> None:
    """Ring again everybody who did not decline, as if for the first time."""
    await act.db.flush()
    await act.db.execute(
        update(Offer).where(Offer.request_id == request_id, Offer.answer.in_(("taken", "accepted")))
        .values(answer="", answered_at=None, shown_at=None).execution_options(synchronize_session="fetch"))
