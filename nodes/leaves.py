"""Every place of a record that holds a value, in order, by its instance path: for those who look at whole records."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

from flows.paths import parse
from flows.values import ABSENT, NULL, Absent, Value
from nodes.formats.fhir.tree import TreeRecord as FhirTree
from nodes.formats.hl7v2 import TreeRecord
from nodes.formats.hl7v2.pieces import Component, Field, Repetition
from nodes.record import Record


class Leaf(NamedTuple):
    """One value where it stands. ``path`` has every index that it takes; ``schema`` has none."""

    path: str
    schema: str
    value: str
    """As text; ``""`` for null."""
    null: bool = False


def leaves(record: Record, repeated: frozenset[str] | None = None) -> Iterator[Leaf]:
    """``repeated`` are the segments that stand more than once in the whole message; None: as this record has them."""
    if isinstance(record, TreeRecord):
        yield from _segments(record, repeated if repeated is not None else repeated_segments(record))
        yield from _below(record.added, "", "")
    elif isinstance(record, FhirTree):
        yield from _resources(record)
        yield from _below(record.added, "", "")
    else:
        yield from _below(record.fields(), "", "")


def kind_of(record: Record) -> Literal["hl7v2", "fhir", "record"]:
    """The format that a record is read from."""
    if isinstance(record, TreeRecord):
        return "hl7v2"
    return "fhir" if isinstance(record, FhirTree) else "record"


def type_of(record: Record) -> str:
    """What a message is, as ``accepts`` spells it: ``DFT^P03@2.5.1``, ``Bundle@R4``; "" for a plain record."""
    if isinstance(record, TreeRecord):
        kind, event, version = (_said(record, path) for path in ("MSH-9.1", "MSH-9.2", "MSH-12.1"))
        return f"{kind}^{event}@{version}"
    return f"{_said(record, 'message/resourceType')}@R4" if isinstance(record, FhirTree) else ""


def _said(record: Record, path: str) -> str:
    value = record.first(parse(path))
    return value if isinstance(value, str) else ""


def repeated_segments(record: Record) -> frozenset[str]:
    """The names of segments that stand more than once."""
    if not isinstance(record, TreeRecord):
        return frozenset()
    names = [segment.name for segment in record.segments]
    return frozenset(name for name in names if names.count(name) > 1)


def _segments(record: TreeRecord, repeated: frozenset[str]) -> Iterator[Leaf]:
    for segment in record.segments:
        many = segment.name in repeated or segment.ordinal > 1
        here = f"{segment.name}[{segment.ordinal}]" if many else segment.name
        for number, field in enumerate(segment.fields, 1):
            yield from _field(field, f"{here}-{number}", f"{segment.name}-{number}")


def _resources(record: FhirTree) -> Iterator[Leaf]:
    """Resources one after the other; a Bundle without its entries, which stand on their own."""
    types = [each.type for each in record.held]
    seen: dict[str, int] = {}
    for each in record.held:
        number = seen[each.type] = seen.get(each.type, -1) + 1
        here = f"{each.type}[{number}]" if types.count(each.type) > 1 else each.type
        inside = {name: value for name, value in each.data.items() if each.type != "Bundle" or name != "entry"}
        yield from _below(inside, here, each.type)


def _field(field: Field, path: str, schema: str) -> Iterator[Leaf]:
    for number, piece in enumerate(field, 1):
        yield from _repetition(piece, f"{path}[{number}]" if len(field) > 1 else path, schema)


def _repetition(piece: Repetition, path: str, schema: str) -> Iterator[Leaf]:
    if isinstance(piece, Absent):
        yield from _value(piece, path, schema)
        return
    for number, part in enumerate(piece, 1):
        yield from _component(part, f"{path}.{number}", f"{schema}.{number}")


def _component(part: Component, path: str, schema: str) -> Iterator[Leaf]:
    if isinstance(part, Absent):
        yield from _value(part, path, schema)
    elif len(part) == 1:
        yield from _value(part[0], path, schema)
    else:
        for number, sub in enumerate(part, 1):
            yield from _value(sub, f"{path}.{number}", f"{schema}.{number}")


def _below(value: Value, path: str, schema: str) -> Iterator[Leaf]:
    """A record's fields, objects and lists: lists count from 0."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _below(inner, f"{path}.{name}" if path else name, f"{schema}.{name}" if schema else name)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for number, inner in enumerate(value):
            yield from _below(inner, f"{path}[{number}]", schema)
    else:
        yield from _value(value, path, schema)


def _value(value: Value, path: str, schema: str) -> Iterator[Leaf]:
    if value is NULL:
        yield Leaf(path, schema, "", null=True)
    elif isinstance(value, bool):
        yield Leaf(path, schema, "true" if value else "false")
    elif isinstance(value, str) and value is not ABSENT:
        yield Leaf(path, schema, value)
