"""Tables of the guard: the trail and the check values of the keys."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from records.database import Base, Instant


class AuditEvent(Base):
    """FHIR AuditEvent: one entry of the hash-chained trail. Ids and codes only; no names, no free text.

    ``entry`` is the canonical JSON that was hashed; the columns beside it repeat parts of it for looking up.
    """

    __tablename__ = "audit_event"
    __table_args__ = (
        Index("ix_audit_event_patient", "patient_id", "sequence"),
        Index("ix_audit_event_actor", "actor_id", "sequence"),
        Index("ix_audit_event_organization", "organization_id", "sequence"),
        Index("ix_audit_event_tag", "tag", "sequence"),
    )
    sequence: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(Instant)
    tag: Mapped[str] = mapped_column(String(40))                 # "note:read"
    outcome: Mapped[str] = mapped_column(String(12))             # success, refused, failed
    actor_id: Mapped[UUID | None]
    organization_id: Mapped[UUID | None]                          # the actor's
    object_type: Mapped[str] = mapped_column(String(30), default="")
    object_id: Mapped[str] = mapped_column(String(36), default="")
    patient_id: Mapped[UUID | None]
    purpose: Mapped[str] = mapped_column(String(20))
    entry: Mapped[str] = mapped_column(Text)
    hash: Mapped[bytes] = mapped_column(LargeBinary(32))          # SHA-256(previous hash, entry)


class KeyCheck(Base):
    """A value under each version of the key-encryption key, so that a wrong key is noticed at start."""

    __tablename__ = "key_check"
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    check: Mapped[bytes] = mapped_column("check_value", LargeBinary)
    created_at: Mapped[datetime] = mapped_column(Instant)


class Deployment(Base):
    """The one row that names this installation; its id is bound into every sealed text."""

    __tablename__ = "deployment"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    created_at: Mapped[datetime] = mapped_column(Instant)
