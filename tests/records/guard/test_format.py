"""A stranger's decryptor, written from FORMAT.md alone: standard library and primitives, nothing of ours but the database."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.keywrap import aes_key_unwrap
from sqlalchemy import text

from records import database
from records.archive import Archive
from records.guard import audit
from tests.builders import People
from tests.records.guard import cases


def frame(*items: bytes) -> bytes:
    return b"".join(len(item).to_bytes(4, "big") + item for item in items)


def hkdf(secret: bytes, salt: bytes | None, info: bytes, length: int) -> bytes:
    return HKDF(hashes.SHA256(), length, salt, info).derive(secret)


class Stranger:
    """Somebody with the key file, a copy of both databases and the page."""

    def __init__(self, key_file: Path, deployment: UUID, patient_keys: dict[UUID, dict[str, Any]]) -> None:
        self.keys = json.loads(key_file.read_text())
        self.deployment, self.patient_keys = deployment, patient_keys

    @property
    def root(self) -> bytes:
        return base64.b64decode(self.keys["root"])

    def derive(self, *labels: bytes) -> bytes:
        return hkdf(self.root, None, frame(b"telehealth/v1", *labels), 32)

    def patient_key(self, header: bytes, patient: UUID) -> bytes:
        row = self.patient_keys[UUID(bytes=header[8:24])]
        assert row["patient_id"] == patient and row["version"] == int.from_bytes(header[24:28], "big")
        bound = (b"telehealth/patient-key/v1" + bytes(3) + self.deployment.bytes + header[8:24] + patient.bytes
                 + row["version"].to_bytes(4, "big") + row["kek_version"].to_bytes(4, "big"))
        kek = base64.b64decode(self.keys["keks"][str(row["kek_version"])])
        return AESGCM(kek).decrypt(row["wrapped"][:12], row["wrapped"][12:], bound)

    def cipher(self, header: bytes, table: str, column: str, row: UUID, version: int, organization: UUID, patient: UUID):
        assert header[:6] == b"TLHS\1\1"
        data_key = aes_key_unwrap(self.patient_key(header, patient), header[44:84])
        derived = hkdf(data_key, header[28:44], b"telehealth/sealed/v1/key-and-commitment", 64)
        assert derived[32:] == header[84:116]
        bound = frame(header[0:8] + header[28:44] + header[84:128], self.deployment.bytes, table.encode(), column.encode(),
                      row.bytes, version.to_bytes(8, "big"), organization.bytes, patient.bytes)
        return AESGCM(derived[:32]), bound

    def open(self, sealed: bytes, *where: Any) -> bytes:
        assert sealed[6:8] == b"\0\0"
        cipher, bound = self.cipher(sealed[:128], *where)
        return unpadded(cipher.decrypt(sealed[116:128], sealed[128:], bound))

    def open_stream(self, header: bytes, chunks: list[bytes], *where: Any) -> bytes:
        assert header[6:8] == b"\0\1" and header[123:] == bytes(5)
        cipher, bound = self.cipher(header, *where)
        texts = [cipher.decrypt(header[116:123] + number.to_bytes(4, "big") + bytes([number == len(chunks) - 1]), chunk, bound)
                 for number, chunk in enumerate(chunks)]
        return b"".join(texts[:-1]) + unpadded(texts[-1])


def unpadded(padded: bytes) -> bytes:
    stripped = padded.rstrip(b"\0")
    assert stripped[-1:] == b"\x80"
    return stripped[:-1]


async def stranger(archive: Archive, key_file: Path, key_store_url: str) -> Stranger:
    """Reads what a stranger would: raw rows, as FORMAT.md names them."""
    store = database.make_engine(key_store_url)
    schema = "keys." if store.dialect.name == "postgresql" else ""
    async with archive.engine.connect() as connection:
        deployment = (await connection.execute(text("SELECT id FROM deployment"))).scalar_one()
    async with store.connect() as connection:
        query = text(f"SELECT id, patient_id, version, kek_version, wrapped FROM {schema}patient_key")
        rows = [dict(row._mapping) for row in await connection.execute(query)]
    await store.dispose()
    keys = {as_uuid(row["id"]): {**row, "patient_id": as_uuid(row["patient_id"]), "wrapped": bytes(row["wrapped"])}
            for row in rows}
    return Stranger(key_file, as_uuid(deployment), keys)


def as_uuid(value: object) -> UUID:
    return UUID(str(value))


async def test_a_stranger_opens_a_note_with_the_key_file_and_the_page(
        archive: Archive, key_file: Path, key_store_url: str) -> None:
    where = cases.context()
    sealed = await archive.vault.seal(cases.NOTE, where)

    someone = await stranger(archive, key_file, key_store_url)

    found = someone.open(sealed, "note", "content", where.row_id, 1, where.organization_id, where.patient_id)
    assert found == cases.NOTE


async def test_a_stranger_opens_a_photo_of_several_chunks(archive: Archive, key_file: Path, key_store_url: str) -> None:
    where, photo = cases.context(table="attachment", column="chunk"), bytes(range(256)) * 700
    stream = await archive.vault.seal_stream(cases.pieces(photo), where)
    chunks = [chunk async for chunk in stream.chunks]

    someone = await stranger(archive, key_file, key_store_url)

    found = someone.open_stream(stream.header, chunks, "attachment", "chunk", where.row_id, 1, where.organization_id,
                                where.patient_id)
    assert len(chunks) == 3 and found == photo


async def test_a_stranger_finds_a_number_by_its_blind_index_and_a_login_by_its_token(
        archive: Archive, key_file: Path, key_store_url: str) -> None:
    station = uuid4()
    someone = await stranger(archive, key_file, key_store_url)

    index_key = someone.derive(b"index", b"phone", station.bytes)
    expected = hmac.new(index_key, b"0912345678", hashlib.sha256).digest()[:16]
    assert archive.vault.digest("phone", station, "+84 912.345.678") == expected
    national = hmac.new(someone.derive(b"index", b"national_id", b""), b"019058001234", hashlib.sha256).digest()[:16]
    assert archive.vault.digest("national_id", None, "019 058 001 234") == national
    token = hmac.new(someone.derive(b"token"), b"\0\0\0\5loginabc", hashlib.sha256).digest()
    assert archive.vault.token("login", b"abc") == token


async def test_a_stranger_follows_the_trail(archive: Archive, people: People, key_file: Path, key_store_url: str) -> None:
    for _ in range(3):
        async with archive.act(people.nurse.actor) as act:
            await audit.record(act, "patient:search")
    someone = await stranger(archive, key_file, key_store_url)

    async with archive.engine.connect() as connection:
        rows = (await connection.execute(text("SELECT sequence, entry, hash FROM audit_event ORDER BY sequence"))).all()

    found = hashlib.sha256(b"telehealth/trail/v1" + someone.deployment.bytes).digest()
    for number, row in enumerate(rows, 1):
        found = hashlib.sha256(found + row.entry.encode()).digest()
        assert row.sequence == number and bytes(row.hash) == found
        assert row.entry == json.dumps(json.loads(row.entry), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert len(rows) == 3
