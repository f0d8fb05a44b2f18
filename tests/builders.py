"""Invented places, people and cases for the tests. Rows of staff are written directly; patients go through the records."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import argon2

from records.acts import Actor, Role
from records.archive import Archive
from records.people.tables import Cover, Location, Organization, Practitioner, PractitionerRole

PASSWORD = "ruộng bậc thang"   # of everybody in the tests
# Cheap on purpose: the cost of argon2 is tested where it matters, not at every sign-in of every test.
PASSWORD_HASH = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
MORNING = datetime(2026, 11, 23, 0, 30, tzinfo=UTC)   # 07:30 in Thái Nguyên


class Clock:
    """The time of a test: stands still until it is moved, or runs from here on once ``run`` was called."""

    def __init__(self, start: datetime = MORNING) -> None:
        self._start = start
        self._running_since: float | None = None

    def __call__(self) -> datetime:
        elapsed = 0.0 if self._running_since is None else time.monotonic() - self._running_since
        return self._start + timedelta(seconds=elapsed)

    @property
    def now(self) -> datetime:
        return self()

    @now.setter
    def now(self, instant: datetime) -> None:
        self._start += instant - self()

    def run(self) -> None:
        """From now on time passes, as it does for a server that people use."""
        self._running_since = time.monotonic()

    def forward(self, **span: float) -> datetime:
        """Move on, as ``forward(seconds=20)``."""
        self._start += timedelta(**span)
        return self()


@dataclass(frozen=True, kw_only=True)
class Someone:
    """A practitioner of the tests."""

    id: UUID
    user_name: str
    full_name: str
    organization_id: UUID
    location_id: UUID | None
    roles: frozenset[Role]
    title: str = ""

    @property
    def name(self) -> str:
        return f"{self.title} {self.full_name}".strip()

    @property
    def actor(self) -> Actor:
        return Actor(kind="practitioner", practitioner_id=self.id, organization_id=self.organization_id,
                     location_id=self.location_id, roles=self.roles, name=self.name, address="127.0.0.0/24")


@dataclass(frozen=True, kw_only=True)
class People:
    """Everybody and every place. Phủ Thông and Cẩm Giàng belong to Bạch Thông; Côn Minh belongs to the department.

    Bạch Thông and the hospital cover Phủ Thông; Bạch Thông covers Cẩm Giàng; the hospital covers Côn Minh.
    """

    phu_thong: UUID
    vi_huong: UUID             # a station point of Phủ Thông
    con_minh: UUID
    cam_giang: UUID
    bach_thong: UUID
    hospital: UUID
    department: UUID
    nurse: Someone             # at Vi Hương
    colleague: Someone         # at Phủ Thông itself
    stranger: Someone          # worker of Côn Minh: Phủ Thông's patients are not hers
    doctor: Someone            # at Bạch Thông
    second_doctor: Someone     # at Bạch Thông
    specialist: Someone        # at the hospital
    administrator: Someone     # of Bạch Thông
    root: Someone              # administrator of the department
    auditor: Someone           # of the department

    @property
    def everybody(self) -> list[Someone]:
        return [value for value in vars(self).values() if isinstance(value, Someone)]


def organization(
    short_name: str, kind: str, code: str, *, part_of: UUID | None = None, commune: str | None = None,
) -> Organization:
    words = {"commune_health_station": ("Trạm Y tế xã", "BAN_DAU"),
             "regional_medical_centre": ("Trung tâm Y tế khu vực", "CO_BAN"),
             "hospital": ("Bệnh viện Đa khoa", "CHUYEN_SAU"), "provincial_health_department": ("Sở Y tế", "CHUYEN_SAU")}
    first, level = words[kind]
    return Organization(id=uuid4(), code=code, name=f"{first} {short_name}", short_name=short_name, kind=kind, care_level=level,
                        part_of_id=part_of, commune_code=commune, phone=f"0209 000 {code[-3:]}", active=True, version=1)


def someone(user_name: str, full_name: str, organization_id: UUID, *roles: Role, location_id: UUID | None = None,
            title: str = "") -> Someone:
    return Someone(id=uuid4(), user_name=user_name, full_name=full_name, organization_id=organization_id,
                   location_id=location_id, roles=frozenset(roles), title=title)


def rows_of(person: Someone) -> list[object]:
    """The rows that make ``person`` a practitioner who may sign in with ``PASSWORD``."""
    doctor = Role.DOCTOR in person.roles
    practitioner = Practitioner(
        id=person.id, organization_id=person.organization_id, location_id=person.location_id, user_name=person.user_name,
        full_name=person.full_name, title=person.title, position="doctor" if doctor else "nurse", specialty="",
        licence_number=f"00{len(person.user_name):04d}/TNG-GPHN" if doctor else "",
        licence_valid_until=date(2030, 12, 31) if doctor else None, password_hash=PASSWORD_HASH, locale="vi",
        disabled_at=None, failures=0, retry_at=None, version=1)
    return [practitioner, *(PractitionerRole(practitioner_id=person.id, role=role) for role in sorted(person.roles))]


async def people(archive: Archive) -> People:
    """Write everybody and every place, and return them."""
    department = organization("Thái Nguyên", "provincial_health_department", "19001")
    hospital = organization("Bắc Kạn", "hospital", "19002", part_of=department.id)
    centre = organization("Bạch Thông", "regional_medical_centre", "19003", part_of=department.id)
    phu_thong = organization("Phủ Thông", "commune_health_station", "19011", part_of=centre.id, commune="01969")
    cam_giang = organization("Cẩm Giàng", "commune_health_station", "19012", part_of=centre.id, commune="02008")
    con_minh = organization("Côn Minh", "commune_health_station", "19013", part_of=department.id, commune="02185")
    vi_huong = Location(id=uuid4(), organization_id=phu_thong.id, name="Vi Hương", phone="0209 000 111", active=True)
    made = People(
        phu_thong=phu_thong.id, vi_huong=vi_huong.id, con_minh=con_minh.id, cam_giang=cam_giang.id, bach_thong=centre.id,
        hospital=hospital.id, department=department.id,
        nurse=someone("tuyet", "Nông Thị Tuyết", phu_thong.id, Role.WORKER, location_id=vi_huong.id),
        colleague=someone("hanh", "Lý Văn Hành", phu_thong.id, Role.WORKER),
        stranger=someone("mai", "Triệu Thị Mai", con_minh.id, Role.WORKER),
        doctor=someone("minh", "Hà Quang Minh", centre.id, Role.DOCTOR, title="Bs."),
        second_doctor=someone("lan", "Ma Thị Lan", centre.id, Role.DOCTOR, title="Bs."),
        specialist=someone("son", "Đàm Ngọc Sơn", hospital.id, Role.DOCTOR, title="Bs."),
        administrator=someone("quan", "Vũ Hồng Quân", centre.id, Role.ADMINISTRATOR),
        root=someone("yen", "Phạm Hải Yến", department.id, Role.ADMINISTRATOR),
        auditor=someone("kiem", "Bế Văn Kiểm", department.id, Role.AUDITOR))
    pairs = [(phu_thong, centre), (phu_thong, hospital), (cam_giang, centre), (con_minh, hospital)]
    async with archive.act(Actor.of_system("test")) as act:
        for rows in ([department], [hospital, centre, con_minh], [phu_thong, cam_giang], [vi_huong],
                     [Cover(station_id=station.id, organization_id=by.id, since=act.at) for station, by in pairs],
                     *(rows_of(person) for person in made.everybody)):
            act.db.add_all(rows)
            await act.db.flush()
    return made
