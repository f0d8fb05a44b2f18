"""What the page of one session shows beside its row: time line, measurements, when the note was signed. No patient."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from records.acts import Act
from records.care import call_events, session_causes, session_rungs, sessions
from records.care.session_causes import Cause
from records.care.session_cuts import SIDES
from records.care.session_rungs import Change
from records.care.tables import Note, Request
from records.people import organizations, practitioners


@dataclass(frozen=True, kw_only=True)
class Facts:
    """One session whole. ``causes``: the weightiest first; ``signed_at``: when the first version of the note was signed."""

    session: sessions.Session
    organization: str
    events: list[call_events.Event]
    samples: list[call_events.Sample]
    causes: list[Cause]
    changes: list[Change]
    names: dict[UUID, str]
    signed_at: datetime | None


async def read(act: Act, request_id: UUID) -> Facts:
    """Raises NotFound outside the actor's reach; the reading is audited by the row's own reading."""
    session = await sessions.read(act, request_id)
    events = await call_events.for_request(act, request_id)
    samples = await call_events.samples(act, session.call_id) if session.call_id else []
    changes = [one for side in SIDES for one in session_rungs.changes(samples, side)]
    signed_at = await _signed_at(act, request_id)
    names = await practitioners.names(act, [session.worker_id, session.doctor_id, *(one.practitioner_id for one in events)])
    place = await organizations.read(act, session.station_id)
    if signed_at is not None:
        signing = call_events.Event(signed_at, "signed", session.doctor_id, "doctor", "")
        events = sorted([*(one for one in events if one.kind != "signed"), signing], key=lambda event: event.at)
    return Facts(session=session, organization=place.short_name, events=events, samples=samples, names=names,
                 causes=session_causes.causes(events, samples), changes=changes, signed_at=signed_at)


async def _signed_at(act: Act, request_id: UUID) -> datetime | None:
    encounter = select(Request.encounter_id).where(Request.id == request_id).scalar_subquery()
    return await act.db.scalar(select(func.min(Note.signed_at)).where(Note.encounter_id == encounter))
