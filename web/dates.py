"""Days, times and numbers as people here write them. Instants are UTC inside and Asia/Ho_Chi_Minh on the screen."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from web.i18n import N_, Texts

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
FRESH = timedelta(minutes=60)                   # younger than this is told in minutes, older as a time or a day
WEEKDAYS = (
    N_("Thứ Hai"), N_("Thứ Ba"), N_("Thứ Tư"), N_("Thứ Năm"), N_("Thứ Sáu"), N_("Thứ Bảy"), N_("Chủ Nhật"),
)


def local(value: datetime) -> datetime:
    return value.astimezone(ZONE)


def day(value: date | datetime | str) -> str:
    """dd/mm/yyyy; a birth date known only to the month or the year ("1958-03", "1958") keeps its form."""
    if isinstance(value, str):
        return "/".join(reversed(value.split("-")))
    return _as_date(value).strftime("%d/%m/%Y")


def time(value: datetime) -> str:
    return local(value).strftime("%H:%M")


def clock(value: datetime) -> str:
    return local(value).strftime("%H:%M:%S")


def full(value: datetime) -> str:
    """The whole instant, for titles: 07:45:10 23/11/2026."""
    return f"{clock(value)} {day(value)}"


def weekday(texts: Texts, locale: str, value: date | datetime) -> str:
    """The heading of a day: "Thứ Hai, 23/11"."""
    there = _as_date(value)
    return f"{texts.one(locale, WEEKDAYS[there.weekday()])}, {there:%d/%m}"


def ago(texts: Texts, locale: str, value: datetime, now: datetime) -> str:
    """"vừa xong", "2 phút trước"; later the time, and on another day the day too."""
    age = now - value
    if age < timedelta(minutes=1):
        return texts.one(locale, N_("vừa xong"))
    if age < FRESH:
        minutes = int(age.total_seconds() // 60)
        return texts.many(locale, "%(number)s phút trước", "%(number)s phút trước", minutes) % {"number": minutes}
    if local(value).date() == local(now).date():
        return time(value)
    return f"{time(value)} {day(value)}"


def span(seconds: float) -> str:
    """A short length of time for figures: "0:18", "12:05", "1:02:03"."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def number(locale: str, value: float | Decimal, decimals: int | None = None) -> str:
    """``value`` with the decimal mark of the language and thin groups of three: 1.234,5 (vi), 1,234.5 (en)."""
    written = f"{value:,.{decimals}f}" if decimals is not None else f"{value:,}"
    if locale == "en":
        return written
    return written.translate(str.maketrans(",.", ".,"))


def iso(value: date | datetime) -> str:
    """For ``<time datetime>``."""
    return (value.astimezone(UTC) if isinstance(value, datetime) else value).isoformat()


def _as_date(value: date | datetime) -> date:
    return local(value).date() if isinstance(value, datetime) else value
