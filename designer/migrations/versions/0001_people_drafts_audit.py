"""People and who is signed in, drafts with their revisions and authors, and the audit chain."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "person",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("roles", sa.String(), nullable=False),
        sa.Column("password", sa.String(), nullable=True),
        sa.Column("token", sa.String(), nullable=True),
        sa.Column("token_until_ms", sa.Integer(), nullable=True),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        sa.Column("wrong", sa.Integer(), nullable=False),
        sa.Column("wait_until_ms", sa.Integer(), nullable=False),
        sa.Column("made_ms", sa.Integer(), nullable=False),
    )
    op.create_index("ix_person_token", "person", ["token"])
    op.create_table(
        "session",
        sa.Column("token", sa.String(), primary_key=True),
        sa.Column("person", sa.String(), sa.ForeignKey("person.id"), nullable=False),
        sa.Column("began_ms", sa.Integer(), nullable=False),
    )
    op.create_index("ix_session_person", "session", ["person"])
    op.create_table(
        "draft",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("flow", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("environment", sa.String(), nullable=False),
        sa.Column("base", sa.String(), nullable=True),
        sa.Column("review", sa.String(), nullable=True),
        sa.Column("blocks", sa.Integer(), nullable=False),
        sa.Column("warns", sa.Integer(), nullable=False),
        sa.Column("highest_out", sa.Integer(), nullable=False),
        sa.Column("made_ms", sa.Integer(), nullable=False),
        sa.Column("saved_ms", sa.Integer(), nullable=False),
        sa.Column("done_ms", sa.Integer(), nullable=True),
    )
    op.create_index("ix_draft_flow", "draft", ["flow"])
    op.create_table(
        "revision",
        sa.Column("draft", sa.String(), sa.ForeignKey("draft.id"), primary_key=True),
        sa.Column("number", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("at_ms", sa.Integer(), nullable=False),
        sa.Column("summary", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
    )
    op.create_table(
        "author",
        sa.Column("draft", sa.String(), sa.ForeignKey("draft.id"), primary_key=True),
        sa.Column("person", sa.String(), primary_key=True),
        sa.Column("first_ms", sa.Integer(), nullable=False),
    )
    op.create_table(
        "audit",
        sa.Column("first", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("records", sa.LargeBinary(), nullable=False),
        sa.Column("head", sa.LargeBinary(), nullable=False),
    )
