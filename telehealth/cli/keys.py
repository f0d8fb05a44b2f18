"""``telehealth keys``: makes the key file once, and says whether it fits the database."""

from __future__ import annotations

import click

from records.guard import keyring
from telehealth.cli.opening import Trouble, archive, read_settings, run
from telehealth.settings import Settings


@click.group()
def keys() -> None:
    """The keys that everything about patients is sealed with."""


@keys.command()
@click.option("--if-missing", is_flag=True, help="Leave a key file that is there as it is, without complaint.")
def make(if_missing: bool) -> None:
    """Make the key file, mode 0400. Back it up apart from the database: without it no note can ever be read."""
    path = read_settings().keys
    try:
        keyring.make_key_file(path)
    except FileExistsError:
        if not if_missing:
            raise Trouble(f"There is a key file at {path} already: it is left as it is.") from None
        return
    click.echo(f"Keys made at {path}. Keep a copy apart from the database: without it no note can be read.")


@keys.command()
def check() -> None:
    """Say whether the key file can be used with this database."""
    settings = read_settings()
    run(_check(settings))
    click.echo("The keys fit the database.")


async def _check(settings: Settings) -> None:
    async with archive(settings):
        pass
