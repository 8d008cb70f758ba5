"""The fast record: reads a field out of the text when somebody asks, and keeps changes beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import NoReturn

from flows.paths import Selector
from flows.values import ABSENT, NULL, Value
from nodes.formats.hl7v2.message import Message
from nodes.formats.hl7v2.pieces import Field, field_without, literal, masked_field, parse_field, read_field
from nodes.formats.hl7v2.shape import Place, Sought, View
from nodes.formats.plain import PlainRecord, every_at, first_at, masked_at, without_at
from nodes.record import Envelope, Mask, Record

_Changed = Mapping[int, Mapping[int, Field]]
_Edit = Callable[[Field], Field]
_NULL = '""'
_NOTHING: Mapping[str, Value] = {}
_UNCHANGED: _Changed = {}
_UNTOUCHED: Mapping[int, Field] = {}


class LazyRecord:
    """One message, or one repetition of a group with all that stands outside of it."""

    __slots__ = ("_added", "_changed", "_known", "_message", "_view", "envelope")

    def __init__(
        self,
        message: Message,
        envelope: Envelope,
        added: Mapping[str, Value] = _NOTHING,
        changed: _Changed = _UNCHANGED,
        view: View | None = None,
    ) -> None:
        self._message, self.envelope = message, envelope
        self._added, self._changed = added, changed
        self._view = view = view or message.shape.all
        self._known = view.known

    def first(self, selector: Selector) -> Value:
        numbers, field, leading, usual, place = self._known.get(selector.text) or self._seek(selector)
        if numbers is None:
            return self._named_first(selector)
        message, changed = self._message, self._changed
        for number in numbers:
            fields = message.cut[number] or message.fields(number)
            if field >= len(fields):
                continue
            raw = fields[field]
            if changed and number in changed and field in changed[number]:
                value = _first(read_field(changed[number][field], *place.at))
            elif leading and message.plain and raw.isalnum():
                return raw
            elif usual and message.marks[1] not in raw:
                value = read_piece(message, raw, place.component, place.sub)
            else:
                value = _first(self._read(place, raw))
            if value is not ABSENT:
                return value
        return ABSENT

    def every(self, selector: Selector) -> tuple[Value, ...]:
        numbers, field, _, _, place = self._known.get(selector.text) or self._seek(selector)
        if numbers is None:
            return self._named_every(selector)
        values: list[Value] = []
        for number in numbers:
            edited = self._changed.get(number, _UNTOUCHED).get(field)
            if edited is not None:
                values += read_field(edited, *place.at)
                continue
            fields = self._message.fields(number)
            if field < len(fields):
                values += self._read(place, fields[field])
        return tuple(values)

    def with_value(self, name: str, value: Value) -> Record:
        return self._with(added={**self._added, name: value})

    def with_masked(self, selector: Selector, mask: Mask) -> Record:
        sought = self._known.get(selector.text) or self._seek(selector)
        if sought.numbers is None:
            return self._with(added=masked_at(self._added, selector, mask))
        return self._with_fields(sought, sought.numbers, lambda field: masked_field(field, *sought.place.at, mask))

    def without(self, selector: Selector) -> Record:
        sought = self._known.get(selector.text) or self._seek(selector)
        if sought.numbers is None:
            return self._with(added=without_at(self._added, selector))
        return self._with_fields(sought, sought.numbers, lambda field: field_without(field, *sought.place.at))

    def split(self, group: str) -> Iterator[Record]:
        message, added, changed = self._message, self._added, self._changed
        number, flow, source, received_ms, identity, _, label = self.envelope
        for item_path, view in self._view.split(group):
            inside = Envelope(number, flow, source, received_ms, identity, item_path, label)
            yield LazyRecord(message, inside, added, changed, view)

    def fresh(self, fields: Mapping[str, Value]) -> Record:
        return PlainRecord(fields, self.envelope)

    def fields(self) -> NoReturn:
        raise TypeError("Only a plain record has fields by name: put map_fields before what reads them.")

    def _seek(self, selector: Selector) -> Sought:
        """The selector in what this record sees; remembered for all messages of the shape."""
        known = self._known[selector.text] = _sought(selector, self._view)
        return known

    def _named_first(self, selector: Selector) -> Value:
        segments = self._segments(selector)
        return first_at(self._added, selector) if segments is None else segments

    def _named_every(self, selector: Selector) -> tuple[Value, ...]:
        segments = self._segments(selector)
        return every_at(self._added, selector) if segments is None else (segments,)

    def _segments(self, selector: Selector) -> str | None:
        """The number of segments of the whole message, for ``message/segments``."""
        return str(len(self._message.segments)) if selector.text == "message/segments" else None

    def _read(self, place: Place, raw: str) -> list[Value]:
        message, rep = self._message, place.at[0]
        if place.literal:
            return read_field(literal(raw), *place.at)
        pieces = raw.split(message.marks[1])
        chosen = pieces if rep is None else pieces[rep - 1 : rep]
        values = [read_piece(message, piece, place.component, place.sub) for piece in chosen]
        return [value for value in values if value is not ABSENT]

    def _with(self, added: Mapping[str, Value]) -> LazyRecord:
        return LazyRecord(self._message, self.envelope, added, self._changed, self._view)

    def _with_fields(self, sought: Sought, numbers: list[int], edit: _Edit) -> LazyRecord:
        changed = dict(self._changed)
        for number in numbers:
            length = len(self._message.fields(number))
            before = changed.get(number, _UNTOUCHED)
            if sought.place.whole:
                changed[number] = {n: edit(self._field(before, number, n)) for n in range(1, length)}
            elif sought.field < length:
                changed[number] = {**before, sought.field: edit(self._field(before, number, sought.field))}
        return LazyRecord(self._message, self.envelope, self._added, changed, self._view)

    def _field(self, changed: Mapping[int, Field], number: int, field: int) -> Field:
        known = changed.get(field)
        if known is not None:
            return known
        message = self._message
        raw = message.fields(number)[field]
        if field < 3 and message.names[number] == "MSH":
            return literal(raw)
        return parse_field(raw, message.delimiters, message.undo)


def _sought(selector: Selector, view: View) -> Sought:
    numbers: list[int] | None = None
    if selector.form == "hl7":
        numbers = view.numbers("/".join((*selector.groups, selector.segment)), selector.groups, selector.segment)
        numbers = numbers if selector.nth is None else numbers[selector.nth - 1 : selector.nth]
    field = selector.field or 1
    first_or_any, literal_field = selector.rep in (None, 1), selector.segment == "MSH" and field < 3
    return Sought(
        numbers=numbers,
        field=field,
        leading=first_or_any and selector.component in (None, 1) and selector.sub in (None, 1),
        usual=first_or_any and not literal_field,
        place=Place(
            component=selector.component or 1,
            sub=selector.sub or 1,
            literal=literal_field,
            whole=selector.field is None,
            at=(selector.rep, selector.component, selector.sub),
        ),
    )


def _first(values: list[Value]) -> Value:
    return values[0] if values else ABSENT


def read_piece(message: Message, raw: str, component: int, sub: int) -> Value:
    """The leaf at a place of one repetition, straight from its text."""
    if not raw:
        return ABSENT
    between, _, below, escape = message.marks
    if between in raw:
        raw = _cut(raw, between, component)
    elif component > 1 and raw != _NULL:
        return ABSENT
    if below in raw:
        raw = _cut(raw, below, sub)
    elif sub > 1 and raw != _NULL:
        return ABSENT
    if raw == _NULL:
        return NULL
    return (message.undo(raw) if escape in raw else raw) or ABSENT


def _cut(raw: str, delimiter: str, number: int) -> str:
    if number == 1:
        return raw[: raw.index(delimiter)]
    pieces = raw.split(delimiter, number)
    return pieces[number - 1] if number <= len(pieces) else ""
