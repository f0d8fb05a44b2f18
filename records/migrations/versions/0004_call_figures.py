"""Figures that tell why a call went badly: concealed voice, jitter, estimate, path and network of each ten seconds.

The database fills them in for the rows that are there: nothing was known then.

Revision ID: 0004
Revises: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

NUMBERS = ("concealed_percent", "jitter_ms", "available_kbps")
CODES = ("path", "network")


def upgrade() -> None:
    with op.batch_alter_table("call_sample", schema=None) as batch_op:
        for name in NUMBERS:
            batch_op.add_column(sa.Column(name, sa.Float(), nullable=False, server_default=sa.text("0")))
        for name in CODES:
            batch_op.add_column(sa.Column(name, sa.String(length=10), nullable=False, server_default=sa.text("''")))


def downgrade() -> None:
    with op.batch_alter_table("call_sample", schema=None) as batch_op:
        for name in (*NUMBERS, *CODES):
            batch_op.drop_column(name)
