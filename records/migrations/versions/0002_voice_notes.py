"""Voice notes: who spoke, in which order, how long, and when it arrived and was heard. The sound itself is an attachment.

Revision ID: 0002
Revises: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from records import database

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "voice_note",
        sa.Column("attachment_id", sa.Uuid(), nullable=False),
        sa.Column("encounter_id", sa.Uuid(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("length_ms", sa.Integer(), nullable=False),
        sa.Column("recorded_at", database.Instant(), nullable=False),
        sa.Column("delivered_at", database.Instant(), nullable=True),
        sa.Column("heard_at", database.Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["attachment_id"], ["attachment.id"], name=op.f("fk_voice_note_attachment_id_attachment")
        ),
        sa.ForeignKeyConstraint(
            ["author_id"], ["practitioner.id"], name=op.f("fk_voice_note_author_id_practitioner")
        ),
        sa.ForeignKeyConstraint(
            ["encounter_id"], ["encounter.id"], name=op.f("fk_voice_note_encounter_id_encounter")
        ),
        sa.PrimaryKeyConstraint("attachment_id", name=op.f("pk_voice_note")),
        sa.UniqueConstraint(
            "encounter_id", "author_id", "number", name=op.f("uq_voice_note_encounter_id_author_id_number")
        ),
    )


def downgrade() -> None:
    op.drop_table("voice_note")
