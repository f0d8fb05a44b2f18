"""How a request stands, in words: for the worker who waits, and for the doctor at whom it rings. Knows no database."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from records.care.encounters import Intake
from records.care.observations import Measured
from records.care.request_rows import RING
from records.care.request_summary import Summary
from records.care.request_views import Rung, State
from records.codes import complaints
from web import dates, line_words, practice_words
from web.i18n import N_, Translate

LONGEST_TEXT = 160      # letters of the free text that a ring shows

PHASES = {
    "requested": "ringing", "received": "ringing", "accepted": "taken", "in-progress": "taken", "completed": "completed",
    "cancelled": "cancelled", "failed": "failed",
}
TITLES = {
    "taken": N_("%(name)s đã nhận"), "completed": N_("Ca đã xong"), "cancelled": N_("Đã huỷ lời gọi"),
    "no-doctor": N_("Không có bác sĩ nào đang trực"),
    "declined": N_("Các bác sĩ đều không nhận được"), "timeout": N_("Chưa bác sĩ nào kịp nhận"),
}
OTHERWISE = N_("Cuộc gọi không thành")
LEADS = {
    "busy": N_("Mọi bác sĩ trực đang trong ca khác. Ai rảnh trước sẽ được gọi ngay."),
    "urgent": N_("Mọi bác sĩ trực đều được gọi, kể cả người đang trong ca khác."),
    "ringing": N_("Ai bấm nhận trước sẽ vào cuộc gọi. Không cần bấm gì thêm."),
    "taken": N_("Đang mở cuộc gọi, không cần bấm gì."),
    "failed": N_("Ca khám vẫn còn nguyên. Hãy gọi điện theo số bên dưới, hoặc gọi lại trên máy."),
    "cancelled": N_("Ca khám vẫn còn nguyên, có thể gọi lại bất cứ lúc nào."),
    "completed": N_("Lời dặn in được ngay khi bác sĩ ký."),
}
GENDERS = {"female": N_("Nữ"), "male": N_("Nam"), "other": N_("Khác"), "unknown": N_("Chưa rõ giới tính")}
SHORT = {
    "8867-4": N_("Mạch"), "85354-9": N_("HA"), "2708-6": "SpO₂", "8310-5": N_("Nhiệt"), "9279-1": N_("Nhịp thở"),
    "14743-9": N_("Đường huyết"), "72514-3": N_("Đau"),
}
DIRECTIONS = {"low": N_("thấp"), "high": N_("cao"), "": ""}
REASONS = (
    ("no-breathing", N_("Ngừng thở / bất tỉnh")), ("short-of-breath", N_("Khó thở nặng")),
    ("bleeding", N_("Chảy máu nhiều")), ("other", N_("Khác")),
)


def waiting(_: Translate, state: State, now: datetime, locale: str) -> dict[str, Any]:
    """What the worker's page shows and its script refreshes. Spans in milliseconds, so that no clocks are compared."""
    state = practice_words.seen(_, state) if state.request.practice else state
    request = state.request
    phase = PHASES[request.status]
    until = request.ringing_until if phase == "ringing" else None
    return {
        "status": request.status, "phase": phase, "title": _title(_, state, phase), "lead": _lead(_, state, phase),
        "seen": _seen(_, state.rung), "isSeen": any(one.shown_at and one.answer != "declined" for one in state.rung),
        **_spans(now, request.asked_at, until),
        "totalMs": _ms(until, request.asked_at) if until else round(RING.total_seconds() * 1000),
        "until": dates.time(until) if until else "", "call": str(state.call_id) if state.call_id else "",
        "rung": [_rung(_, one) for one in state.rung],
        "line": line_words.sentence(_, locale, state.line) if state.line else "",
        "start": {"rung": state.line.rung, "kbpsUp": state.line.kbps_up} if state.line else None,
    }


def ring(_: Translate, summary: Summary, now: datetime, locale: str) -> dict[str, Any]:
    """What the ring panel says. The station and the urgency are all that a system notification may repeat."""
    request = summary.request
    station = place(_, summary.station, summary.point)
    text = N_("%(station)s gọi khẩn cấp") if request.emergency else N_("%(station)s gọi")
    return {
        "request": str(request.id), "emergency": request.emergency, "busy": summary.busy, "declined": summary.declined,
        "station": station, "from": _(text, station=station), "who": who(_, summary), "complaint": complaint(_, summary),
        "line": " · ".join(part for part in (who(_, summary), complaint(_, summary)) if part),
        "marks": [mark(_, one, locale) for one in summary.marks], **_spans(now, request.asked_at, request.ringing_until),
        "carries": line_words.words(_, locale, summary.line) if summary.line else "",
        "weak": summary.line is not None and line_words.is_weak(summary.line),
        "totalMs": _ms(request.ringing_until, request.asked_at) if request.ringing_until else 0,
    }


def place(_: Translate, station: str, point: str) -> str:
    """The station as the doctor hears of it: by its point where it has one."""
    name = (point or station).removeprefix("TYT ")
    known = _(N_("Trạm %(name)s"), name="").strip().lower()
    return name if name.lower().startswith((known, "trạm")) else _(N_("Trạm %(name)s"), name=name)


def who(_: Translate, summary: Summary) -> str:
    """Sex and age, never a name."""
    gender = _(GENDERS.get(summary.gender, GENDERS["unknown"]))
    if summary.months is not None:
        return f"{gender}, " + _(N_("%(number)s tháng tuổi"), number=summary.months)
    return gender if summary.years is None else f"{gender}, " + _(N_("%(number)s tuổi"), number=summary.years)


def complaint(_: Translate, summary: Summary) -> str:
    """Why the patient came, in the station's words, cut where a ring has no room."""
    said = summary.intake.text.strip()
    said = said[:LONGEST_TEXT] + "…" if len(said) > LONGEST_TEXT else said
    return " · ".join(filter(None, (emergency(_, summary.reason), reasons(_, summary.intake), said)))


def emergency(_: Translate, reason: str) -> str:
    """Why it is an emergency, in words; "other" says nothing more than the word itself."""
    return _(dict(REASONS)[reason]) if reason in dict(REASONS) and reason != "other" else ""


def reasons(_: Translate, intake: Intake) -> str:
    """The ticked complaints as one phrase: "Ho, khó thở"."""
    words = [_(name) for name in complaints.names(intake.complaints)]
    return ", ".join(word if number == 0 else word[:1].lower() + word[1:] for number, word in enumerate(words))


def mark(_: Translate, one: Measured, locale: str) -> dict[str, str]:
    """A marked value as a chip: "SpO₂ 91 thấp"."""
    name = _(SHORT.get(one.code, one.sign.name))
    value = one.written("," if locale == "vi" else ".")
    return {"text": " ".join(filter(None, (name, value, _(DIRECTIONS[one.direction])))), "level": one.level,
            "direction": one.direction}


def _title(_: Translate, state: State, phase: str) -> str:
    if phase == "ringing":
        return _whom(_, [one for one in state.rung if not one.answer])
    if state.request.practice and phase in practice_words.TITLES:
        return _(practice_words.TITLES[phase])
    text = TITLES.get(state.request.reason if phase == "failed" else phase, OTHERWISE)
    return _(text, name=state.doctor) if state.doctor or phase != "taken" else _(OTHERWISE)


def _whom(_: Translate, rung: list[Rung]) -> str:
    """Who is rung just now: the name of one, or how many."""
    if len(rung) == 1:
        return _(N_("Đang gọi %(name)s"), name=rung[0].name)
    return _(N_("Đang gọi %(number)s bác sĩ trực"), number=len(rung)) if rung else _(N_("Đang tìm bác sĩ trực"))


def _lead(_: Translate, state: State, phase: str) -> str:
    if state.request.practice:
        return _(practice_words.lead(state.request.reason, phase))
    if phase == "ringing" and state.request.emergency:
        phase = "urgent"
    elif phase == "ringing" and state.busy and all(one.answer for one in state.rung):
        phase = "busy"
    return _(LEADS[phase])


def _seen(_: Translate, rung: tuple[Rung, ...]) -> str:
    left = [one for one in rung if one.answer != "declined"]
    number = sum(one.shown_at is not None for one in left)
    if not number:
        return _(N_("chưa máy nào thấy lời gọi"))
    return _(N_("đã thấy lời gọi")) if len(left) == 1 else _(N_("%(number)s bác sĩ đã thấy lời gọi"), number=number)


def _rung(_: Translate, one: Rung) -> dict[str, Any]:
    return {"id": str(one.practitioner_id), "name": one.name, "place": one.organization, "words": _how(_, one),
            "now": not one.answer and not one.busy}


def _how(_: Translate, one: Rung) -> str:
    """How it stands with this doctor, and since when."""
    match one.answer:
        case "accepted":
            return _(N_("đã nhận"))
        case "declined":
            return _(N_("không nhận được"))
        case "ended" | "taken":
            return _(N_("không còn được gọi"))
    if one.busy:
        return _(N_("đang trong ca khác"))
    if one.shown_at is not None:
        return _(N_("đã thấy lời gọi lúc %(time)s"), time=dates.clock(one.shown_at))
    return _(N_("đang đổ chuông từ %(time)s, máy chưa hiện"), time=dates.clock(one.offered_at))


def _spans(now: datetime, asked_at: datetime, until: datetime | None) -> dict[str, Any]:
    """How long it rings and for how long still, in milliseconds and as "01:42"."""
    elapsed, left = _ms(now, asked_at), _ms(until, now)
    return {"elapsedMs": elapsed, "leftMs": left, "elapsed": _figure(elapsed), "left": _figure(left)}


def _figure(ms: int) -> str:
    return "{:02}:{:02}".format(*divmod(ms // 1000, 60))


def _ms(later: datetime | None, earlier: datetime) -> int:
    return max(0, round((later - earlier).total_seconds() * 1000)) if later else 0
