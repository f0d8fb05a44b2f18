"""What went wrong in a call, in words: a clause for the sentence, a few words for a row. Guesses say "có thể"."""

from __future__ import annotations

from records.care.session_causes import Cause
from records.care.session_rungs import Change
from web import dates
from web.i18n import N_, Translate

RUNGS = {
    "clear": N_("Hình rõ"), "medium": N_("Hình vừa"), "small": N_("Hình nhỏ"), "stills": N_("Ảnh + tiếng"),
    "voice": N_("Chỉ tiếng"), "voice-notes": N_("Tin thoại"), "text": N_("Chỉ nhắn tin"),
}
SIDES = {"worker": N_("trạm"), "doctor": N_("bác sĩ"), "both": N_("hai bên"), "": N_("một bên")}
NETWORKS = {"wifi": N_("Wi-Fi"), "cellular": N_("sóng di động"), "ethernet": N_("mạng dây"), "other": N_("mạng")}
SHORT = {   # by kind; what a row of the log has room for, and the choices of its filter
    "not-joined": N_("%(side)s không vào"),
    "no-path": N_("mạng chặn đường truyền"),
    "no-media": N_("không rõ vì sao"),
    "power-lost": N_("%(side)s có thể mất điện"),
    "network-lost": N_("%(side)s mất mạng"),
    "both-lost": N_("hai bên mất mạng"),
    "closed": N_("%(side)s đóng trang"),
    "left": N_("%(side)s rời đi"),
    "relay-lost": N_("đứt đường chuyển tiếp"),
    "network-changed": N_("%(side)s đổi mạng"),
    "media-lost": N_("gián đoạn hình và tiếng"),
    "voice-failed": N_("tiếng không qua được"),
    "weak-line": N_("đường truyền yếu"),
    "slow-line": N_("đường truyền trễ"),
    "microphone-fault": N_("lỗi micro"),
    "camera-fault": N_("lỗi camera"),
    "slow-start": N_("nối lâu"),
    "too-long": N_("quá bốn giờ"),
    "server-restarted": N_("máy chủ khởi động lại"),
}
# (kind, passed): a clause of the sentence; a key with a detail goes before one without.
CLAUSES = {
    ("not-joined", False): N_("%(side)s không vào cuộc gọi"),
    ("no-path:no-local", False): N_("máy của %(side)s không mở được đường mạng nào, có thể bị tường lửa chặn"),
    ("no-path:no-remote", False): N_("máy của %(side)s không nhận được đường nào của bên kia"),
    ("no-path:no-relay", False): N_("hai bên không có đường tới nhau, có thể mạng chặn UDP và không có máy chủ chuyển tiếp"),
    ("no-path:with-relay", False): N_("hai bên không có đường tới nhau dù có máy chủ chuyển tiếp, có thể mạng chặn"),
    ("no-media", False): N_("hai bên không nối được hình và tiếng, chưa rõ vì sao"),
    ("power-lost", True): N_("%(time)s %(side)s mất liên lạc %(length)s, có thể mất điện; tự nối lại"),
    ("power-lost", False): N_("%(time)s %(side)s mất liên lạc, có thể mất điện hoặc hết pin; không nối lại được"),
    ("network-lost", True): N_("%(time)s %(side)s mất %(network)s %(length)s; tự nối lại"),
    ("network-lost", False): N_("%(time)s %(side)s mất %(network)s; không nối lại được"),
    ("both-lost", True): N_("%(time)s hai bên cùng mất mạng %(length)s, có thể do máy chủ; tự nối lại"),
    ("both-lost", False): N_("%(time)s hai bên cùng mất mạng, có thể do máy chủ; không nối lại được"),
    ("closed", True): N_("%(time)s %(side)s đóng trang, mở lại sau %(length)s"),
    ("closed", False): N_("%(time)s %(side)s đóng trang; không mở lại"),
    ("left", True): N_("%(time)s %(side)s rời cuộc gọi, vào lại sau %(length)s"),
    ("left", False): N_("%(time)s %(side)s rời cuộc gọi; không vào lại"),
    ("relay-lost", True): N_("%(time)s gián đoạn %(length)s, có thể đứt đường chuyển tiếp; tự nối lại"),
    ("network-changed", True): N_("%(time)s %(side)s đổi từ %(network)s sang %(after)s, gián đoạn %(length)s; tự nối lại"),
    ("media-lost", True): N_("%(time)s hình và tiếng gián đoạn %(length)s; tự nối lại"),
    ("media-lost", False): N_("%(time)s hình và tiếng gián đoạn; không nối lại được"),
    ("voice-failed:voice-notes", True): N_("%(time)s tiếng của %(side)s không qua được, %(length)s dùng tin thoại"),
    ("voice-failed:text", True): N_("%(time)s tiếng của %(side)s không qua được, %(length)s chỉ nhắn tin"),
    ("voice-failed:both", True): N_("%(time)s tiếng không qua được cả hai chiều, %(length)s dùng tin thoại hoặc nhắn tin"),
    ("weak-line", True): N_("từ %(time)s đường %(side)s gửi yếu, cộng %(length)s%(figure)s%(rung)s"),
    ("weak-line:both", True): N_("từ %(time)s đường truyền hai chiều yếu, cộng %(length)s%(figure)s%(rung)s"),
    ("slow-line", True): N_("từ %(time)s đường truyền trễ, cộng %(length)s%(figure)s"),
    ("microphone-fault", True): N_("micro của %(side)s không dùng được%(why)s"),
    ("camera-fault", True): N_("camera của %(side)s không dùng được%(why)s"),
    ("slow-start", True): N_("mất %(length)s mới nối được hình và tiếng"),
    ("too-long", True): N_("cuộc gọi đủ bốn giờ nên khép lại"),
    ("server-restarted", True): N_("%(time)s máy chủ khởi động lại; tự nối lại"),
    ("server-restarted", False): N_("%(time)s máy chủ khởi động lại; không nối lại được"),
    ("server-restarted:went-on", True): N_("%(time)s máy chủ khởi động lại, hình và tiếng không đứt"),
}
LOST, NARROW, SLOW = 2.0, 150.0, 500.0     # percent, kbit/s, ms: figures beyond these explain something
WHY = {
    "blocked": N_(" (trình duyệt chặn)"), "missing": N_(" (không tìm thấy)"), "busy": N_(" (đang bận hoặc bị rút ra)"),
    "insecure": N_(" (trang không an toàn)"),
}


def clause(translate: Translate, cause: Cause) -> str:
    """The trouble as a part of a sentence, without its full stop."""
    keys = (f"{cause.kind}:{cause.detail}", f"{cause.kind}:{cause.side}", f"{cause.kind}:{cause.rung}", cause.kind)
    text = next(CLAUSES[key, cause.back] for key in keys if (key, cause.back) in CLAUSES)
    before, _, after = cause.detail.partition(" ")
    return translate(
        text, time=dates.time(cause.at), side=side(translate, cause.side), length=span(translate, cause.seconds),
        network=translate(NETWORKS.get(before, NETWORKS["other"])), after=translate(NETWORKS.get(after, NETWORKS["other"])),
        figure=figure(translate, cause), rung=_pressed(translate, cause), why=translate(WHY.get(cause.detail, "")))


def short(translate: Translate, kind: str, of: str) -> str:
    """A few words for a row of the log; an unknown kind is shown as its code."""
    return translate(SHORT[kind], side=side(translate, of)) if kind in SHORT else kind


def side(translate: Translate, of: str) -> str:
    return translate(SIDES.get(of, SIDES[""]))


def rung_in_words(translate: Translate, rung: str) -> str:
    """The rung inside a sentence: "ảnh + tiếng"."""
    words = translate(RUNGS.get(rung, rung))
    return words[:1].lower() + words[1:]


def span(translate: Translate, seconds: int) -> str:
    """A span in words: seconds below two minutes, minutes above."""
    if seconds < 120:
        return translate(N_("%(number)s giây"), number=seconds)
    return translate(N_("%(number)s phút"), number=round(seconds / 60))


def figure(translate: Translate, one: Cause | Change) -> str:
    """The figure that says most, in brackets; empty when none is worth it."""
    if one.lost_percent >= LOST:
        return translate(N_(" (mất gói %(number)s %%)"), number=round(one.lost_percent))
    if 0 < one.available_kbps < NARROW:
        return translate(N_(" (chỉ còn %(number)s kb/s)"), number=round(one.available_kbps))
    if one.round_trip_ms >= SLOW:
        return translate(N_(" (đi về %(number)s ms)"), number=round(one.round_trip_ms))
    return ""


def _pressed(translate: Translate, cause: Cause) -> str:
    return translate(N_(", phải hạ xuống %(rung)s"), rung=rung_in_words(translate, cause.rung)) if cause.rung else ""
