"""Tables of people: accounts (designer.accounts) and who is signed in (designer.sessions)."""

from __future__ import annotations

from sqlmodel import Field, SQLModel


class PersonRow(SQLModel, table=True):
    """An account. A password stands here as its argon2 hash alone, a token as its SHA-256."""

    __tablename__ = "person"

    id: str = Field(primary_key=True)
    name: str
    roles: str
    """Names with a space between, sorted."""
    password: str | None = None
    token: str | None = Field(default=None, index=True)
    token_until_ms: int | None = None
    disabled: bool = False
    wrong: int = 0
    """Wrong passwords in a row."""
    wait_until_ms: int = 0
    """Before that no password is looked at."""
    made_ms: int


class SessionRow(SQLModel, table=True):
    """Somebody signed in with one browser. The cookie's value stands here as its SHA-256 alone."""

    __tablename__ = "session"

    token: str = Field(primary_key=True)
    person: str = Field(index=True, foreign_key="person.id")
    began_ms: int
