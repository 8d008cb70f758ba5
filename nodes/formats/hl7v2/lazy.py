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
_NOTHING: Mapping[str, Value] = {}
_UNCHANGED: _Changed = {}


class Plan(NamedTuple):
    """A selector, ready to read with. ``key`` names the segments; ``field`` is 1 where the selector names none."""

    key: str
    groups: tuple[str, ...]
    segment: str
    nth: int | None
    field: int
    whole: bool
    rep: int | None
    component: int | None
    sub: int | None
    literal: bool


_PLANS: dict[str, Plan | None] = {}


def _plan(selector: Selector) -> Plan | None:
    """The plan of an HL7 selector, remembered by its text; None for a record's own fields."""
    plan = None
    if selector.form == "hl7":
        plan = Plan(
            "/".join((*selector.groups, selector.segment)),
            selector.groups,
            selector.segment,
            selector.nth,
            selector.field or 1,
            selector.field is None,
            selector.rep,
            selector.component,
            selector.sub,
            selector.segment == "MSH" and (selector.field or 1) < 3,
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
        text = selector.text
        plan = _PLANS[text] if text in _PLANS else _plan(selector)
        if plan is None:
            return self._named_first(selector)
        key, _, _, nth, field, _, rep, component, sub, is_literal = plan
        numbers = self._found.get(key)
        if numbers is None:
            numbers = self._find(plan)
        message, changed = self._message, self._changed
        for number in numbers if nth is None else numbers[nth - 1 : nth]:
            fields = message.fields(number)
            if changed and number in changed and field in changed[number]:
                values = read_field(changed[number][field], rep, component, sub)
                if values:
                    return values[0]
                continue
            raw = fields[field] if field < len(fields) else ""
            if not raw:
                continue
            if is_literal or message.delimiters.repetition in raw or (rep or 1) > 1:
                values = self._read(plan, raw)
                if values:
                    return values[0]
                continue
            value = _piece(message, raw, component, sub)
            if value is not ABSENT:
                return value
        return ABSENT

    def every(self, selector: Selector) -> tuple[Value, ...]:
        text = selector.text
        plan = _PLANS[text] if text in _PLANS else _plan(selector)
        if plan is None:
            return self._named_every(selector)
        values: list[Value] = []
        for number in self._numbers(plan):
            field = self._changed.get(number, {}).get(plan.field)
            if field is not None:
                values += read_field(field, plan.rep, plan.component, plan.sub)
                continue
            fields = self._message.fields(number)
            if plan.field < len(fields):
                values += self._read(plan, fields[plan.field])
        return tuple(values)

    def with_value(self, name: str, value: Value) -> Record:
        return self._with(added={**self._added, name: value})

    def with_masked(self, selector: Selector, mask: Mask) -> Record:
        plan = _plan(selector)
        if plan is None:
            return self._with(added=masked_at(self._added, selector, mask))
        at = plan.rep, plan.component, plan.sub
        return self._with_fields(plan, lambda field: masked_field(field, *at, mask))

    def without(self, selector: Selector) -> Record:
        plan = _plan(selector)
        if plan is None:
            return self._with(added=without_at(self._added, selector))
        at = plan.rep, plan.component, plan.sub
        return self._with_fields(plan, lambda field: field_without(field, *at))

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
        message = self._message
        field = literal(raw) if plan.literal else parse_field(raw, message.delimiters, message.undo)
        return read_field(field, plan.rep, plan.component, plan.sub)

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


def _piece(message: Message, raw: str, component: int | None, sub: int | None) -> Value:
    """The first leaf at a place of one repetition, straight from its text."""
    if raw == '""':
        return NULL
    d = message.delimiters
    if d.component in raw:
        at = component or 1
        pieces = raw.split(d.component, at)
        if at > len(pieces):
            return ABSENT
        raw = pieces[at - 1]
        if raw == '""':
            return NULL
    elif component is not None and component > 1:
        return ABSENT
    if d.sub in raw:
        at = sub or 1
        pieces = raw.split(d.sub, at)
        if at > len(pieces):
            return ABSENT
        raw = pieces[at - 1]
        if raw == '""':
            return NULL
    elif sub is not None and sub > 1:
        return ABSENT
    if d.escape in raw:
        raw = message.undo(raw)
    return raw or ABSENT
