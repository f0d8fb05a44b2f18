"""The demo: loaded through the real records into an empty installation, and never beside anything else."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest
from sqlalchemy import func, select

from records.acts import Actor
from records.archive import Archive
from records.care import calls, encounters, notes
from records.guard import verifying
from records.people import duty, logins, patients
from records.people.tables import Patient
from telehealth import demo
from telehealth.demo import staff
from telehealth.demo.loading import NotEmpty
from telehealth.demo.visits import Past
from tests import builders, processes
from tests.processes import Server

pytestmark = pytest.mark.timeout(240)


async def test_the_demo_has_sixty_patients_with_histories_and_a_trail_that_holds(archive: Archive) -> None:
    past = Past(builders.MORNING)
    await demo.load(Archive(archive.engine, archive.vault, past), past, builders.PASSWORD_HASH)

    nurse, doctor = await actor(archive, "tuyet"), await actor(archive, "minh")
    async with archive.act(nurse) as act:
        found = await patients.find(act, "hoa 1958")
        history = await encounters.for_patient(act, found[0].id)
        hoa = await patients.read(act, found[0].id)
        signed = [await notes.versions(act, one.id) for one in history]
        stations = (await act.db.execute(select(Patient.organization_id, func.count()).group_by(Patient.organization_id))).all()
    async with archive.act(doctor) as act:
        waiting = await duty.current(act), await calls.live_of(act, doctor.practitioner_id)

    assert [one.full_name for one in found] == ["Hoàng Thị Hoa"]
    assert (hoa.identity.village, hoa.identity.language, hoa.identity.birth_date[:4]) == ("Nà Ít", "Tày", "1958")
    assert len(history) == 3 and all(signed)
    assert sorted(count for _, count in stations) == [15, 15, 30]
    assert waiting == (None, [])        # nobody is left on duty or in a call
    assert (await verifying.verify(archive.engine, vault=archive.vault)).good


async def actor(archive: Archive, user_name: str) -> Actor:
    async with archive.act(Actor.of_system("demo")) as act:
        found = await logins.candidate(act, user_name)
        assert found
        login = await logins.start(act, found.practitioner_id, user_name, browser="")
        return (await logins.among(act, [login]))[login].actor("")


async def test_the_demo_is_refused_beside_anything_else(archive: Archive, people: builders.People) -> None:
    with pytest.raises(NotEmpty):
        await demo.load(Archive(archive.engine, archive.vault, Past(builders.MORNING)), Past(builders.MORNING), "")


def test_one_start_makes_everything_anew_after_an_interrupted_one_and_the_next_takes_it_up(tmp_path: Path) -> None:
    folder = tmp_path / "var"
    processes.furnish(folder)
    (folder / "demo").write_text("loading")
    key_file = (folder / "keys" / "telehealth.keys").read_bytes()
    server = Server(folder, ("--prepare",))
    try:
        server.start()
        said = server.log.read_text()
        assert folder.stat().st_mode & 0o777 == 0o700
        assert "Loading the demo" in said and staff.PASSWORD in said and "http://localhost:" in said
        assert (folder / "keys" / "telehealth.keys").read_bytes() == key_file
        server.end(signal.SIGINT)

        server.log.write_text("")
        server.start()
        said = server.log.read_text()
        assert "Loading the demo" not in said and "tuyet" in said
    finally:
        server.kill()
