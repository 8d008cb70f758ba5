"""Messages: listed, found by a key, and the life of one."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from runtime.wire import LAST, MOST_ROWS, Contract, Digest, FlowId

MessageState = Literal["waiting", "in-flight", "parked", "delivered", "filtered"]


class AskMessages(Contract):
    ask: Literal["messages"] = "messages"
    state: Literal["waiting", "in-flight", "parked", "delivered", "filtered", "all"] = "all"
    flow: str | None = None
    after: int = Field(default=0, ge=0, le=LAST)
    before: int | None = Field(default=None, ge=1, le=LAST)
    """Only messages with a lower number, newest first: the other way through."""
    limit: int = Field(default=100, ge=1, le=1000)
    since_ms: int = Field(default=0, ge=0, le=LAST)
    """Received then or later."""
    until_ms: int = Field(default=LAST, ge=0, le=LAST)
    """Not that moment any more."""


class Message(Contract):
    number: int
    flow: str
    source: str
    release: str
    received_ms: int
    state: MessageState
    filtered: str | None
    postings: int


class Messages(Contract):
    messages: tuple[Message, ...]


class AskFind(Contract):
    """Messages by a business key, newest first. Only the key's HMAC is looked up; the value is kept nowhere.

    ``THEATRE|MAIN|4711`` is looked for as sender, facility and control id (MSH-3, MSH-4, MSH-10) too: they are kept
    together, as one HMAC for each source.
    """

    ask: Literal["find"] = "find"
    key: Annotated[str, Field(min_length=1, max_length=200)]
    flow: FlowId | None = None
    limit: int = Field(default=100, ge=1, le=MOST_ROWS)


class AskTimeline(Contract):
    ask: Literal["timeline"] = "timeline"
    message: int = Field(ge=1, le=LAST)


class TimelinePosting(Contract):
    number: int
    release: str
    item: str
    connection: str
    operation: str
    step: str
    state: Literal["in-flight", "delivered", "parked"]
    attempts: int
    status: int | None
    first_ms: int | None
    next_ms: int
    ended_ms: int | None
    snapshots: str
    case: int | None
    readable: bool
    """Its body is still there, sealed."""


class TimelineLine(Contract):
    """A line that ended on purpose before a sink."""

    item: str
    step: str
    reason: str


class TimelineReplay(Contract):
    number: int
    case: int
    posting: int | None
    actor: str
    asked_ms: int
    outcome: str


class TimelineCase(Contract):
    number: int
    group: str
    cause: str
    step: str
    sentence: str
    owner: str
    opened_ms: int
    state: Literal["open", "resolved"]
    resolved_ms: int | None


class Timeline(Contract):
    """One message's life."""

    message: int
    flow: str
    source: str
    release: str
    label: str
    received_ms: int
    answer: str
    """As sent: AA or CA."""
    state: MessageState
    filtered: str | None
    digest: Digest
    readable: bool
    """Its payload can still be opened; after the retention only this record of it is left."""
    postings: tuple[TimelinePosting, ...]
    lines: tuple[TimelineLine, ...]
    cases: tuple[TimelineCase, ...]
    replays: tuple[TimelineReplay, ...]
