"""The records as settings describe them, and the sentence with the cure for each way in which they cannot be used."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from records import database, migrations
from records.archive import Archive
from records.guard.key_store import KeyStore
from records.guard.vault import Vault
from telehealth.settings import Settings

KEYS = {
    "key-missing": "There is no key file at {keys}: put the right one back, or make one for a new installation with "
                   "'telehealth keys make'.",
    "key-readable": "The key file {keys} can be read by others: run 'chmod 0400 {keys}'.",
    "key-wrong": "The key file {keys} does not belong to this database: put back the one that was made with it.",
    "store-unavailable": "The store of the patient keys does not answer: see TELEHEALTH_KEY_STORE_URL and the database.",
}
DATABASE = {
    "unreachable": "The database does not answer: start it, or correct TELEHEALTH_DATABASE_URL.",
    "empty": "The database has no tables yet: run 'telehealth migrate'.",
    "behind": "The database is older than this program: make a backup, then run 'telehealth migrate'.",
    "newer": "The database was written by a newer version of this program: update the program.",
}


def make_archive(settings: Settings, clock: Callable[[], datetime]) -> Archive:
    """The archive over this installation's database and keys. Nothing is opened yet: the vault looks when it is asked."""
    engine = database.make_engine(settings.database)
    return Archive(engine, Vault(settings.keys, KeyStore(settings.key_store), engine, clock), clock)


async def faults(archive: Archive, settings: Settings) -> list[str]:
    """What keeps the records from being used, one sentence each; the database first, because keys are checked in it."""
    state = await database_state(archive)
    if state != "current":
        return [DATABASE[state]]
    reason = await archive.vault.ready()
    return [KEYS[reason].format(keys=settings.keys)] if reason else []


async def database_state(archive: Archive) -> str:
    """How the schema stands to this program; "unreachable" whatever it was that the driver met."""
    try:
        return await migrations.state(archive.engine)
    except Exception:
        return "unreachable"
