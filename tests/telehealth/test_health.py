"""Health, metrics and the log: codes and figures only; nothing of a person, nothing of an address's ids."""

from __future__ import annotations

import io
import json
import logging
from pathlib import Path

import pytest
import structlog
from aiohttp import ClientSession, web
from prometheus_client import generate_latest
from sqlalchemy import text

from records.archive import Archive
from telehealth import logs
from telehealth.app import SITE, drain
from telehealth.health import Health
from telehealth.logs import AccessLog
from telehealth.metrics import Metrics
from tests.site import Site

SECRET = "Hoàng Thị Hoa"


async def answer(site: Site, path: str) -> tuple[int, dict[str, object]]:
    async with site.browser().get(path) as response:
        return response.status, await response.json()


async def test_a_healthy_site_is_ready(site: Site) -> None:
    assert await answer(site, "/readyz") == (200, {"ready": True, "faults": {}})


async def test_a_lost_key_file_makes_it_unready_but_alive(site: Site, key_file: Path) -> None:
    key_file.rename(key_file.with_suffix(".away"))

    assert await answer(site, "/readyz") == (503, {"ready": False, "faults": {"keys": "key-missing"}})
    assert (await answer(site, "/healthz"))[0] == 200


async def test_a_database_of_another_version_makes_it_unready(site: Site, archive: Archive) -> None:
    async with archive.engine.begin() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = 'elsewhere'"))

    assert (await answer(site, "/readyz"))[1]["faults"] == {"migrations": "other-version"}


async def test_a_draining_site_is_unready_and_alive(site: Site) -> None:
    await drain(site.app, 1)

    assert await answer(site, "/readyz") == (503, {"ready": False, "faults": {"server": "draining"}})
    assert (await answer(site, "/healthz"))[0] == 200


async def test_a_check_that_hangs_or_breaks_is_told_by_code(monkeypatch: pytest.MonkeyPatch) -> None:
    async def hangs() -> str:
        raise TimeoutError

    async def breaks() -> str:
        raise ValueError(SECRET)

    assert await Health({"one": hangs, "two": breaks}).faults() == {"one": "timeout", "two": "failed"}


async def test_metrics_count_requests_by_pattern_and_bear_no_ids(site: Site) -> None:
    nurse = await site.sign_in(site.people.nurse)
    async with nurse.get("/encounters/00000000-0000-4000-8000-000000000000", allow_redirects=False):
        pass

    told = generate_latest(site.app[SITE].metrics.registry).decode()

    assert 'method="GET",route="/encounters/{id}",status="4xx"' in told
    assert "00000000-0000-4000" not in told
    for name in ("sockets", "calls_live", "requests_live", "people_online", "event_loop_lag_seconds"):
        assert f"telehealth_{name}" in told


async def test_metrics_are_served_on_a_loopback_port_of_their_own(unused_tcp_port: int) -> None:
    address = f"http://127.0.0.1:{unused_tcp_port}/metrics"
    async with Metrics().served(unused_tcp_port), ClientSession() as session, session.get(address) as response:
        assert "telehealth_request_seconds" in await response.text()


# ---------------------------------------------------------------- the log


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """What the log writes, as text."""
    written, root = io.StringIO(), logging.getLogger()
    handlers, level = root.handlers[:], root.level
    monkeypatch.setattr("sys.stderr", written)
    logs.start("info")
    yield written
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def lines(log: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in log.getvalue().splitlines()]


def test_a_fault_is_logged_by_type_and_place_never_with_its_words(log: io.StringIO) -> None:
    try:
        raise ValueError(SECRET)
    except ValueError:
        structlog.get_logger().exception("it-failed", id="7")
        logging.getLogger("some.library").exception("also-failed")

    assert SECRET not in log.getvalue()
    assert [(one["event"], one["fault"]) for one in lines(log)] == [("it-failed", "ValueError"), ("also-failed", "ValueError")]


async def test_the_access_log_has_the_pattern_of_an_address_without_ids_and_queries(log: io.StringIO) -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.Response()

    app = web.Application()
    app.router.add_get("/patients/{id}", handler)
    runner = web.AppRunner(app, access_log_class=AccessLog)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        port = runner.addresses[0][1]
        async with ClientSession() as session, session.get(f"http://127.0.0.1:{port}/patients/4711?q={SECRET}"):
            pass
    finally:
        await runner.cleanup()

    requests = [one for one in lines(log) if one["event"] == "request"]
    assert [(one["route"], one["status"]) for one in requests] == [("/patients/{id}", 200)]
    assert "4711" not in log.getvalue() and SECRET not in log.getvalue()
