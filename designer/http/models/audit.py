"""Shapes of the audit: pages of a chain with what it takes to compute it again, and the verification of all chains."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from designer.http.models.common import ApiModel, Digest, Millis, QueryModel

Writer = Literal["intake", "delivery", "designer"]


class AuditQuery(QueryModel):
    writer: Writer = "designer"
    after: Annotated[int, Field(ge=0)] | None = None
    """Rows that begin after this record; null: the newest."""
    before: Annotated[int, Field(ge=1)] | None = None
    """Rows that begin before this record."""
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class ChainRow(ApiModel):
    """The records of one commit, to the letter, and the hash after the last of them."""

    first: int
    count: int
    records: tuple[str, ...]
    head: Digest


class Entry(ApiModel):
    """One record in words."""

    seq: int
    at: Millis
    action: str
    actor: str
    about: str
    """What it is about: a flow, a message, a case, a person."""
    reason: str
    sentence: str


class ChainPage(ApiModel):
    writer: Writer
    previous: Digest
    """The hash before the first row."""
    rows: tuple[ChainRow, ...]
    entries: tuple[Entry, ...]
    last: int
    next: int | None
    """``before`` of the next page back; null: this is the beginning."""
    recipe: str
    """How a head is computed."""


class ChainVerified(ApiModel):
    writer: Writer
    records: int
    head: str
    good: bool
    sentence: str


class Verification(ApiModel):
    good: bool
    sentence: str
    chains: tuple[ChainVerified, ...]
    checkpoints: int
    command: str
    """The same, without this page."""


What = Literal["people", "everything", "revealed", "signatures", "sign-ins", "operations"]
Position = Annotated[str, Field(pattern=r"^[0-9]{1,18}(\.[0-9]{1,18}){3}$")]


class AuditFilter(QueryModel):
    what: What = "people"
    person: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9@._-]{0,63}$")] | None = None
    """Who did it."""
    since: Millis = 0
    until: Millis | None = None
    """Not that moment any more; null: now."""


class AuditSearch(AuditFilter):
    at: Position | None = None
    """``next`` of the page before; null: the newest."""
    limit: Annotated[int, Field(ge=1, le=200)] = 100


class AuditExport(AuditFilter):
    format: Literal["csv", "jsonl"] = "csv"


class FoundEntry(Entry):
    """One record in words, with where it stands: in a chain, or, of a signature, in the release store."""

    where: Literal["intake", "delivery", "designer", "store"]
    """``store``: an envelope, which is its own proof; ``seq`` is 0 then."""
    place: str
    """The path of a field that was shown; never its value."""
    message: int | None
    """The message that it is about."""
    link: str
    """The page that has more: a release on the desk, a message."""
    record: str
    """To the letter; of a signature what was signed, in short."""
    head: Digest
    """The hash after the commit that holds it; of a signature the digest of its envelope."""


class FoundEntries(ApiModel):
    entries: tuple[FoundEntry, ...]
    next: Position | None
    """The next page back; null: there is no more."""
    complete: bool
    sentence: str
    """What is missing here, where something is."""
