"""Places and people of the demo. The communes exist; the people, their numbers and licences are invented."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID, uuid4

from records.acts import Actor, Role
from records.archive import Archive
from records.people import founding, organizations, practitioners
from records.people.organizations import PlaceForm
from records.people.practitioners import PersonForm

PASSWORD = "phu-thong-2026"     # noqa: S105  of everybody in the demo; printed at every start
LICENCE_UNTIL = date(2030, 12, 31)


@dataclass(frozen=True, kw_only=True)
class Employee:
    """Somebody who may sign in to the demo."""

    user_name: str
    full_name: str
    place: str
    role: Role
    position: str
    doing: str                  # what run.sh prints beside the name
    point: str = ""
    title: str = ""
    specialty: str = ""
    licence: str = ""


@dataclass(frozen=True)
class Town:
    """The ids of everything that was laid: places and points by key, people's actors by user name."""

    places: dict[str, UUID]
    points: dict[str, UUID]
    actors: dict[str, Actor]


DEPARTMENT, CENTRE, HOSPITAL = "department", "bach-thong", "hospital"
STATION = {"kind": "commune_health_station", "care_level": "BAN_DAU"}
PLACES = {
    DEPARTMENT: PlaceForm(
        code="19001", name="Sở Y tế tỉnh Thái Nguyên", short_name="Sở Y tế", phone="0208 900 0001",
        kind="provincial_health_department", care_level="CHUYEN_SAU"),
    HOSPITAL: PlaceForm(
        code="19002", name="Bệnh viện Đa khoa Bắc Kạn", short_name="BV Bắc Kạn", phone="0209 900 0002",
        kind="hospital", care_level="CHUYEN_SAU"),
    CENTRE: PlaceForm(
        code="19003", name="Trung tâm Y tế khu vực Bạch Thông", short_name="TTYT Bạch Thông", phone="0209 900 0003",
        kind="regional_medical_centre", care_level="CO_BAN", commune_code="01969"),
    "phu-thong": PlaceForm(
        code="19011", name="Trạm Y tế xã Phủ Thông", short_name="TYT Phủ Thông", phone="0209 900 0011",
        commune_code="01969", **STATION),
    "con-minh": PlaceForm(
        code="19013", name="Trạm Y tế xã Côn Minh", short_name="TYT Côn Minh", phone="0209 900 0013",
        commune_code="02185", **STATION),
    "cam-giang": PlaceForm(
        code="19012", name="Trạm Y tế xã Cẩm Giàng", short_name="TYT Cẩm Giàng", phone="0209 900 0012",
        commune_code="02008", **STATION),
}
ABOVE = {HOSPITAL: DEPARTMENT, CENTRE: DEPARTMENT, "con-minh": DEPARTMENT, "phu-thong": CENTRE, "cam-giang": CENTRE}
POINTS = {"vi-huong": ("phu-thong", "Vi Hương", "0209 900 0111")}
COVERS = {"phu-thong": (CENTRE, HOSPITAL), "cam-giang": (CENTRE, HOSPITAL), "con-minh": (HOSPITAL,)}

STAFF = (
    Employee(user_name="tuyet", full_name="Nông Thị Tuyết", place="phu-thong", point="vi-huong", role=Role.WORKER,
             position="nurse", doing="điểm trạm Vi Hương, xã Phủ Thông / station point"),
    Employee(user_name="hanh", full_name="Lý Văn Hành", place="phu-thong", role=Role.WORKER, position="physician_assistant",
             doing="Trạm Y tế xã Phủ Thông / station"),
    Employee(user_name="mai", full_name="Triệu Thị Mai", place="con-minh", role=Role.WORKER, position="midwife",
             doing="Trạm Y tế xã Côn Minh / station"),
    Employee(user_name="tai", full_name="Bàn Văn Tài", place="cam-giang", role=Role.WORKER, position="nurse",
             doing="Trạm Y tế xã Cẩm Giàng / station"),
    Employee(user_name="minh", full_name="Hà Quang Minh", place=CENTRE, role=Role.DOCTOR, position="doctor", title="Bs.",
             specialty="Nội khoa", licence="000431/TNG-GPHN", doing="bác sĩ, TTYT khu vực Bạch Thông / doctor"),
    Employee(user_name="lan", full_name="Ma Thị Lan", place=CENTRE, role=Role.DOCTOR, position="doctor", title="Bs.",
             specialty="Nhi khoa", licence="000517/TNG-GPHN", doing="bác sĩ, TTYT khu vực Bạch Thông / doctor"),
    Employee(user_name="son", full_name="Đàm Ngọc Sơn", place=HOSPITAL, role=Role.DOCTOR, position="doctor", title="Bs.",
             specialty="Tim mạch", licence="000129/TNG-GPHN", doing="bác sĩ, BV Đa khoa Bắc Kạn / doctor"),
    Employee(user_name="thuha", full_name="Phạm Thu Hà", place=HOSPITAL, role=Role.DOCTOR, position="doctor", title="Bs.",
             specialty="Nội tổng hợp", licence="000388/TNG-GPHN", doing="bác sĩ, BV Đa khoa Bắc Kạn / doctor"),
    Employee(user_name="quan", full_name="Vũ Hồng Quân", place=CENTRE, role=Role.ADMINISTRATOR, position="officer",
             doing="quản trị, TTYT khu vực Bạch Thông / administrator"),
    Employee(user_name="yen", full_name="Phạm Hải Yến", place=DEPARTMENT, role=Role.ADMINISTRATOR, position="officer",
             doing="quản trị, Sở Y tế / administrator"),
    Employee(user_name="kiem", full_name="Bế Văn Kiểm", place=DEPARTMENT, role=Role.AUDITOR, position="officer",
             doing="kiểm tra, Sở Y tế / auditor"),
)


def system(organization_id: UUID | None = None) -> Actor:
    return Actor(kind="system", system="demo", organization_id=organization_id)


async def settle(archive: Archive, password_hash: str) -> Town:
    """Lay all places and people, the department first."""
    places = {key: uuid4() for key in PLACES}
    points = {key: uuid4() for key in POINTS}
    async with archive.act(system()) as act:
        await founding.found(act, places[DEPARTMENT], PLACES[DEPARTMENT])
    for key, above in ABOVE.items():
        async with archive.act(system(places[above])) as act:
            await organizations.add(act, places[key], PLACES[key])
    async with archive.act(system(places[DEPARTMENT])) as act:
        for key, (station, name, phone) in POINTS.items():
            await organizations.add_point(act, places[station], points[key], name, phone)
        for station, covering in COVERS.items():
            await organizations.set_cover(act, places[station], {places[key] for key in covering})
    return Town(places, points, await _hire(archive, places, points, password_hash))


async def _hire(archive: Archive, places: dict[str, UUID], points: dict[str, UUID], password_hash: str) -> dict[str, Actor]:
    actors: dict[str, Actor] = {}
    async with archive.act(system(places[DEPARTMENT])) as act:
        for one in STAFF:
            form = PersonForm(
                user_name=one.user_name, full_name=one.full_name, organization_id=places[one.place],
                roles=frozenset({one.role}), location_id=points.get(one.point), title=one.title,
                position=one.position, specialty=one.specialty, licence_number=one.licence,
                licence_valid_until=LICENCE_UNTIL if one.licence else None)
            person_id = await practitioners.add(act, uuid4(), form, password_hash)
            actors[one.user_name] = Actor(
                kind="practitioner", practitioner_id=person_id, organization_id=form.organization_id, roles=form.roles,
                location_id=form.location_id, name=f"{one.title} {one.full_name}".strip())
    return actors
