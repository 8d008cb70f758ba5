"""What people ask of a running runtime to keep it going: traffic, causes, one message's life, the audit, reveals.

Every answer is free of payload values but two: ``Revealed`` (one field, with a reason, recorded before it leaves) and
the keys that a master lacks, where lineage says that they are operational data, S1 at most.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, model_validator

from runtime.wire import LAST, Actor, Contract, Digest, FlowId, Group

Severity = Literal["high", "medium", "low"]
MessageState = Literal["waiting", "in-flight", "parked", "delivered", "filtered"]
Path = Annotated[str, Field(min_length=1, max_length=200)]
Why = Annotated[str, Field(min_length=10, max_length=200)]
Action = Annotated[str, Field(pattern=r"^[a-z]+(-[a-z]+)*\.[a-z]+(-[a-z]+)*$", max_length=64)]
MOST_ROWS = 500

# -- traffic -------------------------------------------------------------------------------------------------------


class AskTraffic(Contract):
    """Counters of every flow: as they stand now, in the last minute, and over a window."""

    ask: Literal["traffic"] = "traffic"
    window: Literal["hour", "day"] = "hour"


class Counts(Contract):
    """What happened in a stretch of time, as the audit chains tell it."""

    accepted: int = 0
    refused: int = 0
    repeated: int = 0
    filtered: int = 0
    """Messages that ended on purpose without a posting."""
    delivered: int = 0
    parked: int = 0
    deferred: int = 0
    """Attempts that will be tried again."""


class Point(Contract):
    at_ms: int
    """Where it begins."""
    counts: Counts


class StepTraffic(Contract):
    """What came to an end, or was held, at one step within the window."""

    delivered: int = 0
    parked: int = 0
    deferred: int = 0


class FlowTraffic(Contract):
    flow: str
    received: int
    """Of all time, as are accepted, refused and repeated."""
    accepted: int
    refused: int
    repeated: int
    waiting: int
    in_flight: int
    parked: int
    open_cases: int
    high_cases: int
    oldest_waiting_ms: int | None
    """When the oldest message came that is not finished and not parked."""
    last_received_ms: int | None
    p50_ms: int | None
    """From acceptance to the answer of the other side, over the newest deliveries."""
    p95_ms: int | None
    minute: Counts
    """The last sixty seconds."""
    window: Counts
    points: tuple[Point, ...]
    """The window in stretches of ``Traffic.width_ms``, oldest first; stretches without traffic are left out."""
    steps: Mapping[str, StepTraffic]


class Traffic(Contract):
    now_ms: int
    width_ms: int
    since_ms: int
    """From when on the window is complete: the chains are read backwards a piece a question."""
    flows: tuple[FlowTraffic, ...]


# -- causes --------------------------------------------------------------------------------------------------------


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


class AskPlan(Contract):
    """What a replay would do now, without doing it: the same choice of cases as a replay."""

    ask: Literal["plan"] = "plan"
    case: int | None = Field(default=None, ge=1, le=LAST)
    group: Group | None = None
    limit: int = Field(default=200, ge=1, le=MOST_ROWS)
    """Messages looked at; the rest is counted."""

    @model_validator(mode="after")
    def _one_target(self) -> AskPlan:
        if (self.case is None) == (self.group is None):
            raise ValueError("a plan names exactly one of case and group")
        return self


class PlannedLine(Contract):
    """What would become of one parked line."""

    message: int
    posting: int
    item: str
    step: str
    outcome: Literal["post", "park", "end"]
    connection: str = ""
    operation: str = ""
    reason: str = ""
    sentence: str = ""
    """Why it would stop again, or end."""


class Plan(Contract):
    cases: tuple[int, ...]
    lines: tuple[PlannedLine, ...]
    post: int
    park: int
    end: int
    not_looked_at: int
    """Messages beyond the limit."""
    problem: str
    snapshots: str
    """The masters' snapshots that it looked into: ``items=4 locations=1``."""


class AskProgress(Contract):
    """What became of a replay, by the mark that its answer had."""

    ask: Literal["progress"] = "progress"
    after: int = Field(ge=0, le=LAST)
    through: int = Field(ge=0, le=LAST)
    newest: int = Field(default=0, ge=0, le=LAST)
    group: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")] | None = None
    """With it, cases of this cause that came since are counted."""


WaitsFor = Literal["answer", "next-attempt", "file", "held-line"]
"""An answer of the other side; the next attempt, after one that failed; the file that gathers; a held line of the same
key, in whose cause ``group`` names."""


class OnItsWay(Contract):
    """Lines that are not there yet for one reason."""

    waits_for: WaitsFor
    connection: str
    group: str
    seconds: int
    """So long a file gathers at most."""
    lines: int


class HeldAgain(Contract):
    """Lines that stopped again for one cause."""

    group: str
    cause: str
    sentence: str
    lines: int


class Progress(Contract):
    lines: int
    posted: int
    ended: int
    """On purpose, without a posting."""
    closed: int
    """Held again, and their case was closed by hand."""
    on_its_way: tuple[OnItsWay, ...]
    held: tuple[HeldAgain, ...]
    new: int
    """Open cases of the cause that came since."""


# -- messages ------------------------------------------------------------------------------------------------------


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


class AskShape(Contract):
    """Which fields a stored message (or the body of a posting) has, without any value."""

    ask: Literal["shape"] = "shape"
    message: int = Field(ge=1, le=LAST)
    posting: int | None = Field(default=None, ge=1, le=LAST)


class Shape(Contract):
    format: Literal["hl7v2", "fhir", "record"]
    type: str
    """``DFT^P03@2.5.1``, ``Bundle@R4``; empty for a record."""
    places: tuple[str, ...]
    """Instance paths of every field that holds a value, in order."""
    more: int
    """How many there are beyond those."""


class AskReveal(Contract):
    """The value of one field. The reason is recorded before the value leaves; it must not hold the value itself."""

    ask: Literal["reveal"] = "reveal"
    actor: Actor
    message: int = Field(ge=1, le=LAST)
    posting: int | None = Field(default=None, ge=1, le=LAST)
    """The field is of this posting's body, not of the message."""
    path: Path
    reason: Why


class Revealed(Contract):
    path: str
    values: tuple[str, ...]
    """One a repetition; empty where the field is absent."""
    more: int
    seq: int
    """The audit record of delivery that says who looked."""


# -- closing -------------------------------------------------------------------------------------------------------


class AskClose(Contract):
    """Closes a case by hand: what it holds is not posted any more. The reason is recorded with who gave it."""

    ask: Literal["close"] = "close"
    actor: Actor
    case: int = Field(ge=1, le=LAST)
    reason: Why


class Closed(Contract):
    outcome: Literal["closed", "nothing-to-do", "on-its-way"]
    sentence: str


# -- masters -------------------------------------------------------------------------------------------------------


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


# -- shadow --------------------------------------------------------------------------------------------------------


class AskShadow(Contract):
    """What a sealed candidate would have made of messages that came: compared with the version that runs."""

    ask: Literal["shadow"] = "shadow"
    release: Digest
    hours: int = Field(default=24, ge=1, le=24 * 31)
    limit: int = Field(default=500, ge=1, le=2000)
    """Messages, the newest first."""


class ShadowGroup(Contract):
    """Messages that differ in one way. A message may stand in more than one group."""

    kind: Literal[
        "changed",
        "now-held",
        "now-posted",
        "no-longer-posted",
        "held-otherwise",
        "no-longer-taken",
        "newly-taken",
        "taken-otherwise",
    ]
    detail: tuple[str, ...]
    """Names of fields, or codes of causes with their steps; never a value."""
    count: int
    examples: tuple[int, ...]
    """Numbers of messages."""


class Shadow(Contract):
    messages: int
    identical: int
    groups: tuple[ShadowGroup, ...]


# -- audit ---------------------------------------------------------------------------------------------------------


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
