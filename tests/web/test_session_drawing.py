"""The time line of a session: one lane for what each side sent, cuts between, both directions on one scale."""

from __future__ import annotations

from dataclasses import replace

import pytest

from records.care.session_facts import Facts
from tests.session_cases import SESSION, Story, at, call, finished
from web import session_drawing
from web.timeline import Band


def facts(story: Story) -> Facts:
    return Facts(session=replace(SESSION, ended_at=at("08:04:30")), organization="Phủ Thông", events=story.events,
                 samples=story.samples, causes=[], changes=[], names={}, signed_at=None)


@pytest.fixture
def drawing():
    story = finished(call().tell("07:58:00 reconnecting doctor", "07:59:00 connected worker 60"))
    story.measure("07:46:40", "07:58:00", "worker").measure("07:59:00", "08:03:00", "worker", rung="stills", received_kbps=2000)
    story.measure("07:46:40", "08:03:00", "doctor", rung="clear", lost_percent=8)
    return session_drawing.draw(facts(story), at("09:00:00"))


def test_each_side_has_a_lane_with_its_rungs_and_their_shares(drawing):
    station, doctor = drawing.lanes

    assert (station.side, [band.kind for band in station.bands]) == ("worker", ["medium", "stills"])
    assert (doctor.side, [band.kind for band in doctor.bands], doctor.shares) == ("doctor", ["clear"], [("clear", 100)])
    assert station.shares == [("medium", 74), ("stills", 26)]
    assert list(drawing.rungs) == ["clear", "medium", "stills"]


def test_a_cut_lies_between_the_bands_and_a_change_without_one_leaves_no_gap(drawing):
    medium, stills = drawing.lanes[0].bands
    [cut] = drawing.lanes[0].cuts

    assert cut.seconds == 60
    assert medium.start + medium.length == pytest.approx(cut.start) and cut.start + cut.length == pytest.approx(stills.start)
    seamless = facts(finished(call()).measure("07:50:00", "07:51:00", "worker").measure("07:51:00", "07:52:00", "worker", rung="small"))
    first, second = session_drawing.draw(seamless, at("09:00:00")).lanes[0].bands
    assert first.start + first.length == pytest.approx(second.start)


def test_both_directions_share_a_scale_and_are_told_by_who_sends(drawing):
    rate, lost, _ = drawing.tracks

    assert (rate.highest, lost.highest) == (2000, 8)
    assert set(lost.curves) == {"worker", "doctor"}
    heights = {side: {point.split(",")[1] for curve in lost.curves[side] for point in curve.points.split(" ")} for side in lost.curves}
    assert heights["worker"] == {"2.0"}        # the 8 % that the doctor misses are what the station sends


def test_nothing_is_drawn_across_a_gap_in_the_figures(drawing):
    lost = drawing.tracks[1]

    assert [len(lost.curves[side]) for side in ("worker", "doctor")] == [1, 2]


def test_a_session_without_figures_has_neither_lanes_nor_curves():
    drawing = session_drawing.draw(facts(finished(call())), at("09:00:00"))

    assert (drawing.lanes, drawing.tracks, drawing.rungs) == ([], [], {})


def test_a_word_stands_on_a_band_only_where_it_fits():
    band = Band("stills", 0, 50, 300)

    assert session_drawing.room_for("Ảnh + tiếng", band) == "always"
    assert session_drawing.room_for("Ảnh + tiếng", replace(band, length=12)) == "wide"
    assert session_drawing.room_for("Ảnh + tiếng", replace(band, length=2)) == "never"


def test_a_better_rung_stands_higher():
    tops = [session_drawing.rung_top(rung) for rung in session_drawing.RUNGS]

    assert tops == sorted(set(tops)) and tops[-1] < 95
