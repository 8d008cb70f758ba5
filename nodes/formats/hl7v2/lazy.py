"""The fast record: reads a field out of the text when somebody asks, and keeps changes beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain, product
from typing import NamedTuple, NoReturn

from flows.paths import Selector
from nodes.contract import ABSENT, NULL, Envelope, Mask, Record, Value
from nodes.formats.hl7v2.message import Message
from nodes.formats.hl7v2.pieces import Field, field_without, literal, masked_field, parse_field, read_field
from nodes.formats.plain import PlainRecord, every_at, first_at, masked_at, without_at

_Changed = Mapping[int, Mapping[int, Field]]
_Edit = Callable[[Field], Field]
_NULL = '""'
_NOTHING: Mapping[str, Value] = {}
_UNCHANGED: _Changed = {}
_UNTOUCHED: Mapping[int, Field] = {}


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

    ``within`` are the groups by which it was split, ``at`` its repetition of each.

    Segments and repetitions keep their numbers when others are dropped.
    """

    __slots__ = ("_added", "_at", "_changed", "_found", "_message", "_within", "envelope")

    def __init__(
        self,
        message: Message,
        envelope: Envelope,
        added: Mapping[str, Value] = _NOTHING,
        changed: _Changed = _UNCHANGED,
        within: tuple[str, ...] = (),
        at: tuple[int, ...] = (),
        found: dict[str, list[int]] | None = None,
    ) -> None:
        self._message, self.envelope = message, envelope
        self._added, self._changed = added, changed
        self._within, self._at = within, at
        self._found = found if found is not None else {} if within else message.found

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
        message, within, at = self._message, (*self._within, group), self._at
        for ordinal, head in self._heads(group):
            inside = self.envelope._replace(item_path=message.item_path(head))
            yield LazyRecord(message, inside, self._added, self._changed, within, (*at, ordinal))

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

    def _heads(self, group: str) -> Iterable[tuple[int, int]]:
        """The repetitions of a group that this record shows something of, each with the first segment shown."""
        repetitions = self._message.repetitions(group)
        if not self._within:
            return enumerate(repetitions.heads)
        owner, first = repetitions.owner, dict[int, int]()
        for number in self._shown(f"{group}/", (n for n, ordinal in enumerate(owner) if ordinal >= 0)):
            first.setdefault(owner[number], number)
        return first.items()

    def _find(self, plan: Plan) -> list[int]:
        numbers = self._message.at(plan.key, plan.groups, plan.segment)
        if self._within:
            numbers = self._found[plan.key] = self._shown(plan.key, numbers)
        return numbers

    def _shown(self, key: str, numbers: Iterable[int]) -> list[int]:
        """Those of the message's segments that stand in this record's repetitions, or outside of their groups."""
        shared = self._message.shared(key, numbers, self._within)
        lists = [shared[owners] for owners in product(*((-1, at) for at in self._at)) if owners in shared]
        return lists[0] if len(lists) == 1 else sorted(chain(*lists))

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
        return LazyRecord(self._message, self.envelope, added, self._changed, self._within, self._at, self._found)

    def _with_fields(self, plan: Plan, edit: _Edit) -> LazyRecord:
        changed = dict(self._changed)
        for number in self._numbers(plan):
            length = len(self._message.fields(number))
            before = changed.get(number, _UNTOUCHED)
            if plan.whole:
                changed[number] = {n: edit(self._field(before, number, n)) for n in range(1, length)}
            elif plan.field < length:
                changed[number] = {**before, plan.field: edit(self._field(before, number, plan.field))}
        return LazyRecord(self._message, self.envelope, self._added, changed, self._within, self._at, self._found)

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
