"""The contract that every node kind keeps: its config, its declared effects, its checks, its examples."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar, Generic, Literal, NamedTuple, TypeVar

from pydantic import BaseModel, ConfigDict

from flows.effects import Effects
from flows.environment import Surroundings
from flows.values import Value
from nodes.record import Record
from nodes.services import Services


class NodeConfig(BaseModel):
    """Base of every config: unknown keys are refused, values never change after load."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True, populate_by_name=True)


class Problem(NamedTuple):
    """Something wrong with a config that only its surroundings show: an unknown master, a field not in a contract."""

    rule: str
    sentence: str
    pointer: str = ""
    severity: Literal["hard", "soft", "advisory"] = "hard"


class Example(NamedTuple):
    """A worked example: shown in the palette, printed in the docs, run by the tests.

    ``given`` is HL7 text (a ``str`` with CR ends), a FHIR resource (a ``str`` of JSON) or a plain record; ``gives`` are
    the plain fields or selector readings of what comes out, one mapping for each record; ``stops`` is the reason code
    it ends with instead.
    """

    title: str
    config: Mapping[str, Any]
    given: str | Mapping[str, Value]
    gives: tuple[Mapping[str, Value], ...] = ()
    stops: str | None = None
    masters: Mapping[str, Any] = {}
    """Master id -> rows (flows.masters.Row as JSON); the contract is made to fit them (nodes.testing)."""
    schemas: Mapping[str, Any] = {}
    """Schema name -> flows.environment.RecordSchema as JSON."""
    operations: Mapping[str, Any] = {}
    """Operation -> the members of flows.environment.OperationContract that differ from nodes.testing's."""


C = TypeVar("C", bound=NodeConfig)
Category = Literal["source", "transform", "sink"]


class Node(Generic[C]):
    """A node kind. Subclasses under ``nodes/`` are discovered by the catalogue; nothing else registers them."""

    kind: ClassVar[str]
    version: ClassVar[int] = 1
    title: ClassVar[str]
    category: ClassVar[Category] = "transform"
    Config: ClassVar[type[NodeConfig]]
    inputs: ClassVar[tuple[str, ...]] = ("in",)
    outputs: ClassVar[tuple[str, ...]] = ("out",)
    exclusive: ClassVar[bool] = False
    """A record leaves by one port at most (route, filter): paths that part here never both reach a sink."""
    takes: ClassVar[tuple[str, ...]] = ("hl7v2", "fhir", "record")
    """The record types accepted on ``in``."""
    examples: ClassVar[Sequence[Example]] = ()

    @classmethod
    def effects(cls, config: C, around: Surroundings) -> Effects:
        """What this node does to fields, from its config and the contracts around it."""
        raise NotImplementedError

    @classmethod
    def check(cls, config: C, around: Surroundings) -> Iterable[Problem]:
        """What is wrong with this config in these surroundings."""
        return ()

    def __init__(self, config: C, services: Services, around: Surroundings) -> None:
        self.config, self.services, self.around = config, services, around

    def run(self, record: Record) -> Iterable[tuple[str, Record]]:
        """Give ``(port, record)`` pairs, or raise Stop. Never changes ``record``; deterministic."""
        raise NotImplementedError
