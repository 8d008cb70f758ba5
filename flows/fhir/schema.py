"""The schema of what a source of FHIR accepts: one tree, a resource type at its top.

A path is a tuple of names: ``("Patient", "identifier", "value")``. Every ruled type stands in it whatever is accepted,
since a Bundle can hold it and another resource can contain it. A choice is an element for each of its types. Nodes are
made when first asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import NamedTuple

from flows.classification.rules import UNKNOWN
from flows.effects import Nature
from flows.fhir.accepts import parse_accepts
from flows.fhir.tables import Path, Row, Tables, tables
from flows.paths import Selector

BUNDLE = "Bundle"
_EVERYWHERE = frozenset({"id", "extension", "modifierExtension", "contained"})
"""What stands in no table and may stand below every element: it holds anything."""


class SchemaNode:
    """A resource, an element or a part of one.

    A node without children is a primitive, or ``open``: no table takes it apart, and whatever is named below it exists
    and is unknown. ``wildcard`` is what stands below and in no table (extensions, ids of elements, contained
    resources).
    """

    __slots__ = ("_children", "_fields", "_make", "_natures", "field", "name", "open", "repeats")

    wildcard: Nature = UNKNOWN

    def __init__(
        self,
        name: str,
        *,
        repeats: bool,
        natures: frozenset[Nature] = frozenset(),
        make: Callable[[], Mapping[str, SchemaNode]] | None = None,
        is_open: bool = False,
        field: bool = False,
    ) -> None:
        self.name, self.repeats, self.open, self.field = name, repeats, is_open, field
        self._fields: int | None = 1 if field else None
        self._natures: frozenset[Nature] | None = natures or None
        self._children: Mapping[str, SchemaNode] | None = None if make else {}
        self._make = make

    @property
    def children(self) -> Mapping[str, SchemaNode]:
        """What the tables have below, by name."""
        if self._children is None and self._make is not None:
            self._children, self._make = self._make(), None
        return self._children or {}

    @property
    def natures(self) -> frozenset[Nature]:
        """The natures of the leaf, or of all leaves below."""
        if self._natures is None:
            self._natures = frozenset().union(*(child.natures for child in self.children.values()))
        return self._natures

    @property
    def fields(self) -> int:
        """How many elements the tables have here or below; one with a datatype counts once, whatever its parts."""
        if self._fields is None:
            self._fields = sum(child.fields for child in self.children.values())
        return self._fields

    def child(self, name: str) -> SchemaNode | None:
        """The node below with this name; under an open node there is always one."""
        found = self.children.get(name)
        if found is None and (self.open or (self.children and name in _EVERYWHERE)):
            return _open(name)
        return found

    def __repr__(self) -> str:
        return f"SchemaNode({self.name})"


class SchemaTree(NamedTuple):
    """All that a source can emit. ``accepted`` are the resource types that it takes in."""

    accepts: tuple[str, ...]
    root: SchemaNode
    accepted: frozenset[str]
    any_type: bool

    def items(self, name: str) -> bool:
        """Whether a message can be split into resources of this type."""
        return not self.any_type and name in self.root.children and name != BUNDLE

    def without(self, name: str) -> tuple[str, ...]:
        """The accepted types that never hold a resource of this type to split by."""
        return tuple(sorted(f"{each}@R4" for each in self.accepted if each not in (BUNDLE, name)))


@lru_cache(maxsize=64)
def schema(accepts: tuple[str, ...]) -> SchemaTree:
    """The tree of everything that is accepted; PathError (with a sentence) for a text that is no type."""
    parsed = [parse_accepts(text) for text in accepts]
    accepted = frozenset(one.type for one in parsed)
    if any(one.any for one in parsed):
        return SchemaTree(accepts, SchemaNode("", repeats=False), accepted, any_type=True)
    return SchemaTree(accepts, SchemaNode("", repeats=False, make=_resources), accepted, any_type=False)


def matches(tree: SchemaTree, selector: Selector) -> list[tuple[Path, SchemaNode]]:
    """The place that a selector means; none where no table has it."""
    here: SchemaNode | None = tree.root
    if selector.form != "fhir" or tree.any_type:
        return []
    path = tuple(part.name for part in selector.parts)
    for name in path:
        here = here.child(name) if here is not None else None
    return [] if here is None else [(path, here)]


def _resources() -> Mapping[str, SchemaNode]:
    """Every type. Ruled ones are taken apart; of the others all is unknown."""
    known = tables()
    ruled = {name: _resource(known, name) for name in known.ruled}
    return {**ruled, **{name: _open(name) for name in sorted(known.types) if name not in ruled}}


def _resource(known: Tables, name: str) -> SchemaNode:
    return SchemaNode(name, repeats=name != BUNDLE, make=lambda: _below(known, name, ()))


def _below(known: Tables, resource: str, above: Path) -> Mapping[str, SchemaNode]:
    rows = known.rows(resource)
    inside = {path: row for path, row in rows.items() if path[:-1] == above}
    return {path[-1]: _element(known, resource, path, row) for path, row in inside.items()}


def _element(known: Tables, resource: str, path: Path, row: Row) -> SchemaNode:
    name, datatype, repeats = row.element
    if not datatype:
        return SchemaNode(name, repeats=repeats, make=lambda: _below(known, resource, path))
    return _part(known, row, name, repeats, (), (datatype,))


def _part(known: Tables, row: Row, name: str, repeats: bool, parts: Path, types: Path) -> SchemaNode:
    """An element with a datatype, or a part of one. A datatype inside itself is not gone into again."""
    inside = known.parts(types[-1])
    field = not parts
    if types[-1] in types[:-1] or types[-1] == "Resource":
        return _open(name, repeats=repeats, field=field)
    if not inside:
        return SchemaNode(name, repeats=repeats, natures=frozenset({row.leaf(parts)}), field=field)
    return SchemaNode(
        name,
        repeats=repeats,
        field=field,
        make=lambda: {
            each.name: _part(known, row, each.name, each.repeats, (*parts, each.name), (*types, each.datatype))
            for each in inside.values()
        },
    )


def _open(name: str, *, repeats: bool = True, field: bool = False) -> SchemaNode:
    return SchemaNode(name, repeats=repeats, natures=frozenset({UNKNOWN}), is_open=True, field=field)
