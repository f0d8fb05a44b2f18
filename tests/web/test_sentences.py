"""Why a call went badly, in one calm sentence: each cause from what pages, sockets and the call write, in both languages."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

import web.i18n
from records.care import session_causes, session_rungs
from records.care.call_events import Event
from tests.session_cases import SESSION, Story, at, call, finished
from web import cause_words, sentences

LOCALE = Path(web.i18n.__file__).parent / "locale"
SIGNED = at("08:04:00")
NOT_CONNECTED = replace(SESSION, outcome="not-connected", length_seconds=None)


@cache
def texts():
    return web.i18n.Texts.load(LOCALE)


def translate(locale):
    def one(text, **values):
        found = texts().one(locale, text)
        return found % values if values else found
    return one


def sentence(story: Story, locale: str, session=SESSION, signed_at=SIGNED) -> str:
    causes = session_causes.causes(story.events, story.samples)
    return sentences.sentence(translate(locale), session, story.events, causes, signed_at)


def cut(*lines: str) -> Story:
    """Media lost at 07:58:04 and back at 07:58:39, as the doctor's page says; ``lines`` tell what else was seen."""
    return finished(call().tell("07:58:04 reconnecting doctor", *lines, "07:58:39 connected worker 35"))


def never_back(*lines: str) -> Story:
    return call().tell("07:58:04 reconnecting doctor", *lines, "08:08:04 ended - lost")


STATION_CUT = ("07:58:13 away worker silent", "07:58:38 back worker", "07:58:39 line-out worker 38")
CASES = {
    "network-lost": (cut(*STATION_CUT), "07:58 trạm mất mạng 38 giây; tự nối lại; bác sĩ ký lúc 08:04.",
        "07:58 the station lost the network for 38 s; it came back by itself; the doctor signed at 08:04."),
    "network-lost by mobile": (
        cut(*STATION_CUT).measure("07:50:00", "07:58:00", "worker", network="cellular"),
        "07:58 trạm mất sóng di động 38 giây; tự nối lại; bác sĩ ký lúc 08:04.",
        "07:58 the station lost the mobile signal for 38 s; it came back by itself; the doctor signed at 08:04."),
    "network-lost of the doctor": (
        cut("07:58:12 away doctor dropped", "07:58:38 back doctor"),
        "07:58 bác sĩ mất mạng 35 giây; tự nối lại; bác sĩ ký lúc 08:04.",
        "07:58 the doctor lost the network for 35 s; it came back by itself; the doctor signed at 08:04."),
    "network-lost for good": (
        never_back("07:58:13 away worker silent", "07:59:29 gone worker gone"),
        "07:58 trạm mất mạng; không nối lại được; nói chuyện 16 phút; ghi chú chưa ký.",
        "07:58 the station lost the network; it did not come back; they talked for 16 min; the note is not signed."),
    "power-lost": (
        cut(*STATION_CUT, "07:58:41 power-battery worker"),
        "07:58 trạm mất liên lạc 38 giây, có thể mất điện; tự nối lại; bác sĩ ký lúc 08:04.",
        "07:58 the station was out of reach for 38 s, perhaps a power cut; it came back by itself; the doctor signed at 08:04."),
    "power-lost for good": (
        never_back("07:50:00 power-low worker", "07:58:13 away worker silent"),
        "07:58 trạm mất liên lạc, có thể mất điện hoặc hết pin; không nối lại được; nói chuyện 16 phút; ghi chú chưa ký.",
        "07:58 the station was out of reach, perhaps a power cut or an empty battery; it did not come back; they talked for 16 min;"
        " the note is not signed."),
    "both-lost": (
        cut("07:58:13 away worker silent", "07:58:13 away doctor silent"),
        "07:58 hai bên cùng mất mạng 35 giây, có thể do máy chủ; tự nối lại; bác sĩ ký lúc 08:04.",
        "07:58 both sides lost the network for 35 s, perhaps the server; they came back by themselves; the doctor signed at 08:04."),
    "closed": (
        cut("07:58:01 away worker closed", "07:58:37 entered worker"),
        "07:58 trạm đóng trang, mở lại sau 35 giây; bác sĩ ký lúc 08:04.",
        "07:58 the station closed the page and opened it again after 35 s; the doctor signed at 08:04."),
    "left": (
        never_back("07:58:04 left doctor left"),
        "07:58 bác sĩ rời cuộc gọi; không vào lại; nói chuyện 16 phút; ghi chú chưa ký.",
        "07:58 the doctor left the call and did not come back; they talked for 16 min; the note is not signed."),
    "left and back": (
        cut("07:58:04 left worker left"),
        "07:58 trạm rời cuộc gọi, vào lại sau 35 giây; bác sĩ ký lúc 08:04.",
        "07:58 the station left the call and came back after 35 s; the doctor signed at 08:04."),
    "relay-lost": (
        cut().measure("07:50:00", "07:58:00", "worker", path="relay-udp").measure("07:58:40", "08:03:00", "worker", path="relay-tls"),
        "07:58 gián đoạn 35 giây, có thể đứt đường chuyển tiếp; tự nối lại; bác sĩ ký lúc 08:04.",
        "07:58 interrupted for 35 s, perhaps the relay was lost; it came back by itself; the doctor signed at 08:04."),
    "network-changed": (
        cut(*STATION_CUT).measure("07:50:00", "07:58:00", "worker", network="wifi")
        .measure("07:58:40", "08:03:00", "worker", network="cellular"),
        "07:58 trạm đổi từ Wi-Fi sang sóng di động, gián đoạn 38 giây; tự nối lại; bác sĩ ký lúc 08:04.",
        "07:58 the station changed from Wi-Fi to mobile signal, interrupted for 38 s; it came back by itself;"
        " the doctor signed at 08:04."),
    "media-lost": (
        cut(), "07:58 hình và tiếng gián đoạn 35 giây; tự nối lại; bác sĩ ký lúc 08:04.",
        "07:58 picture and sound were interrupted for 35 s; they came back by themselves; the doctor signed at 08:04."),
    "server-restarted": (
        finished(call().tell("07:58:04 restarted -", "07:58:06 entered worker", "07:58:07 entered doctor")),
        "07:58 máy chủ khởi động lại, hình và tiếng không đứt; bác sĩ ký lúc 08:04.",
        "07:58 the server was restarted, picture and sound went on; the doctor signed at 08:04."),
    "server-restarted and a cut": (
        cut("07:58:05 restarted -", "07:58:37 line-out worker 33", "07:58:37 line-out doctor 33"),
        "07:58 máy chủ khởi động lại; tự nối lại; bác sĩ ký lúc 08:04.",
        "07:58 the server was restarted; the sides came back by themselves; the doctor signed at 08:04."),
    "weak-line": (
        finished(call()).measure("07:46:42", "08:00:00", "worker").measure("08:00:00", "08:03:00", "worker", rung="stills")
        .measure("07:46:42", "08:00:00", "doctor").measure("08:00:00", "08:03:00", "doctor", lost_percent=12),
        "Từ 08:00 đường trạm gửi yếu, cộng 3 phút (mất gói 12 %), phải hạ xuống ảnh + tiếng; bác sĩ ký lúc 08:04.",
        "From 08:00 the line on which the station sends was weak, 3 min in all (12 % of the packets lost), down to stills + voice;"
        " the doctor signed at 08:04."),
    "weak-line both ways": (
        finished(call()).measure("07:50:00", "07:55:00", "worker", lost_percent=9).measure("07:50:00", "07:55:00", "doctor", lost_percent=6),
        "Từ 07:50 đường truyền hai chiều yếu, cộng 5 phút (mất gói 9 %); bác sĩ ký lúc 08:04.",
        "From 07:50 the line was weak both ways, 5 min in all (9 % of the packets lost); the doctor signed at 08:04."),
    "weak-line without loss": (
        finished(call()).measure("07:50:00", "07:51:40", "worker", rung="voice", available_kbps=41),
        "Từ 07:50 đường trạm gửi yếu, cộng 100 giây (chỉ còn 41 kb/s); bác sĩ ký lúc 08:04.",
        "From 07:50 the line on which the station sends was weak, 100 s in all (only 41 kb/s left); the doctor signed at 08:04."),
    "slow-line": (
        finished(call()).measure("07:50:00", "07:55:00", "worker", round_trip_ms=1150),
        "Từ 07:50 đường truyền trễ, cộng 5 phút (đi về 1150 ms); bác sĩ ký lúc 08:04.",
        "From 07:50 the line was slow to answer, 5 min in all (1150 ms there and back); the doctor signed at 08:04."),
    "voice-failed": (
        finished(call()).measure("07:50:00", "07:51:30", "worker", rung="voice-notes"),
        "07:50 tiếng của trạm không qua được, 90 giây dùng tin thoại; bác sĩ ký lúc 08:04.",
        "07:50 the station's voice did not get through, voice notes for 90 s; the doctor signed at 08:04."),
    "voice-failed, text": (
        finished(call()).measure("07:50:00", "07:53:00", "doctor", rung="text"),
        "07:50 tiếng của bác sĩ không qua được, 3 phút chỉ nhắn tin; bác sĩ ký lúc 08:04.",
        "07:50 the doctor's voice did not get through, text only for 3 min; the doctor signed at 08:04."),
    "voice-failed both ways": (
        finished(call()).measure("07:50:00", "07:51:30", "worker", rung="text").measure("07:50:00", "07:51:00", "doctor", rung="voice-notes"),
        "07:50 tiếng không qua được cả hai chiều, 90 giây dùng tin thoại hoặc nhắn tin; bác sĩ ký lúc 08:04.",
        "07:50 the voice did not get through either way, voice notes or text for 90 s; the doctor signed at 08:04."),
    "microphone-fault": (
        finished(call().tell("07:46:43 microphone-fault worker blocked")),
        "Micro của trạm không dùng được (trình duyệt chặn); bác sĩ ký lúc 08:04.",
        "The station's microphone could not be used (blocked by the browser); the doctor signed at 08:04."),
    "camera-fault": (
        finished(call().tell("07:46:43 camera-fault doctor missing")),
        "Camera của bác sĩ không dùng được (không tìm thấy); bác sĩ ký lúc 08:04.",
        "The doctor's camera could not be used (not found); the doctor signed at 08:04."),
    "too-long": (
        call().tell("11:46:40 ended - too-long"),
        "Cuộc gọi đủ bốn giờ nên khép lại; bác sĩ ký lúc 08:04.",
        "The call was closed after its four hours; the doctor signed at 08:04."),
}


@pytest.mark.parametrize("name", CASES)
def test_each_cause_has_its_sentence_in_vietnamese(name):
    story, vietnamese, _ = CASES[name]

    assert sentence(story, "vi", signed_at=None if "ghi chú chưa ký" in vietnamese else SIGNED) == vietnamese


@pytest.mark.parametrize("name", CASES)
def test_each_cause_has_its_sentence_in_english(name):
    story, _, english = CASES[name]

    assert sentence(story, "en", signed_at=None if "not signed" in english else SIGNED) == english


def unconnected(*lines: str) -> Story:
    return Story().tell("07:46:02 asked worker", "07:46:40 opened -", "07:46:41 entered worker", "07:46:41 entered doctor",
                        "07:46:41 connecting -", "07:47:11 not-connected -", *lines, "07:57:11 failed - not-connected")


STARTS = {
    "no-relay": (unconnected("07:46:51 path-failed doctor no-relay"),
        "hai bên không có đường tới nhau, có thể mạng chặn UDP và không có máy chủ chuyển tiếp",
        "the sides found no way to each other, perhaps a network blocks UDP and there is no relay"),
    "with-relay": (unconnected("07:46:51 path-failed doctor with-relay"),
        "hai bên không có đường tới nhau dù có máy chủ chuyển tiếp, có thể mạng chặn",
        "the sides found no way to each other in spite of a relay, perhaps a network blocks it"),
    "no-local weighs more": (unconnected("07:46:51 path-failed doctor no-remote", "07:46:51 path-failed worker no-local"),
        "máy của trạm không mở được đường mạng nào, có thể bị tường lửa chặn",
        "the station's device could open no way into the network, perhaps a firewall blocks it"),
    "no-remote": (unconnected("07:46:51 path-failed worker no-remote"),
        "máy của trạm không nhận được đường nào của bên kia",
        "the station's device heard of no way to the other side"),
    "one side gone": (unconnected("07:46:50 away worker silent", "07:48:06 gone worker gone"),
        "07:46 trạm mất mạng; không nối lại được", "07:46 the station lost the network; it did not come back"),
    "nothing known": (unconnected(), "hai bên không nối được hình và tiếng, chưa rõ vì sao",
        "the sides could not connect picture and sound, it is not known why"),
    "not-joined": (Story().tell("07:46:02 asked worker", "07:46:40 opened -", "07:46:41 entered worker", "07:56:40 failed - not-joined"),
        "bác sĩ không vào cuộc gọi", "the doctor did not enter the call"),
}


@pytest.mark.parametrize("name", STARTS)
def test_a_call_that_never_connected_says_first_how_it_began_and_then_what_stood_in_the_way(name):
    story, vietnamese, english = STARTS[name]

    assert sentence(story, "vi", NOT_CONNECTED, None) == f"07:46 Vi Hương gọi, Bs. Hùng nhận sau 38 giây; {vietnamese}."
    assert sentence(story, "en", NOT_CONNECTED, None) == f"07:46 Vi Hương called, Bs. Hùng accepted after 38 s; {english}."


def test_a_connection_that_took_long_is_said_and_a_quick_one_is_not():
    slow = Story().tell("07:46:41 connecting -", "07:47:11 not-connected -", "07:47:26 connected doctor", "08:04:30 ended - finished")

    assert sentence(slow, "vi") == "Mất 45 giây mới nối được hình và tiếng; bác sĩ ký lúc 08:04."
    assert sentence(finished(call()), "vi") == "07:46 Vi Hương gọi, Bs. Hùng nhận sau 38 giây; bác sĩ ký lúc 08:04."


def test_three_troubles_at_most_the_weightiest_first_then_how_many_more():
    story = finished(call().tell(
        "07:46:43 camera-fault worker busy", "07:50:00 restarted -", "07:52:00 reconnecting doctor", "07:52:20 connected worker 20",
        "07:58:04 reconnecting doctor", *STATION_CUT, "07:58:39 connected worker 35",
        "08:00:04 reconnecting doctor", "08:00:10 away worker silent", "08:01:44 connected worker 100"))

    assert sentence(story, "vi") == (
        "08:00 trạm mất mạng 100 giây; tự nối lại; 07:58 trạm mất mạng 38 giây; tự nối lại; "
        "07:52 hình và tiếng gián đoạn 20 giây; tự nối lại; và 2 lần nữa; bác sĩ ký lúc 08:04.")
    assert "; and 2 more; " in sentence(story, "en")


def test_people_who_part_when_they_are_done_are_no_trouble():
    parted = call().tell("08:00:00 left worker left", "08:00:00 reconnecting worker", "08:04:00 finish-armed doctor",
                         "08:04:10 left doctor left", "08:04:30 ended - finished")

    assert session_causes.causes(parted.events, []) == []


def test_a_line_that_goes_while_the_end_is_armed_is_no_trouble():
    ended = call().tell("08:04:00 finish-armed doctor", "08:04:08 reconnecting doctor", "08:04:16 away worker silent",
                        "08:04:30 ended - finished")

    assert session_causes.causes(ended.events, []) == []


def test_what_the_station_could_not_tell_while_it_was_out_is_no_second_cut():
    """Its "lost" waits in its page and comes after the doctor's "connected": the call is lost once more for a moment."""
    story = cut(*STATION_CUT, "07:58:40 reconnecting worker", "07:58:41 connected worker 1")

    assert sentence(story, "vi") == "07:58 trạm mất mạng 38 giây; tự nối lại; bác sĩ ký lúc 08:04."


def test_mains_that_went_during_a_long_cut_are_told_on_return_and_taken_for_its_reason():
    story = finished(call().tell("07:54:04 reconnecting doctor", "07:54:13 away worker silent", "07:59:04 connected worker 300",
                                 "07:59:06 power-battery worker"))

    assert [(one.kind, one.side) for one in session_causes.causes(story.events, [])] == [("power-lost", "worker")]


def test_what_did_not_pass_goes_before_what_did_however_weighty():
    story = never_back("07:58:02 away worker closed").tell("07:50:04 reconnecting doctor", "07:50:13 away worker silent",
                                                           "07:52:04 connected worker 120")

    assert [(one.kind, one.back) for one in session_causes.causes(story.events, [])] == [("closed", False), ("network-lost", True)]


def test_half_a_minute_of_loss_is_a_trouble_and_a_gust_of_it_is_not():
    gust = finished(call()).measure("07:50:00", "07:50:20", "doctor", lost_percent=30).measure("07:50:20", "07:58:00", "doctor")
    lasting = finished(call()).measure("07:50:00", "07:50:30", "doctor", lost_percent=30).measure("07:50:30", "07:58:00", "doctor")

    assert session_causes.causes(gust.events, gust.samples) == []
    assert [(one.kind, one.side, one.seconds) for one in session_causes.causes(lasting.events, lasting.samples)] == [
        ("weak-line", "worker", 30)]


def test_the_loss_around_a_cut_is_the_cut_and_no_weak_line():
    story = cut(*STATION_CUT).measure("07:57:54", "07:59:04", "doctor", lost_percent=60)

    assert [one.kind for one in session_causes.causes(story.events, story.samples)] == ["network-lost"]


def test_every_kind_of_cause_has_a_clause_and_a_word_in_both_languages():
    told = {cause.kind for story, *_ in [*CASES.values(), *STARTS.values()] for cause in session_causes.causes(story.events, story.samples)}

    assert told | {"slow-start"} == set(session_causes.KINDS) == set(cause_words.SHORT)
    assert cause_words.short(translate("vi"), "network-lost", "worker") == "trạm mất mạng"
    assert cause_words.short(translate("en"), "network-lost", "worker") == "station lost the network"


def test_a_change_of_rung_is_a_row_and_names_its_reason_on_the_way_down_only():
    story = Story().measure("07:50:00", "07:50:10", "worker").measure("07:50:10", "07:50:20", "worker", rung="stills")
    story.measure("07:50:20", "07:50:30", "worker").measure("07:50:00", "07:50:30", "doctor", lost_percent=12)

    rows = [sentences.change(translate("vi"), one) for one in session_rungs.changes(story.samples, "worker")]

    assert rows == ["Trạm gửi: hình vừa → ảnh + tiếng (mất gói 12 %)", "Trạm gửi: ảnh + tiếng → hình vừa"]
    down = next(session_rungs.changes(story.samples, "worker"))
    assert sentences.change(translate("en"), down) == "Station sends: medium picture → stills + voice (12 % of the packets lost)"


@pytest.mark.parametrize(("kind", "detail", "words"), [
    ("away", "closed", "Trạm đóng trang"), ("away", "silent", "Trạm mất liên lạc với máy chủ"), ("line-out", "38", "Trạm báo: mạng đứt 38 giây"),
    ("power-low", "", "Máy của trạm sắp hết pin"), ("reconnecting", "", "Trạm không còn nhận được hình và tiếng"),
    ("path-failed", "no-relay", "Trạm báo: không có đường thẳng, cũng không có máy chủ chuyển tiếp"),
    ("something-new", "x", "something-new x"),
])
def test_each_row_of_the_time_line_is_said_in_words_and_an_unknown_one_as_it_is(kind, detail, words):
    assert sentences.row(translate("vi"), Event(at("07:58:04"), kind, None, "worker", detail), {}) == words
