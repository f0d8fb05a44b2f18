"""The deployment's id and the check values of its keys, in the database: what tells a wrong key from the right one."""

from __future__ import annotations

from datetime import datetime
from hmac import compare_digest
from uuid import UUID, uuid4

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from records import database
from records.guard.keyring import ROOT_VERSION, KeyRing, Unusable
from records.guard.tables import Deployment, KeyCheck


async def deployment(engine: AsyncEngine, ring: KeyRing, at: datetime) -> UUID:
    """The id of this installation, after ``ring`` has been compared. The first ring ever seen is kept as the right one.

    Raises Unusable("key-wrong") when a key differs from what the database knows of it.
    """
    async with engine.execution_options(read_only=True).connect() as connection:
        found = await _found(connection)
        stored = await _stored(connection)
    if found and not _missing(ring, found, stored):
        return found
    async with engine.begin() as connection:
        await database.lock(connection, database.KEYS_LOCK)
        return await _remember(connection, ring, at)


async def _found(connection: AsyncConnection) -> UUID | None:
    return (await connection.execute(select(Deployment.id))).scalar_one_or_none()


async def _stored(connection: AsyncConnection) -> dict[int, bytes]:
    rows = await connection.execute(select(KeyCheck.version, KeyCheck.check))
    return {version: check for version, check in rows}


def _missing(ring: KeyRing, deployment_id: UUID, stored: dict[int, bytes]) -> dict[int, bytes]:
    """The check values the database does not know yet. Raises Unusable when one it knows is different."""
    values = ring.checks(deployment_id)
    if stored and ROOT_VERSION not in stored:
        raise Unusable("key-wrong")
    if any(not compare_digest(stored[version], values[version]) for version in values.keys() & stored.keys()):
        raise Unusable("key-wrong")
    return {version: value for version, value in values.items() if version not in stored}


async def _remember(connection: AsyncConnection, ring: KeyRing, at: datetime) -> UUID:
    found = await _found(connection)
    if found is None:
        found = uuid4()
        await connection.execute(insert(Deployment).values(id=found, created_at=at))
    for version, value in _missing(ring, found, await _stored(connection)).items():
        await connection.execute(insert(KeyCheck).values(version=version, check=value, created_at=at))
    return found
