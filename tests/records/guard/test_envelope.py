"""The primitives as their papers give them, and the layout around them. No database."""

from __future__ import annotations

import os
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.keywrap import aes_key_unwrap, aes_key_wrap

from records.errors import CannotOpen
from records.guard import envelope
from tests.records.guard import cases

DEPLOYMENT, KEY_ID, KEY = uuid4(), uuid4(), os.urandom(32)


def sealed(plain: bytes = cases.NOTE, where: envelope.Context | None = None) -> tuple[bytes, envelope.Context]:
    where = where or cases.context()
    return envelope.seal(plain, KEY, KEY_ID, 1, DEPLOYMENT, where), where


def opened(blob: bytes, where: envelope.Context, key: bytes = KEY) -> bytes:
    return envelope.open_whole(blob, envelope.read_header(blob, envelope.WHOLE), key, DEPLOYMENT, where)


def test_aes_gcm_gives_the_published_vector() -> None:
    """McGrew and Viega, The Galois/Counter Mode of Operation, test case 16."""
    key = bytes.fromhex("feffe9928665731c6d6a8f9467308308" * 2)
    text = bytes.fromhex("d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
                         "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39")
    bound = bytes.fromhex("feedfacedeadbeeffeedfacedeadbeefabaddad2")

    found = AESGCM(key).encrypt(bytes.fromhex("cafebabefacedbaddecaf888"), text, bound)

    assert found.hex() == ("522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
                           "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662" "76fc6ece0f4e1768cddf8853bb2d551b")


def test_aes_key_wrap_gives_the_published_vector() -> None:
    """RFC 3394, section 4.6: 256 bits of key data with a 256-bit key."""
    kek = bytes(range(32))
    key = bytes.fromhex("00112233445566778899aabbccddeeff000102030405060708090a0b0c0d0e0f")
    wrapped = "28c9f404c4b810f4cbccb35cfb87f8263f5786e2d80ed326cbc7f0e71a99f43bfb988b9b7a02dd21"

    assert aes_key_wrap(kek, key).hex() == wrapped
    assert aes_key_unwrap(kek, bytes.fromhex(wrapped)) == key


def test_hkdf_gives_the_published_vector() -> None:
    """RFC 5869, appendix A.1."""
    found = HKDF(hashes.SHA256(), 42, bytes(range(13)), bytes(range(0xf0, 0xfa))).derive(b"\x0b" * 22)

    assert found.hex() == ("3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf"
                           "34007208d5b887185865")


def test_the_header_has_128_bytes_and_stands_where_the_page_says() -> None:
    blob, _ = sealed()

    assert envelope.HEADER_BYTES == 128
    assert blob[:8] == b"TLHS\1\1\0\0" and blob[8:24] == KEY_ID.bytes and blob[24:28] == b"\0\0\0\1"


@pytest.mark.parametrize("size", [0, 1, 62, 63, 64, 1023, 1024, 8191, 8192, 100_000])
def test_every_length_comes_back_and_the_size_is_blurred(size: int) -> None:
    plain = os.urandom(size)

    blob, where = sealed(plain)

    assert opened(blob, where) == plain
    step = 64 if size < 1024 else 256 if size < 8192 else 1024
    assert (len(blob) - 128 - 16) % step == 0


def test_a_text_that_ends_like_padding_comes_back_whole() -> None:
    plain = b"\x80" + bytes(20) + b"\x80" + bytes(5)

    blob, where = sealed(plain)

    assert opened(blob, where) == plain


def test_no_byte_can_be_changed_unnoticed_by_header_or_body() -> None:
    blob, where = sealed()

    for number, other in enumerate(cases.flipped(blob)):
        if 8 <= number < 28:
            continue                    # names the key; the vault looks it up and compares
        with pytest.raises(CannotOpen):
            opened(other, where)


@pytest.mark.parametrize("part", ["table", "column", "row_id", "version", "organization_id", "patient_id", "boundary"])
def test_a_text_opens_only_where_it_belongs(part: str) -> None:
    blob, where = sealed()

    assert opened(blob, where) == cases.NOTE
    with pytest.raises(CannotOpen):
        opened(blob, cases.wrong_contexts(where)[part])


def test_a_text_opens_only_in_its_own_deployment() -> None:
    blob, where = sealed()
    header = envelope.read_header(blob, envelope.WHOLE)

    with pytest.raises(CannotOpen):
        envelope.open_whole(blob, header, KEY, uuid4(), where)


@pytest.mark.parametrize("blob", [b"", b"TLHS", b"TLHS\1\1\0\0" + bytes(119), b"TLHS\2\1\0\0" + bytes(200),
                                  b"TLHS\1\2\0\0" + bytes(200), b"TLHS\1\1\0\1" + bytes(200), b"TLHS\1\1\0\0" + bytes(121)])
def test_what_is_not_a_sealed_text_is_refused_like_any_other_fault(blob: bytes) -> None:
    with pytest.raises(CannotOpen) as refused:
        opened(blob, cases.context())

    assert str(refused.value) == "a sealed text did not open"


def test_a_truncated_text_does_not_open() -> None:
    blob, where = sealed()

    for length in range(len(blob)):
        with pytest.raises(CannotOpen):
            opened(blob[:length], where)


def test_a_rewrap_changes_two_ranges_and_the_text_opens_with_the_new_key_only() -> None:
    blob, where = sealed()
    other, other_id = os.urandom(32), uuid4()

    again = envelope.rewrap(blob, KEY, other, other_id, 2)

    changed = {at for at in range(len(blob)) if blob[at] != again[at]}
    assert changed <= {*range(8, 28), *range(44, 84)} and len(again) == len(blob)
    assert opened(again, where, other) == cases.NOTE
    with pytest.raises(CannotOpen):
        opened(again, where, KEY)


def test_the_commitment_is_checked_by_itself() -> None:
    blob, _ = sealed()
    header = envelope.read_header(blob, envelope.WHOLE)

    envelope.cipher_of(header, KEY)

    for other in cases.flipped(blob[84:116]):
        with pytest.raises(CannotOpen):
            envelope.cipher_of(envelope.read_header(blob[:84] + other + blob[116:], envelope.WHOLE), KEY)


def test_equal_texts_are_sealed_differently() -> None:
    where = cases.context()

    assert sealed(where=where)[0][28:] != sealed(where=where)[0][28:]
