"""Whether resources have the shape of the tables: lists where an element repeats, objects where it has parts.

Only what a flow can select is looked at: ruled types, and of these the elements that stand in the tables.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from flows.fhir import tables
from nodes.formats.fhir.checks import Problem
from nodes.formats.fhir.document import BUNDLE, Document, Object
from nodes.formats.fhir.strict import Json

_OPEN = frozenset({"Resource", "Extension", "Narrative"})


class Expected(NamedTuple):
    """What may stand at one name. ``parts`` is None for a primitive, empty for what no table takes apart."""

    repeats: bool
    parts: dict[str, Expected] | None


Shape = dict[str, Expected]


def shape_problem(document: Document) -> Problem | None:
    """The first element that is not what its table says."""
    for number, each in enumerate(document.resources):
        if each.type in tables().ruled and (number == 0 or each.type != BUNDLE):
            place = _misfit(_of_resource(each.type), each.data)
            if place is not None:
                return Problem("structure", f"{each.type}.{place}")
    return None


def _misfit(shape: Shape, here: Object) -> str | None:
    """Where an object departs from its shape. As deep as the document, which has a limit."""
    for name, value in here.items():
        expected = shape.get(name)
        if expected is None or value is None:
            continue
        repeats, parts = expected
        if isinstance(value, list) != repeats:
            return name
        for each in value if isinstance(value, list) else (value,):
            place = _misplaced(parts, each)
            if place is not None:
                return f"{name}.{place}" if place else name
    return None


def _misplaced(parts: Shape | None, value: Json) -> str | None:
    """Where a value departs from what may stand there: "" for the value itself, None where it fits."""
    if value is None:
        return None
    if parts is None:
        return None if isinstance(value, str | bool) else ""
    return _misfit(parts, value) if isinstance(value, dict) else ""


@cache
def _of_resource(kind: str) -> Shape:
    shape: Shape = {}
    places: dict[tuple[str, ...], Shape] = {(): shape}
    for path, row in tables().rows(kind).items():
        backbone: Shape = {}
        parts = _of_datatype(row.element.datatype) if row.element.datatype else backbone
        places[path] = backbone
        places[path[:-1]][path[-1]] = Expected(row.element.repeats, parts)
    return shape


_DATATYPES: dict[str, Shape] = {}


def _of_datatype(name: str) -> Shape | None:
    """The shape of a datatype, which can hold itself; None for a primitive."""
    if name in _OPEN:
        return {}
    if name not in _DATATYPES:
        inside = tables().parts(name)
        if not inside:
            return None
        shape = _DATATYPES[name] = {}
        shape.update({each.name: Expected(each.repeats, _of_datatype(each.datatype)) for each in inside.values()})
    return _DATATYPES[name]
