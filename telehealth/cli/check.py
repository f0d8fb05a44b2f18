"""``telehealth check``: every fault of settings, database and keys at once, before anything is started."""

from __future__ import annotations

import errno
import socket

import click

from telehealth.cli.opening import Trouble, archive, read_settings, run
from telehealth.settings import Settings


@click.command()
@click.option("--port", "also_port", is_flag=True, help="Also see whether the port is free.")
def check(also_port: bool) -> None:
    """Say whether this installation can start; otherwise one sentence for each fault, with its cure."""
    settings = read_settings()
    if also_port:
        check_port(settings)
    run(_check(settings))
    click.echo("Everything is in order.")


def check_port(settings: Settings) -> None:
    """Raises Trouble when the port cannot be listened on."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            raise port_trouble(settings, error) from None


def port_trouble(settings: Settings, error: OSError) -> Trouble:
    """Why the address cannot be listened on, with the cure."""
    match error.errno:
        case errno.EADDRINUSE:
            return Trouble(f"Port {settings.port} is taken: end the program that uses it, or set TELEHEALTH_PORT to another.")
        case errno.EACCES:
            return Trouble(f"Port {settings.port} may not be used by this user: set TELEHEALTH_PORT to one above 1023.")
        case _:
            return Trouble(f"The address {settings.host} cannot be listened on: correct TELEHEALTH_HOST.")


async def _check(settings: Settings) -> None:
    async with archive(settings):
        pass
