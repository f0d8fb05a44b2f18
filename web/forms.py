"""Reads forms and JSON into pydantic models, once, at the door; says in words what is wrong with each field."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, TypeVar, get_origin
from unicodedata import normalize

from aiohttp import web
from pydantic import BaseModel, ValidationError

from records.errors import Invalid
from web.i18n import N_, gettext

Model = TypeVar("Model", bound=BaseModel)

FORM = "application/x-www-form-urlencoded"
SEVERAL = (list, set, frozenset, tuple)

# What pydantic calls a fault, and the stable code that pages and scripts know it by.
CODES = {
    "missing": "missing", "string_too_short": "missing", "string_type": "missing", "string_too_long": "too-long",
    "int_parsing": "not-a-number", "float_parsing": "not-a-number", "decimal_parsing": "not-a-number",
    "greater_than_equal": "too-small", "greater_than": "too-small", "less_than_equal": "too-large", "less_than": "too-large",
    "literal_error": "choose-one", "enum": "choose-one", "uuid_parsing": "choose-one",
    "date_parsing": "not-a-day", "date_from_datetime_parsing": "not-a-day",
    "string_pattern_mismatch": "wrong-form", "extra_forbidden": "unknown-field",
}
FAULTS = {
    "missing": N_("Chưa điền ô này."),
    "too-long": N_("Dài quá, hãy viết ngắn hơn."),
    "not-a-number": N_("Chỗ này cần một con số."),
    "too-small": N_("Số này nhỏ quá."),
    "too-large": N_("Số này lớn quá."),
    "choose-one": N_("Hãy chọn một mục trong danh sách."),
    "not-a-day": N_("Ngày viết như 23/11/2026."),
    "wrong-form": N_("Chưa đúng cách viết."),
    "taken": N_("Đã có người dùng, hãy chọn tên khác."),
}
OTHERWISE = N_("Chỗ này chưa đúng.")


async def read_form(request: web.Request, model: type[Model]) -> Model:
    """The posted form as ``model``. Raises Invalid(fields) with a code per field."""
    return _check(model, _gather(await raw(request), model))


async def read_json(request: web.Request, model: type[Model]) -> Model:
    """The posted JSON object as ``model``. Raises Invalid; 415 when it is not JSON."""
    if request.content_type != "application/json":
        raise web.HTTPUnsupportedMediaType
    try:
        content = json.loads(await request.text())
    except ValueError as error:
        raise Invalid({"": "not-json"}) from error
    return _check(model, _composed(content))


def read_query(request: web.Request, model: type[Model]) -> Model:
    """The query of the address as ``model``. Raises Invalid."""
    return _check(model, dict(request.query))


async def raw(request: web.Request) -> Mapping[str, Any]:
    """What was typed, as it was typed, to fill the form again. Files are not read here: see ``request.multipart()``."""
    if request.body_exists and request.content_type != FORM:
        raise web.HTTPUnsupportedMediaType
    return await request.post()


def describe(request: web.Request, fields: Mapping[str, str], more: Mapping[str, str] | None = None) -> dict[str, str]:
    """A sentence per field. ``more`` adds the page's own codes, or ``field:code`` for one field only."""
    texts = {**FAULTS, **(more or {})}
    translate = gettext(request)
    return {
        name: translate(texts.get(f"{name}:{code}") or texts.get(code) or OTHERWISE) for name, code in fields.items()
    }


def _gather(posted: Mapping[str, Any], model: type[BaseModel]) -> dict[str, Any]:
    gathered: dict[str, Any] = {}
    for name, field in model.model_fields.items():
        key = field.alias or name
        if get_origin(field.annotation) in SEVERAL:
            gathered[key] = [_composed(value) for value in posted.getall(key, [])]    # type: ignore[attr-defined]
        elif key in posted:
            gathered[key] = _composed(posted[key])
    return gathered


def _composed(value: Any) -> Any:
    """Text in NFC and without blanks around it, however deep it lies."""
    match value:
        case str():
            return normalize("NFC", value).strip()
        case list():
            return [_composed(item) for item in value]
        case dict():
            return {key: _composed(item) for key, item in value.items()}
    return value


def _check(model: type[Model], content: Any) -> Model:
    try:
        return model.model_validate(content)
    except ValidationError as error:
        # pydantic repeats what was typed unless told not to; only the place and the kind of a fault leave here.
        faults = error.errors(include_input=False, include_url=False, include_context=False)
    raise Invalid({_place(fault["loc"]): CODES.get(fault["type"], fault["type"].replace("_", "-")) for fault in faults})


def _place(location: tuple[int | str, ...]) -> str:
    return ".".join(str(part) for part in location)
