"""The committed tables of FHIR: resource types, elements, datatypes, and the nature of every leaf."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any, NamedTuple

from flows.classification.fhir_rules import Leaf, fhir_rule_book
from flows.classification.rules import UNKNOWN, parse_nature
from flows.effects import Nature

Path = tuple[str, ...]
_nature_of = cache(parse_nature)


class Element(NamedTuple):
    """One element of a resource, a backbone or a datatype. ``datatype`` is "" for a backbone."""

    name: str
    datatype: str
    repeats: bool


class Row(NamedTuple):
    """An element of a resource with what it is. ``others`` are the parts whose nature is not the usual one."""

    element: Element
    usual: Nature
    others: Mapping[str, Nature]

    def leaf(self, parts: Path) -> Nature:
        """The nature of one leaf of this element."""
        for end in range(len(parts), 0, -1):
            nature = self.others.get(".".join(parts[:end]))
            if nature is not None:
                return nature
        return self.usual


class Tables:
    """What one release publishes. Resources are taken apart when first asked for."""

    def __init__(self, release: str) -> None:
        path = resources.files("flows.classification").joinpath(f"fhir/{release}.json")
        data: dict[str, Any] = json.loads(path.read_text("utf-8"))
        self.release = release
        self.types = frozenset(data["types"].split(" "))
        """Every resource type, ruled or not."""
        self.names = frozenset(data["names"].split(" "))
        """The names of all elements: what an answer may repeat without telling a value."""
        self.ruled = tuple(data["resources"])
        """The resource types of which every element has a nature."""
        self._rows: dict[str, list[list[Any]]] = data["resources"]
        self._datatypes: dict[str, list[list[str]]] = data["datatypes"]
        self._resources: dict[str, Mapping[Path, Row]] = {}
        self._elements: dict[str, Mapping[str, Element]] = {}

    def rows(self, resource: str) -> Mapping[Path, Row]:
        """The elements of a resource by path, backbones too; none for a type that is not ruled."""
        known = self._resources.get(resource)
        if known is None:
            known = {tuple(row[0].split(".")): _row(row) for row in self._rows.get(resource, ())}
            if resource in self._rows:
                self._resources[resource] = known
        return known

    def ties(self, resource: str) -> tuple[Path, ...]:
        """The elements by which a resource refers to others; none for a type that is not ruled."""
        return tuple(path for path, row in self.rows(resource).items() if row.element.datatype == "Reference")

    def parts(self, datatype: str) -> Mapping[str, Element]:
        """The elements of a datatype; none for a primitive, and for what no table takes apart."""
        known = self._elements.get(datatype)
        if known is None:
            rows = self._datatypes.get(datatype, ())
            known = {name: Element(name, kind, bool(repeats)) for name, kind, repeats in rows}
            if datatype in self._datatypes:
                self._elements[datatype] = known
        return known


@cache
def tables(release: str = "R4") -> Tables:
    """The tables of one release, read when first asked for."""
    return Tables(release)


@cache
def tying(release: str = "R4") -> tuple[str, ...]:
    """Everything that decides which resources belong together: references, ids, and the addresses of entries."""
    known = tables(release)
    ties = (".".join((name, *path, "reference")) for name in known.ruled for path in known.ties(name))
    return ("Bundle.entry.fullUrl", *(f"{name}.id" for name in known.ruled if name != "Bundle"), *ties)


def nature(path: str, release: str = "R4") -> Nature:
    """The nature of a leaf (``Patient.identifier.value``); unknown S4 for what stands in no table."""
    found = _leaf(path, release)
    return UNKNOWN if found is None else tables(release).rows(found.resource)[found.element].leaf(found.parts)


def ground(path: str, release: str = "R4") -> str:
    """Why a leaf is what it is: the reason of the most specific rule that speaks of it."""
    found = _leaf(path, release)
    return "No table names this element; it may hold anything." if found is None else fhir_rule_book().ground(found)


def _leaf(path: str, release: str) -> Leaf | None:
    resource, *names = path.split(".")
    known, rows = tables(release), tables(release).rows(resource)
    end = next((end for end in range(len(names), 0, -1) if tuple(names[:end]) in rows), 0)
    row = rows.get(tuple(names[:end]))
    if row is None or not row.element.datatype:
        return None
    types, parts = [row.element.datatype], tuple(names[end:])
    for part in parts:
        element = known.parts(types[-1]).get(part)
        if element is None or element.datatype in types:
            return None
        types.append(element.datatype)
    return Leaf(resource, tuple(names[:end]), parts, tuple(types)) if not known.parts(types[-1]) else None


def _row(row: list[Any]) -> Row:
    path, datatype, repeats = row[:3]
    element = Element(path.rpartition(".")[2], datatype, bool(repeats))
    others = {at: _nature_of(text) for at, text in row[4].items()} if len(row) > 4 else {}
    return Row(element, _nature_of(row[3]) if len(row) > 3 else UNKNOWN, others)
