"""A town with a past for pictures of the pages: the demo's places and staff, patients with long names, visits of every kind."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from datetime import timedelta
from importlib import resources
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID, uuid4

from PIL import Image, ImageDraw

from records import migrations
from records.archive import Archive, utc_now
from records.guard import keyring
from records.people import patients
from records.people.identities import Identity
from telehealth import parts
from telehealth.demo import courses, staff
from telehealth.demo.visits import Past, Stage, Visit
from telehealth.settings import Settings
from tests.builders import PASSWORD_HASH

PHU_THONG = "01969"
HOA = Identity(
    full_name="Hoàng Thị Hoa", gender="female", birth_date="1958-03-09", village="Nà Ít", commune_code=PHU_THONG,
    former_commune="Vi Hương", phone="0900 000 001", national_id="006158000011", insurance_number="GD4062400000011",
    ethnicity="Tày", language="Tày", allergies="Penicillin, nổi mẩn 2019", problems="Tăng huyết áp từ 2019",
    medications="Amlodipin 5 mg, sáng 1 viên")
THAO = Identity(
    full_name="Nguyễn Thị Phương Thảo", gender="female", birth_date="1958", village="Nà Ít", commune_code=PHU_THONG,
    former_commune="Vi Hương", phone="0900 000 002", allergies="Penicillin", problems="Tăng huyết áp, đái tháo đường típ 2")
SINH = Identity(full_name="Triệu Văn Sinh", gender="male", birth_date="1979-11-20", village="Nà Pái", commune_code=PHU_THONG)
CHILD = Identity(full_name="Lường Nguyễn Bảo Khánh", gender="male", birth_date="2025-09", village="Khuổi Thiêu",
                 commune_code=PHU_THONG)
STORY = "Ho đờm vàng ba ngày, khó thở khi leo dốc, không đau ngực"


@dataclass
class Town:
    """What was furnished: the records at the present, the staff's actors and the patients' ids, by name."""

    archive: Archive
    staff: staff.Town
    patients: dict[str, UUID]

    def words(self) -> list[str]:
        """Names and stories that are content, and so the same in every language."""
        people = [value for one in staff.STAFF for value in (one.full_name, one.specialty, one.title, one.full_name.split()[-1])]
        places = [value for one in staff.PLACES.values() for value in (one.name, one.short_name)]
        said = [str(value) for one in (HOA, THAO, SINH, CHILD) for value in (one.full_name, one.village, one.former_commune, one.ethnicity,
                one.language, one.allergies, one.problems, one.medications, one.full_name.split()[-1])]
        told = [line for story in _stories().values() for key in ("text", "assessment", "finding", "advice", "danger")
                for line in story[key].split("\n")]
        return [*people, *places, *said, *told, STORY, "Vi Hương", "Phủ Thông", "Thái Nguyên", "Tiếng Việt"]


async def furnish(folder: Path) -> Town:
    """Keys, tables and a week of consultations in ``folder``. The caller closes the town's archive."""
    settings = Settings(data=folder)
    settings.keys.parent.mkdir(parents=True, mode=0o700)
    keyring.make_key_file(settings.keys)
    past = Past(utc_now() - timedelta(days=20))
    archive = parts.make_archive(settings, past)
    await migrations.upgrade(archive.engine)
    await archive.vault.ready()
    town = await staff.settle(archive, PASSWORD_HASH)
    known = await _live(archive, past, town)
    await archive.close()
    present = parts.make_archive(settings, utc_now)
    await present.vault.ready()
    return Town(present, town, known)


async def _live(archive: Archive, past: Past, town: staff.Town) -> dict[str, UUID]:
    known: dict[str, UUID] = {}
    async with archive.act(town.actors["tuyet"]) as act:
        for one in (HOA, THAO, SINH, CHILD):
            known[one.full_name] = await patients.register(act, uuid4(), one)
    stage = Stage(archive, past, Random(1958))
    for days, name, story, more in _week():
        past.now = utc_now() - timedelta(days=days, hours=2)
        await stage.play(Visit(patient_id=known[name], story=_stories()[story], worker=town.actors["tuyet"],
                               doctor=town.actors["minh"], **({"course": courses.GOOD} | more)))
    past.now = utc_now()
    return known


def _week() -> list[tuple[int, str, str, dict[str, Any]]]:
    return [
        (16, HOA.full_name, "pressure", {}), (9, SINH.full_name, "wound", {"emergency": "bleeding"}),
        (4, THAO.full_name, "bronchitis", {"course": courses.CUT}), (2, SINH.full_name, "anaemia", {"unanswered": True}),
        (1, CHILD.full_name, "cold", {"signed": False}),
    ]


def _stories() -> dict[str, Any]:
    content = (resources.files("telehealth.demo") / "data" / "stories.json").read_text(encoding="utf-8")
    return dict(json.loads(content))


def picture(colour: str = "#6f9aa8") -> bytes:
    """A photo as a phone would send it: something on a table."""
    image, file = Image.new("RGB", (1200, 900), colour), io.BytesIO()
    pen = ImageDraw.Draw(image)
    pen.rounded_rectangle((260, 180, 940, 720), 40, fill="#f2efe8")
    for at in range(8):
        pen.ellipse((330 + at % 4 * 150, 260 + at // 4 * 200, 430 + at % 4 * 150, 360 + at // 4 * 200), fill="#d8d2c4")
    image.save(file, "JPEG", quality=85)
    return file.getvalue()
