"""The key file: made once, for us alone, refused when others can touch it."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path
from uuid import uuid4

import pytest

from records.guard import blind_index, keyring


def test_a_key_file_is_made_for_us_alone_and_its_keys_differ(key_file: Path) -> None:
    ring = keyring.read(key_file)

    assert stat.S_IMODE(key_file.stat().st_mode) == 0o400
    assert ring.current == 1 and len(ring.keks[1]) == len(ring.root) == 32 and ring.keks[1] != ring.root


def test_a_key_file_that_is_there_is_never_overwritten(key_file: Path) -> None:
    before = key_file.read_bytes()

    with pytest.raises(FileExistsError):
        keyring.make_key_file(key_file)

    assert key_file.read_bytes() == before


@pytest.mark.parametrize("mode", [0o440, 0o404, 0o420, 0o402, 0o644, 0o410])
def test_a_key_file_that_others_can_touch_is_refused(key_file: Path, mode: int) -> None:
    keyring.read(key_file)

    key_file.chmod(mode)

    with pytest.raises(keyring.Unusable, match="key-readable"):
        keyring.read(key_file)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_a_key_file_of_somebody_else_is_refused(key_file: Path) -> None:
    os.chown(key_file, 65534, 65534)

    with pytest.raises(keyring.Unusable, match="key-readable"):
        keyring.read(key_file)


def test_a_missing_key_file_is_told_apart_from_a_broken_one(key_file: Path) -> None:
    with pytest.raises(keyring.Unusable, match="key-missing"):
        keyring.read(key_file.with_name("elsewhere"))


@pytest.mark.parametrize("change", [
    {"format": "telehealth-keys/2"}, {"current": 2}, {"keks": {}}, {"keks": {"0": "A" * 43 + "="}, "current": 0},
    {"keks": {"1": "AAAA"}}, {"keks": {"1": "not base64"}}, {"root": "AAAA"}, {"root": None}, {"keks": None}])
def test_a_broken_key_file_is_refused(key_file: Path, change: dict[str, object]) -> None:
    content = json.loads(key_file.read_text()) | change
    broken = key_file.with_name("broken")
    broken.touch(mode=0o600)
    broken.write_text(json.dumps(content))

    with pytest.raises(keyring.Unusable, match="key-wrong"):
        keyring.read(broken)


@pytest.mark.parametrize("content", [b"", b"[]", b"null", b"\xff\xfe", b'{"format": "telehealth-keys/1"}'])
def test_a_file_that_is_no_key_file_is_refused(tmp_path: Path, content: bytes) -> None:
    other = tmp_path / "other"
    other.touch(mode=0o600)
    other.write_bytes(content)

    with pytest.raises(keyring.Unusable, match="key-wrong"):
        keyring.read(other)


def test_keys_are_never_shown_by_accident(key_file: Path) -> None:
    ring = keyring.read(key_file)

    assert repr(ring) == "KeyRing(current=1)"


def test_every_use_has_a_key_of_its_own(key_file: Path) -> None:
    ring, station = keyring.read(key_file), uuid4()

    keys = [ring.token_key, ring.audit_seed, ring.root, ring.keks[1], ring.index_key("phone", station),
            ring.index_key("phone", uuid4()), ring.index_key("phone", None), ring.index_key("national_id", None)]

    assert len(set(keys)) == len(keys) and all(len(key) == 32 for key in keys)
    assert ring.index_key("phone", station) == keyring.read(key_file).index_key("phone", station)


def test_a_new_key_encryption_key_changes_no_blind_index(key_file: Path) -> None:
    ring = keyring.read(key_file)

    rotated = keyring.KeyRing(2, {1: ring.keks[1], 2: os.urandom(32)}, ring.root)

    assert rotated.index_key("phone", None) == ring.index_key("phone", None)
    assert rotated.token_key == ring.token_key


@pytest.mark.parametrize(("field", "one", "other"), [
    ("phone", "0912 345 678", "+84 912.345.678"), ("phone", "0912345678", "0084 912 345 678"),
    ("phone", "(0209) 3.870.123", "02093870123"), ("national_id", "019058001234", " 019-058-001234 "),
    ("insurance_number", "hc 4019 0123456789", "HC40190123456789"), ("phone", "０９１２３４５６７８", "0912345678")])
def test_one_number_has_one_blind_index_however_it_is_typed(field: str, one: str, other: str) -> None:
    key = bytes(32)

    assert blind_index.digest(key, field, one) == blind_index.digest(key, field, other)
    assert len(blind_index.digest(key, field, one)) == 16


@pytest.mark.parametrize(("one", "other"), [("0912345678", "0912345679"), ("8412345678", "012345678")])
def test_two_numbers_have_two_blind_indexes(one: str, other: str) -> None:
    assert blind_index.digest(bytes(32), "phone", one) != blind_index.digest(bytes(32), "phone", other)
