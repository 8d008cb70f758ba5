"""Tables of operations: who took on a cause, why a case was closed by hand, and prepared changes of masters."""

from __future__ import annotations

from sqlmodel import Field, SQLModel


class TakenOnRow(SQLModel, table=True):
    """Somebody works on a cause. Where its cases are, the runtime knows."""

    __tablename__ = "taken_on"

    cause: str = Field(primary_key=True)
    person: str
    note: str
    at_ms: int


class ClosedCaseRow(SQLModel, table=True):
    """Why somebody closed a case. That it is closed, and by whom, the runtime's audit says."""

    __tablename__ = "closed_case"

    number: int = Field(primary_key=True)
    person: str
    reason: str
    at_ms: int


class PreparedRow(SQLModel, table=True):
    """A change of a master that was put into the release store for stewards to sign."""

    __tablename__ = "prepared"

    master: str = Field(primary_key=True)
    sequence: int = Field(primary_key=True)
    digest: str = Field(primary_key=True)
    person: str
    reason: str
    at_ms: int
