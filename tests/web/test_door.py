"""Who may enter which address, from which site, and what every answer carries."""

from __future__ import annotations

import asyncio
import re

import aiohttp
import pytest
from aiohttp import web
from sqlalchemy import select

from records import errors
from records.acts import Actor
from records.guard.tables import AuditEvent
from web.keys import ROUTES, STATICS
from web.routing import ADMINISTRATOR, ANYONE, PUBLIC, WORKER, Route

JSON = {"Accept": "application/json"}


async def hello(_request: web.Request) -> web.Response:
    return web.Response(text="hello")


async def echo(request: web.Request) -> web.WebSocketResponse:
    socket = web.WebSocketResponse()
    await socket.prepare(request)
    await socket.receive()
    raise RuntimeError("after the upgrade")


def failing(error: Exception):
    async def fail(_request: web.Request) -> web.Response:
        raise error

    return fail


ROWS = (
    Route("GET", "/t/worker", hello, WORKER),
    Route("POST", "/t/worker", hello, WORKER),
    Route("GET", "/t/administrator", hello, ADMINISTRATOR),
    Route("GET", "/t/socket", echo, PUBLIC),
    Route("GET", "/t/hidden", failing(errors.NotAllowed("patient:read", "patient", hidden=True)), ANYONE),
    Route("GET", "/t/forbidden", failing(errors.NotAllowed("patient:read", "patient")), ANYONE),
    Route("GET", "/t/missing", failing(errors.NotFound()), ANYONE),
    Route("GET", "/t/conflict", failing(errors.Conflict("already-signed")), ANYONE),
    Route("GET", "/t/invalid", failing(errors.Invalid({"pulse": "not-a-number"})), ANYONE),
    Route("GET", "/t/closed", failing(errors.CannotOpen()), ANYONE),
    Route("GET", "/t/sealed", failing(errors.Sealed()), ANYONE),
    Route("GET", "/t/away", failing(errors.Unavailable()), ANYONE),
    Route("GET", "/t/full", failing(errors.Unavailable("disk-full")), ANYONE),
    Route("GET", "/t/broken", failing(RuntimeError("Hoàng Thị Hoa, 1958")), ANYONE),
)


@pytest.fixture
async def site(start_site):
    return await start_site(more=ROWS)


async def test_a_role_opens_its_own_pages_and_no_other(visitor, people, archive):
    await visitor.sign_in(people.nurse)

    own, other = await visitor.get("/t/worker"), await visitor.get("/t/administrator")

    assert own.status == 200
    assert other.status == 403
    assert "Bạn không có quyền" in await other.text()
    async with archive.act(Actor.of_system("test")) as act:
        refused = (await act.db.scalars(select(AuditEvent).where(AuditEvent.outcome == "refused"))).all()
    assert [event.actor_id for event in refused] == [people.nurse.id]


async def test_an_anonymous_visitor_is_refused_everywhere_but_where_it_is_public(visitor, site):
    for (method, path), route in site.app[ROUTES].routes.items():
        if route.roles == PUBLIC:
            continue
        address = re.sub(r"{[^}]*}", "00000000-0000-4000-8000-000000000000", path)
        answer = await (visitor.get(address) if method == "GET" else visitor._ask(method, address, headers=JSON))
        assert answer.status in {303, 401}, f"{method} {path}"


async def test_what_is_public_is_public_by_an_explicit_list(site):
    public = {path for (_, path), route in site.app[ROUTES].routes.items() if route.roles == PUBLIC}

    assert public - {"/t/socket"} == {
        "/static/{digest}/{path}", "/robots.txt", "/manifest.webmanifest", "/.well-known/security.txt", "/language", "/sign-in",
    }


async def test_a_route_that_is_in_no_table_is_not_served(start_site, browse, people):
    visitor = browse(await start_site(stray=hello))
    await visitor.sign_in(people.nurse)

    assert (await visitor.get("/stray")).status == 404


@pytest.mark.parametrize(("path", "status", "code"), [
    ("/t/hidden", 404, "not-found"), ("/t/missing", 404, "not-found"), ("/nowhere", 404, "not-found"),
    ("/t/forbidden", 403, "not-allowed"), ("/t/conflict", 409, "already-signed"), ("/t/invalid", 422, "invalid"),
    ("/t/closed", 500, "cannot-open"), ("/t/sealed", 503, "sealed"), ("/t/away", 503, "unavailable"),
    ("/t/full", 507, "disk-full"), ("/t/broken", 500, "internal"),
])
async def test_every_error_is_a_page_for_people_and_json_for_scripts(visitor, people, path, status, code):
    await visitor.sign_in(people.nurse)

    page, data = await visitor.get(path), await visitor.get(path, headers=JSON)

    assert (page.status, data.status) == (status, status)
    assert "<h1>" in await page.text()
    assert (await data.json())["error"] == code
    assert (await data.json())["message"]


async def test_what_is_hidden_looks_exactly_like_what_is_not_there(visitor, people):
    await visitor.sign_in(people.nurse)

    hidden, missing = await visitor.get("/t/hidden", headers=JSON), await visitor.get("/t/missing", headers=JSON)

    assert await hidden.text() == await missing.text()


async def test_an_unknown_fault_is_told_by_a_number_that_the_log_knows_and_nothing_else(visitor, people, capsys):
    await visitor.sign_in(people.nurse)

    answer = await visitor.get("/t/broken", headers=JSON)

    reference = (await answer.json())["reference"]
    assert "Hoàng Thị Hoa" not in await answer.text()
    assert re.fullmatch("[0-9a-f]{8}", reference)
    assert reference in capsys.readouterr().out


async def test_a_fault_after_the_upgrade_is_not_answered_into_the_socket(site):
    reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
    writer.write((
        f"GET /t/socket HTTP/1.1\r\nHost: 127.0.0.1:{site.port}\r\nOrigin: {site.address}\r\nUpgrade: websocket\r\n"
        "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    ).encode())
    async with asyncio.timeout(5):
        upgraded = await reader.readuntil(b"\r\n\r\n")
        writer.write(b"\x81\x82\x00\x00\x00\x00hi")     # a masked text frame
        after = await reader.read()
    writer.close()

    assert upgraded.startswith(b"HTTP/1.1 101")
    assert b"HTTP" not in after
    assert b"<html" not in after


@pytest.mark.parametrize(("headers", "status"), [
    ({"Origin": "own"}, 200),
    ({"Origin": "own", "Sec-Fetch-Site": "same-origin"}, 200),
    ({"Origin": "null", "Sec-Fetch-Site": "same-origin"}, 200),     # our own forms: our pages give no referrer
    ({"Sec-Fetch-Site": "same-origin"}, 200),
    ({"Origin": "https://evil.example"}, 403),
    ({"Origin": "https://evil.example", "Sec-Fetch-Site": "same-origin"}, 403),
    ({"Origin": "own", "Sec-Fetch-Site": "cross-site"}, 403),
    ({"Origin": "own", "Sec-Fetch-Site": "same-site"}, 403),
    ({"Origin": "null", "Sec-Fetch-Site": "cross-site"}, 403),
    ({"Origin": "null"}, 403),
    ({}, 403),
])
async def test_writes_come_from_our_own_pages_only(visitor, people, site, headers, status):
    await visitor.sign_in(people.nurse)
    del visitor.session.headers["Origin"]

    sent = {name: site.address if value == "own" else value for name, value in headers.items()}

    assert (await visitor.post("/t/worker", headers=sent)).status == status


@pytest.mark.parametrize(("origin", "opens"), [("own", True), ("https://evil.example", False), ("null", False), (None, False)])
async def test_sockets_are_opened_by_our_own_pages_only(visitor, site, origin, opens):
    del visitor.session.headers["Origin"]
    headers = {"Sec-Fetch-Site": "same-origin"} | ({"Origin": site.address if origin == "own" else origin} if origin else {})

    try:
        socket = await visitor.session.ws_connect("/t/socket", headers=headers)
        await socket.close()
        opened = True
    except aiohttp.WSServerHandshakeError as error:
        assert error.status == 403
        opened = False

    assert opened == opens


async def test_reading_from_elsewhere_is_a_visit_like_any_other(visitor, people):
    await visitor.sign_in(people.nurse)

    assert (await visitor.get("/t/worker", headers={"Sec-Fetch-Site": "cross-site"})).status == 200


@pytest.mark.parametrize("path", ["/sign-in", "/me", "/nowhere", "/t/administrator", "/robots.txt"])
async def test_every_answer_carries_the_browsers_defences(visitor, people, path):
    await visitor.sign_in(people.nurse)

    headers = (await visitor.get(path)).headers

    policy = headers["Content-Security-Policy"]
    for part in ("default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "require-trusted-types-for 'script'"):
        assert part in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "camera=(self), microphone=(self)" in headers["Permissions-Policy"]
    assert not re.search(r"\d", headers["Server"])
    assert "Strict-Transport-Security" not in headers       # plain loopback


async def test_pages_of_somebody_signed_in_stay_on_no_disk(visitor, people):
    before = await visitor.get("/sign-in")
    await visitor.sign_in(people.nurse)

    assert before.headers["Cache-Control"] == "no-store"    # may hold what was typed
    assert (await visitor.get("/me")).headers["Cache-Control"] == "no-store"
    assert (await visitor.get("/nowhere")).headers["Cache-Control"] == "no-store"


async def test_static_files_are_kept_for_ever_under_the_address_of_their_content(visitor, site):
    address = site.app[STATICS].address("css/site.css")

    file = await visitor.get(address)
    old = await visitor.get(address.replace(site.app[STATICS].digest, "0" * 12))

    assert file.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert file.headers["Content-Encoding"] == "gzip"
    assert file.content_type == "text/css"
    assert "@import" not in await file.text()
    assert old.headers["Cache-Control"] == "no-cache"
    assert (await visitor.get(f"/static/{site.app[STATICS].digest}/../setup.py")).status == 404


async def test_static_files_need_neither_the_records_nor_a_login(visitor, people, site, archive, monkeypatch):
    await visitor.sign_in(people.nurse)
    monkeypatch.setattr(archive, "act", failing(errors.Unavailable()))

    assert (await visitor.get(site.app[STATICS].address("js/page.js"))).status == 200


async def test_machines_find_what_they_ask_for(visitor):
    assert "Disallow: /" in await (await visitor.get("/robots.txt")).text()
    assert (await (await visitor.get("/manifest.webmanifest")).json(content_type=None))["start_url"] == "/"
    assert "Expires: 2027-05-22" in await (await visitor.get("/.well-known/security.txt")).text()
