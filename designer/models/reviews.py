"""Tables of reviews (designer.reviews): what was submitted, and what people said of it. Who signed stands in the
release store alone."""

from __future__ import annotations

from sqlalchemy import Column, LargeBinary
from sqlmodel import Field, SQLModel


class ReviewRow(SQLModel, table=True):
    """One submission of a draft: a sealed candidate that waits for signatures."""

    __tablename__ = "review"

    id: str = Field(primary_key=True)
    draft: str = Field(index=True)
    flow: str = Field(index=True)
    revision: int
    release: str = Field(index=True)
    base: str | None = None
    """The release that was live when it was submitted."""
    person: str
    """Who submitted it."""
    summary: str
    reason: str
    tests: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    """Canonical JSON: what the test cases came to when it was sealed."""
    at_ms: int
    closed: str | None = None
    """``returned`` or ``withdrawn``; None while signatures count."""
    closed_by: str | None = None
    closed_ms: int | None = None
    shadow: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    """JSON of ``runtime.questions.shadow.Shadow``: what it would have made of messages that came."""
    shadow_ms: int | None = None
    settled_ms: int | None = None
    """Set once its release was seen live."""


class CommentRow(SQLModel, table=True):
    """A remark in a review, at a step, a wire or a field, or on the whole."""

    __tablename__ = "comment"

    review: str = Field(primary_key=True, foreign_key="review.id")
    number: int = Field(primary_key=True)
    person: str
    at_ms: int
    text: str
    step: str | None = None
    wire: str | None = None
    """Its ends with a space between."""
    field: str | None = None
    kind: str = "comment"
    """``comment``, or ``return`` for the remark with which it was sent back."""
    resolved_by: str | None = None


class LookedRow(SQLModel, table=True):
    """What somebody saw of a flow's candidate last, so that the next look says what is new."""

    __tablename__ = "looked"

    person: str = Field(primary_key=True)
    flow: str = Field(primary_key=True)
    release: str
    comments: int
    signed: int
    at_ms: int
