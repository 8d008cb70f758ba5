"""Whether resources have the shape of the tables: lists where an element repeats, objects where it has parts.

Only what a flow can select is looked at: ruled types, and of these the elements that stand in the tables.
"""

from __future__ import annotations

from collections.abc import Mapping

from flows.fhir import Element, tables
from nodes.formats.fhir.checks import Problem
from nodes.formats.fhir.document import BUNDLE, Document, Object
from nodes.formats.fhir.strict import Json

_OPEN = frozenset({"Resource", "Extension", "Narrative"})
Path = tuple[str, ...]


def shape_problem(document: Document) -> Problem | None:
    """The first element that is not what its table says."""
    for number, each in enumerate(document.resources):
        if each.type in tables().ruled and (number == 0 or each.type != BUNDLE):
            place = _resource(each.type, each.data)
            if place is not None:
                return Problem("structure", place)
    return None


def _resource(kind: str, data: Object) -> str | None:
    rows = tables().rows(kind)
    waiting: list[tuple[Path, Object]] = [((), data)]
    while waiting:
        above, here = waiting.pop()
        for name, value in here.items():
            row = rows.get((*above, name))
            if row is None or value is None:
                continue
            place = ".".join((kind, *above, name))
            found = _values(row.element, value)
            if found is None or not all(_fits(row.element.datatype, each) for each in found):
                return place
            if not row.element.datatype:
                waiting.extend(((*above, name), each) for each in found if isinstance(each, dict))
            elif any(not _parts_fit(row.element.datatype, each) for each in found):
                return place
    return None


def _values(element: Element, value: Json) -> list[Json] | None:
    """The one value, or those of a list; None where one stands for the other."""
    if isinstance(value, list) != element.repeats:
        return None
    return value if isinstance(value, list) else [value]


def _fits(datatype: str, value: Json) -> bool:
    if datatype in _OPEN or value is None:
        return True
    composite = not datatype or bool(tables().parts(datatype))
    return isinstance(value, dict) if composite else isinstance(value, str | bool)


def _parts_fit(datatype: str, value: Json) -> bool:
    """Whether what stands below a datatype has its shape too."""
    waiting: list[tuple[str, Json]] = [(datatype, value)]
    while waiting:
        kind, here = waiting.pop()
        parts = tables().parts(kind)
        for name, inner in here.items() if isinstance(here, Mapping) and kind not in _OPEN else ():
            part = parts.get(name)
            if part is None or inner is None:
                continue
            found = _values(part, inner)
            if found is None or not all(_fits(part.datatype, each) for each in found):
                return False
            waiting.extend((part.datatype, each) for each in found)
    return True
