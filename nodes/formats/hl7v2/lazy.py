"""The fast record: reads a field out of the text when somebody asks, and keeps changes beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple, NoReturn

from flows.paths import Selector
from nodes.contract import ABSENT, NULL, Envelope, Mask, Record, Value
from nodes.formats.hl7v2.message import Message
from nodes.formats.hl7v2.pieces import Field, field_without, literal, masked_field, parse_field, read_field
from nodes.formats.plain import PlainRecord, every_at, first_at, masked_at, without_at

_Changed = Mapping[int, Mapping[int, Field]]
_Scope = tuple[list[int], int]
_Edit = Callable[[Field], Field]
_NULL = '""'
_NOTHING: Mapping[str, Value] = {}
_UNCHANGED: _Changed = {}


class Plan(NamedTuple):
    """A selector, ready to read with. Places count from 1; ``rep`` alone may be None: every repetition.

    ``key`` names the segments, "" for a record's own fields. ``leading`` is the first leaf of a field, ``usual`` needs
    nothing but the first repetition where there is only one. ``at`` is the place as the selector has it.
    """

    key: str
    nth: int | None
    field: int
    leading: bool
    usual: bool
    component: int
    sub: int
    rep: int | None
    literal: bool
    whole: bool
    groups: tuple[str, ...]
    segment: str
    at: tuple[int | None, int | None, int | None]


_PLANS: dict[str, Plan] = {}


def _plan(selector: Selector) -> Plan:
    """The plan of a selector, remembered by its text."""
    known = _PLANS.get(selector.text)
    if known is not None:
        return known
    hl7, field = selector.form == "hl7", selector.field or 1
    first_or_any, literal_field = selector.rep in (None, 1), selector.segment == "MSH" and field < 3
    plan = Plan(
        key="/".join((*selector.groups, selector.segment)) if hl7 else "",
        nth=selector.nth,
        field=field,
        leading=first_or_any and selector.component in (None, 1) and selector.sub in (None, 1),
        usual=first_or_any and not literal_field,
        component=selector.component or 1,
        sub=selector.sub or 1,
        rep=selector.rep,
        literal=literal_field,
        whole=selector.field is None,
        groups=selector.groups,
        segment=selector.segment,
        at=(selector.rep, selector.component, selector.sub),
    )
    if len(_PLANS) < 10_000:
        _PLANS[selector.text] = plan
    return plan


class LazyRecord:
    """One message, or one repetition of a group with all that stands outside of it.

    Segments and repetitions keep their numbers when others are dropped.
    """

    __slots__ = ("_added", "_changed", "_found", "_message", "_scopes", "envelope")

    def __init__(
        self,
        message: Message,
        envelope: Envelope,
        added: Mapping[str, Value] = _NOTHING,
        changed: _Changed = _UNCHANGED,
        scopes: tuple[_Scope, ...] = (),
        found: dict[str, list[int]] | None = None,
    ) -> None:
        self._message, self.envelope = message, envelope
        self._added, self._changed, self._scopes = added, changed, scopes
        self._found = found if found is not None else {} if scopes else message.found

    def first(self, selector: Selector) -> Value:
        plan = _PLANS.get(selector.text) or _plan(selector)
        key, nth, number, leading, usual, component, sub, *_ = plan
        if not key:
            return self._named_first(selector)
        segments = self._found.get(key)
        if segments is None:
            segments = self._find(plan)
        message, changed = self._message, self._changed
        d = message.delimiters
        for at in segments if nth is None else segments[nth - 1 : nth]:
            fields = message.cut[at] or message.fields(at)
            if number >= len(fields):
                continue
            raw = fields[number]
            if changed and at in changed and number in changed[at]:
                value = _first(read_field(changed[at][number], *plan.at))
            elif leading and d.plain and raw.isalnum():
                return raw
            elif usual and d.repetition not in raw:
                value = read_piece(message, raw, component, sub)
            else:
                value = _first(self._read(plan, raw))
            if value is not ABSENT:
                return value
        return ABSENT

    def every(self, selector: Selector) -> tuple[Value, ...]:
        plan = _plan(selector)
        if not plan.key:
            return self._named_every(selector)
        values: list[Value] = []
        for number in self._numbers(plan):
            field = self._changed.get(number, {}).get(plan.field)
            if field is not None:
                values += read_field(field, *plan.at)
                continue
            fields = self._message.fields(number)
            if plan.field < len(fields):
                values += self._read(plan, fields[plan.field])
        return tuple(values)

    def with_value(self, name: str, value: Value) -> Record:
        return self._with(added={**self._added, name: value})

    def with_masked(self, selector: Selector, mask: Mask) -> Record:
        plan = _plan(selector)
        if not plan.key:
            return self._with(added=masked_at(self._added, selector, mask))
        return self._with_fields(plan, lambda field: masked_field(field, *plan.at, mask))

    def without(self, selector: Selector) -> Record:
        plan = _plan(selector)
        if not plan.key:
            return self._with(added=without_at(self._added, selector))
        return self._with_fields(plan, lambda field: field_without(field, *plan.at))

    def split(self, group: str) -> Iterator[Record]:
        repetitions = self._message.repetitions(group)
        for ordinal, head in enumerate(repetitions.heads):
            if self._visible(head):
                inside = self.envelope._replace(item_path=self._message.item_path(head))
                scopes = (*self._scopes, (repetitions.owner, ordinal))
                yield LazyRecord(self._message, inside, self._added, self._changed, scopes)

    def fresh(self, fields: Mapping[str, Value]) -> Record:
        return PlainRecord(fields, self.envelope)

    def fields(self) -> NoReturn:
        raise TypeError("Only a plain record has fields by name: put map_fields before what reads them.")

    def _named_first(self, selector: Selector) -> Value:
        segments = self._segments(selector)
        return first_at(self._added, selector) if segments is None else segments

    def _named_every(self, selector: Selector) -> tuple[Value, ...]:
        segments = self._segments(selector)
        return every_at(self._added, selector) if segments is None else (segments,)

    def _segments(self, selector: Selector) -> str | None:
        """The number of segments of the whole message, for ``message/segments``."""
        return str(len(self._message.segments)) if selector.text == "message/segments" else None

    def _visible(self, number: int) -> bool:
        return all(owner[number] in (-1, ordinal) for owner, ordinal in self._scopes)

    def _find(self, plan: Plan) -> list[int]:
        numbers = self._message.at(plan.key, plan.groups, plan.segment)
        if self._scopes:
            numbers = [number for number in numbers if self._visible(number)]
            self._found[plan.key] = numbers
        return numbers

    def _numbers(self, plan: Plan) -> list[int]:
        numbers = self._found.get(plan.key)
        if numbers is None:
            numbers = self._find(plan)
        return numbers if plan.nth is None else numbers[plan.nth - 1 : plan.nth]

    def _read(self, plan: Plan, raw: str) -> list[Value]:
        message, rep = self._message, plan.rep
        if plan.literal:
            return read_field(literal(raw), *plan.at)
        pieces = raw.split(message.delimiters.repetition)
        chosen = pieces if rep is None else pieces[rep - 1 : rep]
        values = [read_piece(message, piece, plan.component, plan.sub) for piece in chosen]
        return [value for value in values if value is not ABSENT]

    def _with(self, added: Mapping[str, Value]) -> LazyRecord:
        return LazyRecord(self._message, self.envelope, added, self._changed, self._scopes, self._found)

    def _with_fields(self, plan: Plan, edit: _Edit) -> LazyRecord:
        changed = dict(self._changed)
        for number in self._numbers(plan):
            length = len(self._message.fields(number))
            numbers = range(1, length) if plan.whole else range(plan.field, min(plan.field + 1, length))
            before = changed.get(number, {})
            changed[number] = {**before, **{n: edit(self._field(before, number, n)) for n in numbers}}
        return LazyRecord(self._message, self.envelope, self._added, changed, self._scopes, self._found)

    def _field(self, changed: Mapping[int, Field], number: int, field: int) -> Field:
        known = changed.get(field)
        if known is not None:
            return known
        message = self._message
        raw = message.fields(number)[field]
        if field < 3 and message.names[number] == "MSH":
            return literal(raw)
        return parse_field(raw, message.delimiters, message.undo)


def _first(values: list[Value]) -> Value:
    return values[0] if values else ABSENT


def read_piece(message: Message, raw: str, component: int, sub: int) -> Value:
    """The leaf at a place of one repetition, straight from its text."""
    if not raw:
        return ABSENT
    d = message.delimiters
    if d.component in raw:
        raw = _cut(raw, d.component, component)
    elif component > 1 and raw != _NULL:
        return ABSENT
    if d.sub in raw:
        raw = _cut(raw, d.sub, sub)
    elif sub > 1 and raw != _NULL:
        return ABSENT
    if raw == _NULL:
        return NULL
    return (message.undo(raw) if d.escape in raw else raw) or ABSENT


def _cut(raw: str, delimiter: str, number: int) -> str:
    if number == 1:
        return raw[: raw.index(delimiter)]
    pieces = raw.split(delimiter, number)
    return pieces[number - 1] if number <= len(pieces) else ""
