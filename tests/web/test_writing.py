"""Dates, numbers and forms as people write them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import BytesIO

import pytest
from aiohttp import web
from pydantic import BaseModel, Field

from web import dates, forms, paths
from web.i18n import Texts
from web.routing import PUBLIC, Route

NOW = datetime(2026, 11, 23, 0, 45, 10, tzinfo=UTC)     # 07:45:10 in Thái Nguyên
TEXTS = Texts({"vi": {}, "en": {(None, "%(number)s phút trước"): ("%(number)s minute ago", "%(number)s minutes ago")}})


class Visit(BaseModel):
    name: str = Field(min_length=1, max_length=10)
    pulse: int = Field(ge=20, le=300)
    complaints: list[str] = []


def test_instants_are_shown_in_vietnam():
    assert (dates.clock(NOW), dates.time(NOW), dates.day(NOW)) == ("07:45:10", "07:45", "23/11/2026")
    assert dates.day(datetime(2026, 11, 22, 17, 0, tzinfo=UTC)) == "23/11/2026"
    assert dates.weekday(TEXTS, "vi", NOW) == "Thứ Hai, 23/11"


@pytest.mark.parametrize(("known", "written"), [("1958", "1958"), ("1958-03", "03/1958"), ("1958-03-09", "09/03/1958")])
def test_a_birth_date_says_as_much_as_is_known(known, written):
    assert dates.day(known) == written
    assert dates.day(date(1958, 3, 9)) == "09/03/1958"


@pytest.mark.parametrize(("age", "vietnamese", "english"), [
    (timedelta(seconds=59), "vừa xong", "vừa xong"),
    (timedelta(minutes=1), "1 phút trước", "1 minute ago"),
    (timedelta(minutes=59), "59 phút trước", "59 minutes ago"),
    (timedelta(hours=2), "05:45", "05:45"),
    (timedelta(days=1), "07:45 22/11/2026", "07:45 22/11/2026"),
])
def test_what_is_fresh_is_told_in_minutes(age, vietnamese, english):
    assert dates.ago(TEXTS, "vi", NOW - age, NOW) == vietnamese
    assert dates.ago(TEXTS, "en", NOW - age, NOW) == english


def test_numbers_take_the_mark_of_the_language():
    assert dates.number("vi", 37.5) == "37,5"
    assert dates.number("en", 37.5) == "37.5"
    assert dates.number("vi", 1234567) == "1.234.567"
    assert dates.number("vi", Decimal("49.50"), 1) == "49,5"


def test_spans_are_short():
    assert [dates.span(seconds) for seconds in (18, 725, 3723)] == ["0:18", "12:05", "1:02:03"]


@pytest.fixture
async def read(start_site, browse):
    """Posts to a handler that reads a Visit; gives the answer."""

    async def by_form(request: web.Request) -> web.Response:
        return web.json_response((await forms.read_form(request, Visit)).model_dump())

    async def by_json(request: web.Request) -> web.Response:
        return web.json_response((await forms.read_json(request, Visit)).model_dump())

    async def by_id(request: web.Request) -> web.Response:
        return web.Response(text=str(paths.id_of(request, "id")))

    rows = (
        Route("POST", "/t/form", by_form, PUBLIC), Route("POST", "/t/json", by_json, PUBLIC),
        Route("GET", "/t/{id}", by_id, PUBLIC),
    )
    visitor = browse(await start_site(more=rows))
    visitor.session.headers["Accept"] = "application/json"
    return visitor


async def test_a_form_gives_a_model_with_composed_text_and_lists(read):
    typed = [("name", " Hoa\u0300ng "), ("pulse", "96"), ("complaints", "cough"), ("complaints", "fever")]

    answer = await read.post("/t/form", data=typed)

    assert await answer.json() == {"name": "Hoàng", "pulse": 96, "complaints": ["cough", "fever"]}


async def test_json_gives_the_same_model(read):
    answer = await read.post("/t/json", json={"name": "Hoa\u0300ng", "pulse": 96, "complaints": ["cough"]})

    assert await answer.json() == {"name": "Hoàng", "pulse": 96, "complaints": ["cough"]}


async def test_every_fault_is_told_beside_its_field_without_what_was_typed(read):
    answer = await read.post("/t/form", data={"name": "Hoàng Thị Hoa", "pulse": "chín sáu"})

    assert answer.status == 422
    assert (await answer.json())["fields"] == {"name": "Dài quá, hãy viết ngắn hơn.", "pulse": "Chỗ này cần một con số."}
    assert "Hoàng" not in await answer.text()


@pytest.mark.parametrize(("sent", "status"), [
    ({"data": b"{", "headers": {"Content-Type": "application/json"}}, 422),
    ({"data": b"[]", "headers": {"Content-Type": "application/json"}}, 422),
    ({"data": b"name=Hoa", "headers": {"Content-Type": "text/plain"}}, 415),
    ({"data": BytesIO(b"x" * 2_000_000), "headers": {"Content-Type": "application/json"}}, 413),
])
async def test_what_is_no_json_is_refused(read, sent, status):
    assert (await read.post("/t/json", **sent)).status == status


async def test_an_address_with_no_id_is_nowhere(read):
    assert (await read.get("/t/6f0c1b1e-0000-4000-8000-000000000000")).status == 200
    assert (await read.get("/t/nonsense")).status == 404
