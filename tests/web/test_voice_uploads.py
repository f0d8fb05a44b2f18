"""Pieces of a clip: in any order of repeats, never over a gap, bounded per author and altogether, forgotten after a while."""

from __future__ import annotations

from uuid import uuid4

import pytest

from records.care import clips
from web import voice_uploads
from web.voice_uploads import Gap, TooLarge, Uploads

NURSE, DOCTOR = uuid4(), uuid4()


class Seconds:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
def uploads(seconds: Seconds) -> Uploads:
    return Uploads(seconds)


def test_pieces_are_put_together_and_repeats_change_nothing(uploads: Uploads) -> None:
    note = uuid4()

    counts = [uploads.add(NURSE, note, *piece) for piece in ((0, b"abc"), (3, b"def"), (0, b"abc"), (2, b"cdefg"), (7, b""))]

    assert counts == [3, 6, 6, 7, 7]
    assert uploads.content(NURSE, note) == b"abcdefg"


def test_a_piece_after_a_gap_is_refused_and_told_where_to_go_on(uploads: Uploads) -> None:
    note = uuid4()
    uploads.add(NURSE, note, 0, b"abc")

    with pytest.raises(Gap) as known:
        uploads.add(NURSE, note, 4, b"efg")
    with pytest.raises(Gap) as unknown:
        uploads.add(NURSE, uuid4(), 900, b"efg")        # as after a restart of the server

    assert (known.value.received, unknown.value.received) == (3, 0)
    assert uploads.content(NURSE, note) == b"abc"


def test_no_clip_grows_past_its_size(uploads: Uploads) -> None:
    note = uuid4()
    uploads.add(NURSE, note, 0, bytes(clips.MOST_BYTES))

    with pytest.raises(TooLarge):
        uploads.add(NURSE, note, clips.MOST_BYTES, b"x")
    assert uploads.content(NURSE, note) == b""


def test_two_authors_never_share_a_clip(uploads: Uploads) -> None:
    note = uuid4()
    uploads.add(NURSE, note, 0, b"nurse")

    with pytest.raises(Gap):
        uploads.add(DOCTOR, note, 5, b"doctor")
    assert uploads.content(NURSE, note) == b"nurse"
    assert uploads.content(DOCTOR, note) == b""


def test_an_author_has_few_unfinished_clips_and_the_oldest_goes_first(uploads: Uploads) -> None:
    notes = [uuid4() for _ in range(voice_uploads.PER_AUTHOR + 1)]
    uploads.add(DOCTOR, notes[0], 0, b"d")
    for note in notes:
        uploads.add(NURSE, note, 0, b"n")

    assert [uploads.content(NURSE, note) for note in notes] == [b"", *[b"n"] * voice_uploads.PER_AUTHOR]
    assert uploads.content(DOCTOR, notes[0]) == b"d"


def test_all_authors_together_stay_within_bounds(uploads: Uploads, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(voice_uploads, "ALTOGETHER", 3)
    authors, note = [uuid4() for _ in range(5)], uuid4()
    for author in authors:
        uploads.add(author, note, 0, b"x")

    assert [uploads.content(author, note) for author in authors] == [b"", b"", b"x", b"x", b"x"]


def test_what_nobody_goes_on_with_is_forgotten_after_ten_minutes(uploads: Uploads, seconds: Seconds) -> None:
    old, fresh = uuid4(), uuid4()
    uploads.add(NURSE, old, 0, b"old")
    seconds.now = 400
    uploads.add(DOCTOR, fresh, 0, b"fresh")
    seconds.now = 601

    uploads.add(uuid4(), uuid4(), 0, b"another")

    assert (uploads.content(NURSE, old), uploads.content(DOCTOR, fresh)) == (b"", b"fresh")


def test_a_clip_that_is_kept_frees_its_memory(uploads: Uploads) -> None:
    note = uuid4()
    uploads.add(NURSE, note, 0, b"abc")

    uploads.drop(NURSE, note)
    uploads.drop(NURSE, note)

    assert len(uploads) == 0
