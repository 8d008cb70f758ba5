"""Shapes of reviews and releases: what was submitted, what it changes, what the rules say, and who has signed."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from designer.http.models.common import ApiModel, Digest, Id, Json, Level, Millis, QueryModel
from designer.http.models.drafts import StepName
from flows.findings import Finding, Hop
from flows.trust import Role

ReviewId = Annotated[str, Field(pattern=r"^r[0-9a-f]{16}$")]
Words = Annotated[str, Field(min_length=3, max_length=2000)]
ReviewState = Literal[
    "waits-for-author", "waits-for-approval", "approved", "live", "replaced", "returned", "withdrawn", "revoked", "void"
]
Tier = Literal["low", "medium", "high"]


class Submit(ApiModel):
    summary: Annotated[str, Field(min_length=3, max_length=200)]
    """What changes, in one line."""
    reason: Words
    """Who asked for it, and why: the second of the seven answers."""


class Submitted(ApiModel):
    review: str
    release: Digest
    sign: str
    """Where the author signs: a page of the approval desk."""


class PersonName(ApiModel):
    person: str
    name: str


class SignedBy(ApiModel):
    """Somebody whose signature holds."""

    person: str
    name: str
    roles: tuple[Role, ...]
    at: Millis


class AnswerBody(ApiModel):
    """One of the seven questions that an approver asks."""

    question: str
    answer: str
    filled: bool
    """Where it is empty, nobody should sign."""


class ChangeBody(ApiModel):
    """One difference to the live version."""

    direction: Literal["wider", "narrower", "other"]
    sentence: str
    pointer: str
    step: str | None
    sink: str | None
    field: str | None
    before: Json
    after: Json


class GraphDiff(ApiModel):
    """The difference as a picture shows it, by the ids of steps."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[str, ...]
    wires_added: tuple[tuple[str, str], ...]
    wires_removed: tuple[tuple[str, str], ...]
    before: Json
    """The flow file of the base; null for a first release."""
    after: Json


class ExposedValue(ApiModel):
    """What can stand in a field of a sink: from where, and what was done to it."""

    origin: str
    concept: str
    sensitivity: Level
    protections: tuple[str, ...]


class ExposureRow(ApiModel):
    """One field of one system: what it got, and what it gets now, where these differ."""

    direction: Literal["wider", "narrower", "other"]
    """``other``: it gets something else in the same field."""
    sink: str
    system: str
    field: str | None
    """Null: the destination as a whole."""
    before: tuple[ExposedValue, ...]
    after: tuple[ExposedValue, ...]
    sensitivity: Level
    sentences: tuple[str, ...]
    """What is no value: a destination or a contract that is another one."""
    path: tuple[Hop, ...]
    """The way of the first value that is new."""


class Since(ApiModel):
    """What is new to the one who asks since the last look."""

    at: Millis
    release: str
    """What was seen then."""
    sentence: str
    changes: tuple[ChangeBody, ...]


class RuleLine(ApiModel):
    """One rule of the policy set, and what it said."""

    id: str
    title: str
    severity: Literal["hard", "soft", "advisory"]
    effect: Literal["permit", "forbid"]
    why: str
    owner: str
    result: Literal["holds", "broken", "waived", "not-asked"]
    asked: int
    """Requests that it permitted, or that it was asked about."""
    findings: tuple[Finding, ...]


class TestLine(ApiModel):
    id: str
    title: str
    passed: bool
    sentences: tuple[str, ...]


class TestReport(ApiModel):
    """The test cases, as they came out on the bytes that were sealed."""

    cases: tuple[TestLine, ...]
    passed: int
    failed: int
    steps: tuple[str, ...]
    missed: tuple[str, ...]
    """Steps that no test case met."""


class Act(ApiModel):
    """What the one who asks may sign, and where; or why not."""

    act: Literal["author", "approve", "activate"]
    meant: bool
    """The one who asks would look for it: as an author, or by a role."""
    may: bool
    why: str
    link: str


class People(ApiModel):
    submitter: PersonName
    authors: tuple[PersonName, ...]
    """None of them may approve or activate."""
    authored: tuple[SignedBy, ...]
    approvals: tuple[SignedBy, ...]
    missing: tuple[str, ...]
    """Whose signature it waits for, in sentences."""
    activator: PersonName | None
    acts: tuple[Act, ...]


class Place(ApiModel):
    """Where a comment points."""

    step: StepName | None = None
    wire: tuple[str, str] | None = None
    field: Annotated[str, Field(max_length=200)] | None = None


class NewComment(ApiModel):
    text: Words
    place: Place = Place()


class CommentBody(ApiModel):
    number: int
    person: str
    name: str
    at: Millis
    text: str
    place: Place
    kind: Literal["comment", "return"]
    resolved_by: str | None


class Return(ApiModel):
    text: Words
    """What has to change."""


class Event(ApiModel):
    """Something that happened to a review."""

    at: Millis
    who: str
    sentence: str


class ShadowLine(ApiModel):
    """Messages that the candidate would have handled in another way."""

    sentence: str
    count: int
    examples: tuple[int, ...]
    """Numbers of messages: their pages say more."""


class ShadowReport(ApiModel):
    """The newest messages of a day, run through the version that is live and through the candidate. Nothing is sent."""

    at: Millis
    messages: int
    identical: int
    sentence: str
    lines: tuple[ShadowLine, ...]


class ReviewCard(ApiModel):
    id: str
    flow: str
    name: str
    release: Digest
    state: ReviewState
    tier: Tier
    sentence: str
    """What it newly exposes, in words."""
    summary: str
    submitter: PersonName
    at: Millis
    passed: int
    cases: int
    approvals: int
    needed: int
    open_comments: int
    mine: bool
    """The one who asks has something to do here."""


class ReviewCards(ApiModel):
    reviews: tuple[ReviewCard, ...]
    hidden: int = 0


class Looked(ApiModel):
    """What somebody saw: how many comments and signatures of others there were."""

    comments: Annotated[int, Field(ge=0)]
    signed: Annotated[int, Field(ge=0)]


class Review(ApiModel):
    """The review page."""

    card: ReviewCard
    draft: str
    draft_there: bool
    base: Digest | None
    base_is_live: bool
    """The version that it is compared with is the one that runs; if not, another was activated since."""
    behaviour: Digest
    shown: Digest
    """What the signatures of approvers name beside the release."""
    expires: str
    reason: str
    tier_why: tuple[str, ...]
    answers: tuple[AnswerBody, ...]
    exposure: tuple[ExposureRow, ...]
    behaviour_changes: tuple[ChangeBody, ...]
    configuration: tuple[ChangeBody, ...]
    graph: GraphDiff
    findings: tuple[Finding, ...]
    rules: tuple[RuleLine, ...]
    tests: TestReport
    shadow: ShadowReport | None
    """Null: not run yet."""
    may_shadow: bool
    people: People
    comments: tuple[CommentBody, ...]
    history: tuple[Event, ...]
    problems: tuple[str, ...]
    """Why a runtime would not take this release as it stands."""
    covers: tuple[str, ...]
    """What the signatures are over, in words."""
    since: Since | None
    """Null at the first look, or where nothing is new."""
    looked: Looked
    """What to send back once this page was seen."""
    titles: dict[str, str]
    """What steps of either version are called."""
    verify: str
    """The command that says the same without this page."""


class ReviewPath(QueryModel):
    id: ReviewId


class CommentPath(QueryModel):
    id: ReviewId
    number: Annotated[int, Field(ge=1)]


class ReviewsQuery(QueryModel):
    state: Literal["open", "done", "mine", "all"] = "open"
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class PictureQuery(QueryModel):
    side: Literal["before", "after", "both"] = "after"
    """``both``: one picture of both, with what was added, removed and changed."""


class SignedBody(ApiModel):
    """One signature about a release that holds under the trust root."""

    act: Literal["sealed", "approved", "activated", "revoked"]
    person: str
    at: Millis
    sequence: int | None
    """Of an activation."""
    why: str
    """Of a revocation."""


class ReleaseCard(ApiModel):
    release: Digest
    flow: str
    name: str
    state: Literal["sealed", "approved", "live", "stopped", "revoked", "set-aside"]
    """``stopped``: activated, and the runtime does not run it."""
    authors: tuple[str, ...]
    approvers: tuple[str, ...]
    activator: str | None
    sequence: int | None
    made: str
    expires: str
    highest_out: Level
    """The highest sensitivity that reaches a sink as it is; -1 where nothing does."""
    held_out: Level
    """The highest that reaches a sink only under a protection; -1 where nothing does."""
    review: str | None
    desk: str
    """Its page on the approval desk, which computes everything again from the sealed bytes."""
    signatures: tuple[SignedBody, ...]
    """Who signed what and when, the oldest first."""


class ReleaseCards(ApiModel):
    releases: tuple[ReleaseCard, ...]


class ReleasesQuery(QueryModel):
    flow: Id | None = None


class ReleasePath(QueryModel):
    digest: Digest
