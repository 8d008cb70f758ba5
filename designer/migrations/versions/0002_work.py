"""Test cases, reviews with their comments, who works on which cause, and prepared changes of masters."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "test_case",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("flow", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("format", sa.String(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("at_ms", sa.Integer(), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=True),
        sa.Column("said", sa.String(), nullable=False),
        sa.Column("run_ms", sa.Integer(), nullable=True),
    )
    op.create_index("ix_test_case_flow", "test_case", ["flow"])
    op.create_table(
        "review",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("draft", sa.String(), nullable=False),
        sa.Column("flow", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("release", sa.String(), nullable=False),
        sa.Column("base", sa.String(), nullable=True),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("summary", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("tests", sa.LargeBinary(), nullable=False),
        sa.Column("at_ms", sa.Integer(), nullable=False),
        sa.Column("closed", sa.String(), nullable=True),
        sa.Column("closed_by", sa.String(), nullable=True),
        sa.Column("closed_ms", sa.Integer(), nullable=True),
        sa.Column("shadow", sa.LargeBinary(), nullable=True),
        sa.Column("shadow_ms", sa.Integer(), nullable=True),
        sa.Column("settled_ms", sa.Integer(), nullable=True),
    )
    for name in ("draft", "flow", "release"):
        op.create_index(f"ix_review_{name}", "review", [name])
    op.create_table(
        "comment",
        sa.Column("review", sa.String(), sa.ForeignKey("review.id"), primary_key=True),
        sa.Column("number", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("at_ms", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("step", sa.String(), nullable=True),
        sa.Column("wire", sa.String(), nullable=True),
        sa.Column("field", sa.String(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("resolved_by", sa.String(), nullable=True),
    )
    op.create_table(
        "taken_on",
        sa.Column("cause", sa.String(), primary_key=True),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("at_ms", sa.Integer(), nullable=False),
    )
    op.create_table(
        "prepared",
        sa.Column("master", sa.String(), primary_key=True),
        sa.Column("sequence", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("digest", sa.String(), primary_key=True),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("at_ms", sa.Integer(), nullable=False),
    )
