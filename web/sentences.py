"""One call as a sentence, and each event of its time line as a short line: generated from codes, in the reader's language."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from records.care.call_events import Event
from records.care.session_causes import Cause
from records.care.session_rungs import Change
from records.care.sessions import Session
from web import cause_words, dates, line_words
from web.cause_words import span
from web.i18n import N_, Translate

ROWS = {
    "asked": N_("%(who)s yêu cầu gọi"),
    "line": N_("Đường truyền của trạm đo trước: %(detail)s"),
    "emergency": N_("%(who)s gọi khẩn cấp"),
    "offered": N_("Gọi %(who)s"),
    "shown": N_("Chuông đến %(who)s, đã hiển thị"),
    "accepted": N_("%(who)s nhận"),
    "declined": N_("%(who)s báo không nhận được"),
    "returned": N_("%(who)s đã nhận nhưng không vào, gọi lại từ đầu"),
    "cancelled": N_("%(who)s huỷ lời gọi"),
    "completed": N_("Ca đã xong"),
    "opened": N_("Cuộc gọi mở"),
    "entered": N_("%(who)s vào cuộc gọi"),
    "left": N_("%(who)s rời cuộc gọi"),
    "gone": N_("Máy của %(who)s không còn trả lời"),
    "connecting": N_("Hai bên đã vào, đang nối hình và tiếng"),
    "not-connected": N_("Sau 30 giây vẫn chưa nối được hình và tiếng"),
    "in-progress": N_("Ca bắt đầu"),
    "connected": N_("Có hình và tiếng hai bên"),
    "reconnecting": N_("%(side)s không còn nhận được hình và tiếng"),
    "reconnected": N_("Tự nối lại sau %(detail)s giây"),
    "away:closed": N_("%(side)s đóng trang"),
    "away": N_("%(side)s mất liên lạc với máy chủ"),
    "back": N_("%(side)s có liên lạc lại"),
    "line-out": N_("%(side)s báo: mạng đứt %(detail)s giây"),
    "path-failed:no-local": N_("%(side)s báo: máy không mở được đường mạng nào"),
    "path-failed:no-remote": N_("%(side)s báo: không nhận được đường nào của bên kia"),
    "path-failed:no-relay": N_("%(side)s báo: không có đường thẳng, cũng không có máy chủ chuyển tiếp"),
    "path-failed": N_("%(side)s báo: không đường nào nối được"),
    "microphone-fault": N_("%(side)s báo: micro không dùng được"),
    "camera-fault": N_("%(side)s báo: camera không dùng được"),
    "restarted": N_("Máy chủ khởi động lại"),
    "power-battery": N_("Máy của %(side)s chuyển sang dùng pin"),
    "power-low": N_("Máy của %(side)s sắp hết pin"),
    "power-mains": N_("Máy của %(side)s có điện lưới"),
    "finish-armed": N_("%(who)s bấm kết thúc ca"),
    "finish-undone": N_("%(who)s lấy lại, ca tiếp tục"),
    "curtain-up": N_("%(who)s che hình"),
    "curtain-down": N_("%(who)s bỏ che hình"),
    "saver-on": N_("%(who)s bật tiết kiệm dữ liệu"),
    "saver-off": N_("%(who)s tắt tiết kiệm dữ liệu"),
    "still-wanted": N_("%(who)s xin một ảnh nét"),
    "still-agreed": N_("Người bệnh đồng ý chụp ảnh"),
    "still-refused": N_("Người bệnh không đồng ý chụp ảnh"),
    "still-kept": N_("Ảnh nét đã lưu vào ca"),
    "still-none": N_("Không chụp được ảnh nét"),
    "still-none:curtain": N_("Không chụp ảnh nét: trạm đang che hình"),
    "still-none:camera-off": N_("Không chụp ảnh nét: trạm đang tắt camera"),
    "still-none:no-camera": N_("Không chụp ảnh nét: camera của trạm không mở được"),
    "still-none:no-answer": N_("Không chụp ảnh nét: trạm chưa trả lời người bệnh có đồng ý không"),
    "still-none:refused": N_("Không chụp ảnh nét: người bệnh đã từ chối"),
    "ended": N_("Cuộc gọi kết thúc"),
    "signed": N_("%(who)s ký ghi chú"),
    "failed:no-doctor": N_("Không có bác sĩ nào đang trực"),
    "failed:declined": N_("Các bác sĩ được gọi đều không nhận được"),
    "failed:timeout": N_("Hết giờ chuông, không ai nhận"),
    "failed:station-gone": N_("Máy của trạm mất liên lạc quá lâu"),
    "failed:not-joined": N_("Không ai vào cuộc gọi"),
    "failed:not-connected": N_("Không nối được hình và tiếng, cuộc gọi khép lại"),
    "failed:lost": N_("Mất kết nối quá lâu, cuộc gọi khép lại"),
    "withdrawn": N_("Thôi gọi %(who)s"),
    "failed": N_("Cuộc gọi không thành"),
}
TROUBLES_AT_MOST = 3        # in the sentence; more are counted
FAULTS = frozenset({
    "reconnecting", "failed", "not-connected", "gone", "away", "line-out", "path-failed", "microphone-fault", "camera-fault"})


def row(translate: Translate, event: Event, names: dict[UUID, str]) -> str:
    """The event in words; an unknown kind is shown as its code rather than hidden."""
    kind = event.kind
    if kind == "connected" and event.detail:
        kind = "reconnected"
    text = ROWS.get(f"{kind}:{event.detail}") or ROWS.get(kind)
    if text is None:
        return f"{event.kind} {event.detail}".strip()
    who = names.get(event.practitioner_id, "") if event.practitioner_id else ""
    side = cause_words.side(translate, event.side)
    detail = line_words.noted(translate, event.detail) if kind == "line" else event.detail
    words = translate(text) % {"who": who or side, "side": side, "detail": detail}
    return words[:1].upper() + words[1:]


def change(translate: Translate, one: Change) -> str:
    """One side's new rung, and on the way down the figure that goes with it."""
    words = translate(N_("%(side)s gửi: %(before)s → %(after)s"), side=cause_words.side(translate, one.side),
                      before=cause_words.rung_in_words(translate, one.before),
                      after=cause_words.rung_in_words(translate, one.after))
    return words[:1].upper() + words[1:] + (cause_words.figure(translate, one) if one.is_down else "")


def sentence(translate: Translate, session: Session, events: Sequence[Event], causes: Sequence[Cause],
             signed_at: datetime | None) -> str:
    """What happened, in one sentence: what went wrong, the weightiest first, and how it ended; else how it began."""
    troubles = _troubles(translate, causes)
    begins = not troubles or session.outcome != "done"
    clauses = [_beginning(translate, session, events) if begins else "", *troubles,
               _ending(translate, session, signed_at, any(not cause.back for cause in causes))]
    words = "; ".join(clause for clause in clauses if clause)
    return f"{words[:1].upper()}{words[1:]}."


def _beginning(translate: Translate, session: Session, events: Sequence[Event]) -> str:
    known = {"time": dates.time(session.asked_at), "station": session.station, "doctor": session.doctor,
             "wait": span(translate, session.wait_seconds or 0)}
    match session.outcome:
        case "no-answer":
            return translate(_unanswered(session, events), **known, number=_count(events, "offered"))
        case "cancelled":
            return translate(N_("%(time)s %(station)s gọi rồi tự huỷ sau %(wait)s"), **known)
        case "live" if not session.doctor:
            return translate(N_("%(time)s %(station)s gọi, đang chờ bác sĩ nhận"), **known)
    return translate(N_("%(time)s %(station)s gọi, %(doctor)s nhận sau %(wait)s"), **known)


def _unanswered(session: Session, events: Sequence[Event]) -> str:
    if session.reason == "no-doctor" or not _count(events, "offered"):
        return N_("%(time)s %(station)s gọi nhưng không có bác sĩ nào đang trực")
    if session.reason == "declined":
        return N_("%(time)s %(station)s gọi %(number)s bác sĩ, tất cả đều báo không nhận được")
    if not _count(events, "shown"):
        return N_("%(time)s %(station)s gọi %(number)s bác sĩ nhưng chuông không đến được máy nào trong %(wait)s")
    return N_("%(time)s %(station)s gọi %(number)s bác sĩ, không ai nhận trong %(wait)s")


def _troubles(translate: Translate, causes: Sequence[Cause]) -> list[str]:
    """A clause for each, three at most; then how many more."""
    clauses = [cause_words.clause(translate, cause) for cause in causes[:TROUBLES_AT_MOST]]
    if len(causes) > TROUBLES_AT_MOST:
        clauses.append(translate(N_("và %(number)s lần nữa"), number=len(causes) - TROUBLES_AT_MOST))
    return clauses


def _ending(translate: Translate, session: Session, signed_at: datetime | None, is_told: bool) -> str:
    if session.outcome in ("no-answer", "cancelled"):
        return ""
    if session.outcome == "not-connected":
        return "" if is_told else translate(N_("hai bên không nối được hình và tiếng"))
    if signed_at is not None:
        return translate(N_("bác sĩ ký lúc %(time)s"), time=dates.time(signed_at))
    if session.outcome == "live":
        return translate(N_("đang diễn ra")) if session.doctor else ""
    length = span(translate, session.length_seconds or 0)
    return translate(N_("nói chuyện %(length)s; ghi chú chưa ký"), length=length)


def _count(events: Sequence[Event], kind: str) -> int:
    return len({event.practitioner_id for event in events if event.kind == kind})
