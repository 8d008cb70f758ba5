"""Cases that somebody closed by hand, and what each reviewer saw last."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "closed_case",
        sa.Column("number", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("at_ms", sa.Integer(), nullable=False),
    )
    op.create_table(
        "looked",
        sa.Column("person", sa.String(), primary_key=True),
        sa.Column("flow", sa.String(), primary_key=True),
        sa.Column("release", sa.String(), nullable=False),
        sa.Column("comments", sa.Integer(), nullable=False),
        sa.Column("signed", sa.Integer(), nullable=False),
        sa.Column("at_ms", sa.Integer(), nullable=False),
    )
