"""The table of voice notes; who spoke, in which order and how long is in clear, what was said lies sealed as an attachment."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from records.database import Base, Instant


class VoiceNote(Base):
    """What is known of a voice note beside its sealed file, an attachment of kind voice-note. Gapless numbers of each author.

    ``recorded_at``: when it was spoken, by this server's clock. ``delivered_at``, ``heard_at``: first time on the other side.
    """

    __tablename__ = "voice_note"
    __table_args__ = (UniqueConstraint("encounter_id", "author_id", "number"),)
    attachment_id: Mapped[UUID] = mapped_column(ForeignKey("attachment.id"), primary_key=True)
    encounter_id: Mapped[UUID] = mapped_column(ForeignKey("encounter.id"))
    author_id: Mapped[UUID] = mapped_column(ForeignKey("practitioner.id"))
    number: Mapped[int]
    length_ms: Mapped[int]
    recorded_at: Mapped[datetime] = mapped_column(Instant)
    delivered_at: Mapped[datetime | None] = mapped_column(Instant)
    heard_at: Mapped[datetime | None] = mapped_column(Instant)
