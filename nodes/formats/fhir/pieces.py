"""JSON read, masked and dropped by place. Counted from 0; what goes from a list leaves its neighbours their numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from flows.paths import Part
from flows.values import ABSENT, Absent, Value
from nodes.formats.fhir.strict import Json
from nodes.record import Mask

Parts = tuple[Part, ...]
Edit = Callable[[Json], Json]


def leaves_at(value: Json, parts: Parts) -> Iterator[Value]:
    """The primitives at a place, in order. An element with parts has no value of its own, and "" is none."""
    if not parts:
        if isinstance(value, bool) or (isinstance(value, str) and value):
            yield value
        return
    part, rest = parts[0], parts[1:]
    if isinstance(value, dict):
        for element in elements(value.get(part.name), part.at):
            yield from leaves_at(element, rest)


def elements(value: Json, at: int | None) -> Sequence[Json]:
    """The elements of a list, or the one at ``at``; anything else is its own only element."""
    if isinstance(value, list):
        return value if at is None else value[at : at + 1]
    return (value,) if at in (None, 0) else ()


def edited(value: Json, parts: Parts, edit: Edit) -> Json:
    """``value`` with ``edit`` done at every place that ``parts`` mean; what it gives None for is gone."""
    if not parts:
        return edit(value)
    if not isinstance(value, dict) or parts[0].name not in value:
        return value
    part, rest = parts[0], parts[1:]
    inner = value[part.name]
    if isinstance(inner, list):
        new: Json = [edited(e, rest, edit) if part.at in (None, number) else e for number, e in enumerate(inner)]
    else:
        new = edited(inner, rest, edit) if part.at in (None, 0) else inner
    return {**value, part.name: new}


def masked(value: Json, mask: Mask) -> Json:
    """With every leaf at or below replaced."""
    if isinstance(value, bool):
        return mask("true" if value else "false") or None
    if isinstance(value, str):
        return (mask(value) or None) if value else value
    if isinstance(value, dict):
        return {name: masked(inner, mask) for name, inner in value.items()}
    return None if value is None else [masked(inner, mask) for inner in value]


def first_of(values: Iterator[Value]) -> Value:
    """The first value, or ABSENT."""
    found = next(values, ABSENT)
    return ABSENT if isinstance(found, Absent) else found
