"""``telehealth demo``: loads the invented places, people and patients into an empty installation."""

from __future__ import annotations

import click

from records.archive import utc_now
from telehealth import demo as invented
from telehealth import parts
from telehealth.cli.opening import Trouble, read_settings, run
from telehealth.demo.visits import Past
from telehealth.settings import Settings
from web.passwords import Passwords


@click.command()
def demo() -> None:
    """Load the demo. Refused unless the installation is empty: invented people never mix with real ones."""
    run(load(read_settings()))
    click.echo("The demo is loaded.")


async def load(settings: Settings) -> None:
    past = Past(utc_now())
    archive = parts.make_archive(settings, past)
    try:
        if faults := await parts.faults(archive, settings):
            raise Trouble("\n".join(faults))
        await invented.load(archive, past, Passwords().hasher.hash(invented.PASSWORD))
    except invented.NotEmpty:
        raise Trouble("The demo goes into an empty installation only: set TELEHEALTH_DATA to a new folder.") from None
    finally:
        await archive.close()
