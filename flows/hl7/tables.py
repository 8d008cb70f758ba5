"""One version's committed tables: fields by segment, components by datatype, and the nature of every leaf."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any, NamedTuple

from flows.classification.rules import UNJUDGED, UNKNOWN, VERSIONS, parse_nature, rule_book
from flows.effects import Nature
from flows.vocabulary import S4

_nature_of = cache(parse_nature)


class Component(NamedTuple):
    """One component of a datatype."""

    name: str
    datatype: str


class FieldEntry(NamedTuple):
    """One field of a segment. ``others`` are the parts whose nature is not the usual one."""

    number: int
    name: str
    datatype: str
    repeats: bool
    usual: Nature
    others: Mapping[str, Nature]

    def leaf(self, parts: tuple[int, ...]) -> Nature:
        """The nature of one leaf of this field."""
        if not self.others:
            return self.usual
        for end in range(len(parts), 0, -1):
            nature = self.others.get(".".join(map(str, parts[:end])))
            if nature is not None:
                return nature
        return self.usual


class VersionTables:
    """What one version publishes. Segments are taken apart when first asked for."""

    def __init__(self, version: str) -> None:
        path = resources.files("flows.classification").joinpath(f"hl7v2/{version}.json")
        data: dict[str, Any] = json.loads(path.read_text("utf-8"))
        self.version = version
        self.structures: Mapping[str, list[Any]] = data["structures"]
        self._datatypes: dict[str, list[list[str] | None]] = data["datatypes"]
        self._rows: dict[str, list[list[Any]]] = data["segments"]
        self._segments: dict[str, Mapping[int, FieldEntry]] = {}
        self._components: dict[str, Mapping[int, Component]] = {}

    def fields(self, segment: str) -> Mapping[int, FieldEntry]:
        """The fields of a segment by number; none for a segment that this version does not know."""
        known = self._segments.get(segment)
        if known is None:
            rows = self._rows.get(segment, [])
            known = {row[0]: _entry(row) for row in rows}
            if segment in self._rows:
                self._segments[segment] = known
        return known

    def numbers(self, segment: str) -> frozenset[int]:
        """The numbers of a segment's fields; none for a segment that this version does not know."""
        return frozenset(row[0] for row in self._rows.get(segment, ()))

    def components(self, datatype: str) -> Mapping[int, Component]:
        """The components of a datatype by number; none for a primitive."""
        known = self._components.get(datatype)
        if known is None:
            rows = self._datatypes.get(datatype, [])
            known = {number: Component(*row) for number, row in enumerate(rows, 1) if row is not None}
            self._components[datatype] = known
        return known

    def leaves(self, datatype: str, parts: tuple[int, ...]) -> list[tuple[int, ...]]:
        """The leaves at or below a part of a datatype; none where the part is beyond the table."""
        components = self.components(datatype)
        if not components:
            return [()] if all(part == 1 for part in parts) else []
        wanted = components.items() if not parts else [(n, c) for n, c in components.items() if n == parts[0]]
        return [(n, *leaf) for n, c in wanted for leaf in self.leaves(c.datatype, parts[1:])]


@cache
def tables(version: str) -> VersionTables:
    """The tables of one version, read when first asked for."""
    if version not in VERSIONS:
        raise KeyError(version)
    return VersionTables(version)


def leaf_natures(
    version: str, segment: str, field: int, component: int | None = None, sub: int | None = None
) -> tuple[Nature, ...]:
    """The natures of all leaves of a field or a part of it, in order; unknown S4 for what stands in no table."""
    entry = tables(version).fields(segment).get(field) if version in VERSIONS else None
    if entry is None:
        return (UNKNOWN,)
    parts = tuple(part for part in (component, sub) if part is not None)
    leaves = tables(version).leaves(entry.datatype, parts)
    return tuple(dict.fromkeys(entry.leaf(leaf) for leaf in leaves)) or (UNKNOWN,)


def nature(version: str, segment: str, field: int, component: int | None = None, sub: int | None = None) -> Nature:
    """The nature of a field or a part of it. A composite has the join of its leaves: the concept of the first, the
    highest sensitivity and every class."""
    natures = leaf_natures(version, segment, field, component, sub)
    classes = frozenset().union(*(one.classes for one in natures))
    return Nature(natures[0].concept, classes, max(one.sensitivity for one in natures))


def field_name(version: str, segment: str, field: int, component: int | None = None, sub: int | None = None) -> str:
    """What people call a field: ``Patient Identifier List``, or a part of it: ``Patient Identifier List: ID Number``;
    its path where no table names it."""
    entry = tables(version).fields(segment).get(field) if version in VERSIONS else None
    if entry is None:
        return f"{segment}-{field}" + "".join(f".{part}" for part in (component, sub) if part is not None)
    names, datatype = [entry.name], entry.datatype
    for part in (component, sub):
        inner = tables(version).components(datatype).get(part) if part is not None else None
        if inner is not None:
            names.append(inner.name)
            datatype = inner.datatype
    return ": ".join(names)


def ground(version: str, segment: str, field: int, component: int | None = None, sub: int | None = None) -> str:
    """Why a field is what it is: the reason of the most specific rule that speaks of it."""
    entry = tables(version).fields(segment).get(field) if version in VERSIONS else None
    if entry is None:
        return "No published table names this field; it may hold anything."
    parts = tuple(part for part in (component, sub) if part is not None)
    types = [entry.datatype]
    for part in parts:
        inner = tables(version).components(types[-1]).get(part)
        types.append(inner.datatype if inner else "")
    said = rule_book().statements(version, segment, field, parts, types)
    if types[-1] in UNJUDGED and not (said and said[0].sensitivity == S4):
        return "Its datatype holds any text or any value, and no rule lowers that."
    return said[0].ground if said else "No rule names this field; it may hold anything."


def _entry(row: list[Any]) -> FieldEntry:
    number, name, datatype, repeats, usual = row[:5]
    others = {at: _nature_of(text) for at, text in row[5].items()} if len(row) > 5 else {}
    return FieldEntry(number, name, datatype, bool(repeats), _nature_of(usual), others)
