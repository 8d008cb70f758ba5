"""Runs the migrations on the connection that designer.database hands in."""

from __future__ import annotations

from alembic import context
from sqlmodel import SQLModel

import designer.models  # noqa: F401 - the tables must be known before they are compared

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    render_as_batch=True,
    transactional_ddl=False,
)
context.run_migrations()
