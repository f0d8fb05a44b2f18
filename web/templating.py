"""Renders templates for a request: texts, dates and addresses of its language and its person."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

from aiohttp import web
from jinja2 import ChainableUndefined, Environment, FileSystemLoader, pass_context
from jinja2.runtime import Context

from web import dates, i18n
from web.keys import ACTOR, ARCHIVE, LOCALE, SIGNED_IN, STATICS, TEMPLATES, TEXTS

Templates = Environment
INDENT = re.compile(r"^[ \t]+", re.MULTILINE)


class Unindented(FileSystemLoader):
    """Templates without their indents: no browser shows them, and every page would carry them over every line."""

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
        source, path, is_fresh = super().get_source(environment, template)
        return INDENT.sub("", source), path, is_fresh


def make_environment(folder: Path) -> Templates:
    """The environment of all pages: escapes everything, holds nothing of a request."""
    environment = Environment(
        loader=Unindented(folder), autoescape=True, undefined=ChainableUndefined,
        extensions=["jinja2.ext.i18n"], trim_blocks=True, lstrip_blocks=True, auto_reload=False,
    )
    environment.policies["ext.i18n.trimmed"] = True
    environment.newstyle_gettext = True         # type: ignore[attr-defined]
    _install_texts(environment)
    environment.filters.update(
        day=dates.day, time=dates.time, clock=dates.clock, full=dates.full, iso=dates.iso, span=dates.span,
        ago=_ago, number=_number, weekday=_weekday,
    )
    environment.globals["new_id"] = lambda: str(uuid4())
    return environment


def render(request: web.Request, template: str, status: int = 200, **context: Any) -> web.Response:
    """The page ``template`` ("visit/show.html") for whoever asks, in their language."""
    page = request.app[TEMPLATES].get_template(template)
    return web.Response(text=page.render(**page_context(request), **context), status=status, content_type="text/html")


def fragment(request: web.Request, template: str, **context: Any) -> str:
    """A piece of a page as text, escaped like a page."""
    return request.app[TEMPLATES].get_template(template).render(**page_context(request), **context)


def page_context(request: web.Request) -> dict[str, Any]:
    """What every template may use: me, locale, languages, now, path, static(), modules() and the texts."""
    locale = request.get(LOCALE, i18n.SOURCE)
    return {
        "me": request.get(SIGNED_IN), "actor": request.get(ACTOR), "locale": locale, "languages": i18n.NAMES,
        "texts": request.app[TEXTS], "now": request.app[ARCHIVE].clock(), "path": request.path,
        "static": request.app[STATICS].address, "modules": request.app[STATICS].modules,
    }


def _install_texts(environment: Environment) -> None:
    # The functions stand for the request's own: they look the texts and the language up in the page's context.
    def of(context: Context, name: str) -> Any:
        return i18n.functions(context["texts"], context["locale"])[name]

    @pass_context
    def gettext(context: Context, text: str) -> Any:
        return of(context, "gettext")(text)

    @pass_context
    def ngettext(context: Context, one: str, many: str, number: int) -> Any:
        return of(context, "ngettext")(one, many, number)

    @pass_context
    def pgettext(context: Context, where: str, text: str) -> Any:
        return of(context, "pgettext")(where, text)

    @pass_context
    def npgettext(context: Context, where: str, one: str, many: str, number: int) -> Any:
        return of(context, "npgettext")(where, one, many, number)

    environment.install_gettext_callables(  # type: ignore[attr-defined]
        gettext, ngettext, newstyle=True, pgettext=pgettext, npgettext=npgettext,
    )


@pass_context
def _ago(context: Context, value: datetime) -> str:
    return dates.ago(context["texts"], context["locale"], value, context["now"])


@pass_context
def _number(context: Context, value: float | Decimal, decimals: int | None = None) -> str:
    return dates.number(context["locale"], value, decimals)


@pass_context
def _weekday(context: Context, value: date | datetime) -> str:
    return dates.weekday(context["texts"], context["locale"], value)
