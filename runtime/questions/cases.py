"""Cases: failures that wait for a person, one by one, and closing one by hand."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from runtime.wire import LAST, Actor, Contract, Severity, Why


class AskCases(Contract):
    ask: Literal["cases"] = "cases"
    state: Literal["open", "resolved", "all"] = "open"
    flow: str | None = None
    after: int = Field(default=0, ge=0, le=LAST)
    """Only cases with a higher number: the way to the next page."""
    limit: int = Field(default=100, ge=1, le=1000)


class AskCase(Contract):
    ask: Literal["case"] = "case"
    number: int = Field(ge=1, le=LAST)


class Case(Contract):
    """A failure that waits for a person."""

    number: int
    flow: str
    message: int | None
    """None: a refused frame."""
    cause: str
    group: str
    """Cases of one cause share it."""
    master: str
    step: str
    sentence: str
    severity: Severity
    owner: str
    opened_ms: int
    due_ms: int
    count: int
    state: Literal["open", "resolved"]
    resolved_ms: int | None


class Cases(Contract):
    cases: tuple[Case, ...]
    open: int
    """How many are open in all."""


class Posting(Contract):
    number: int
    item: str
    connection: str
    operation: str
    step: str
    state: Literal["in-flight", "delivered", "parked"]
    attempts: int
    status: int | None
    next_ms: int
    snapshots: str


class ReplayRecord(Contract):
    number: int
    actor: str
    asked_ms: int
    outcome: str


class CaseDetail(Contract):
    case: Case
    postings: tuple[Posting, ...]
    replays: tuple[ReplayRecord, ...]


class AskClose(Contract):
    """Closes a case by hand: what it holds is not posted any more. The reason is recorded with who gave it."""

    ask: Literal["close"] = "close"
    actor: Actor
    case: int = Field(ge=1, le=LAST)
    reason: Why


class Closed(Contract):
    outcome: Literal["closed", "nothing-to-do", "on-its-way"]
    sentence: str
