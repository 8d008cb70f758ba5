"""Tables of test cases (designer.testcases): they belong to a flow, and stay when its draft is done."""

from __future__ import annotations

from sqlalchemy import Column, LargeBinary
from sqlmodel import Field, SQLModel


class TestCaseRow(SQLModel, table=True):
    """A test case: canonical JSON of ``lockgate/test-case/1``, and what it last came to."""

    __tablename__ = "test_case"
    __test__ = False

    id: str = Field(primary_key=True)
    flow: str = Field(index=True)
    title: str
    format: str
    type: str
    person: str
    at_ms: int
    document: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    passed: bool | None = None
    """None: not run since it was changed."""
    said: str = ""
    """What was otherwise than expected, one sentence a line."""
    run_ms: int | None = None
