"""Messages in which every field that classification marks S3 or S4 holds a canary, and that still go through.

HL7: every segment of the structure, every such leaf. FHIR: what a resource has, filled to a depth at which its
datatypes begin to repeat themselves. What a flow has to read (an item, a place, a time) is given by the caller.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import Any

from flows.fhir.schema import SchemaNode as FhirNode
from flows.fhir.schema import schema as fhir_schema
from flows.hl7 import schema as hl7_schema
from flows.hl7.schema import SchemaNode
from tests.reliability.canary import Canaries

LEAST = 3
"""S3 and S4."""
DEEPEST = 5
Json = Any
KEPT = frozenset(
    ("reference", "resourceType", "status", "fullUrl", "request", "occurrenceDateTime", "effectiveDateTime")
)
"""Members of FHIR that the flow lives by: links within the Bundle, states, and the time, which has marks of its own."""


def charge(canaries: Canaries, control: str, given: Mapping[str, str], *, type_: str = "DFT^P03") -> bytes:
    """A message of a type with all of its segments. ``given``: what stands at a place (``FT1-7.1``) instead."""
    kind, event = type_.split("^")
    tree = hl7_schema((f"{type_}@2.5.1",))
    head = f"MSH|^~\\&|OR|GENERAL|HUB|HQ|20260316073001||{type_}^{kind}_{event}|{control}|P|2.5.1"
    lines = [head, f"EVN|{event}|20260316073001"]
    for name, node in _segments(tree.root):
        if name not in ("MSH", "EVN"):
            lines.append(_segment(canaries, name, node, given))
    lines.append(f"ZPI|1|{canaries.text('ZPI-2')}^{canaries.text('ZPI-2.2')}|{canaries.digits('ZPI-3')}")
    return ("\r".join(lines) + "\r").encode("ascii")


def _segments(node: SchemaNode) -> Iterator[tuple[str, SchemaNode]]:
    for name, child in node.children.items():
        if child.kind == "group":
            yield from _segments(child)
        else:
            yield name.partition("#")[0], child


def _segment(canaries: Canaries, name: str, node: SchemaNode, given: Mapping[str, str]) -> str:
    last = max((int(number) for number in node.children), default=0)
    fields = [_parts(canaries, f"{name}-{n}", node.children.get(str(n)), given, "^&") for n in range(1, last + 1)]
    return "|".join((name, *fields)).rstrip("|")


def _parts(canaries: Canaries, place: str, node: SchemaNode | None, given: Mapping[str, str], marks: str) -> str:
    if place in given:
        return given[place]
    if node is None or node.open:
        return "" if node is None else canaries.text(place)
    if node.is_leaf:
        secret = any(each.sensitivity >= LEAST for each in node.natures)
        return canaries.text(place) if secret else ""
    last = max(int(number) for number in node.children)
    parts = [_parts(canaries, f"{place}.{n}", node.children.get(str(n)), given, marks[1:]) for n in range(1, last + 1)]
    return marks[0].join(parts).rstrip(marks[0]) if marks else parts[0]


def bundle(canaries: Canaries, given: Json) -> Json:
    """A Bundle with each of its resources filled. What it has already stays where the flow lives by it."""
    made = copy.deepcopy(given)
    for number, entry in enumerate(made["entry"]):
        resource = entry["resource"]
        node = fhir_schema(("Bundle@R4",)).root.children.get(resource["resourceType"])
        if node is not None and resource["resourceType"] != "Location":
            _replace(canaries, f"entry[{number}]", resource, node)
            _fill(canaries, f"entry[{number}]", resource, node, 1)
            resource["extension"] = [{"url": "urn:unknown", "valueString": canaries.text(f"entry[{number}].extension")}]
            div = f'<div xmlns="http://www.w3.org/1999/xhtml">{canaries.text("div")}</div>'
            resource["text"] = {"status": "generated", "div": div}
    return made


def _replace(canaries: Canaries, place: str, value: Json, node: FhirNode) -> None:
    """What stands there already, where it is S3 or S4 and nothing lives by it."""
    for name, inner in list(value.items()):
        below = node.child(name)
        if name in KEPT or below is None:
            continue
        for at, each in enumerate(inner if isinstance(inner, list) else [inner]):
            if isinstance(each, dict):
                _replace(canaries, f"{place}.{name}", each, below)
            elif isinstance(each, str) and any(nature.sensitivity >= LEAST for nature in below.natures):
                if isinstance(inner, list):
                    inner[at] = canaries.text(f"{place}.{name}")
                else:
                    value[name] = canaries.text(f"{place}.{name}")


def _fill(canaries: Canaries, place: str, value: Json, node: FhirNode, depth: int) -> None:
    """What does not stand there yet."""
    for name, below in node.children.items():
        if name in value or name in KEPT or name.startswith(("modifier", "implicitRules", "contained", "text")):
            continue
        made = _made(canaries, f"{place}.{name}", below, depth)
        if made is not None:
            value[name] = [made] if below.repeats else made


def _made(canaries: Canaries, place: str, node: FhirNode, depth: int) -> Json:
    if node.children:
        inner: dict[str, Json] = {}
        if depth < DEEPEST:
            _fill(canaries, place, inner, node, depth + 1)
        return inner or None
    secret = any(each.sensitivity >= LEAST for each in node.natures)
    return canaries.text(place) if secret and not node.open else None
