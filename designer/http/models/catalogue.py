"""Shapes of what there is to build with: node kinds, connections, masters, fields, and the flows themselves."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from designer.http.models.common import ApiModel, Id, Json, Level, Millis, PageQuery, QueryModel, Text
from flows.vocabulary import Concept, DataClass, Domain, Purpose, Transport


class Kind(ApiModel):
    """A node kind as the palette and the inspector show it."""

    kind: str
    version: int
    title: str
    category: Literal["source", "transform", "sink"]
    doc: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    takes: tuple[str, ...]
    """Record types that may come in."""
    produces: str
    """What goes out: ``as-it-came``, or a format such as ``hl7v2`` or ``record``."""
    exclusive: bool
    """A record leaves by one port at most."""
    connected: bool
    """The step names a connection."""
    form: Json = Field(alias="schema")
    """JSON Schema of the config, with descriptions."""
    examples: tuple[KindExample, ...]
    example_config: Json
    effects_sentence: str


class KindExample(ApiModel):
    title: str
    config: Json


class Choice(ApiModel):
    """One word of a closed vocabulary, and what people call it."""

    id: str
    title: str


class PurposeChoice(Choice):
    """What a flow may be for."""

    permitted: bool
    """Some policy permits that something leaves for it."""
    sentence: str
    """Which kinds of data may leave for it, from the permits of the policies."""


class Operation(ApiModel):
    """What a connection's contract offers."""

    id: str
    method: str
    path: str
    fields: tuple[OperationField, ...]


class OperationField(ApiModel):
    path: str
    type: str
    required: bool


class ConnectionCard(ApiModel):
    """A connection of the environment. No secret and no name of one stands here."""

    name: str
    domain: Domain
    system: str
    transport: Transport
    protocol: str
    """What is spoken there: ``MLLP`` or ``HTTP`` of a source, ``REST``, ``SOAP`` or ``SFTP`` of a sink."""
    label: str
    address: str
    purposes: tuple[Purpose, ...]
    highest: dict[DataClass, Level]
    operations: tuple[Operation, ...]
    used_by: tuple[str, ...]
    """The live flows that listen there: only one can."""
    kinds: tuple[str, ...]
    """The node kinds that can use it."""


class MasterCard(ApiModel):
    id: str
    title: str
    key: tuple[str, ...]
    values: tuple[str, ...]


class SchemaCard(ApiModel):
    """A canonical record."""

    id: str
    """``utilisation-event@1``."""
    title: str
    fields: tuple[SchemaFieldCard, ...]


class SchemaFieldCard(ApiModel):
    name: str
    title: str
    type: str
    concept: Concept
    required: bool


class Catalogue(ApiModel):
    kinds: tuple[Kind, ...]
    purposes: tuple[PurposeChoice, ...]
    owners: tuple[str, ...]
    alert_routes: tuple[str, ...]
    connections: tuple[ConnectionCard, ...]
    masters: tuple[MasterCard, ...]
    schemas: tuple[SchemaCard, ...]
    concepts: tuple[Choice, ...]
    classes: tuple[Choice, ...]
    protections: tuple[Choice, ...]


class FieldsQuery(QueryModel):
    accepts: Annotated[list[Annotated[str, Field(max_length=100)]], Field(min_length=1, max_length=16)]
    """What the source accepts, as its config writes it: ``DFT^P03@2.3-2.8``. May be given more than once."""
    q: Annotated[str, Field(max_length=100)] = ""
    """A path (``PID-3``) or words of a name (``patient identifier``)."""
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class FieldCard(ApiModel):
    """A field that a message may hold."""

    path: str
    name: str
    concept: Concept
    sensitivity: Level
    classes: tuple[DataClass, ...]
    ground: str
    """Why it is what it is."""
    repeats: bool


class Fields(ApiModel):
    fields: tuple[FieldCard, ...]
    more: bool
    """There are more than were asked for."""


class OwnersCard(ApiModel):
    business: str | None
    technical: str | None
    cases: str | None


class LiveCard(ApiModel):
    release: str
    sequence: int
    state: Literal["running", "starting", "stopped", "refused", "unknown"]
    """``unknown``: no runtime answers."""
    sentence: str


class Counters(ApiModel):
    """What came, was delivered and ended on purpose in the last 24 hours; what is held and on its way now."""

    received: int
    delivered: int
    filtered: int
    parked: int
    in_flight: int
    open_cases: int


FlowState = Literal["draft", "in-review", "approved", "live", "stopped"]


class FlowCard(ApiModel):
    """A flow in the list of flows."""

    id: str
    name: str
    purpose: str
    criticality: str
    owners: OwnersCard
    state: FlowState
    live: LiveCard | None
    draft: str | None
    review: str | None
    highest_out: Level
    """The highest sensitivity that reaches a sink as it is; -1 where nothing does."""
    held_out: Level
    """The highest that reaches a sink only under a protection; -1 where nothing does."""
    counters: Counters | None
    updated: Millis


class FlowCards(ApiModel):
    flows: tuple[FlowCard, ...]


class VersionCard(ApiModel):
    """A sealed version of a flow."""

    release: str
    state: Literal["sealed", "approved", "live", "stopped", "revoked"]
    """``stopped``: activated, and the runtime does not run it."""
    authors: tuple[str, ...]
    made: str
    expires: str
    sequence: int | None


class EndCard(ApiModel):
    """Where a flow listens, or a system to which it sends."""

    step: str
    title: str
    listens: bool
    connection: str
    system: str
    address: str
    protocol: str
    """``MLLP`` or ``HTTP`` of a source, ``REST``, ``SOAP`` or ``SFTP`` of a sink."""
    transport: Transport


class FlowPage(ApiModel):
    card: FlowCard
    ends: tuple[EndCard, ...]
    """Of the live version by its own environment, else of the draft."""
    versions: tuple[VersionCard, ...]
    document: Json
    """The flow file of the live version, else of the draft."""


class FlowPath(QueryModel):
    id: Id


class Pattern(ApiModel):
    """A shipped flow to begin from."""

    id: str
    name: str
    purpose: Purpose
    sentence: str
    steps: int
    cases: int
    usable: bool
    """Whether this environment has the connections and masters that it names."""
    lacks: tuple[str, ...]


class Library(ApiModel):
    patterns: tuple[Pattern, ...]


class NewName(ApiModel):
    name: Text


class FlowsQuery(PageQuery):
    q: Annotated[str, Field(max_length=100)] = ""
