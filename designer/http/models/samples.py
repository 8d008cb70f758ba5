"""Shapes of samples and test cases: what a text is, what every step makes of it, and what it shall come to."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from designer.http.models.common import ApiModel, Millis, QueryModel, Text
from designer.http.models.drafts import DraftId, StepName
from flows.findings import Fix
from runtime.comparing import ComparedEnd, ComparedPosting
from runtime.faults import Fault, FaultMoment
from runtime.tryout import SampleEnd, SamplePosting, SampleRefusal, SampleStep

Sampled = Annotated[str, Field(min_length=1, max_length=1_500_000)]
"""The text of a message. It is never stored, unless it is saved as a test case."""
CaseId = Annotated[str, Field(pattern=r"^t[0-9a-f]{16}$")]
Why = Annotated[str, Field(min_length=10, max_length=200)]


class NewSample(ApiModel):
    name: Text
    """What the file was called."""
    text: Sampled


class SampleFinding(ApiModel):
    """What a sample needs before the draft takes it."""

    sentence: str
    fixes: tuple[Fix, ...]


class Sample(ApiModel):
    """What a text is recognised as."""

    format: Literal["hl7v2", "fhir", "unknown"]
    type: str
    """``DFT^P03@2.5.1``, ``Bundle@R4``."""
    identity_present: bool
    taken: bool | None
    """Whether the draft's source takes it; null where the draft cannot be tried yet."""
    findings: tuple[SampleFinding, ...]


class GivenSample(ApiModel):
    """A text, run with the masters as they stand; or a test case, with its own rows."""

    text: Sampled | None = None
    case: CaseId | None = None

    @model_validator(mode="after")
    def _one(self) -> GivenSample:
        if (self.text is None) == (self.case is None):
            raise ValueError("give either a text or a test case")
        return self


class SampleRun(ApiModel):
    """What every step makes of a sample. Values from S3 up are masked. No sink is contacted."""

    format: Literal["hl7v2", "fhir", "record", "unknown"]
    type: str
    refused: SampleRefusal | None
    filtered: str | None
    steps: tuple[SampleStep, ...]
    postings: tuple[SamplePosting, ...]
    ends: tuple[SampleEnd, ...]
    sentence: str
    """What came of it, in words."""
    titles: dict[str, str]
    """What the steps are called."""
    label: str
    """Of the environment's data."""
    may_reveal: bool
    """Whether the one who asks may be shown a masked value, with a reason."""
    ms: int


class ShowValue(GivenSample):
    """One masked value of a run, for a reason that is recorded. Only where the data are synthetic."""

    step: StepName
    record: Annotated[int, Field(ge=0, le=10_000)]
    """The number of the record in the step, from 0."""
    side: Literal["before", "after", "body", "expected"]
    """``expected``: what a test case expects to be sent by that step."""
    path: Annotated[str, Field(min_length=1, max_length=200)]
    reason: Why


class ShownValue(ApiModel):
    path: str
    value: str


class CaseExpects(ApiModel):
    """What a test case expects, counted."""

    refused: str | None
    postings: int
    parked: int
    filtered: int


class CaseCard(ApiModel):
    """A test case. Its message is stored and shown to nobody."""

    id: str
    title: str
    format: Literal["hl7v2", "fhir"]
    type: str
    expects: CaseExpects
    person: str
    name: str
    at: Millis
    passed: bool | None
    """Null: not run since it was changed."""
    sentences: tuple[str, ...]
    run: Millis | None


class CaseCards(ApiModel):
    cases: tuple[CaseCard, ...]


class NewCase(ApiModel):
    """A test case of a sample: what it comes to now is what it shall come to."""

    title: Text
    text: Sampled


class ChangeCase(ApiModel):
    title: Text
    accept: bool = False
    """Expect from now on what it comes to now."""


class CasePath(QueryModel):
    id: DraftId
    case: CaseId


class CaseComparison(ApiModel):
    """What a test case expects beside what comes of it now. Values from S3 up are masked. Nothing is stored."""

    id: str
    title: str
    passed: bool
    sentences: tuple[str, ...]
    """What is otherwise than expected: places and codes, never a value."""
    refused_expected: str | None
    refused_came: str | None
    """Why the source refuses it, in words; null where it takes it."""
    postings: tuple[ComparedPosting, ...]
    more: int
    """Postings beyond those."""
    ends: tuple[ComparedEnd, ...]
    titles: dict[str, str]
    """What the steps are called."""
    label: str
    """Of the environment's data."""
    may_reveal: bool
    """Whether the one who asks may be shown a masked value, with a reason."""


class CaseResult(ApiModel):
    id: str
    title: str
    passed: bool
    sentences: tuple[str, ...]
    """What was otherwise than expected: places and codes, never a value."""


class CaseResults(ApiModel):
    results: tuple[CaseResult, ...]
    passed: int
    failed: int
    steps: tuple[StepName, ...]
    """Steps that some test case met."""
    missed: tuple[str, ...]
    """The titles of the steps that none met."""
    ms: int


class InventWish(ApiModel):
    seed: Annotated[int, Field(ge=0, le=1_000_000)]
    """Another one, another message; the same one, the same."""


class Invented(ApiModel):
    """A message that nobody sent. Its values are drawn by what the classification says of their fields."""

    text: str
    seed: int


class FaultWish(GivenSample):
    """A sample, and what goes wrong."""

    fault: Fault


class FaultEnd(ApiModel):
    """What becomes of one line."""

    item: str
    step: str
    title: str
    how: Literal["delivered", "held", "ended"]
    cause: str
    sentence: str
    attempts: int
    moments: tuple[FaultMoment, ...]
    more: int
    """Attempts that are not listed."""


class FaultReport(ApiModel):
    """What a draft does with a sample when something goes wrong. Decided by the code that delivers; nothing is sent."""

    fault: Fault
    sentence: str
    ends: tuple[FaultEnd, ...]
    more: int
    after: tuple[str, ...]
    """What follows from it for people, and for the messages that come after."""
