"""A test case of a sample: the message to the letter, the master rows that it met, and what became of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import NamedTuple

from flows.findings import Json
from flows.master_table import Table
from flows.masters import MasterRow, Row
from flows.testcases import Became, Expected, ExpectedEnd, ExpectedPosting, FlowCase
from nodes.source import Refused
from runtime.interpreter import Visit
from runtime.rehearsal import Rehearsal, Stage, became, staged

MOST_ROWS = 500


class Watched(Table):
    """A table that remembers which keys were asked for."""

    __slots__ = ("asked", "inner")

    def __init__(self, inner: Table) -> None:
        super().__init__(inner.contract)
        self.inner, self.asked = inner, set[tuple[str, ...]]()
        self.sequence = inner.sequence

    def find(self, key: tuple[str, ...], at: str | None) -> MasterRow | None:
        self.asked.add(key)
        return self.inner.find(key, at)

    def factor(self, key: tuple[str, ...], unit: str, at: str | None) -> Decimal | None:
        self.asked.add(key)
        return self.inner.factor(key, unit, at)


class Played(NamedTuple):
    """What a message came to, and the steps that it met on its way."""

    became: Became
    steps: frozenset[str]
    visits: tuple[Visit, ...] = ()


def played(stage: Stage, payload: bytes) -> Played:
    """Runs one message."""
    admitted = stage.admit(payload)
    start = frozenset({stage.start.id})
    if isinstance(admitted, Refused):
        return Played(Became(refused=admitted.code), start)
    if admitted.filtered:
        return Played(Became(filtered=((stage.start.id, "", admitted.filtered),)), start)
    visits: list[Visit] = []
    made = became(stage.play(payload, visits.append))
    return Played(made, start | {visit.step for visit in visits}, tuple(visits))


def case_of(
    flow: Rehearsal,
    title: str,
    given: tuple[str, ...] | Mapping[str, Json],
    payload: bytes,
    masters: Mapping[str, Table],
) -> FlowCase:
    """What the sample comes to now is what it shall come to."""
    watched = {name: Watched(table) for name, table in masters.items()}
    made = played(staged(flow, watched), payload).became
    return FlowCase(
        format="lockgate/test-case/1",
        title=title,
        given=given,
        masters={name: rows for name, table in watched.items() if (rows := _met(table))},
        expect=expected_of(made),
    )


def expected_of(made: Became) -> Expected:
    """Exactly this, and nothing else."""
    return Expected(
        refused=made.refused,
        postings=tuple(ExpectedPosting(sink=sink, item=item, body=body) for sink, item, body in made.postings),
        parked=tuple(_ends(made.parked)),
        filtered=tuple(_ends(made.filtered)),
    )


def _ends(ends: Iterable[tuple[str, str, str]]) -> Iterable[ExpectedEnd]:
    return (ExpectedEnd(step=step, item=item, reason=reason) for step, item, reason in ends)


def _met(table: Watched) -> tuple[Row, ...]:
    """The rows of the keys that were asked for, and of those that took their place."""
    rows: dict[tuple[str, ...], list[Row]] = {}
    for row in table.inner.rows() if table.asked else ():
        rows.setdefault(row.key, []).append(row)
    wanted, found = list(table.asked), list[Row]()
    seen: set[tuple[str, ...]] = set()
    while wanted and len(found) < MOST_ROWS:
        key = wanted.pop()
        if key not in seen:
            seen.add(key)
            found += rows.get(key, ())
            wanted += [row.superseded_by for row in rows.get(key, ()) if row.superseded_by]
    return tuple(sorted(found, key=lambda row: (row.key, row.valid_from or "")))
