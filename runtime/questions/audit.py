"""The audit: whether its chains hold, pages of them, and what is found in them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from runtime.wire import LAST, MOST_ROWS, Actor, Contract, Digest

Action = Annotated[str, Field(pattern=r"^[a-z]+(-[a-z]+)*\.[a-z]+(-[a-z]+)*$", max_length=64)]


class AskAuditVerify(Contract):
    ask: Literal["audit-verify"] = "audit-verify"
    since: Annotated[str, Field(max_length=32_000)] | None = None
    """The text of a checkpoint that was kept elsewhere: it has to be in the journal."""


class Chain(Contract):
    writer: str
    records: int
    head: str
    good: bool
    sentence: str


class AuditVerified(Contract):
    good: bool
    chains: tuple[Chain, ...]
    checkpoints: int
    sentence: str


class AskAudit(Contract):
    """A page of one chain, newest first where ``after`` is None, else on from there."""

    ask: Literal["audit"] = "audit"
    writer: Literal["intake", "delivery"]
    after: int | None = Field(default=None, ge=0, le=LAST)
    """Rows that begin after this record."""
    before: int | None = Field(default=None, ge=1, le=LAST)
    """Rows that begin before this record, the nearest ones."""
    limit: int = Field(default=50, ge=1, le=MOST_ROWS)
    """Rows; one holds the records of one commit."""


class AuditRow(Contract):
    first: int
    count: int
    records: tuple[str, ...]
    """The exact lines: whoever has the head before can compute the head after."""
    head: Digest


class AuditPage(Contract):
    writer: str
    previous: Digest
    """The head before the first row of this page; 32 zero bytes at the beginning."""
    rows: tuple[AuditRow, ...]
    """In order."""
    last: int
    """The number of the chain's last record."""


class AskRecords(Contract):
    """Records of one chain that tell of certain actions, of one person, within a stretch of time; newest first. A
    question looks at a bounded piece of the chain: ``Records.next`` goes on where it ended."""

    ask: Literal["records"] = "records"
    writer: Literal["intake", "delivery"]
    actions: Annotated[tuple[Action, ...], Field(max_length=40)] = ()
    """None: any."""
    actor: Actor | None = None
    since_ms: int = Field(default=0, ge=0, le=LAST)
    until_ms: int = Field(default=LAST, ge=0, le=LAST)
    """Not that moment any more."""
    before: int | None = Field(default=None, ge=1, le=LAST)
    """Records before this one."""
    limit: int = Field(default=100, ge=1, le=MOST_ROWS)


class FoundRecord(Contract):
    seq: int
    record: str
    """The exact line."""
    first: int
    count: int
    """Of the row that holds it: the records of one commit."""
    head: Digest
    """After the last record of its row."""


class Records(Contract):
    records: tuple[FoundRecord, ...]
    next: int | None
    """``before`` to go on with; null: there is no more."""
    reached_ms: int
    """How far back this answer is complete."""
