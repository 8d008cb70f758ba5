"""The catalogue: every node kind under ``nodes/``, what a configured step declares, and the digest of its code."""

from __future__ import annotations

import functools
import importlib
import inspect
import pkgutil
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from pydantic import ValidationError

from flows.declaration import Declaration
from flows.environment import Surroundings
from flows.findings import Finding
from flows.graph import Step
from nodes.code import digest_of
from nodes.contract import Node, NodeConfig
from nodes.objections import problem_found, refusals, unknown_kind, wrong_connection
from nodes.services import Services
from nodes.sink import Sink

_GROUPS = ("nodes.sources", "nodes.transforms", "nodes.sinks")
Kind = type[Node[Any]]


@functools.cache
def kinds() -> Mapping[tuple[str, int], Kind]:
    """Every node kind by name and version, in that order."""
    found: dict[tuple[str, int], Kind] = {}
    for module in _modules():
        for node in _nodes_of(module):
            name = (node.kind, node.version)
            if name in found:
                raise LookupError(f"{found[name].__module__} and {node.__module__} both claim {name}")
            found[name] = node
    return MappingProxyType(dict(sorted(found.items())))


def declare(step: Step, around: Surroundings) -> Declaration | tuple[Finding, ...]:
    """What a step does to fields, or what is wrong with its config. Pointers are relative to the step."""
    node = kinds().get((step.kind, step.version))
    if node is None:
        return (unknown_kind(step, kinds()),)
    try:
        config = _config(node, step)
    except ValidationError as error:
        return refusals(step, node, error)
    near = _narrowed(step, around)
    return Declaration(
        kind=node.kind,
        version=node.version,
        title=node.title,
        category=node.category,
        inputs=node.inputs,
        outputs=node.outputs,
        exclusive=node.exclusive,
        takes=node.takes,
        effects=node.effects(config, near),
        problems=(
            *wrong_connection(step, node, around),
            *(problem_found(step, each) for each in node.check(config, near)),
        ),
        operation=node.contract(config, near) if issubclass(node, Sink) else None,
        connection=step.connection,
    )


def build(step: Step, services: Services, around: Surroundings) -> Node[Any]:
    """The node of a step that was declared without findings."""
    node = kinds()[step.kind, step.version]
    return node(_config(node, step), services, _narrowed(step, around))


@functools.cache
def digest(kind: str, version: int) -> str:
    """SHA-256 (hex) over the node's file and all that it imports below ``nodes/``, by module name and content."""
    return digest_of(kinds()[kind, version].__module__)


def _modules() -> Iterator[str]:
    for group in _GROUPS:
        package = importlib.import_module(group)
        yield from (found.name for found in pkgutil.iter_modules(package.__path__, f"{group}."))


def _nodes_of(module: str) -> Iterator[Kind]:
    for _, member in inspect.getmembers(importlib.import_module(module), inspect.isclass):
        if issubclass(member, Node) and member.__module__ == module and hasattr(member, "kind"):
            yield member


def _config(node: Kind, step: Step) -> NodeConfig:
    return node.Config.model_validate(step.config)


def _narrowed(step: Step, around: Surroundings) -> Surroundings:
    """Only the operations of the step's own connection: a node knows an operation by name alone."""
    own = {name: each for name, each in around.operations.items() if name[0] == step.connection}
    return around._replace(operations=own)
