"""Shapes of messages: found by a business key, told as a timeline, and shown one field at a time."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from designer.http.models.common import ApiModel, Id, Level, Millis, QueryModel
from flows.vocabulary import Concept

MessageState = Literal["waiting", "in-flight", "parked", "delivered", "filtered"]
Why = Annotated[str, Field(min_length=10, max_length=200)]


class MessagesQuery(QueryModel):
    state: Literal["waiting", "in-flight", "parked", "delivered", "filtered", "all"] = "all"
    flow: Id | None = None
    before: Annotated[int, Field(ge=1)] | None = None
    """Only messages with a lower number: the next page."""
    limit: Annotated[int, Field(ge=1, le=200)] = 50
    since: Millis = 0
    """Received then or later."""
    until: Millis | None = None
    """Not that moment any more."""


class Search(ApiModel):
    """By a business key, a message number, or sender|facility|control id. It is sent in a body, never in an address,
    and is kept nowhere."""

    key: Annotated[str, Field(min_length=1, max_length=200)]
    flow: Id | None = None


class MessageCard(ApiModel):
    """A message in a list: nothing of what it says."""

    number: int
    flow: str
    name: str
    source: str
    system: str
    """The source as people call it."""
    release: str
    received: Millis
    state: MessageState
    filtered: str | None
    why: str
    """Why it ended on purpose, in words; "" where it did not."""
    postings: int


class KeyFields(ApiModel):
    """Which fields are the business keys of a flow that is live."""

    flow: str
    name: str
    fields: tuple[str, ...]
    """Paths: ``PV1-19.1``."""


class Searchable(ApiModel):
    flows: tuple[KeyFields, ...]
    sentence: str
    """What can be searched for, and what cannot."""


class MessageCards(ApiModel):
    messages: tuple[MessageCard, ...]
    next: int | None
    """``before`` of the next page; null: this is the last one."""
    sentence: str


class MessagePath(QueryModel):
    number: Annotated[int, Field(ge=1)]


class Moment(ApiModel):
    """Something that happened to a message."""

    at: Millis | None
    """Null: it is not known when, or not yet."""
    what: Literal["received", "filtered", "sent", "delivered", "held", "waits", "ended", "case", "replayed", "resolved"]
    sentence: str
    step: str | None = None
    item: str = ""
    posting: int | None = None
    case: int | None = None


class MessagePosting(ApiModel):
    number: int
    release: str
    item: str
    connection: str
    operation: str
    step: str
    state: Literal["in-flight", "delivered", "parked"]
    attempts: int
    status: int | None
    first: Millis | None
    next: Millis
    ended: Millis | None
    snapshots: str
    case: int | None
    readable: bool


class PlaceThere(ApiModel):
    """A field that holds a value. What it is, but not what it says."""

    path: str
    name: str
    concept: Concept
    sensitivity: Level
    value: str
    """The mask."""


class MessagePage(ApiModel):
    """One message's life."""

    card: MessageCard
    sentence: str
    """What became of it, in one sentence."""
    label: str
    digest: str
    readable: bool
    """Its payload is still there, sealed."""
    moments: tuple[Moment, ...]
    postings: tuple[MessagePosting, ...]
    path: tuple[str, ...]
    """The steps that it is known to have met."""
    titles: dict[str, str]
    """What the steps are called."""
    may_reveal: bool


class MessageFields(ApiModel):
    """The fields of a message, or of the body of a posting."""

    format: Literal["hl7v2", "fhir", "record"]
    type: str
    fields: tuple[PlaceThere, ...]
    more: int


class BodyQuery(QueryModel):
    posting: Annotated[int, Field(ge=1)] | None = None


class Reveal(ApiModel):
    path: Annotated[str, Field(min_length=1, max_length=200)]
    reason: Why
    posting: Annotated[int, Field(ge=1)] | None = None


class RevealedField(ApiModel):
    """The value of one field, for a minute. Who looked, and why, is recorded."""

    path: str
    values: tuple[str, ...]
    more: int
    until: Millis
    """From then on a page shows the mask again."""
    record: int
    """Of the runtime's audit chain."""
