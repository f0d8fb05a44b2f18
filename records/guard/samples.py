"""A few sealed records of every kind, to try new keys on; and the context of each kind, in one place."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from records.care.tables import Attachment, Encounter, Message, Note, Observation
from records.guard.envelope import Context
from records.people.tables import Patient

SOME = 3
KINDS: tuple[tuple[Any, str], ...] = (
    (Patient, "identity"), (Encounter, "intake"), (Observation, "value"), (Attachment, "about"),
    (Note, "content"), (Message, "text"),
)


async def of_every_kind(engine: AsyncEngine) -> list[list[tuple[bytes, Context]]]:
    """Up to three sealed texts of each kind with their contexts; an empty list where there is none."""
    async with engine.execution_options(read_only=True).connect() as connection:
        found = []
        for table, column in KINDS:
            sealed = table.__table__.columns[column]
            query = select(*table.__table__.columns).where(sealed.is_not(None)).order_by(table.id).limit(SOME)
            rows = (await connection.execute(query)).all()
            found.append([(getattr(row, column), context(table, column, row)) for row in rows])
        return found


def context(table: Any, column: str, row: Any) -> Context:
    """The context of a sealed column of ``row``. A patient is their own; an intake counts versions by itself.

    A photo's bytes never change: they are bound to version 1, whatever becomes of the row.
    """
    patient_id = row.id if table is Patient else row.patient_id
    version = 1 if table is Attachment else row.intake_version if column == "intake" else row.version
    return Context(table.__tablename__, column, row.id, version, row.organization_id, patient_id)
