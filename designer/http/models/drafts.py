"""Shapes of drafts: the document, its revisions, the pen, and all that its analysis says."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from designer.http.models.common import ApiModel, Digest, Id, Json, Level, Millis, PageQuery, QueryModel, Text
from flows.findings import Edit, Finding
from flows.vocabulary import Concept, DataClass, Protection, Purpose

Revision = Annotated[int, Field(ge=1)]
DraftId = Annotated[str, Field(pattern=r"^d[0-9a-f]{16}$")]
StepName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,62}$")]
PortName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,62}\.[a-z][a-z0-9-]{0,62}$")]
Summary = Annotated[str, Field(max_length=200)]


class FromPattern(ApiModel):
    pattern: Id


class FromFlow(ApiModel):
    flow: Id


class FromBlank(ApiModel):
    blank: Literal[True]
    purpose: Purpose | None = None
    """What it is for; without it the purpose that permits least."""


class NewDraft(ApiModel):
    name: Text
    source: FromPattern | FromFlow | FromBlank = Field(alias="from")


class PenHolder(ApiModel):
    """Who writes. Others follow."""

    person: str
    name: str
    since: Millis
    until: Millis
    """From then on anybody may take it."""


class AskedFor(ApiModel):
    """Changes that an approver asked for when the draft was in review last."""

    review: str
    person: str
    name: str
    at: Millis
    text: str


class Draft(ApiModel):
    id: str
    flow: str
    name: str
    revision: int
    document: Json
    environment: str
    authors: tuple[str, ...]
    """Everybody whose edit is in it."""
    pen: PenHolder | None
    mine: bool
    """This tab holds the pen."""
    base: str | None
    """The release that it began from."""
    changed: bool
    """It differs from its base in more than layout and notes."""
    locked: bool
    """It waits for review, and is read only until that ends."""
    review: str | None
    asked_for: AskedFor | None
    """Null once it is handed in again."""
    saved: Millis


class DraftCard(ApiModel):
    """A draft in a list."""

    id: str
    flow: str
    name: str
    revision: int
    authors: tuple[str, ...]
    pen: PenHolder | None
    blocks: int
    warns: int
    highest_out: Level
    """The highest sensitivity that reaches a sink as it is; -1 where nothing does."""
    held_out: Level
    """The highest that reaches a sink only under a protection; -1 where nothing does."""
    locked: bool
    asked_for: AskedFor | None
    saved: Millis


class DraftCards(ApiModel):
    drafts: tuple[DraftCard, ...]


class DraftPath(QueryModel):
    id: DraftId


class SaveDraft(ApiModel):
    revision: Revision
    """The revision that was edited."""
    document: dict[str, Json]
    summary: Summary = ""
    """What was done, such as ``Inserted Mask fields``."""


class Saved(ApiModel):
    revision: int
    changed: bool
    saved: Millis
    authors: tuple[str, ...]
    analysis: AnalysisBody


class PenWish(ApiModel):
    take: bool


class PenState(ApiModel):
    pen: PenHolder | None
    mine: bool


class RevisionCard(ApiModel):
    number: int
    person: str
    name: str
    at: Millis
    summary: str
    digest: Digest


class Revisions(ApiModel):
    revisions: tuple[RevisionCard, ...]
    more: bool


class RevisionPath(QueryModel):
    id: DraftId
    number: Revision


class RevisionBody(ApiModel):
    card: RevisionCard
    document: Json


class AtomBody(ApiModel):
    """What can stand somewhere: an origin and what was done to it."""

    origin: str
    concept: Concept
    sensitivity: Level
    classes: tuple[DataClass, ...]
    protections: tuple[Protection, ...]


class WireBody(ApiModel):
    """What a wire carries."""

    from_: str = Field(alias="from")
    to: str
    sensitivity: Level
    """Of the gravest value, protected or not."""
    bare: Level
    """Of the gravest value without any protection."""
    fields: int
    type: str | None
    """``hl7v2``, or ``record/utilisation-event@1``; null where nothing is known."""


class SinkField(ApiModel):
    path: str
    sensitivity: Level
    atoms: tuple[AtomBody, ...]


class SinkBody(ApiModel):
    """The minimisation meter of a sink."""

    step: str
    connection: str | None
    operation: str | None
    reads: int
    """So many fields the sink receives."""
    offered: int
    """So many fields stood in the record from which what it receives was made."""
    excess_s3: int
    """So many of what it receives are S3 or S4 without a protection."""
    fields: tuple[SinkField, ...]


class StepBody(ApiModel):
    step: str
    sentence: str
    """What the step does to fields: ``drops 2, pseudonymises 1, keeps the rest``."""
    category: Literal["source", "transform", "sink", "unknown"]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    blocks: int
    warns: int


class AnalysisBody(ApiModel):
    """All that is found in a draft. The browser shows it and repeats none of it."""

    revision: int
    findings: tuple[Finding, ...]
    wires: tuple[WireBody, ...]
    sinks: tuple[SinkBody, ...]
    steps: tuple[StepBody, ...]
    blocks: int
    warns: int
    ms: int
    """So long it took."""


class Preview(ApiModel):
    edits: Annotated[tuple[Edit, ...], Field(min_length=1, max_length=100)]
    document: dict[str, Json] | None = None
    """What they are tried on; null: the draft as it is saved."""


class Previewed(ApiModel):
    document: Json
    analysis: AnalysisBody


class AnalyseDocument(ApiModel):
    document: dict[str, Json]


class WirePath(QueryModel):
    """``{begin}`` and ``{end}`` are the ports of the wire: ``check.out`` and ``lines.in``."""

    id: DraftId
    begin: PortName
    end: PortName


class WireQuery(PageQuery):
    q: Annotated[str, Field(max_length=100)] = ""
    """A path, or words of a name or an origin."""
    least: Annotated[int, Field(ge=0, le=4)] = 0
    """Only fields of this sensitivity or a higher one."""


class FieldRow(ApiModel):
    """A field on a wire."""

    path: str
    name: str
    origin: str
    concept: Concept
    sensitivity: Level
    bare: Level
    classes: tuple[DataClass, ...]
    protections: tuple[Protection, ...]
    """Held by each of its gravest values."""
    parts: int
    """So many named parts it has."""
    read_by: tuple[str, ...]
    """The sinks that it reaches."""


class FieldTable(ApiModel):
    rows: tuple[FieldRow, ...]
    total: int
    """So many fields match."""
    fields: int
    """So many fields the wire carries."""
    beyond: bool
    """Fields that stand in no table may be there too, and are S4."""
    groups: tuple[str, ...] = ()
    """What comes several times as a whole: groups of segments (HL7 v2), types of resources (FHIR). Of a step alone."""


class StepPath(QueryModel):
    id: DraftId
    step: StepName


class StepFieldsQuery(QueryModel):
    q: Annotated[str, Field(max_length=100)] = ""
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class ExplainQuery(QueryModel):
    field: Annotated[str, Field(min_length=1, max_length=200)]
    sink: StepName


class Explained(ApiModel):
    """Why a field may, or may not, reach a sink."""

    sentences: tuple[str, ...]
