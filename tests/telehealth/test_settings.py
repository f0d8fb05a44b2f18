"""Settings: what fits, and that everything that does not is told at once, in sentences, without values."""

from __future__ import annotations

from pathlib import Path

import pytest

from telehealth import settings
from telehealth.settings import BadSettings


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in settings.Settings.model_fields:
        monkeypatch.delenv(settings.PREFIX + name.upper(), raising=False)
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)


def read(monkeypatch: pytest.MonkeyPatch, **given: str) -> settings.Settings:
    for name, value in given.items():
        monkeypatch.setenv(settings.PREFIX + name, value)
    return settings.read()


def faults(monkeypatch: pytest.MonkeyPatch, **given: str) -> list[str]:
    with pytest.raises(BadSettings) as bad:
        read(monkeypatch, **given)
    return bad.value.faults


def test_without_any_setting_everything_lies_in_the_data_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    found = read(monkeypatch, DATA="/srv/t")

    assert found.database == "sqlite:////srv/t/telehealth.db"
    assert found.keys == Path("/srv/t/keys/telehealth.keys")
    assert found.key_store == "sqlite:////srv/t/keys/patients.db"
    assert found.is_loopback


def test_with_postgresql_the_patients_keys_lie_in_a_schema_beside(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read(monkeypatch, DATABASE_URL="postgresql://a@h/b").key_store == "postgresql://a@h/b"


def test_every_fault_is_told_at_once_and_no_value_is_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    told = faults(monkeypatch, PORT="eight thousand", LOG_LEVEL="loud", PROT="1")

    assert len(told) == 3
    assert "TELEHEALTH_PROT is not a setting; did you mean TELEHEALTH_PORT?" in told
    assert all("eight thousand" not in one and "loud" not in one for one in told)


def test_several_addresses_are_parted_by_commas_or_spaces(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read(monkeypatch, PROXY="10.0.0.1, 10.1.0.0/16").proxy == ("10.0.0.1", "10.1.0.0/16")
    assert faults(monkeypatch, PROXY="proxy.example") == [
        "TELEHEALTH_PROXY: every entry must be an IP address or a network such as 10.0.0.0/24."]


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "::"])
def test_plain_http_is_for_loopback_only(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    assert "TELEHEALTH_HOST" in faults(monkeypatch, HOST=host)[0]
    assert read(monkeypatch, HOST=host, PROXY="127.0.0.1").host == host


def test_certificate_and_key_belong_together(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "cert").write_text("")

    assert "belong together" in faults(monkeypatch, TLS_CERT=str(tmp_path / "cert"))[0]


def test_a_relay_needs_its_secret_which_comes_from_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert "TELEHEALTH_TURN_SECRET_FILE" in faults(monkeypatch, TURN_URLS="turn:turn.example:3478")[0]

    (tmp_path / "secret").write_text("nine lives\n")
    found = read(monkeypatch, TURN_URLS="turn:turn.example:3478 stun:turn.example:3478", TURN_SECRET_FILE=str(tmp_path / "secret"))

    assert found.turn_secret == b"nine lives"
    assert (found.relays, found.stuns) == (("turn:turn.example:3478",), ("stun:turn.example:3478",))


def test_systemd_hands_secrets_over_without_a_setting(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "telehealth.keys").write_text("{}")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))

    assert read(monkeypatch).keys == tmp_path / "telehealth.keys"
