"""The flow file as frozen models: steps and wires, and what the whole flow says about itself."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import Field

from flows import invisible
from flows.canonical import NotCanonical, loads_strict
from flows.findings import Address, Finding, Fix, Json, Model, SetFlow, Severity
from flows.refusals import Salvage, salvage
from flows.vocabulary import Purpose

Id = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,62}$")]
Title = Annotated[str, Field(min_length=1, max_length=200)]
PathText = Annotated[str, Field(min_length=1, max_length=200)]
NOT_READABLE = "LG-FILE-001"
"""The rule of a file that is no strict JSON: nothing more can be said of it."""
_PORT = re.compile(r"([a-z][a-z0-9-]{0,62})\.([a-z][a-z0-9-]{0,62})")


class Port(NamedTuple):
    """One end of a wire."""

    step: str
    port: str


class Step(Model):
    """A node placed in a flow."""

    id: Id
    """How wires, cases and findings call it."""
    kind: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
    """The node kind, such as ``mask``."""
    version: int = Field(ge=1, le=9999)
    """Of the kind."""
    title: Title
    """What people read on the step."""
    connection: Id | None = None
    """Name of a connection of the environment; sources and sinks have one."""
    config: Mapping[str, Json] = {}
    """The keys of its kind."""


class Wire(Model):
    """Carries records from an output port to an input port."""

    from_: Annotated[str, Field(alias="from", pattern=rf"^{_PORT.pattern}$")]
    """``STEP.PORT`` of the step that gives."""
    to: Annotated[str, Field(pattern=rf"^{_PORT.pattern}$")]
    """``STEP.PORT`` of the step that takes."""

    @property
    def source(self) -> Port:
        return Port(*self.from_.split("."))

    @property
    def target(self) -> Port:
        return Port(*self.to.split("."))

    @property
    def ends(self) -> tuple[str, str]:
        return (self.from_, self.to)


class Owners(Model):
    """Role names: who answers for the business, for the technique, and for what failed."""

    business: Id | None = None
    """Answers for what the flow is for."""
    technical: Id | None = None
    """Answers for how it is done."""
    cases: Id | None = None
    """Gets what waits for a person."""


class Ordering(Model):
    """Postings with the same value at ``key`` go out in the order in which they came in."""

    key: PathText | None = None
    """Selector; None: the lane of the source."""
    on_park: Literal["hold-key", "pass"] = "pass"
    """What follows a parked posting with the same value: it waits too (``hold-key``), or goes on."""


class Retention(Model):
    """How long the runtime keeps a payload after its message has come to an end."""

    payload_days: int = Field(ge=0, le=3650)
    """After the end of the UTC day on which it came."""


class Note(Model):
    """A remark on the canvas; no part of behaviour."""

    id: Id
    text: str = Field(max_length=4000)
    """What it says."""
    at: tuple[int, int] = (0, 0)
    """Where it stands, x and y."""


class Flow(Model):
    """``lockgate/flow/1``. What is missing here and must not be missing is a policy's business, not the parser's."""

    format: Literal["lockgate/flow/1"]
    id: Id
    """Under which it is activated, counted and found."""
    name: Title
    """What people read."""
    purpose: Purpose
    """What it is for: rules permit fields for a purpose."""
    layer: Literal["system", "process", "experience"] = "process"
    """Where it stands among interfaces; for people."""
    criticality: Literal["low", "normal", "high"] = "normal"
    """How bad it is if it stands still; for people."""
    owners: Owners = Owners()
    """Role names of the environment."""
    alerts: tuple[Id, ...] = ()
    """Alert routes of the environment that hear of it."""
    ordering: Ordering = Ordering()
    business_keys: Annotated[tuple[PathText, ...], Field(max_length=16)] = ()
    """Selectors of the values by which messages are found again."""
    ack: Literal["accepted"] = "accepted"
    """When the sender is answered: once the message is durable."""
    retention: Retention | None = None
    steps: Annotated[tuple[Step, ...], Field(max_length=1000)]
    wires: Annotated[tuple[Wire, ...], Field(max_length=5000)]
    notes: Annotated[tuple[Note, ...], Field(max_length=1000)] = ()
    layout: Mapping[Id, tuple[int, int]] = {}

    def step(self, name: str) -> Step | None:
        """The first step of that id."""
        return next((step for step in self.steps if step.id == name), None)

    def into(self, name: str) -> Iterator[Wire]:
        """The wires that end at a step, in the file's order."""
        return (wire for wire in self.wires if wire.target.step == name)

    def out_of(self, name: str) -> Iterator[Wire]:
        """The wires that begin at a step, in the file's order."""
        return (wire for wire in self.wires if wire.source.step == name)

    def pointer(self, step: str) -> str:
        """JSON pointer of a step in the flow file."""
        for number, each in enumerate(self.steps):
            if each.id == step:
                return f"/steps/{number}"
        return ""


def load_flow(data: bytes) -> tuple[Flow | None, tuple[Finding, ...]]:
    """The flow that ``data`` spells and everything that is wrong with the spelling.

    An offending value that the flow can do without is left out, so that a wrong key hides no other finding.
    """
    try:
        document = loads_strict(data)
    except NotCanonical as error:
        return None, (_unreadable(error),)
    return read_flow(document)


def read_flow(document: Any) -> tuple[Flow | None, tuple[Finding, ...]]:
    """As ``load_flow``, from a JSON value."""
    found: Salvage[Flow] = salvage(Flow, document, "this flow file")
    return found.value, (*found.findings, *_unseen(document))


def dump_flow(flow: Flow) -> Json:
    """The JSON value of a flow, as the file has it."""
    return flow.model_dump(mode="json", by_alias=True)


def _unseen(document: Any) -> Iterator[Finding]:
    for pointer, text in invisible.texts(document):
        prose = pointer.startswith("/notes/")
        if (character := invisible.first(text, prose)) is None:
            continue
        where = f"In this flow file, at {pointer or '/'}"
        yield Finding(
            rule="LG-FILE-004",
            severity=Severity.HARD,
            sentence=f"{where}: a text holds a character that nobody sees ({character}).",
            address=Address(pointer=pointer),
            why="It can make a screen show something else than what is signed.",
            fixes=(Fix(title="Take it out", edits=(SetFlow(pointer=pointer, value=invisible.without(text, prose)),)),),
        )


def _unreadable(error: NotCanonical) -> Finding:
    return Finding(
        rule=NOT_READABLE,
        severity=Severity.HARD,
        sentence=f"This flow file cannot be read: {error.sentence}",
        address=Address(pointer=error.pointer or None),
        why="A file that two programs could read differently cannot be signed.",
    )
