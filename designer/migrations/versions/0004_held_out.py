"""What leaves only under a protection, beside what leaves as it is; earlier rows are weighed anew when saved."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("draft", sa.Column("held_out", sa.Integer(), nullable=False, server_default="-1"))
