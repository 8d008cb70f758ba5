"""The plain record of a message: everything taken apart at once. Slow, obvious, and what the fast record must equal."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple, NoReturn

from flows.hl7.matching import stands_in
from flows.paths import Selector
from flows.values import ABSENT, Value
from nodes.formats.hl7v2.message import Message
from nodes.formats.hl7v2.pieces import EMPTY, Field, field_without, literal, masked_field, parse_field, read_field
from nodes.formats.plain import PlainRecord, every_at, masked_at, without_at
from nodes.record import Envelope, Mask, Record


class Group(NamedTuple):
    """One repetition of a group: its name and its ordinal among all repetitions at that depth of the message."""

    name: str
    ordinal: int


class Segment(NamedTuple):
    """``ordinal`` counts segments of this name in the whole message, from 1. ``fields[0]`` is field 1."""

    name: str
    ordinal: int
    groups: tuple[Group, ...]
    fields: tuple[Field, ...]


class TreeRecord:
    """The same promises as LazyRecord, kept the long way."""

    __slots__ = ("_added", "_total", "envelope", "segments")

    def __init__(
        self, segments: tuple[Segment, ...], total: int, envelope: Envelope, added: Mapping[str, Value]
    ) -> None:
        self.segments, self._total, self.envelope, self._added = segments, total, envelope, added

    @property
    def added(self) -> Mapping[str, Value]:
        """What steps put beside the message, by name."""
        return self._added

    def first(self, selector: Selector) -> Value:
        values = self.every(selector)
        return values[0] if values else ABSENT

    def every(self, selector: Selector) -> tuple[Value, ...]:
        if selector.text == "message/segments":
            return (str(self._total),)
        if selector.form != "hl7":
            return every_at(self._added, selector)
        values: list[Value] = []
        for segment in self._matching(selector):
            number = selector.field or 1
            field = segment.fields[number - 1] if number <= len(segment.fields) else EMPTY
            values += read_field(field, selector.rep, selector.component, selector.sub)
        return tuple(values)

    def with_value(self, name: str, value: Value) -> Record:
        return TreeRecord(self.segments, self._total, self.envelope, {**self._added, name: value})

    def with_masked(self, selector: Selector, mask: Mask) -> Record:
        if selector.form != "hl7":
            return self._with_added(masked_at(self._added, selector, mask))
        at = selector.rep, selector.component, selector.sub
        return self._edited(selector, lambda field: masked_field(field, *at, mask))

    def without(self, selector: Selector) -> Record:
        if selector.form != "hl7":
            return self._with_added(without_at(self._added, selector))
        at = selector.rep, selector.component, selector.sub
        return self._edited(selector, lambda field: field_without(field, *at))

    def split(self, group: str) -> Iterator[Record]:
        wanted = tuple(group.split("/"))
        owners = [_inside(segment, wanted) for segment in self.segments]
        for repetition in dict.fromkeys(owner for owner in owners if owner is not None):
            head = self.segments[owners.index(repetition)]
            pairs = zip(self.segments, owners, strict=True)
            kept = tuple(segment for segment, owner in pairs if owner in (None, repetition))
            inside = self.envelope._replace(item_path=f"{head.name}[{head.ordinal}]")
            yield TreeRecord(kept, self._total, inside, self._added)

    def fresh(self, fields: Mapping[str, Value]) -> Record:
        return PlainRecord(fields, self.envelope)

    def fields(self) -> NoReturn:
        raise TypeError("Only a plain record has fields by name: put map_fields before what reads them.")

    def _matching(self, selector: Selector) -> list[Segment]:
        found = [segment for segment in self.segments if _stands(segment, selector)]
        return found if selector.nth is None else found[selector.nth - 1 : selector.nth]

    def _with_added(self, added: Mapping[str, Value]) -> TreeRecord:
        return TreeRecord(self.segments, self._total, self.envelope, added)

    def _edited(self, selector: Selector, edit: Callable[[Field], Field]) -> TreeRecord:
        chosen = {id(segment) for segment in self._matching(selector)}

        def edited(segment: Segment) -> Segment:
            if id(segment) not in chosen:
                return segment
            numbered = enumerate(segment.fields, 1)
            fields = tuple(edit(field) if selector.field in (None, n) else field for n, field in numbered)
            return segment._replace(fields=fields)

        return TreeRecord(tuple(map(edited, self.segments)), self._total, self.envelope, self._added)


def _stands(segment: Segment, selector: Selector) -> bool:
    groups = tuple(group.name for group in segment.groups)
    return segment.name == selector.segment and stands_in(selector.groups, groups)


def _inside(segment: Segment, wanted: tuple[str, ...]) -> Group | None:
    """The innermost repetition around a segment of the group that ``wanted`` names."""
    names = tuple(group.name for group in segment.groups)
    for depth in range(len(names), 0, -1):
        if stands_in(wanted[-1:], names[depth - 1 : depth]) and stands_in(wanted[:-1], names[: depth - 1]):
            return segment.groups[depth - 1]
    return None


def tree(message: Message, envelope: Envelope) -> TreeRecord:
    """The record of a message, taken apart whole."""
    position, begun = message.walk.start, 0
    groups: tuple[Group, ...] = ()
    seen: dict[str, int] = {}
    segments: list[Segment] = []
    for number, name in enumerate(message.names):
        position = message.walk.step(position, name)
        fresh = []
        for label in position.groups[position.kept :]:
            begun += 1
            fresh.append(Group(label, begun))
        groups = (*groups[: position.kept], *fresh)
        seen[name] = seen.get(name, 0) + 1
        segments.append(Segment(name, seen[name], groups, _fields(message, number)))
    return TreeRecord(tuple(segments), len(segments), envelope, {})


def _fields(message: Message, number: int) -> tuple[Field, ...]:
    d, pieces = message.delimiters, message.segments[number].split(message.delimiters.field)
    if number:
        return tuple(parse_field(piece, d, message.undo) for piece in pieces[1:])
    rest = (parse_field(piece, d, message.undo) for piece in pieces[2:])
    return (literal(d.field), literal(pieces[1]), *rest)
