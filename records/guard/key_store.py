"""The store of patient keys: a SQLite file of its own, or the schema ``keys`` in PostgreSQL. Holds wrapped keys only."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, LargeBinary, MetaData, UniqueConstraint, insert, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from records import database

SCHEMA = "keys"
AT_A_TIME = 500                 # ids in one question to the store


class Base(DeclarativeBase):
    metadata = MetaData(schema=SCHEMA, naming_convention=database.NAMES)


class PatientKey(Base):
    """One version of a patient's key, wrapped under one version of the key-encryption key.

    ``uses`` counts seals and is reserved in blocks ahead, so a crash never leaves it too low.
    """

    __tablename__ = "patient_key"
    __table_args__ = (
        UniqueConstraint("patient_id", "version"),
        Index("ix_patient_key_kek_version", "kek_version"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    patient_id: Mapped[UUID]
    version: Mapped[int]
    kek_version: Mapped[int]
    wrapped: Mapped[bytes] = mapped_column(LargeBinary)
    uses: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(database.Instant)


@dataclass(frozen=True)
class Wrapped:
    """A row of the store."""

    id: UUID
    patient_id: UUID
    version: int
    kek_version: int
    wrapped: bytes
    uses: int


COLUMNS = (
    PatientKey.id, PatientKey.patient_id, PatientKey.version, PatientKey.kek_version, PatientKey.wrapped,
    PatientKey.uses,
)


class KeyStore:
    """Short transactions of its own, never inside an act's: a key made for an act that fails is simply there already."""

    def __init__(self, url: str) -> None:
        engine = database.make_engine(url)
        if engine.dialect.name == "sqlite":
            engine = engine.execution_options(schema_translate_map={SCHEMA: None})
        self.engine: AsyncEngine = engine
        self._reading = engine.execution_options(read_only=True)
        self._made = False

    async def make(self) -> None:
        """Creates the tables when they are not there."""
        if self._made:
            return
        async with self.engine.begin() as connection:
            await _create(connection)
        self._made = True

    async def by_ids(self, ids: Iterable[UUID]) -> list[Wrapped]:
        wanted, found = list(ids), []
        async with self._reading.connect() as connection:
            for start in range(0, len(wanted), AT_A_TIME):
                some = wanted[start:start + AT_A_TIME]
                rows = await connection.execute(select(*COLUMNS).where(PatientKey.id.in_(some)))
                found += [Wrapped(*row) for row in rows]
        return found

    async def latest(self, patient_id: UUID) -> Wrapped | None:
        """The newest version of a patient's key."""
        query = select(*COLUMNS).where(PatientKey.patient_id == patient_id).order_by(PatientKey.version.desc()).limit(1)
        async with self._reading.connect() as connection:
            row = (await connection.execute(query)).first()
        return Wrapped(*row) if row else None

    async def add(self, key: Wrapped, at: datetime) -> bool:
        """Keeps a new key; False when somebody else made this version of the patient's key first."""
        try:
            async with self.engine.begin() as connection:
                await connection.execute(insert(PatientKey).values(**vars(key), created_at=at))
        except IntegrityError:
            return False
        return True

    async def reserve(self, key_id: UUID, uses: int) -> int:
        """Counts ``uses`` more seals ahead and returns the new total."""
        change = update(PatientKey).where(PatientKey.id == key_id).values(uses=PatientKey.uses + uses)
        async with self.engine.begin() as connection:
            return (await connection.execute(change.returning(PatientKey.uses))).scalar_one()

    async def one_per_kek(self) -> list[Wrapped]:
        """One patient key for each version of the key-encryption key in use."""
        async with self._reading.connect() as connection:
            versions = (await connection.execute(select(PatientKey.kek_version).distinct())).scalars().all()
            queries = [select(*COLUMNS).where(PatientKey.kek_version == version).limit(1) for version in versions]
            return [Wrapped(*(await connection.execute(query)).one()) for query in queries]

    async def close(self) -> None:
        await self.engine.dispose()


async def _create(connection: AsyncConnection) -> None:
    create: Callable[..., None] = Base.metadata.create_all
    if connection.dialect.name == "postgresql":
        await database.lock(connection, database.KEYS_LOCK)
        await connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}"))
    await connection.run_sync(create)
