"""One call as a sentence, and each event of its time line as a short line: generated from codes, in the reader's language."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

from records.care.call_events import Event
from records.care.sessions import Session
from web import dates
from web.i18n import N_, Translate

Clause = Callable[[Translate, Session, Sequence[Event]], str]

ROWS = {
    "asked": N_("%(who)s yêu cầu gọi"),
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
    "reconnecting": N_("Mất kết nối phía %(side)s"),
    "reconnected": N_("Tự nối lại sau %(detail)s giây"),
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
SIDES = {"worker": N_("trạm"), "doctor": N_("bác sĩ"), "": N_("một bên")}
FAULTS = frozenset({"reconnecting", "failed", "not-connected", "gone"})


def row(translate: Translate, event: Event, names: dict[UUID, str]) -> str:
    """The event in words; an unknown kind is shown as its code rather than hidden."""
    kind = event.kind
    if kind == "connected" and event.detail:
        kind = "reconnected"
    text = ROWS.get(f"{kind}:{event.detail}") or ROWS.get(kind)
    if text is None:
        return f"{event.kind} {event.detail}".strip()
    who = names.get(event.practitioner_id, "") if event.practitioner_id else ""
    side = translate(SIDES.get(event.side, SIDES[""]))
    words = translate(text) % {"who": who or side, "side": side, "detail": event.detail}
    return words[:1].upper() + words[1:]


def sentence(translate: Translate, session: Session, events: Sequence[Event], signed_at: datetime | None) -> str:
    """What happened, in one sentence: how it began, what went wrong on the way, how it ended."""
    clauses = [_beginning(translate, session, events), *_troubles(translate, events), _ending(translate, session, signed_at)]
    return "; ".join(clause for clause in clauses if clause) + "."


def span(translate: Translate, seconds: int) -> str:
    """A span in words: seconds below two minutes, minutes above."""
    if seconds < 120:
        return translate(N_("%(number)s giây"), number=seconds)
    return translate(N_("%(number)s phút"), number=round(seconds / 60))


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


def _troubles(translate: Translate, events: Sequence[Event]) -> list[str]:
    """A clause per cut, three at most; then how many more."""
    cuts = [one for one in _cuts(events) if one[0].kind == "reconnecting"]
    clauses = [_cut(translate, lost, back) for lost, back in cuts[:3]]
    if len(cuts) > 3:
        clauses.append(translate(N_("và %(number)s lần mất kết nối nữa"), number=len(cuts) - 3))
    return clauses


def _cuts(events: Sequence[Event]) -> list[tuple[Event, Event | None]]:
    found: list[tuple[Event, Event | None]] = []
    for event in events:
        if event.kind == "reconnecting":
            found.append((event, None))
        elif event.kind == "connected" and found and found[-1][1] is None:
            found[-1] = (found[-1][0], event)
    return found


def _cut(translate: Translate, lost: Event, back: Event | None) -> str:
    known = {"time": dates.time(lost.at), "side": translate(SIDES.get(lost.side, SIDES[""]))}
    if back is None:
        return translate(N_("%(time)s %(side)s mất kết nối và không nối lại được"), **known)
    seconds = max(1, round((back.at - lost.at).total_seconds()))
    return translate(N_("%(time)s %(side)s mất kết nối %(length)s, tự nối lại"), **known, length=span(translate, seconds))


def _ending(translate: Translate, session: Session, signed_at: datetime | None) -> str:
    if session.outcome in ("no-answer", "cancelled"):
        return ""
    if session.outcome == "not-connected":
        return translate(N_("hai bên không nối được hình và tiếng"))
    if signed_at is not None:
        return translate(N_("bác sĩ ký lúc %(time)s"), time=dates.time(signed_at))
    if session.outcome == "live":
        return translate(N_("đang diễn ra")) if session.doctor else ""
    length = span(translate, session.length_seconds or 0)
    return translate(N_("nói chuyện %(length)s; ghi chú chưa ký"), length=length)


def _count(events: Sequence[Event], kind: str) -> int:
    return len({event.practitioner_id for event in events if event.kind == kind})
