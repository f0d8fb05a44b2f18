"""Texts. The Vietnamese text is its own key; web/locale/<locale>/*.po hold the other languages, merged at start."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from aiohttp import web
from babel.messages.pofile import read_po

from web.keys import LOCALE, TEXTS

SOURCE = "vi"
NAMES = {"vi": "Tiếng Việt", "en": "English"}   # each in its own language, in the order of the switch
COOKIE = "locale"

Key = tuple[str | None, str]                    # context, Vietnamese text
Form = str | tuple[str, ...]                    # one text, or one and many


class Translate(Protocol):
    def __call__(self, text: str, **values: object) -> str: ...


def N_(text: str) -> str:
    """Marks a text that is translated later, where it is shown."""
    return text


@dataclass(frozen=True)
class Texts:
    """All translations by locale. A text without a translation is shown in Vietnamese."""

    by_locale: dict[str, dict[Key, Form]]

    @classmethod
    def load(cls, folder: Path) -> Texts:
        """Reads ``folder/<locale>/*.po``."""
        by_locale: dict[str, dict[Key, Form]] = {SOURCE: {}}
        for path in sorted(folder.glob("*/*.po")):
            by_locale.setdefault(path.parent.name, {}).update(_read(path))
        return cls(by_locale)

    def one(self, locale: str, text: str, context: str | None = None) -> str:
        found = self.by_locale.get(locale, {}).get((context, text), text)
        return found if isinstance(found, str) else found[0]

    def many(self, locale: str, one: str, many: str, number: int, context: str | None = None) -> str:
        """``one`` or ``many`` for ``number``. Vietnamese has one form; English tells 1 from the rest."""
        found = self.by_locale.get(locale, {}).get((context, one), (one, many))
        forms = (found, found) if isinstance(found, str) else found
        return forms[0] if number == 1 else forms[-1]

    def choose(self, wanted: str | None) -> str | None:
        """The locale that ``wanted`` ("en", "en-GB", "vi_VN") means here, if there is one."""
        language = (wanted or "").replace("_", "-").split("-")[0].lower()
        return language if language in self.by_locale else None

    def from_header(self, accept: str) -> str:
        """The best locale for an Accept-Language header (RFC 9110, 12.5.4), else Vietnamese."""
        ranked = sorted((_weigh(part) for part in accept.split(",")), reverse=True, key=lambda pair: pair[0])
        return next((found for weight, name in ranked if weight > 0 and (found := self.choose(name))), SOURCE)


def gettext(request: web.Request) -> Translate:
    """The translator of this request: ``gettext(request)("Đã lưu lúc %(time)s", time=…)``."""
    texts, locale = request.app[TEXTS], request[LOCALE]

    def translate(text: str, **values: object) -> str:
        found = texts.one(locale, text)
        return found % values if values else found

    return translate


def functions(texts: Texts, locale: str) -> dict[str, Callable[..., str]]:
    """What Jinja's ``trans`` tag and ``_()`` look for in a template's context."""

    def one(text: str) -> str:
        return texts.one(locale, text)

    def many(one: str, many: str, number: int) -> str:
        return texts.many(locale, one, many, number)

    def one_in(context: str, text: str) -> str:
        return texts.one(locale, text, context)

    def many_in(context: str, one: str, many: str, number: int) -> str:
        return texts.many(locale, one, many, number, context)

    return {"gettext": one, "ngettext": many, "pgettext": one_in, "npgettext": many_in}


def _read(path: Path) -> dict[Key, Form]:
    with path.open("rb") as file:
        catalogue = read_po(file, locale=path.parent.name)
    return {
        (message.context, _first(message.id)): _form(message.string)
        for message in catalogue
        if message.id and _is_complete(_form(message.string)) and not message.fuzzy
    }


def _first(identity: Any) -> str:
    return str(identity if isinstance(identity, str) else identity[0])


def _form(string: Any) -> Form:
    return string if isinstance(string, str) else tuple(string or [""])


def _is_complete(form: Form) -> bool:
    return all(form) if isinstance(form, tuple) else bool(form)


def _weigh(part: str) -> tuple[float, str]:
    name, _, weight = part.strip().partition(";q=")
    try:
        return (float(weight) if weight else 1.0, name)
    except ValueError:
        return (0.0, name)
