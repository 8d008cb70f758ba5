"""What a message must hold for a flow to have something to do: the fields that its steps read, and keys of masters."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from flows.effects import Verb
from flows.master_table import Table
from flows.masters import Row
from flows.paths import PathError, Selector, parse
from runtime.rehearsal import Rehearsal
from runtime.synthetic.chance import Chance

USUAL_DAY = "2026-03-02"
MOST_LINES = 3


class Pinned(NamedTuple):
    """Places that hold the parts of a key of a master together."""

    places: tuple[Selector, ...]
    key: tuple[str, ...]
    quantity: Selector | None
    unit: Selector | None
    denotes: str
    """The unit in which such a code is counted."""


class Needs(NamedTuple):
    """``fields``: what steps read. ``each``: groups and resources of which there may be several. ``lines``: for each
    of them the keys that stand there; ``fixed``: literals that a filter asks for."""

    fields: tuple[Selector, ...]
    each: tuple[str, ...]
    lines: tuple[tuple[Pinned, ...], ...]
    fixed: Mapping[str, str]
    day: str


def needs_of(flow: Rehearsal, tables: Mapping[str, Table], chance: Chance) -> Needs:
    """What the steps of a flow say that they need."""
    declared = [flow.declarations[step.id].effects for step in flow.flow.steps]
    texts = [text for effects in declared for text in (*effects.control, *(t for e in effects.named for t in e.reads))]
    texts += [e.field for effects in declared for e in effects.named if e.verb in (Verb.MASK, Verb.DROP)]
    texts += [*flow.flow.business_keys, *([flow.flow.ordering.key] if flow.flow.ordering.key else [])]
    configs = [step.config for step in flow.flow.steps]
    keyed = [each for config in configs for each in _keyed(config)]
    day = _day(tables, keyed)
    lines = tuple(tuple(_pinned(each, tables, chance, day) for each in keyed) for _ in range(MOST_LINES))
    each = tuple(str(effects.each) for effects in declared if effects.each)
    fixed = dict(pair for config in configs for pair in _equals(config))
    return Needs(tuple(_selectors(texts)), each, tuple(_there(line) for line in lines), fixed, day)


def _there(line: tuple[Pinned | None, ...]) -> tuple[Pinned, ...]:
    return tuple(each for each in line if each is not None)


def _selectors(texts: list[str]) -> Iterator[Selector]:
    for text in dict.fromkeys(texts):
        found = _parsed(text)
        if found is not None and found.form != "record":
            yield found


def _keyed(config: Any) -> Iterator[Mapping[str, Any]]:
    """Every part of a config that looks a key up in a master."""
    if isinstance(config, Mapping):
        if "master" in config and "key" in config:
            yield config
        for each in config.values():
            yield from _keyed(each)
    elif isinstance(config, list | tuple):
        for each in config:
            yield from _keyed(each)


def _equals(config: Any) -> Iterator[tuple[str, str]]:
    """``field = "text"`` where a condition asks for it."""
    if isinstance(config, Mapping):
        pair = config.get("equal")
        if isinstance(pair, list | tuple) and len(pair) == 2:
            sides: dict[str, Any] = {**_side(pair[0]), **_side(pair[1])}
            if "field" in sides and "text" in sides:
                yield str(sides["field"]), str(sides["text"])
        for each in config.values():
            yield from _equals(each)
    elif isinstance(config, list | tuple):
        for each in config:
            yield from _equals(each)


def _side(side: Any) -> Mapping[str, Any]:
    return side if isinstance(side, Mapping) else {}


def _pinned(each: Mapping[str, Any], tables: Mapping[str, Table], chance: Chance, day: str) -> Pinned | None:
    """The places of a key with a row of the master that holds on the day; None where there is none."""
    places = [_parsed(str(part)) for part in each["key"]]
    rows = _holding(tables.get(str(each["master"])), day)
    if not rows or any(place is None or place.form == "record" for place in places):
        return None
    row = chance.choice(rows)
    convert = each.get("convert") or {}
    unit = row.unit or row.base_unit or ""
    return Pinned(
        tuple(place for place in places if place is not None),
        row.key,
        _parsed(str(convert.get("quantity") or "")),
        _parsed(str(convert.get("unit") or "")),
        unit,
    )


def _holding(table: Table | None, day: str) -> list[Row]:
    return [
        row
        for row in (table.rows() if table is not None else ())
        if row.status == "active" and (row.valid_from or "") <= day and (row.valid_to is None or day < row.valid_to)
    ]


def _day(tables: Mapping[str, Table], keyed: list[Mapping[str, Any]]) -> str:
    """A day on which most of the masters hold: the usual one, or the first on which a row does."""
    starts = [USUAL_DAY]
    for each in keyed:
        table = tables.get(str(each["master"]))
        if table is not None and not _holding(table, USUAL_DAY):
            starts += [row.valid_from for row in table.rows() if row.valid_from and row.status == "active"]
    found = max(starts)
    return datetime.date.fromisoformat(found).isoformat()


def _parsed(text: str) -> Selector | None:
    try:
        return parse(text)
    except PathError:
        return None
