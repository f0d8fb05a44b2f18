"""Line checks: what a browser's line to our server carries, as it measured it last. Technical figures only, no patient.

The newest result of each login is kept. A request takes its station's newest one along, as a row of its time line, so that the
doctor sees it before joining and the session log later.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from records import database
from records.acts import Act
from records.care import call_events, tables
from records.errors import Invalid
from records.guard import access

FRESH = timedelta(hours=1)      # an older result says nothing of the line as it is now
RUNGS = ("clear", "medium", "small", "stills", "voice", "voice-notes", "text")
THIN = frozenset(RUNGS[3:])
PATHS = ("direct", "udp", "tcp", "tls")
KIND = "line"                   # of a row in the time line; its detail is "<rung> <kbit/s up>"


@dataclass(frozen=True)
class Said:
    """The line in short. ``kbps_up``: kbit/s with all headers, None where nothing could be measured."""

    rung: str
    kbps_up: int | None

    @property
    def is_thin(self) -> bool:
        """Too thin for a moving picture, and so for more than one connection made beside the ring."""
        return self.rung in THIN


@dataclass(frozen=True, kw_only=True)
class Figures:
    """One check. Rates in kbit/s with all headers, spans in milliseconds, losses in percent; None: could not be measured.

    ``paths``: which ways media can take: direct (UDP, browser to browser), and TURN over udp, tcp, tls.
    """

    rung: str
    kbps_up: int | None = None
    kbps_down: int | None = None
    round_trip_ms: float | None = None
    jitter_up_ms: float | None = None
    jitter_down_ms: float | None = None
    lost_up_percent: float | None = None
    lost_down_percent: float | None = None
    paths: frozenset[str] = field(default_factory=frozenset)

    @property
    def said(self) -> Said:
        return Said(self.rung, self.kbps_up)


@dataclass(frozen=True, kw_only=True)
class Check(Figures):
    """A check with its instant."""

    measured_at: datetime


async def keep(act: Act, figures: Figures) -> tuple[Check, list[UUID]]:
    """This login's newest result; the one before goes. Requests of the actor that still wait get it, too: their ids."""
    access.require(act, "line:keep")
    if figures.rung not in RUNGS or not figures.paths <= set(PATHS):
        raise Invalid({"rung": "choose-one"})
    me = act.actor
    assert me.login_id is not None and me.practitioner_id is not None and me.organization_id is not None
    await database.turn(act.db, me.login_id)
    row = await act.db.get(tables.LineCheck, me.login_id) or tables.LineCheck(login_id=me.login_id)
    row.practitioner_id, row.organization_id, row.location_id = me.practitioner_id, me.organization_id, me.location_id
    row.measured_at = act.at
    for name, value in {**asdict(figures), "paths": " ".join(sorted(figures.paths))}.items():
        setattr(row, name, value)
    act.db.add(row)
    await act.db.flush()
    waiting = await _waiting(act)
    for request_id in waiting:
        await _note(act, request_id, figures.said)
    return _check(row), waiting


async def own(act: Act) -> Check | None:
    """The fresh result of this browser, if it has one."""
    row = await act.db.get(tables.LineCheck, act.actor.login_id) if act.actor.login_id else None
    return _check(row) if row is not None and row.measured_at > act.at - FRESH else None


async def bring(act: Act, request: tables.Request) -> None:
    """The station's newest result goes along with a new request."""
    query = select(tables.LineCheck).where(
        tables.LineCheck.organization_id == request.organization_id, tables.LineCheck.location_id == request.location_id,
        tables.LineCheck.measured_at > act.at - FRESH).order_by(tables.LineCheck.measured_at.desc())
    found = (await act.db.scalars(query.limit(1))).first()
    if found is not None:
        await _note(act, request.id, Said(found.rung, found.kbps_up))


async def of_request(act: Act, request_id: UUID) -> Said | None:
    """What is known of the station's line. Access is the caller's to check."""
    query = select(tables.CallEvent.detail).where(
        tables.CallEvent.request_id == request_id, tables.CallEvent.kind == KIND).order_by(tables.CallEvent.id.desc())
    detail = (await act.db.scalars(query.limit(1))).first()
    return None if detail is None else read(detail)


def read(detail: str) -> Said:
    """The detail of a row in the time line."""
    rung, _, kbps = detail.partition(" ")
    return Said(rung, int(kbps) if kbps.isdecimal() else None)


async def _note(act: Act, request_id: UUID, said: Said) -> None:
    detail = said.rung if said.kbps_up is None else f"{said.rung} {said.kbps_up}"
    await call_events.record(act, request_id, KIND, side="worker", detail=detail)


async def _waiting(act: Act) -> list[UUID]:
    """The actor's own requests that nobody has taken yet."""
    query = select(tables.Request.id).where(tables.Request.asked_by == act.actor.practitioner_id,
                                            tables.Request.status.in_(("requested", "received")))
    return list(await act.db.scalars(query))


def _check(row: tables.LineCheck) -> Check:
    values = {name: getattr(row, name) for name in Check.__dataclass_fields__ if name != "paths"}
    return Check(**values, paths=frozenset(row.paths.split()))
