"""``telehealth migrate``: brings the database to the schema of this program."""

from __future__ import annotations

import click

from records import migrations
from records.archive import Archive, utc_now
from telehealth import parts
from telehealth.cli.opening import Trouble, read_settings, run
from telehealth.settings import Settings


@click.command()
def migrate() -> None:
    """Make or update the tables. Running it again changes nothing."""
    run(_migrate(read_settings()))
    click.echo("The database is up to date.")


async def _migrate(settings: Settings) -> None:
    archive = parts.make_archive(settings, utc_now)
    try:
        await bring_up(archive)
    finally:
        await archive.close()


async def bring_up(archive: Archive) -> None:
    """Bring the schema up to this program. Raises Trouble when that is not possible."""
    state = await parts.database_state(archive)
    if state in ("unreachable", "newer"):
        raise Trouble(parts.DATABASE[state])
    if state != "current":
        await migrations.upgrade(archive.engine)
        await archive.vault.ready()     # from now on the database knows its keys
