"""Causes: cases of one cause together, which one person fixes once, and the keys that masters lack."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from runtime.wire import MOST_ROWS, Contract, FlowId, Group, Severity


class AskGroups(Contract):
    """Cases by cause: what one person fixes once."""

    ask: Literal["groups"] = "groups"
    state: Literal["open", "resolved"] = "open"
    flow: FlowId | None = None
    group: Group | None = None
    """Only this one, whatever its state."""
    limit: int = Field(default=200, ge=1, le=MOST_ROWS)


class CauseGroup(Contract):
    """Cases of one cause: the same code, and the same values where it hangs on values."""

    group: str
    cause: str
    master: str
    key: tuple[str, ...]
    """The key that the master lacks; empty where the cause hangs on none, or where it is not shown."""
    flows: tuple[str, ...]
    steps: tuple[str, ...]
    sentence: str
    """Of its newest case."""
    severity: Severity
    owner: str
    cases: int
    """In the state that was asked for; of a single group, in any."""
    open: int
    lines: int
    """Parked postings."""
    seen: int
    """How often it happened."""
    first_ms: int
    last_ms: int
    due_ms: int
    resolved_ms: int | None
    """When the last one was resolved, where none is open."""
    before: int
    """Resolved cases of the same cause: more than none with open ones means that it came back."""


class Groups(Contract):
    groups: tuple[CauseGroup, ...]
    open_cases: int


class AskMembers(Contract):
    """The cases of one cause, newest first."""

    ask: Literal["members"] = "members"
    group: Group
    state: Literal["open", "resolved", "all"] = "open"
    limit: int = Field(default=100, ge=1, le=MOST_ROWS)


class AskUnmapped(Contract):
    """The keys that masters lack, as open cases have them."""

    ask: Literal["unmapped"] = "unmapped"
    master: FlowId | None = None
    limit: int = Field(default=200, ge=1, le=MOST_ROWS)


class UnmappedKey(Contract):
    master: str
    cause: str
    key: tuple[str, ...]
    """Its parts in the master's order, and after them the unit for a missing conversion. Empty: not shown, since what
    stands there may be more than operational data; look at one message's field, with a reason."""
    group: str
    flows: tuple[str, ...]
    steps: tuple[str, ...]
    cases: int
    lines: int
    first_ms: int
    last_ms: int


class Unmapped(Contract):
    keys: tuple[UnmappedKey, ...]
