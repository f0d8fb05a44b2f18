"""What a line carries, in words: the rung to begin with and the rate up. Knows no database and no page."""

from __future__ import annotations

from records.care import line_checks
from records.care.line_checks import Said
from web import dates
from web.i18n import N_, Translate

RUNGS = {
    "clear": N_("hình rõ"), "medium": N_("hình vừa"), "small": N_("hình nhỏ"), "stills": N_("ảnh + tiếng"),
    "voice": N_("chỉ tiếng"), "voice-notes": N_("tin thoại"), "text": N_("chỉ nhắn tin"),
}
STEPS = {rung: 7 - place for place, rung in enumerate(RUNGS)}     # of the meter with seven steps
WEAK = ("stills", "voice", "voice-notes", "text")                   # no moving picture
MORE_THAN = 1_000       # kbit/s: above, only that is said


def words(translate: Translate, locale: str, line: Said) -> str:
    """"hình vừa · 0,4 Mb/s lên"; "chưa đo được" where no rate is known: then the rung says nothing either."""
    if line.kbps_up is None:
        return translate(N_("chưa đo được"))
    rung = translate(RUNGS.get(line.rung, RUNGS["text"]))
    return f"{rung} · {translate(N_('%(rate)s lên'), rate=rate(translate, locale, line.kbps_up))}"


def sentence(translate: Translate, locale: str, line: Said) -> str:
    """"Đường truyền: hình vừa · 0,4 Mb/s lên"."""
    return translate(N_("Đường truyền: %(words)s"), words=words(translate, locale, line))


def noted(translate: Translate, detail: str) -> str:
    """The detail of a row in the time line in words, for the session log: "hình vừa, 412 kb/s lên"."""
    line = line_checks.read(detail)
    if line.kbps_up is None:
        return translate(N_("chưa đo được"))
    rung = translate(RUNGS.get(line.rung, RUNGS["text"]))
    return f"{rung}, {translate(N_('%(rate)s lên'), rate=f'{line.kbps_up} kb/s')}"


def is_weak(line: Said) -> bool:
    """Whether it carries no moving picture."""
    return line.rung in WEAK


def rate(translate: Translate, locale: str, kbps: int) -> str:
    """"48 kb/s", "0,4 Mb/s", "trên 1 Mb/s"."""
    if kbps > MORE_THAN:
        return translate(N_("trên 1 Mb/s"))
    return f"{dates.number(locale, kbps / 1000, 1)} Mb/s" if kbps >= 100 else f"{kbps} kb/s"
