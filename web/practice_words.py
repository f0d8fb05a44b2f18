"""What a practice call says: the simulated doctor's name and sentences, and its request as the waiting page shows it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID

from records.care.request_views import Rung, State
from web.i18n import N_, Translate

NOBODY = UUID(int=0)
NAME, PLACE = N_("Bác sĩ mô phỏng"), N_("Gọi thử")
SAYS = {
    # What it has really heard and seen, so that the worker learns whether microphone and camera work.
    "audio-video": N_("Tôi nghe và thấy bạn. Đây là cuộc gọi thử."),
    "audio": N_("Tôi nghe bạn nhưng chưa thấy hình. Đây là cuộc gọi thử: hãy xem lại camera."),
    "video": N_("Tôi thấy bạn nhưng chưa nghe tiếng. Đây là cuộc gọi thử: hãy xem lại micro."),
    "nothing": N_("Tôi chưa nghe và chưa thấy bạn. Đây là cuộc gọi thử: hãy xem lại camera và micro."),
    "answer": N_("Tôi đã đọc: “{text}”. Trong ca thật, bác sĩ trả lời ở đây."),
}
TITLES = {
    "completed": N_("Gọi thử đã xong"), "cancelled": N_("Đã dừng gọi thử"), "failed": N_("Gọi thử không thành"),
}
LEADS = {
    "ringing": N_("Đây là gọi thử: bác sĩ mô phỏng sẽ nhận sau vài giây. Không bác sĩ thật nào bị gọi."),
    "taken": N_("Đang mở cuộc gọi, không cần bấm gì."),
    "over": N_("Không có gì của cuộc gọi thử nằm trong sổ khám. Có thể gọi thử lại bất cứ lúc nào."),
    "practice-full": N_("Nhiều trạm đang gọi thử cùng lúc. Hãy thử lại sau vài phút."),
    "practice-broken": N_("Máy chủ chưa mở được bác sĩ mô phỏng. Cuộc gọi thật không bị ảnh hưởng."),
}


@dataclass(frozen=True, kw_only=True)
class Script:
    """Everything that the simulated doctor says, in the worker's language."""

    name: str
    place: str
    says: dict[str, str]


def script(_: Translate) -> Script:
    return Script(name=_(NAME), place=_(PLACE), says={when: _(text) for when, text in SAYS.items()})


def lead(reason: str, phase: str) -> str:
    """What follows, by how the practice request stands and why it ended."""
    return LEADS.get(phase) or LEADS.get(reason, LEADS["over"])


def seen(_: Translate, state: State) -> State:
    """The state of a practice request with the simulated doctor in the place of those who would be rung."""
    request = state.request
    rung = Rung(practitioner_id=NOBODY, name=_(NAME), organization=_(PLACE), offered_at=request.asked_at,
                shown_at=request.rung_at, answer="accepted" if request.accepted_at else "", busy=False)
    return replace(state, rung=(rung,), doctor=_(NAME) if request.accepted_at else "", phones=(), busy=0)
