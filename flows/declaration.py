"""What the catalogue says of one configured step: all that graph, lineage and policies know about a node."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, NamedTuple

from flows.effects import Effects
from flows.environment import OperationContract, Surroundings
from flows.findings import Finding
from flows.graph import Step


class Declaration(NamedTuple):
    """A step's kind, ports, record types and effects, as its config and surroundings make them.

    ``problems`` are findings about the config which leave the effects usable. ``operation`` is set for sinks whose
    contract names one; ``connection`` for sources and sinks.
    """

    kind: str
    version: int
    title: str
    category: Literal["source", "transform", "sink"]
    inputs: tuple[str, ...] = ("in",)
    outputs: tuple[str, ...] = ("out",)
    exclusive: bool = False
    takes: tuple[str, ...] = ("hl7v2", "fhir", "record")
    effects: Effects = Effects()
    problems: tuple[Finding, ...] = ()
    operation: OperationContract | None = None
    connection: str | None = None


Declare = Callable[[Step, Surroundings], Declaration | tuple[Finding, ...]]
"""Gives a step's declaration, or the findings of a config that cannot be read at all."""
