"""Vietnamese words folded for finding: no marks, no case, slips of the telex and VNI typing methods understood."""

from __future__ import annotations

import re
import unicodedata

VOWELS = "aeiouy"
DOUBLED = {"aa": "a", "ee": "e", "oo": "o", "dd": "d"}    # telex: aa is â, ee is ê, oo is ô, dd is đ
TONES = "sfrxj"                                           # telex: sắc, huyền, hỏi, ngã, nặng; none ends a syllable
WORD = re.compile(r"[^\W_]+")


def fold(text: str) -> str:
    """``text`` in small letters without marks, one space between words: "Hoàng  Thị Đào" becomes "hoang thi dao".

    đ is a letter of its own and not a d with a mark, so it is replaced before NFD takes the marks away.
    """
    plain = text.replace("đ", "d").replace("Đ", "D")
    bare = "".join(letter for letter in unicodedata.normalize("NFD", plain) if not unicodedata.combining(letter))
    return " ".join(WORD.findall(bare.casefold()))


def readings(word: str) -> tuple[str, ...]:
    """What a folded word may have been meant to be: itself, then with telex or VNI keys taken out ("hoaf", "nguye6n4")."""
    found = [word]
    for other in (_without_telex(word), _without_vni(word)):
        if other and other not in found:
            found.append(other)
    return tuple(found)


def _without_telex(word: str) -> str:
    if not word.isalpha():
        return word
    kept = ""
    for letter in word:
        if letter in TONES and any(vowel in kept for vowel in VOWELS):
            continue
        kept = _add(kept, letter)
    return kept


def _add(kept: str, letter: str) -> str:
    """``kept`` with one more key pressed. A w after a vowel is a mark (ă, ơ, ư), elsewhere it is the letter ư."""
    if letter == "w":
        return kept if kept and kept[-1] in VOWELS else kept + "u"
    pair = kept[-1:] + letter
    return kept[:-1] + DOUBLED[pair] if pair in DOUBLED else _late_mark(kept, letter)


def _late_mark(kept: str, letter: str) -> str:
    """Telex takes a mark also after the end of the word: "ngueyne", "dangd"."""
    if letter == "d" and kept.startswith("d") and kept[-1] not in VOWELS:
        return kept
    return kept + letter


def _without_vni(word: str) -> str:
    """VNI writes marks as digits after letters; a word of digits alone is a number and stays."""
    if word.isdigit() or not word[:1].isalpha():
        return word
    return "".join(letter for letter in word if not letter.isdigit())
