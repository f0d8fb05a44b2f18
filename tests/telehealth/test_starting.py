"""Starting and ending for real: one sentence with the cure for each way in which a start fails, and a clean end."""

from __future__ import annotations

import shutil
import signal
import socket
import sqlite3
import stat
from pathlib import Path

import pytest

from tests import processes
from tests.processes import run


@pytest.fixture(scope="module")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with keys and tables, made once; tests take a copy."""
    folder = tmp_path_factory.mktemp("furnished") / "var"
    processes.furnish(folder)
    return folder


@pytest.fixture
def folder(furnished: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(furnished, tmp_path / "var"))


def only_sentence(done: object) -> str:
    """What a failed command said: one line, no trace."""
    assert done.returncode == 1
    said = str(done.stderr).strip()
    assert "\n" not in said and "Traceback" not in said, said
    return said


def test_an_empty_installation_names_the_command_that_makes_the_tables(tmp_path: Path) -> None:
    assert "telehealth migrate" in only_sentence(run(tmp_path / "var", "serve"))


def test_the_key_file_is_for_us_alone(folder: Path) -> None:
    key_file = folder / "keys" / "telehealth.keys"

    assert stat.S_IMODE(key_file.stat().st_mode) == 0o400
    assert run(folder, "check").returncode == 0


def test_a_key_file_that_others_can_read_is_refused_with_the_cure(folder: Path) -> None:
    (folder / "keys" / "telehealth.keys").chmod(0o444)

    assert "chmod 0400" in only_sentence(run(folder, "check"))
    assert "chmod 0400" in only_sentence(run(folder, "serve", "--prepare"))


def test_the_key_file_of_another_installation_is_refused(folder: Path, tmp_path: Path) -> None:
    run(tmp_path / "other", "keys", "make")
    shutil.move(tmp_path / "other" / "keys" / "telehealth.keys", folder / "keys" / "telehealth.keys")

    assert "does not belong to this database" in only_sentence(run(folder, "check"))


def test_keys_are_never_made_over_keys(folder: Path) -> None:
    before = (folder / "keys" / "telehealth.keys").read_bytes()

    assert "already" in only_sentence(run(folder, "keys", "make"))
    assert (folder / "keys" / "telehealth.keys").read_bytes() == before


def test_a_lost_key_file_is_not_replaced_by_a_new_one(folder: Path) -> None:
    (folder / "keys" / "telehealth.keys").unlink()

    assert "put the right one back" in only_sentence(run(folder, "serve", "--prepare"))
    assert not (folder / "keys" / "telehealth.keys").exists()


def test_a_database_newer_than_the_program_is_left_alone(folder: Path) -> None:
    with sqlite3.connect(folder / "telehealth.db") as database:
        database.execute("UPDATE alembic_version SET version_num = '9999_from_tomorrow'")

    for command in (["serve"], ["migrate"], ["serve", "--prepare"]):
        assert "update the program" in only_sentence(run(folder, *command))


def test_a_taken_port_is_told_with_the_variable_that_changes_it(folder: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])

        for command in (["serve"], ["check", "--port"]):
            said = only_sentence(run(folder, *command, PORT=port))
            assert port in said and "TELEHEALTH_PORT" in said


def test_wrong_settings_are_told_before_anything_is_touched(tmp_path: Path) -> None:
    assert "TELEHEALTH_PORT" in only_sentence(run(tmp_path / "var", "serve", "--prepare", PORT="x"))
    assert not (tmp_path / "var").exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_cleanly_when_it_is_told_to(folder: Path, number: signal.Signals) -> None:
    with processes.served(folder) as server:
        assert server.end(number) < 15

        assert server.running.returncode == 0
        assert "Traceback" not in server.log.read_text()


def test_it_serves_sealed_while_the_key_file_is_away_and_heals_by_itself(folder: Path) -> None:
    key_file, away = folder / "keys" / "telehealth.keys", folder / "keys" / "away"
    with processes.served(folder) as server:
        key_file.rename(away)
        assert (processes.status(f"{server.url}/healthz"), processes.status(f"{server.url}/readyz")) == (200, 503)

        away.rename(key_file)
        assert processes.status(f"{server.url}/readyz") == 200


def test_a_person_added_by_the_command_line_may_sign_in(folder: Path) -> None:
    password = "nương ngô 2026"
    add = ["user", "add", "hai-yen", "--name", "Phạm Hải Yến", "--role", "administrator", "--organization", "19001"]

    assert "--organization-name" in run(folder, *add, typed=f"{password}\n{password}\n").stderr
    done = run(folder, *add, "--organization-name", "Sở Y tế", typed=f"{password}\n{password}\n")

    assert done.returncode == 0, done.stderr
    assert run(folder, "user", "password", "hai-yen", typed=f"{password} 2\n{password} 2\n").returncode == 0
    assert run(folder, "user", "disable", "hai-yen").returncode == 0
    assert "nobody" in only_sentence(run(folder, "user", "disable", "nobody-here"))
    assert "The trail holds" in run(folder, "audit", "verify").stdout
