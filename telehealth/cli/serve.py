"""``telehealth serve``: listens until it is told to stop; SIGTERM and Ctrl-C end it in order and within 15 s."""

from __future__ import annotations

import asyncio
import resource
import signal
import ssl

import click
from aiohttp import web

from records.archive import utc_now
from telehealth import app, logs, parts
from telehealth.cli import check, preparing
from telehealth.cli.opening import Trouble, read_settings, run
from telehealth.settings import Settings
from web.deadlines import Runner

DRAIN_SECONDS = 2.0         # pages are told to come back; answers under way are finished
SHUTDOWN_SECONDS = 8.0      # what is still open after that is cut; together well below 15 s


@click.command()
@click.option("--prepare", "prepared", is_flag=True, help="First make what is missing: keys, tables, the invented demo.")
def serve(prepared: bool) -> None:
    """Serve the site."""
    settings = read_settings()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))   # a core dump would hold names and keys
    check.check_port(settings)
    if prepared:
        run(preparing.prepare(settings))
    run(listen(settings, prepared))


async def listen(settings: Settings, prepared: bool = False) -> None:
    """Serve until SIGTERM or SIGINT. Without usable keys it serves too, sealed, and heals when they return."""
    await _check(settings)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    logs.start(settings.log_level)
    site = app.create_app(settings)
    runner = Runner(site, access_log_class=logs.AccessLog, shutdown_timeout=SHUTDOWN_SECONDS)
    await runner.setup()
    try:
        port = await _open(runner, settings)
        _tell(settings, address(settings, port), prepared)
        await stop.wait()
        await app.drain(site, DRAIN_SECONDS)
    finally:
        await runner.cleanup()


async def _check(settings: Settings) -> None:
    archive = parts.make_archive(settings, utc_now)
    try:
        state = await parts.database_state(archive)
        if state != "current":
            raise Trouble(parts.DATABASE[state])
        if reason := await archive.vault.ready():
            click.echo(parts.KEYS[reason].format(keys=settings.keys), err=True)
    finally:
        await archive.close()


def _tell(settings: Settings, where: str, prepared: bool) -> None:
    if prepared:
        preparing.tell(settings, where)
    else:
        click.echo(f"Listening on {where}", err=True)


async def _open(runner: web.AppRunner, settings: Settings) -> int:
    try:
        await web.TCPSite(runner, settings.host, settings.port, ssl_context=tls(settings)).start()
    except OSError as error:
        raise check.port_trouble(settings, error) from None
    return int(runner.addresses[0][1])


def address(settings: Settings, port: int) -> str:
    scheme = "https" if settings.tls_cert else "http"
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"{scheme}://{host}:{port}/"


def tls(settings: Settings) -> ssl.SSLContext | None:
    """The context for serving TLS directly, 1.2 and newer."""
    if not (settings.tls_cert and settings.tls_key):
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(settings.tls_cert, settings.tls_key)
    except ssl.SSLError:
        raise Trouble("TELEHEALTH_TLS_CERT and TELEHEALTH_TLS_KEY do not fit together, or are not PEM files.") from None
    return context
