"""Plain records: fields by name, as transforms make them and sinks send them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType

from flows.paths import Part, Selector
from flows.values import ABSENT, Absent, Value
from nodes.record import Envelope, Mask, Record

Fields = Mapping[str, Value]
_Parts = tuple[Part, ...]
_Edit = Callable[[Value], Value]


class PlainRecord:
    """An immutable record of named fields."""

    __slots__ = ("_fields", "envelope")

    def __init__(self, fields: Fields, envelope: Envelope) -> None:
        self._fields: Fields = fields if isinstance(fields, MappingProxyType) else MappingProxyType(dict(fields))
        self.envelope = envelope

    def first(self, selector: Selector) -> Value:
        return first_at(self._fields, selector)

    def every(self, selector: Selector) -> tuple[Value, ...]:
        return every_at(self._fields, selector)

    def with_value(self, name: str, value: Value) -> Record:
        return PlainRecord({**self._fields, name: value}, self.envelope)

    def with_masked(self, selector: Selector, mask: Mask) -> Record:
        return PlainRecord(masked_at(self._fields, selector, mask), self.envelope)

    def without(self, selector: Selector) -> Record:
        return PlainRecord(without_at(self._fields, selector), self.envelope)

    def split(self, group: str) -> Iterator[Record]:
        """One record for each element of the list named ``group``, which then holds that element alone."""
        elements = self._fields.get(group, ABSENT)
        if isinstance(elements, str) or not isinstance(elements, Sequence):
            return
        outer = f"{self.envelope.item_path}/" if self.envelope.item_path else ""
        for number, element in enumerate(elements):
            inside = self.envelope._replace(item_path=f"{outer}{group}[{number}]")
            yield PlainRecord({**self._fields, group: element}, inside)

    def fresh(self, fields: Fields) -> Record:
        return PlainRecord(fields, self.envelope)

    def fields(self) -> Fields:
        return self._fields


def first_at(fields: Fields, selector: Selector) -> Value:
    """The first value that a record selector matches, or ABSENT."""
    if selector.form == "hl7":
        return ABSENT
    here = fields.get(selector.text)
    if here.__class__ is str:
        return here
    return next((v for v in _walk(fields, selector.parts) if v is not ABSENT), ABSENT)


def every_at(fields: Fields, selector: Selector) -> tuple[Value, ...]:
    """All values that a record selector matches, without ABSENT ones."""
    if selector.form == "hl7":
        return ()
    return tuple(v for v in _walk(fields, selector.parts) if v is not ABSENT)


def masked_at(fields: Fields, selector: Selector, mask: Mask) -> Fields:
    """``fields`` with every leaf below the places that ``selector`` matches masked."""
    if selector.form == "hl7":
        return fields
    return _edited(fields, selector.parts, lambda value: _masked(value, mask))


def without_at(fields: Fields, selector: Selector) -> Fields:
    """``fields`` without the places that ``selector`` matches. List elements keep their numbers."""
    if selector.form == "hl7":
        return fields
    return _edited(fields, selector.parts, lambda _: ABSENT)


def _walk(value: Value, parts: _Parts) -> Iterator[Value]:
    if not parts:
        yield value
        return
    part, rest = parts[0], parts[1:]
    if not isinstance(value, Mapping):
        return
    inner = value.get(part.name, ABSENT)
    for element in _elements(inner, part.at):
        yield from _walk(element, rest)


def _elements(value: Value, at: int | None) -> Sequence[Value]:
    """The elements of a list, or the one at ``at``; anything else is its own only element."""
    if isinstance(value, Sequence) and not isinstance(value, str):
        return value if at is None else value[at : at + 1]
    return (value,) if at in (None, 0) else ()


def _edited(value: Fields, parts: _Parts, edit: _Edit) -> Fields:
    part, rest = parts[0], parts[1:]
    if part.name not in value:
        return value
    inner = value[part.name]
    new = _edited_element(inner, part.at, rest, edit)
    if new is ABSENT:
        return {name: v for name, v in value.items() if name != part.name}
    return {**value, part.name: new}


def _edited_element(inner: Value, at: int | None, rest: _Parts, edit: _Edit) -> Value:
    def one(element: Value) -> Value:
        if not rest:
            return edit(element)
        return _edited(element, rest, edit) if isinstance(element, Mapping) else element

    if isinstance(inner, Sequence) and not isinstance(inner, str) and (rest or at is not None):
        return tuple(one(e) if at in (None, n) else e for n, e in enumerate(inner))
    return one(inner) if at in (None, 0) else inner


def _masked(value: Value, mask: Mask) -> Value:
    if isinstance(value, Absent):
        return value
    if isinstance(value, bool):
        return mask("true" if value else "false") or ABSENT
    if isinstance(value, str):
        return (mask(value) or ABSENT) if value else value
    if isinstance(value, Mapping):
        return {name: _masked(v, mask) for name, v in value.items()}
    return tuple(_masked(v, mask) for v in value)
