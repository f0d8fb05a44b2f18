"""Why a session went badly and what its sides sent, for lists, filters and spreadsheets.

Sessions of before have none: their pages still tell everything from the time line.

Revision ID: 0005
Revises: 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from records import database

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

RUNGS = ("clear", "medium", "small", "stills", "voice", "voice_notes", "text")
MEANS = ("lost_percent", "concealed_percent", "round_trip_ms", "kbps")


def upgrade() -> None:
    op.create_table(
        "session_cause",
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("asked_at", database.Instant(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("side", sa.String(length=10), nullable=False),
        sa.ForeignKeyConstraint(["request_id"], ["request.id"], name=op.f("fk_session_cause_request_id_request")),
        sa.PrimaryKeyConstraint("request_id", name=op.f("pk_session_cause")),
    )
    with op.batch_alter_table("session_cause", schema=None) as batch_op:
        batch_op.create_index("ix_session_cause_kind", ["kind", "asked_at", "request_id"], unique=False)
    op.create_table(
        "session_sent",
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("side", sa.String(length=10), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in RUNGS),
        *(sa.Column(name, sa.Float(), nullable=False) for name in MEANS),
        sa.ForeignKeyConstraint(["request_id"], ["request.id"], name=op.f("fk_session_sent_request_id_request")),
        sa.PrimaryKeyConstraint("request_id", "side", name=op.f("pk_session_sent")),
    )


def downgrade() -> None:
    op.drop_table("session_sent")
    with op.batch_alter_table("session_cause", schema=None) as batch_op:
        batch_op.drop_index("ix_session_cause_kind")

    op.drop_table("session_cause")
