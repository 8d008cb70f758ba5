"""Shapes of what goes over sockets, both ways."""

from __future__ import annotations

from typing import Literal

from designer.http.models.catalogue import Counters
from designer.http.models.common import ApiModel, Id
from designer.http.models.drafts import DraftId, PenHolder


class Nothing(ApiModel):
    """An event that says no more than its name."""


class FollowDraft(ApiModel):
    id: DraftId


class FollowFlow(ApiModel):
    id: Id


class Hello(ApiModel):
    person: str


class DraftHint(ApiModel):
    """A draft changed. What it is now, the API says."""

    id: str
    what: Literal["saved", "pen", "locked", "unlocked", "discarded"]
    revision: int
    person: str
    pen: PenHolder | None
    tab: str = ""
    """Of whoever did it: a tab knows its own changes."""


class PenAsked(ApiModel):
    id: str
    person: str
    name: str


class Present(ApiModel):
    person: str
    name: str
    tab: str


class Presence(ApiModel):
    """Who looks at a draft now."""

    id: str
    people: tuple[Present, ...]


class FlowHint(ApiModel):
    """The counters of a flow, once a second while somebody looks."""

    id: str
    at: int
    counters: Counters | None
    state: str


class InboxHint(ApiModel):
    """Something waits for the person, or no longer does."""

    what: Literal["review", "release", "case", "master"]
    id: str
    sentence: str


class ReviewHint(ApiModel):
    """A review changed: submitted, commented, signed, closed, or live. What it is now, the API says."""

    id: str
    flow: str
    sentence: str


class LiveShapes(ApiModel):
    """All that goes over sockets, for the types of the browser: no answer of the API has this shape."""

    draft: DraftHint
    presence: Presence
    pen_asked: PenAsked
    flow: FlowHint
    inbox: InboxHint
    review: ReviewHint
