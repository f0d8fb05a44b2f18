"""Assembles the application: builds every part from the settings, plugs them together, starts and stops them in order."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from aiohttp import web

from records import migrations
from records.archive import Archive, utc_now
from records.people.logins import Limits
from signaling.endpoint import Endpoint
from signaling.far_ends import FarEnds
from signaling.messages import Closing
from signaling.presence import Presence
from signaling.rooms import Rooms
from signaling.turn import Turn
from telehealth import parts
from telehealth.calls import Calls
from telehealth.deadlines import Deadlines
from telehealth.desk import Desk
from telehealth.health import Health
from telehealth.house import House
from telehealth.metrics import Metrics
from telehealth.practice import Practice
from telehealth.settings import Settings
from web import setup
from web.passwords import Passwords
from web.routing import PUBLIC, Route

START_AGAIN_SECONDS = 2.0   # while the database or the keys are away at start
log = structlog.get_logger("telehealth")


@dataclass(frozen=True)
class Site:
    """The parts of one application, by name."""

    archive: Archive
    rooms: Rooms
    presence: Presence
    deadlines: Deadlines
    desk: Desk
    calls: Calls
    practice: Practice
    far_ends: FarEnds
    house: House
    endpoint: Endpoint
    health: Health
    metrics: Metrics


SITE: web.AppKey[Site] = web.AppKey("site")


def create_app(
    settings: Settings, *, clock: Callable[[], datetime] = utc_now, passwords: Passwords | None = None,
) -> web.Application:
    """The whole site. Nothing is opened before the application starts; two of them can run in one process."""
    site = _build(settings, clock)
    app = web.Application(middlewares=[site.metrics.count], client_max_size=setup.BODY_AT_MOST)
    app[SITE] = site
    setup.setup(app, _plugs(site, settings, passwords or Passwords()))
    app.cleanup_ctx.append(_records_open)
    app.cleanup_ctx.append(site.endpoint.running)
    app.cleanup_ctx.append(_deadlines_armed)
    app.cleanup_ctx.append(site.practice.running(site.endpoint.handle))
    app.cleanup_ctx.append(site.far_ends.running)
    app.cleanup_ctx.append(_measured(settings.metrics_port))
    return app


async def drain(app: web.Application, within: float) -> None:
    """Not ready from now on; every page is told to come back, at a random moment, and its socket closed."""
    app[SITE].health.draining = True
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(within):
            await app[SITE].endpoint.drain()


def _build(settings: Settings, clock: Callable[[], datetime]) -> Site:
    archive = parts.make_archive(settings, clock)
    rooms = Rooms()
    presence = Presence(rooms)
    deadlines = Deadlines(clock)
    desk = Desk(archive, presence, rooms, deadlines)
    turn = Turn(clock=clock, turn_urls=settings.relays, stun_urls=settings.stuns, secret=settings.turn_secret,
                policy=settings.ice_policy)
    calls = Calls(archive, presence, rooms, deadlines, desk, turn.media)
    practice = Practice(archive, desk, calls)
    house = House(archive, calls, desk, turn.media, practice.stranger)
    return Site(archive, rooms, presence, deadlines, desk, calls, practice, FarEnds(turn.check), house,
                Endpoint(rooms, presence, house), _health(archive), Metrics())


def _health(archive: Archive) -> Health:
    head = migrations.head()

    async def database() -> str:
        return "" if await migrations.current(archive.engine) is not None else "no-tables"

    async def schema() -> str:
        return "" if await migrations.current(archive.engine) == head else "other-version"

    return Health({"database": database, "migrations": schema, "keys": archive.vault.ready})


def _plugs(site: Site, settings: Settings, passwords: Passwords) -> setup.Parts:
    async def dismiss(who: UUID, closing: Closing) -> None:
        site.presence.dismiss(closing, participant=str(who))
        site.presence.dismiss(closing, login=str(who))

    def is_waited_for(practitioner_id: UUID) -> bool:
        return practitioner_id in site.desk.on_duty and site.presence.is_online(str(practitioner_id))

    return setup.Parts(
        archive=site.archive, rooms=site.rooms, presence=site.presence, desk=site.desk, calls=site.calls,
        practice=site.practice, far_ends=site.far_ends, dismiss=dismiss,
        in_call=lambda one: site.presence.is_in_call(str(one)) or is_waited_for(one),
        online=lambda: {UUID(one) for one in site.presence.logins() if one},
        limits=Limits(timedelta(minutes=settings.station_idle_minutes), timedelta(minutes=settings.idle_minutes),
                      timedelta(hours=settings.login_hours)),
        passwords=passwords, proxies=settings.proxy, more=_routes(site))


def _routes(site: Site) -> tuple[Route, ...]:
    return (
        Route("GET", "/healthz", site.health.live, PUBLIC),
        Route("GET", "/readyz", site.health.ready, PUBLIC),
        Route("GET", "/socket", site.endpoint.handle, PUBLIC),   # refuses by close codes, which a page can read
    )


async def _records_open(app: web.Application) -> AsyncIterator[None]:
    await app[SITE].archive.vault.ready()
    async with app[SITE].archive.watched():
        yield
    await app[SITE].archive.close()


async def _deadlines_armed(app: web.Application) -> AsyncIterator[None]:
    """Requests and calls as they were; while the records cannot be read, tried again beside everything else."""
    site = app[SITE]
    arming = asyncio.create_task(_arm(site))
    await asyncio.wait([arming], timeout=START_AGAIN_SECONDS)
    yield
    arming.cancel()
    await asyncio.gather(arming, return_exceptions=True)
    await site.deadlines.close()


async def _arm(site: Site) -> None:
    while True:
        try:
            await site.practice.start()
            return await site.house.start()
        except Exception as error:
            log.warning("deadlines not armed yet", exc_info=error)
            await asyncio.sleep(START_AGAIN_SECONDS)


def _measured(port: int) -> Callable[[web.Application], AsyncIterator[None]]:
    async def measured(app: web.Application) -> AsyncIterator[None]:
        site, practice = app[SITE], app[SITE].practice      # what is only practised does not count
        site.metrics.gauge("sockets", "Sockets that are open", lambda: site.endpoint.sockets)
        site.metrics.gauge("people_online", "People who can be reached",
                           lambda: len(site.presence.online() - practice.guests))
        site.metrics.gauge("calls_live", "Calls that are not over",
                           lambda: len(site.deadlines.armed("call").keys() - practice.calls))
        site.metrics.gauge("requests_live", "Requests that wait for something",
                           lambda: len(site.deadlines.armed("request").keys() - practice.requests))
        async with site.metrics.served(port):
            yield
    return measured
