"""The key file and everything derived from it. Knows files and HKDF; knows nothing of patients or databases.

The file is JSON: ``format``, ``root`` (index, token and audit keys come from it), ``keks`` by version, ``current``.
The root stands apart from the key-encryption keys, so that rotating those changes no blind index and ends no login.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import os
import stat
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

FORMAT = "telehealth-keys/1"
ROOT_VERSION = 0                # the row of the root in key_check; key-encryption keys count from 1


class Unusable(Exception):
    """The key file cannot be used; ``reason`` is key-missing, key-readable or key-wrong."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class KeyRing:
    """Key-encryption keys by version, one of them current, and the root of all other keys. 32 bytes each."""

    current: int
    keks: dict[int, bytes] = field(repr=False)
    root: bytes = field(repr=False)

    def index_key(self, name: str, organization_id: UUID | None) -> bytes:
        """The key of a blind index: one per field and organization, None for the national one."""
        place = organization_id.bytes if organization_id else b""
        return derive(self.root, b"index", name.encode(), place)

    @property
    def token_key(self) -> bytes:
        return derive(self.root, b"token")

    @property
    def audit_seed(self) -> bytes:
        """Ed25519 seed that signs checkpoints of the trail."""
        return derive(self.root, b"audit")

    def checks(self, deployment: UUID) -> dict[int, bytes]:
        """Values that betray a wrong key and nothing about the right one, by version; 0 is the root."""
        keys = {ROOT_VERSION: self.root, **self.keks}
        return {version: _check(key, version, deployment) for version, key in keys.items()}


def derive(key: bytes, *labels: bytes) -> bytes:
    """HKDF-SHA256 without salt; info is ``telehealth/v1`` and the labels, each with its length (4 bytes) in front."""
    info = b"".join(len(label).to_bytes(4, "big") + label for label in (b"telehealth/v1", *labels))
    return HKDF(hashes.SHA256(), 32, None, info).derive(key)


def _check(key: bytes, version: int, deployment: UUID) -> bytes:
    checking = derive(key, b"check", version.to_bytes(4, "big"))
    return hmac.new(checking, deployment.bytes, hashlib.sha256).digest()


def signature(path: Path) -> tuple[int, ...]:
    """What changes when the file is replaced, altered or given other rights; empty when there is none."""
    try:
        found = path.stat()
    except OSError:
        return ()
    return (found.st_ino, found.st_dev, found.st_mtime_ns, found.st_size, found.st_mode, found.st_uid)


def read(path: Path) -> KeyRing:
    """The key ring of ``path``. Raises Unusable; a file that group or others can touch is refused."""
    try:
        with path.open("rb") as file:
            if _others_may(os.fstat(file.fileno())):
                raise Unusable("key-readable")
            content = file.read(1 << 16)
    except OSError:
        raise Unusable("key-missing") from None
    return _parse(content)


def _others_may(found: os.stat_result) -> bool:
    """Whether somebody besides us and root could read or replace the keys."""
    return bool(stat.S_IMODE(found.st_mode) & 0o077) or found.st_uid not in (0, os.geteuid())


def _parse(content: bytes) -> KeyRing:
    try:
        found = json.loads(content)
        keks = {int(version): _key(text) for version, text in found["keks"].items()}
        ring = KeyRing(int(found["current"]), keks, _key(found["root"]))
    except (ValueError, TypeError, KeyError, AttributeError, binascii.Error):
        raise Unusable("key-wrong") from None
    if found["format"] != FORMAT or ring.current not in keks or min(keks) < 1:
        raise Unusable("key-wrong")
    return ring


def _key(text: str) -> bytes:
    key = base64.b64decode(text, validate=True)
    if len(key) != 32:
        raise ValueError("a key has 32 bytes")
    return key


def make_key_file(path: Path) -> None:
    """Writes fresh keys to ``path``, mode 0400. Raises FileExistsError rather than touch a file that is there."""
    keys = {"format": FORMAT, "current": 1, "keks": {"1": _fresh()}, "root": _fresh()}
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400)
    with os.fdopen(handle, "w") as file:
        file.write(json.dumps(keys, indent=1) + "\n")
        file.flush()
        os.fsync(file.fileno())
    _sync_folder(path.parent)


def _fresh() -> str:
    return base64.b64encode(os.urandom(32)).decode()


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
