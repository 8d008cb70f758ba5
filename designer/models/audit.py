"""The table of the designer's own audit chain (designer.audit): append-only, one row a change."""

from __future__ import annotations

from sqlalchemy import Column, LargeBinary
from sqlmodel import Field, SQLModel


class AuditRow(SQLModel, table=True):
    """The records of one commit: canonical JSON, one a line, and the hash after the last of them."""

    __tablename__ = "audit"

    first: int = Field(primary_key=True)
    """Number of its first record."""
    count: int
    records: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    head: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
