"""Shapes of operations: flows as they run, causes of what waits for a person, and replays."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from designer.http.models.common import ApiModel, Id, Millis, QueryModel
from designer.http.models.messages import PlaceThere, Why
from runtime.questions.replay import LeftOut, ReplayMark
from runtime.questions.traffic import Counts, Point, StepTraffic
from runtime.wire import LAST

Severity = Literal["high", "medium", "low"]
CauseId = Annotated[str, Field(pattern=r"^[0-9a-f]{8,64}$")]
Note = Annotated[str, Field(max_length=200)]


class MonitorQuery(QueryModel):
    window: Literal["hour", "day"] = "hour"


class FlowNow(ApiModel):
    """One flow as it runs."""

    flow: str
    name: str
    state: Literal["running", "starting", "stopped", "refused", "unknown"]
    sentence: str
    """Why it does not run, and what to do."""
    release: str
    sequence: int
    listening: tuple[str, ...]
    health: Literal["well", "slow", "failing", "stopped", "off"]
    """How it goes now; ``off``: stopped on purpose. Cases that wait for a person are counted beside it."""
    health_sentence: str
    received: int
    accepted: int
    refused: int
    repeated: int
    waiting: int
    in_flight: int
    parked: int
    open_cases: int
    high_cases: int
    oldest: Millis | None
    last_received: Millis | None
    p50: int | None
    p95: int | None
    minute: Counts
    window: Counts
    points: tuple[Point, ...]
    steps: dict[str, StepTraffic]


class Monitor(ApiModel):
    """What runs. ``answers`` false: no runtime answers, and nothing here is newer than what the store says."""

    answers: bool
    sentence: str
    environment: str
    label: str
    demo: bool
    version: str
    started: Millis | None
    now: Millis
    width: int
    since: Millis
    """From when on the window is complete."""
    flows: tuple[FlowNow, ...]
    masters: dict[str, int]
    problems: tuple[str, ...]


class FixHint(ApiModel):
    """What would end a cause, in words, and where to do it."""

    kind: Literal["add-row", "add-unit", "ask-source", "ask-system", "change-flow", "activate", "report"]
    sentence: str
    master: str | None = None
    key: tuple[str, ...] = ()
    """The key to be added; empty where it is not shown."""
    stage: Literal["lacks", "waits", "there"] = "lacks"
    """What the master lacks waits for signatures, or is there by now."""
    step: int = 0
    """The step of the master in which it stands; 0 where it lacks."""


class TakenOn(ApiModel):
    person: str
    name: str
    note: str
    at: Millis


class CauseCard(ApiModel):
    """Cases of one cause: what one person fixes once."""

    group: str
    title: str
    """In business words: ``Item code CAT-0016 is not in master items``."""
    cause: str
    master: str
    key: tuple[str, ...]
    key_names: tuple[str, ...]
    flows: tuple[str, ...]
    flow_names: tuple[str, ...]
    steps: tuple[str, ...]
    step_titles: tuple[str, ...]
    """What people call the flows and the steps, in the same order."""
    severity: Severity
    owner: str
    cases: int
    open: int
    """How many of its cases are open."""
    lines: int
    seen: int
    first: Millis
    last: Millis
    due: Millis
    overdue: bool
    state: Literal["new", "taken-on", "resolved", "came-back"]
    resolved: Millis | None
    taken: TakenOn | None
    fix: FixHint


class Exceptions(ApiModel):
    groups: tuple[CauseCard, ...]
    open_cases: int
    sentence: str


class ExceptionsQuery(QueryModel):
    state: Literal["open", "resolved"] = "open"
    flow: Id | None = None


class CausePath(QueryModel):
    group: CauseId


class CaseBody(ApiModel):
    """One failure that waits for a person."""

    number: int
    flow: str
    message: int | None
    cause: str
    group: str
    step: str
    sentence: str
    severity: Severity
    owner: str
    opened: Millis
    due: Millis
    count: int
    state: Literal["open", "resolved"]
    resolved: Millis | None


class Cause(ApiModel):
    """The page of one cause."""

    card: CauseCard
    sentence: str
    """What happened, as the runtime says it."""
    impact: str
    """What is not done meanwhile."""
    members: tuple[CaseBody, ...]
    more: int
    runbook: tuple[str, ...]
    """What to do, step by step."""


class ReplayWish(ApiModel):
    dry_run: bool = False
    """Only say what would happen."""


class ReplayLine(ApiModel):
    """What would become of one held line."""

    message: int
    posting: int
    item: str
    outcome: Literal["post", "park", "end"]
    system: str
    """Where it would go, as people call it."""
    operation: str
    sentence: str
    """Why it would stop again, or end."""


class ReplayAnswer(ApiModel):
    """What a replay did; or would do, where it was only asked."""

    dry_run: bool
    outcome: Literal["queued", "nothing-to-do", "parked-again", "planned"]
    sentence: str
    cases: int
    post: int
    """Lines that are on their way, or would be sent."""
    park: int
    """Lines that stopped, or would stop, again."""
    end: int
    """Lines that ended, or would end, on purpose."""
    left: tuple[LeftOut, ...]
    """Lines that were not tried, and why."""
    mark: ReplayMark | None
    """By this its progress is asked for; None where nothing was done."""
    lines: tuple[ReplayLine, ...]
    snapshots: str


class ReplayedQuery(QueryModel):
    """The mark of a replay."""

    after: Annotated[int, Field(ge=0, le=LAST)]
    through: Annotated[int, Field(ge=0, le=LAST)]
    newest: Annotated[int, Field(ge=0, le=LAST)] = 0
    group: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")] | None = None
    """With it, cases of this cause that came since are counted."""


class ReplayRest(ApiModel):
    """Lines of a replay that are not posted, for one reason."""

    kind: Literal["going", "held", "ended"]
    lines: int
    sentence: str
    group: str
    """The cause that holds them; "" where none does."""


class ReplayProgress(ApiModel):
    """What became of a replay. It is over when nothing of it is going."""

    lines: int
    posted: int
    going: int
    held: int
    ended: int
    sentence: str
    rest: tuple[ReplayRest, ...]
    new: int
    """Open cases of the cause that came since."""


class Assignment(ApiModel):
    take: bool
    """Take it on, or give it up."""
    note: Note = ""


class CasePath(QueryModel):
    number: Annotated[int, Field(ge=1)]


class CasePosting(ApiModel):
    number: int
    item: str
    connection: str
    operation: str
    step: str
    state: Literal["in-flight", "delivered", "parked"]
    attempts: int
    status: int | None
    next: Millis
    snapshots: str


class CaseStep(ApiModel):
    """A step on the way of the line."""

    step: str
    title: str
    state: Literal["passed", "failed", "not-reached"]


class CaseEvent(ApiModel):
    at: Millis
    who: str
    """\"\": nobody did it."""
    sentence: str


class Passage(ApiModel):
    """What a step had before it, and what came of it. Every value is masked; one is revealed with a reason."""

    before: tuple[PlaceThere, ...]
    """The fields of the message that the step reads; of a sink the body that was to be sent."""
    posting: int | None
    """The fields are of the body of this posting."""
    after: tuple[str, ...]
    """What the step would have written."""
    sentence: str


class Case(ApiModel):
    """The page of one case."""

    card: CaseBody
    title: str
    flow_name: str
    step_title: str
    impact: str
    fix: FixHint
    key_names: tuple[str, ...]
    """What the parts of the fix's key are."""
    runbook: tuple[str, ...]
    path: tuple[CaseStep, ...]
    passage: Passage | None
    """Null where nothing of the message can be read any more, or was ever kept."""
    postings: tuple[CasePosting, ...]
    history: tuple[CaseEvent, ...]
    closed: str
    """Why somebody closed it by hand; empty where nobody did."""
    may_reveal: bool
    may_close: bool


class Closing(ApiModel):
    reason: Why
    """Why what it holds is not posted any more."""
