"""Places in what an operation takes or answers, by path: its plain fields, and values put to where they belong.

Works on the reduced JSON Schema of a contract (flows.contracts, flows.wsdl); ``xml`` there is the name as written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from flows.environment import ContractField

Json = Any
Schema = Mapping[str, Json]
LONGEST_KEY = 64
"""Characters of a posting's key."""


class Leaf(NamedTuple):
    """A plain field."""

    schema: Schema
    required: bool


def leaves(schema: Schema) -> dict[str, Leaf]:
    """The plain fields by path; an array's elements stand under its own name."""
    return dict(_leaves(schema, "", True))


def fields_of(schema: Schema) -> tuple[ContractField, ...]:
    """Every field by path, those that hold others too."""
    return tuple(_fields(schema, "", True))


def without(schema: Schema, filled: set[str], above: str = "") -> dict[str, Json]:
    """The schema without the fields at these paths, and without what then holds nothing any more."""
    kept = {
        name: without(each, filled, f"{above}{name}.") if each.get("properties") else each
        for name, each in schema.get("properties", {}).items()
        if f"{above}{name}" not in filled
    }
    kept = {name: each for name, each in kept.items() if each.get("type") != "object" or each.get("properties")}
    needed = [name for name in schema.get("required", ()) if name in kept]
    return {**schema, "properties": kept, "required": needed}


def room(schema: Schema, place: str) -> int:
    """How much of a key a field takes."""
    leaf = leaves(schema).get(place)
    return min(LONGEST_KEY, leaf.schema.get("maxLength", LONGEST_KEY)) if leaf else LONGEST_KEY


def put(made: dict[str, Json], schema: Schema, place: str, value: Json) -> None:
    """``value`` at a place by the names as they are written, what stands above it made as it is needed."""
    here: Json = made
    *above, last = place.split(".")
    for name in above:
        each = schema["properties"][name]
        many = each.get("type") == "array"
        inside = here.setdefault(each.get("xml", name), [{}] if many else {})
        here, schema = (inside[0], each["items"]) if many else (inside, each)
    each = schema["properties"][last]
    here[each.get("xml", last)] = [value] if each.get("type") == "array" else value


def named(value: Json, schema: Schema) -> Json:
    """A whole value by the names as they are written."""
    if isinstance(value, list):
        return [named(each, schema.get("items", {})) for each in value]
    if not isinstance(value, dict):
        return value
    known = schema.get("properties", {})
    return {known[name].get("xml", name): named(each, known[name]) for name, each in value.items()}


def text_at(document: Json, place: str) -> str | None:
    """The first plain value at a place of a document, as text; None where there is none."""
    for name in place.split("."):
        document = document[0] if isinstance(document, list) and document else document
        document = document.get(name) if isinstance(document, dict) else None
    document = document[0] if isinstance(document, list) and document else document
    if isinstance(document, bool):
        return "true" if document else "false"
    return str(document) if isinstance(document, str | int) else None


def _leaves(schema: Schema, above: str, required: bool) -> Iterator[tuple[str, Leaf]]:
    for name, each in schema.get("properties", {}).items():
        needed = required and name in schema.get("required", ())
        inner = each.get("items", {}) if each.get("type") == "array" else each
        if inner.get("properties"):
            yield from _leaves(inner, f"{above}{name}.", needed)
        else:
            yield f"{above}{name}", Leaf(inner, needed)


def _fields(schema: Schema, above: str, required: bool) -> Iterator[ContractField]:
    for name, each in schema.get("properties", {}).items():
        needed = required and name in schema.get("required", ())
        yield ContractField(f"{above}{name}", each.get("type", "string"), needed)
        inner = each.get("items", {}) if each.get("type") == "array" else each
        yield from _fields(inner, f"{above}{name}.", needed)
