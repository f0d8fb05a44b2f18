"""``telehealth audit verify``: recomputes the whole trail and names the first entry that does not fit."""

from __future__ import annotations

import re

import click

from records.guard import verifying
from records.guard.verifying import Checkpoint, Verdict
from telehealth.cli.opening import Trouble, archive, read_settings, run
from telehealth.settings import Settings

CHECKPOINT = re.compile(r"^(\d+):([0-9a-f]{64})$")


@click.group()
def audit() -> None:
    """The trail of everything that was read, written and refused."""


@audit.command()
@click.option("--checkpoint", default="", help="What an earlier run printed; a trail that was cut or rewritten since is found.")
def verify(checkpoint: str) -> None:
    """Recompute the trail and compare every signed note with it. Ends with 1 and the first bad entry if one does not fit."""
    verdict = run(_verify(read_settings(), _read(checkpoint)))
    if not verdict.good:
        where = f" at entry {verdict.first_bad}" if verdict.first_bad is not None else ""
        which = f", note {verdict.note_id}" if verdict.note_id else ""
        raise Trouble(f"The trail does not hold: {verdict.fault}{where}{which}.")
    click.echo(f"The trail holds. Checkpoint: {verdict.head.sequence}:{verdict.head.hash.hex()}")


async def _verify(settings: Settings, checkpoint: Checkpoint | None) -> Verdict:
    async with archive(settings) as records:
        return await verifying.verify(records.engine, checkpoint=checkpoint, vault=records.vault)


def _read(text: str) -> Checkpoint | None:
    if not text:
        return None
    found = CHECKPOINT.match(text.strip())
    if found is None:
        raise Trouble("A checkpoint looks like 1234:5f0c… with 64 hexadecimal digits, as 'telehealth audit verify' prints it.")
    return Checkpoint(int(found[1]), bytes.fromhex(found[2]))
