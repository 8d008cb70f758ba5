"""Tables of drafts (designer.draft_rows): the draft, its revisions, and everybody whose edit is in it."""

from __future__ import annotations

from sqlalchemy import Column, LargeBinary
from sqlmodel import Field, SQLModel


class DraftRow(SQLModel, table=True):
    """A draft. Its document is that of its newest revision."""

    __tablename__ = "draft"

    id: str = Field(primary_key=True)
    flow: str = Field(index=True)
    name: str
    revision: int
    environment: str
    base: str | None = None
    """The release that it began from."""
    review: str | None = None
    """Set while it waits for review: then nobody writes."""
    blocks: int = 0
    """Of the newest revision's analysis, for lists; as are the next three."""
    warns: int = 0
    highest_out: int = -1
    held_out: int = -1
    made_ms: int
    saved_ms: int
    done_ms: int | None = None
    """Set once it is live, or thrown away: it stays for the record, and nobody sees it in a list."""


class RevisionRow(SQLModel, table=True):
    """What a draft was after one save: canonical JSON. Never changed; old ones between others are thinned out."""

    __tablename__ = "revision"

    draft: str = Field(primary_key=True, foreign_key="draft.id")
    number: int = Field(primary_key=True)
    person: str
    at_ms: int
    summary: str
    digest: str
    document: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class AuthorRow(SQLModel, table=True):
    """Somebody whose edit is in a draft. Stays when revisions are thinned out, and when an edit is undone."""

    __tablename__ = "author"

    draft: str = Field(primary_key=True, foreign_key="draft.id")
    person: str = Field(primary_key=True)
    first_ms: int
