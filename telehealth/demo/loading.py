"""Loads the demo into an empty installation: places, staff, patients and their past visits, in the order of time."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from importlib import resources
from random import Random
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from records.acts import Actor
from records.archive import Archive
from records.people import founding, patients
from records.people.identities import Identity
from telehealth.demo import courses, staff
from telehealth.demo.courses import Course
from telehealth.demo.staff import Town
from telehealth.demo.visits import RECENT, Past, Stage, Visit

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
OPENED = timedelta(days=480)                # before today, the demo's installation began
COMMUNES = {"phu-thong": "01969", "con-minh": "02185", "cam-giang": "02008"}
BACKGROUND = ("full_name", "gender", "birth_date", "village", "former_commune", "phone", "ethnicity", "language", "allergies",
              "problems", "medications")
CHILDREN = {"cold", "diarrhoea"}
HEART = {"pressure"}


class NotEmpty(Exception):
    """The installation holds something already: the demo is never mixed with it."""


@dataclass(frozen=True, kw_only=True)
class Coming:
    """Somebody comes to the station on a day of the past; without a story they are only registered."""

    at: datetime
    patient: dict[str, str]
    story: str = ""
    number: int = 0


async def load(archive: Archive, past: Past, password_hash: str) -> None:
    """Fill the empty records of ``archive``, whose clock is ``past``; the present is where ``past`` stands now.

    Raises NotEmpty when there is anybody or any place already.
    """
    async with archive.act(staff.system()) as act:
        if not await founding.is_empty(act):
            raise NotEmpty
    today = past.now
    past.now = today - OPENED
    town = await staff.settle(archive, password_hash)
    stage = Stage(archive, past, Random(1958))     # noqa: S311  weather, not secrets
    ids: dict[int, UUID] = {}
    for coming in sorted(comings(today), key=lambda one: one.at):
        past.now = max(coming.at, past.now + timedelta(minutes=1))
        await _come(stage, town, ids, coming, today)
    past.now = today


def comings(today: datetime) -> list[Coming]:
    """Every visit of patients.csv as an instant between half past seven and half past four."""
    found = []
    for number, row in enumerate(_rows("patients.csv")):
        for story, _, days in (entry.partition(":") for entry in filter(None, row["visits"].split(";"))):
            found.append(Coming(at=_instant(today, int(days), number), patient=row, story=story, number=number))
        if not row["visits"]:
            found.append(Coming(at=_instant(today, 40 + 3 * number, number), patient=row, number=number))
    return found


async def _come(stage: Stage, town: Town, ids: dict[int, UUID], coming: Coming, today: datetime) -> None:
    worker = _worker(town, coming.patient)
    if coming.number not in ids:
        async with stage.archive.act(worker) as act:
            ids[coming.number] = await patients.register(act, uuid4(), identity(coming.patient))
        stage.past.forward(240)
    if coming.story:
        await stage.play(_visit(town, coming, ids[coming.number], worker, today))


def _visit(town: Town, coming: Coming, patient_id: UUID, worker: Actor, today: datetime) -> Visit:
    age = today - coming.at
    return Visit(
        patient_id=patient_id, story=_stories()[coming.story], worker=worker, doctor=_doctor(town, coming),
        emergency="bleeding" if coming.story == "wound" and coming.number == 11 else "",
        unanswered=coming.story == "anaemia" and age < RECENT, unconnected=coming.number == 29 and age < RECENT,
        course=_course(coming.number, age),
        signed=age > timedelta(days=5, hours=12) or age < timedelta(days=4))


def _course(number: int, age: timedelta) -> Course:
    if age < RECENT:
        return courses.RECENT.get(number, courses.GOOD)
    return courses.PLAIN_CUT if number % 7 == 3 else courses.PLAIN


def identity(row: dict[str, str]) -> Identity:
    return Identity(**{name: row[name] for name in BACKGROUND}, commune_code=COMMUNES[row["station"]])


def _worker(town: Town, row: dict[str, str]) -> Actor:
    if row["station"] == "phu-thong":
        return town.actors["tuyet" if row["former_commune"] == "Vi Hương" else "hanh"]
    return town.actors["mai" if row["station"] == "con-minh" else "tai"]


def _doctor(town: Town, coming: Coming) -> Actor:
    """Children to the paediatrician where she covers the station, hearts to the hospital now and then."""
    if coming.patient["station"] == "con-minh" or (coming.story in HEART and coming.number % 3 == 0):
        return town.actors["son" if coming.story in HEART else "thuha"]
    return town.actors["lan" if coming.story in CHILDREN or coming.number % 4 == 1 else "minh"]


def _instant(today: datetime, days: int, number: int) -> datetime:
    day = (today - timedelta(days=days)).astimezone(ZONE).date()
    if day.weekday() == 6:
        day -= timedelta(days=1)            # stations are closed on Sundays
    return datetime.combine(day, time(7, 30), ZONE) + timedelta(minutes=number * 37 % 540)


def _rows(name: str) -> Iterable[dict[str, str]]:
    return csv.DictReader(io.StringIO(_text(name)))


def _stories() -> dict[str, Any]:
    return dict(json.loads(_text("stories.json")))


def _text(name: str) -> str:
    return (resources.files("telehealth.demo") / "data" / name).read_text(encoding="utf-8")
