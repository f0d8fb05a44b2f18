"""Organizations, their station points, and who covers whom. A tree by ``part_of``."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import delete, select

from records import database
from records.acts import Act
from records.errors import Invalid, NotAllowed, NotFound
from records.guard import access, audit
from records.people.tables import Cover, Location, Organization

KINDS = ("commune_health_station", "regional_medical_centre", "hospital", "provincial_health_department")
STATION = "commune_health_station"
CARE_LEVELS = ("BAN_DAU", "CO_BAN", "CHUYEN_SAU")   # VN Core vn-facility-care-level-cs


@dataclass(frozen=True, kw_only=True)
class Place:
    """One organization, with its station points."""

    id: UUID
    code: str
    name: str
    short_name: str
    kind: str
    care_level: str
    part_of_id: UUID | None
    commune_code: str | None
    phone: str
    active: bool
    version: int
    points: tuple[Point, ...] = ()

    @property
    def is_station(self) -> bool:
        return self.kind == STATION


@dataclass(frozen=True, kw_only=True)
class Point:
    """A station point (FHIR Location)."""

    id: UUID
    organization_id: UUID
    name: str
    phone: str


@dataclass(frozen=True, kw_only=True)
class PlaceForm:
    """What an administrator types about a place. ``commune_code``: five digits of the list of communes, or empty."""

    code: str
    name: str
    short_name: str
    kind: str
    care_level: str
    phone: str = ""
    commune_code: str = ""


async def read(act: Act, organization_id: UUID) -> Place:
    """The place. Any signed-in person may read names and telephone numbers of places."""
    return (await by_ids(act, [organization_id]))[organization_id]


async def by_ids(act: Act, ids: Iterable[UUID]) -> dict[UUID, Place]:
    """The places by id. Raises NotFound if one of them does not exist."""
    wanted = set(ids)
    rows = (await act.db.scalars(select(Organization).where(Organization.id.in_(wanted)))).all()
    if len(rows) != len(wanted):
        raise NotFound
    points = await _points(act, wanted)
    return {row.id: _place(row, points) for row in rows}


async def location(act: Act, location_id: UUID) -> Point:
    row = await act.db.get(Location, location_id)
    if row is None:
        raise NotFound
    return _point(row)


async def own_name(act: Act) -> str:
    """Where the actor works, in full: "Trạm Y tế xã Phủ Thông · Vi Hương"; empty for the system."""
    if act.actor.organization_id is None:
        return ""
    place = await read(act, act.actor.organization_id)
    point = next((one.name for one in place.points if one.id == act.actor.location_id), "")
    return " · ".join(filter(None, (place.name, point)))


async def locations(act: Act, ids: Iterable[UUID]) -> dict[UUID, Point]:
    rows = await act.db.scalars(select(Location).where(Location.id.in_(set(ids))))
    return {row.id: _point(row) for row in rows}


async def in_reach(act: Act) -> frozenset[UUID]:
    """The ids an administrator or auditor looks after: own organization, all below it, and the stations it covers."""
    return await access.reach(act)


async def covering(act: Act, station_id: UUID) -> list[Place]:
    """The organizations whose doctors are rung for this station, by care level and name."""
    query = (
        select(Organization).join(Cover, Cover.organization_id == Organization.id)
        .where(Cover.station_id == station_id, Organization.active)
        .order_by(Organization.care_level.desc(), Organization.name)
    )
    return [_place(row, {}) for row in await act.db.scalars(query)]


async def list_in_reach(act: Act) -> list[Place]:
    """Every place the actor looks after, stations last, by name."""
    access.require(act, "organization:list")
    ids = await in_reach(act)
    rows = await act.db.scalars(select(Organization).where(Organization.id.in_(ids)))
    points = await _points(act, ids)
    return sorted((_place(row, points) for row in rows), key=lambda place: (place.is_station, place.name))


async def require_reach(act: Act, tag: str, organization_id: UUID) -> Organization:
    """The row, if the actor has the tag and looks after the place; otherwise it does not exist for them."""
    access.require(act, tag)
    row = await act.db.get(Organization, organization_id)
    if row is None:
        raise NotFound
    if organization_id not in await in_reach(act):
        raise NotAllowed(tag, "organization", organization_id, hidden=True)
    return row


async def add(act: Act, organization_id: UUID, form: PlaceForm) -> UUID:
    """Add a place below the actor's own. Pressing twice adds once: the id was made with the form."""
    access.require(act, "organization:write")
    await database.turn(act.db, organization_id)
    if await act.db.get(Organization, organization_id) is not None:
        return organization_id
    await _check(act, form, None)
    act.db.add(Organization(
        id=organization_id, part_of_id=act.actor.organization_id, active=True, version=1, **_columns(form)))
    await audit.record(act, "organization:write", "organization", organization_id)
    return organization_id


async def change(act: Act, organization_id: UUID, form: PlaceForm) -> None:
    """Change what is said about a place. Raises Invalid, NotFound."""
    row = await require_reach(act, "organization:write", organization_id)
    await _check(act, form, organization_id)
    for name, value in _columns(form).items():
        setattr(row, name, value)
    row.version += 1
    await audit.record(act, "organization:write", "organization", organization_id, version=row.version)


async def add_point(act: Act, organization_id: UUID, point_id: UUID, name: str, phone: str) -> UUID:
    """Add a station point to a station."""
    await require_reach(act, "organization:write", organization_id)
    if not name.strip():
        raise Invalid({"point_name": "missing"})
    if await act.db.get(Location, point_id) is None:
        act.db.add(Location(id=point_id, organization_id=organization_id, name=name.strip(), phone=phone.strip(), active=True))
        await audit.record(act, "organization:write", "location", point_id)
    return point_id


async def set_cover(act: Act, station_id: UUID, organization_ids: set[UUID]) -> None:
    """From now on exactly these organizations cover the station. Raises Invalid if one is a station itself."""
    await require_reach(act, "cover:write", station_id)
    places = await by_ids(act, organization_ids)
    if any(place.is_station for place in places.values()):
        raise Invalid({"cover": "station-cannot-cover"})
    await act.db.execute(delete(Cover).where(Cover.station_id == station_id, Cover.organization_id.not_in(organization_ids)))
    kept = set((await act.db.scalars(select(Cover.organization_id).where(Cover.station_id == station_id))).all())
    act.db.add_all(Cover(station_id=station_id, organization_id=one, since=act.at) for one in organization_ids - kept)
    await audit.record(act, "cover:write", "organization", station_id)


async def may_cover(act: Act) -> list[Place]:
    """Every active organization that is not a station: whom an administrator may tick."""
    rows = await act.db.scalars(
        select(Organization).where(Organization.kind != STATION, Organization.active).order_by(Organization.name))
    return [_place(row, {}) for row in rows if row.kind != "provincial_health_department"]


def _columns(form: PlaceForm) -> dict[str, object]:
    return {
        "code": form.code.strip(), "name": form.name.strip(), "short_name": form.short_name.strip(), "kind": form.kind,
        "care_level": form.care_level, "phone": form.phone.strip(), "commune_code": form.commune_code.strip() or None,
    }


async def _check(act: Act, form: PlaceForm, own_id: UUID | None) -> None:
    faults = {field: "missing" for field in ("code", "name", "short_name") if not getattr(form, field).strip()}
    if form.kind not in KINDS:
        faults["kind"] = "unknown"
    if form.care_level not in CARE_LEVELS:
        faults["care_level"] = "unknown"
    other = await act.db.scalar(select(Organization.id).where(Organization.code == form.code.strip()))
    if other is not None and other != own_id:
        faults["code"] = "taken"
    if faults:
        raise Invalid(faults)


async def _points(act: Act, organization_ids: Collection[UUID]) -> dict[UUID, list[Point]]:
    query = select(Location).where(Location.organization_id.in_(organization_ids), Location.active).order_by(Location.name)
    found: dict[UUID, list[Point]] = {}
    for row in await act.db.scalars(query):
        found.setdefault(row.organization_id, []).append(_point(row))
    return found


def _place(row: Organization, points: dict[UUID, list[Point]]) -> Place:
    return Place(
        id=row.id, code=row.code, name=row.name, short_name=row.short_name, kind=row.kind, care_level=row.care_level,
        part_of_id=row.part_of_id, commune_code=row.commune_code, phone=row.phone, active=row.active, version=row.version,
        points=tuple(points.get(row.id, ())))


def _point(row: Location) -> Point:
    return Point(id=row.id, organization_id=row.organization_id, name=row.name, phone=row.phone)
