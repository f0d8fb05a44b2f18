"""What each browser's line carries, as it measured it last.

Revision ID: 0003
Revises: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from records import database

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "line_check",
        sa.Column("login_id", sa.Uuid(), nullable=False),
        sa.Column("practitioner_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=True),
        sa.Column("measured_at", database.Instant(), nullable=False),
        sa.Column("rung", sa.String(length=20), nullable=False),
        sa.Column("kbps_up", sa.Integer(), nullable=True),
        sa.Column("kbps_down", sa.Integer(), nullable=True),
        sa.Column("round_trip_ms", sa.Float(), nullable=True),
        sa.Column("jitter_up_ms", sa.Float(), nullable=True),
        sa.Column("jitter_down_ms", sa.Float(), nullable=True),
        sa.Column("lost_up_percent", sa.Float(), nullable=True),
        sa.Column("lost_down_percent", sa.Float(), nullable=True),
        sa.Column("paths", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["location_id"], ["location.id"], name=op.f("fk_line_check_location_id_location")),
        sa.ForeignKeyConstraint(["login_id"], ["login.id"], name=op.f("fk_line_check_login_id_login")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_line_check_organization_id_organization")),
        sa.ForeignKeyConstraint(
            ["practitioner_id"], ["practitioner.id"], name=op.f("fk_line_check_practitioner_id_practitioner")),
        sa.PrimaryKeyConstraint("login_id", name=op.f("pk_line_check")),
    )
    with op.batch_alter_table("line_check", schema=None) as batch_op:
        batch_op.create_index("ix_line_check_station", ["organization_id", "measured_at"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("line_check", schema=None) as batch_op:
        batch_op.drop_index("ix_line_check_station")

    op.drop_table("line_check")
