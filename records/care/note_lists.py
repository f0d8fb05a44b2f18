"""A doctor's own list: what waits to be signed ("chờ ký") and what was signed, newest first."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from records.acts import Act
from records.care import encounters, tables
from records.care.encounters import Encounter
from records.care.note_rows import PRELIMINARY, SIGNED
from records.guard import access, audit
from records.people import organizations

# Requests whose doctor has a note to write.
TAKEN = ("accepted", "in-progress", "completed")
AT_MOST = 50


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line. ``saved_at`` is None where nothing was written yet; ``addendum``: it will follow a signed note."""

    encounter: Encounter
    place: str
    accepted_at: datetime | None
    saved_at: datetime | None
    signed_at: datetime | None
    code: str
    addendum: bool


@dataclass(frozen=True, kw_only=True)
class Own:
    """``waiting``: to write or to sign, the oldest first. ``signed``: the newest version of each, newest first."""

    waiting: list[Row]
    signed: list[Row]


async def own(act: Act) -> Own:
    """The actor's notes, at most 50 of each kind. The names count as read."""
    access.require(act, "note:list")
    drafts, finals = await _notes(act, PRELIMINARY), await _notes(act, *SIGNED[:1])
    taken = await _taken(act, {row.encounter_id for row in (*drafts, *finals)})
    by_id = await _encounters(act, {*taken, *(row.encounter_id for row in (*drafts, *finals))})
    places = await _places(act, by_id.values())
    waiting = [_row(by_id[row.encounter_id], places, row, taken.get(row.encounter_id)) for row in drafts]
    written = {row.encounter_id for row in (*drafts, *finals)}
    waiting += [_row(by_id[one], places, None, at) for one, at in taken.items() if one not in written]
    signed = [_row(by_id[row.encounter_id], places, row, None) for row in finals]
    if by_id:
        await audit.record(act, "note:list", "practitioner", act.actor.practitioner_id)
    return Own(waiting=sorted(waiting, key=lambda row: row.accepted_at or row.encounter.started_at), signed=signed)


async def _notes(act: Act, *status: str) -> list[tables.Note]:
    query = select(tables.Note).where(tables.Note.author_id == act.actor.practitioner_id, tables.Note.status.in_(status))
    return list(await act.db.scalars(query.order_by(tables.Note.saved_at.desc()).limit(AT_MOST)))


async def _taken(act: Act, also: Collection[UUID]) -> dict[UUID, datetime | None]:
    """When the actor accepted: encounters without a note of the actor, and those in ``also``."""
    me = act.actor.practitioner_id
    written = select(tables.Note.encounter_id).where(tables.Note.author_id == me)
    query = select(tables.Request.encounter_id, tables.Request.accepted_at).where(
        tables.Request.accepted_by == me, tables.Request.status.in_(TAKEN), tables.Request.practice.is_(False),
        tables.Request.encounter_id.not_in(written) | tables.Request.encounter_id.in_(also))
    rows = await act.db.execute(query.order_by(tables.Request.accepted_at.desc()).limit(2 * AT_MOST))
    return {row.encounter_id: row.accepted_at for row in rows}


async def _encounters(act: Act, ids: Collection[UUID]) -> dict[UUID, Encounter]:
    rows = (await act.db.scalars(select(tables.Encounter).where(tables.Encounter.id.in_(ids)))).all()
    return {one.id: one for one in await encounters.opened(act, rows)}


async def _places(act: Act, found: Collection[Encounter]) -> dict[UUID, str]:
    """By encounter: the station point, or the station."""
    stations = await organizations.by_ids(act, {one.organization_id for one in found})
    points = await organizations.locations(act, {one.location_id for one in found if one.location_id})
    return {one.id: points[one.location_id].name if one.location_id in points else stations[one.organization_id].short_name
            for one in found}


def _row(encounter: Encounter, places: dict[UUID, str], note: tables.Note | None, accepted_at: datetime | None) -> Row:
    return Row(
        encounter=encounter, place=places[encounter.id], accepted_at=accepted_at, saved_at=note.saved_at if note else None,
        signed_at=note.signed_at if note else None, code=(note.code or "") if note else "",
        addendum=note is not None and note.status == PRELIMINARY and note.follows_id is not None)
