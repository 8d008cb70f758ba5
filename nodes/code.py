"""Which code a node kind is: its module and all that it imports below ``nodes/``, read from the files themselves."""

from __future__ import annotations

import ast
import functools
import hashlib
import importlib.util
from collections.abc import Iterable, Iterator
from pathlib import Path


def digest_of(module: str) -> str:
    """SHA-256 (hex) over a module and its imports below ``nodes/``, by name and content."""
    whole = hashlib.sha256()
    for name in sorted(_imported(module)):
        content = hashlib.sha256(_source(name).read_bytes()).hexdigest()
        whole.update(f"{name} {content}\n".encode())
    return whole.hexdigest()


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


@functools.cache
def _imports(module: str) -> tuple[str, ...]:
    """What a module imports, as its file said when it was first read here."""
    return tuple(_named(module))


def _named(module: str) -> Iterator[str]:
    for node in _statements(ast.parse(_source(module).read_bytes()).body):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            package = module if _source(module).name == "__init__.py" else module.rpartition(".")[0]
            origin = importlib.util.resolve_name("." * node.level + (node.module or ""), package)
            yield origin
            yield from (f"{origin}.{alias.name}" for alias in node.names)


def _statements(body: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """Every statement at any depth: imports are statements, so expressions need not be looked through."""
    for node in body:
        yield node
        for part in ("body", "orelse", "finalbody", "handlers", "cases"):
            yield from _statements(getattr(node, part, ()))


@functools.cache
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
