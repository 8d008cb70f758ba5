"""The catalogue: every node kind under ``nodes/``, what a configured step declares, and the digest of its code."""

from __future__ import annotations

import ast
import functools
import hashlib
import importlib
import importlib.util
import inspect
import pkgutil
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from flows.declaration import Declaration
from flows.environment import Surroundings
from flows.findings import Address, Finding, Fix, RemoveConfig, SetConfig, Severity
from flows.graph import Step
from flows.paths import PathError
from flows.refusals import pointer, sentence
from nodes.contract import Node, NodeConfig, Problem, Services
from nodes.fields import Misplaced

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
        return (_unknown_kind(step),)
    try:
        config = _config(node, step)
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False)
        return tuple(_refused(step, node, each) for each in details)
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
        problems=(*_connection(step, node, around), *(_problem(step, each) for each in node.check(config, near))),
        operation=near.operations.get((step.connection or "", getattr(config, "operation", ""))),
        connection=step.connection,
    )


def build(step: Step, services: Services, around: Surroundings) -> Node[Any]:
    """The node of a step that was declared without findings."""
    node = kinds()[step.kind, step.version]
    return node(_config(node, step), services, _narrowed(step, around))


@functools.cache
def digest(kind: str, version: int) -> str:
    """SHA-256 (hex) over the node's file and all that it imports below ``nodes/``, by module name and content."""
    whole = hashlib.sha256()
    for name in sorted(_imported(kinds()[kind, version].__module__)):
        content = hashlib.sha256(_source(name).read_bytes()).hexdigest()
        whole.update(f"{name} {content}\n".encode())
    return whole.hexdigest()


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


def _imported(module: str) -> set[str]:
    """``module`` and everything below ``nodes`` that it imports, at any depth, the packages on the way included."""
    seen: set[str] = set()
    waiting = [module]
    while waiting:
        name = waiting.pop()
        if name not in seen and _is_module(name):
            seen.add(name)
            waiting.extend(_imports(name))
            waiting.append(name.rpartition(".")[0])
    return seen


def _imports(module: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(_source(module).read_bytes())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            package = module if _source(module).name == "__init__.py" else module.rpartition(".")[0]
            origin = importlib.util.resolve_name("." * node.level + (node.module or ""), package)
            yield origin
            yield from (f"{origin}.{alias.name}" for alias in node.names)


def _is_module(name: str) -> bool:
    if name.split(".")[0] != "nodes":
        return False
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:
        return False


def _source(module: str) -> Path:
    spec = importlib.util.find_spec(module)
    if spec is None or spec.origin is None:
        raise LookupError(f"{module} has no source file")
    return Path(spec.origin)


def _unknown_kind(step: Step) -> Finding:
    versions = [str(version) for kind, version in kinds() if kind == step.kind]
    if versions:
        what = f"there is no version {step.version} of '{step.kind}'; there is {', '.join(versions)}."
        return _finding(step, "LG-NODE-KIND", what, "/version")
    near = get_close_matches(step.kind, [kind for kind, _ in kinds()], 1)
    hint = f"; did you mean '{near[0]}'?" if near else f"; there are: {', '.join(sorted({k for k, _ in kinds()}))}."
    return _finding(step, "LG-NODE-KIND", f"there is no node kind '{step.kind}'{hint}", "/kind")


def _connection(step: Step, node: Kind, around: Surroundings) -> Iterator[Finding]:
    known = around.environment.connections
    if node.category == "transform":
        if step.connection is not None:
            yield _finding(step, "LG-NODE-CONNECTION", f"a '{node.kind}' step has no connection.", "/connection")
    elif step.connection is None:
        yield _finding(step, "LG-NODE-CONNECTION", f"a '{node.kind}' step needs a connection.", "/connection")
    elif step.connection not in known:
        names = ", ".join(sorted(known)) or "none"
        what = (
            f"there is no connection '{step.connection}' in environment {around.environment.name}; there are: {names}."
        )
        yield _finding(step, "LG-NODE-CONNECTION", what, "/connection")


def _problem(step: Step, problem: Problem) -> Finding:
    what = problem.sentence[:1].lower() + problem.sentence[1:]
    return _finding(step, problem.rule, what, f"/config{problem.pointer}", severity=Severity(problem.severity))


def _refused(step: Step, node: Kind, error: ErrorDetails) -> Finding:
    """One refusal of pydantic, at the place where it stands in the config; never with the value."""
    cause = error.get("ctx", {}).get("error")
    loc = _existing(step.config, error)
    place = pointer(loc)
    if isinstance(cause, Misplaced):
        return _finding(step, "LG-NODE-CONFIG", cause.sentence, f"/config{place}{cause.pointer}")
    if isinstance(cause, PathError):
        fixes = _respelt(step, place, cause)
        return _finding(step, "LG-NODE-PATH", cause.sentence, f"/config{place}", fixes=fixes)
    named: ErrorDetails = {**error, "loc": loc}
    extra = error["type"] == "extra_forbidden"
    fixes = (Fix(title="Remove it", edits=(RemoveConfig(step=step.id, pointer=place),)),) if extra else ()
    known = [field.alias or name for name, field in node.Config.model_fields.items()] if len(loc) == 1 else []
    return _finding(step, "LG-NODE-CONFIG", sentence(named, known), f"/config{place}", fixes=fixes)


def _respelt(step: Step, place: str, error: PathError) -> tuple[Fix, ...]:
    if error.suggestion is None:
        return ()
    edit = SetConfig(step=step.id, pointer=place, value=error.suggestion)
    return (Fix(title=f"Write '{error.suggestion}'", edits=(edit,)),)


def _existing(config: Any, error: ErrorDetails) -> tuple[int | str, ...]:
    """The error's place without the names that pydantic puts in for the branches of a union."""
    here, loc = config, []
    for number, part in enumerate(error["loc"]):
        last = number == len(error["loc"]) - 1
        if isinstance(here, Mapping) and part in here:
            here = here[str(part)]
        elif isinstance(here, list | tuple) and isinstance(part, int) and part < len(here):
            here = here[part]
        elif not (last and error["type"] == "missing"):
            continue
        loc.append(part)
    return tuple(loc)


def _finding(
    step: Step,
    rule: str,
    what: str,
    place: str,
    *,
    severity: Severity = Severity.HARD,
    fixes: tuple[Fix, ...] = (),
) -> Finding:
    return Finding(
        rule=rule,
        severity=severity,
        sentence=f"In step '{step.id}', at {place}: {what}",
        address=Address(pointer=place, step=step.id),
        fixes=fixes,
    )
