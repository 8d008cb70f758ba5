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
