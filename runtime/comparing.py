"""A test case beside what it comes to now: posting by posting and field by field, with the same masks as a run.

What was expected was made by an earlier drawing, of which nothing is known here. So a value that is expected and did
not come is shown only where lineage shows its field now and nothing that is masked in the message stands in it.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Final, Literal, NamedTuple

from flows.analysis import Analysis
from flows.findings import Json, Model
from flows.lineage import NOTHING, Lineage
from flows.testcases import Became, Expected, ExpectedPosting, FlowCase, differences
from flows.vocabulary import Protection
from nodes.leaves import Leaf, leaves, repeated_segments
from runtime.casemaking import Played, played
from runtime.rehearsal import Rehearsal, payload_of, staged, tables_of
from runtime.tryout import LONGEST, MASK, MOST_RECORDS, MOST_ROWS, Sight, Wanted, body_of, plainly, sight_of

LEAST: Final = 4
"""So many characters of one value in another are no accident."""
How = Literal["same", "differs", "missing", "unexpected"]


class ComparedField(Model):
    """One field of a posting on both sides. A value is the mask where it is not shown, and None where there is none."""

    path: str
    expected: str | None
    any: bool
    """Some value is expected, and nobody can foretell which: a pseudonym."""
    came: str | None
    same: bool
    sensitivity: int
    protections: tuple[Protection, ...]


class ComparedPosting(Model):
    step: str
    item: str
    how: How
    expected: int | None
    """Its number among the expected postings of this step."""
    came: int | None
    """Its number among the postings of this step that would be sent."""
    fields: tuple[ComparedField, ...]


class ComparedEnd(Model):
    """A line that ends before a sink, or should have."""

    step: str
    item: str
    how: Literal["parked", "ended"]
    reason: str
    sentence: str
    """Why the step ends it now; "" where it does not."""
    expected: bool
    came: bool


class Compared(Model):
    """All that a test case expects, beside all that came."""

    passed: bool
    sentences: tuple[str, ...]
    refused_expected: str | None
    refused_came: str | None
    postings: tuple[ComparedPosting, ...]
    more: int
    """Postings beyond those."""
    ends: tuple[ComparedEnd, ...]


def compare(flow: Rehearsal, analysis: Analysis, case: FlowCase) -> Compared:
    """Runs a test case and lays what came beside what was expected."""
    stage = staged(flow, tables_of(flow.around, case))
    made = played(stage, payload_of(case, stage.source))
    wrong = differences(case, made.became)
    sides = _Sides(case, made, analysis.lineage, stage.start.id)
    count = len(_pairs(case.expect, made.became))
    return Compared(
        passed=not wrong,
        sentences=wrong,
        refused_expected=case.expect.refused,
        refused_came=made.became.refused,
        postings=tuple(islice(sides.postings(), MOST_RECORDS)),
        more=max(0, count - MOST_RECORDS),
        ends=tuple(_ends(case.expect, made)),
    )


def expected_value(case: FlowCase, wanted: Wanted) -> str | None:
    """The one expected value that is wanted; None where there is none. Whether it may be shown, the caller knows."""
    bodies = [each.body for each in case.expect.postings if each.sink == wanted.step]
    found = _leaves(bodies[wanted.record]) if wanted.record < len(bodies) else {}
    return found[wanted.path].value if wanted.path in found else None


class _Pair(NamedTuple):
    """A posting on both sides, with its number on each."""

    step: str
    item: str
    expected: tuple[int, ExpectedPosting] | None
    came: tuple[int, Mapping[str, Json]] | None


class _Sides:
    """Both sides of a test case."""

    def __init__(self, case: FlowCase, made: Played, line: Lineage, source: str) -> None:
        self._case, self._made, self._line = case, made, line
        self._grave = _grave(made, line, source)

    def postings(self) -> Iterator[ComparedPosting]:
        """What is not as expected first."""
        found = [(pair, self._how(pair)) for pair in _pairs(self._case.expect, self._made.became)]
        for pair, how in sorted(found, key=lambda each: each[1] == "same"):
            yield self._compared(pair, how)

    def _how(self, pair: _Pair) -> How:
        if pair.expected is None:
            return "unexpected"
        if pair.came is None:
            return "missing"
        return "differs" if self._wrong(pair.expected[1], pair.came[1]) else "same"

    def _compared(self, pair: _Pair, how: How) -> ComparedPosting:
        return ComparedPosting(
            step=pair.step,
            item=pair.item,
            how=how,
            expected=pair.expected[0] if pair.expected else None,
            came=pair.came[0] if pair.came else None,
            fields=tuple(self._fields(pair))[:MOST_ROWS],
        )

    def _fields(self, pair: _Pair) -> Iterator[ComparedField]:
        """What differs first."""
        wanted = pair.expected[1] if pair.expected else None
        was, now = _leaves(wanted.body if wanted else {}), _leaves(pair.came[1] if pair.came else {})
        some = [name for name in (wanted.any if wanted else ()) if name not in now]
        found = [self._field(pair, path, was.get(path), now.get(path)) for path in dict.fromkeys([*now, *was, *some])]
        yield from sorted(found, key=lambda each: each.same)

    def _field(self, pair: _Pair, path: str, was: Leaf | None, now: Leaf | None) -> ComparedField:
        sight = self._sight(pair.step, (now or was or Leaf(path, path, "")).schema)
        wanted, name = (pair.expected[1] if pair.expected else None), _name(path, pair)
        same = wanted is not None and pair.came is not None and not self._wrong(_only(wanted, name), _part(pair, name))
        alike = was is not None and now is not None and was.value == now.value
        shown = sight.shown and was is not None and (alike or not self._is_grave(was.value))
        return ComparedField(
            path=path,
            expected=None if was is None else was.value[:LONGEST] if shown else MASK,
            any=wanted is not None and name in wanted.any,
            came=None if now is None else now.value[:LONGEST] if sight.shown else MASK,
            same=same,
            sensitivity=sight.sensitivity,
            protections=sight.protections,
        )

    def _wrong(self, expected: ExpectedPosting, body: Mapping[str, Json]) -> bool:
        if not expected.any:
            return any(expected.body.get(name) != body.get(name) for name in expected.body.keys() | body.keys())
        alone = self._case.model_copy(update={"expect": Expected(postings=(expected,))})
        return bool(differences(alone, Became(postings=((expected.sink, expected.item, dict(body)),))))

    def _sight(self, step: str, schema: str) -> Sight:
        return sight_of(self._line, self._line.before.get(step, NOTHING), schema)

    def _is_grave(self, value: str) -> bool:
        """Whether a value, or a part of it, is one that the message holds where it is masked."""
        if self._grave is None:
            return True
        told = _bare(value)
        return any(
            told == each or (len(told) >= LEAST and told in each) or (len(each) >= LEAST and each in told)
            for each in self._grave
        )


def _pairs(expect: Expected, became: Became) -> list[_Pair]:
    """The postings of both sides by sink and item, the expected ones first."""
    wanted, there = dict[tuple[str, str], tuple[int, ExpectedPosting]](), dict[tuple[str, str], tuple[int, Json]]()
    numbers = Counter[str]()
    for each in expect.postings:
        wanted[each.sink, each.item] = (numbers[each.sink], each)
        numbers[each.sink] += 1
    numbers.clear()
    for sink, item, body in became.postings:
        there[sink, item] = (numbers[sink], body if isinstance(body, dict) else {})
        numbers[sink] += 1
    return [_Pair(*key, wanted.get(key), there.get(key)) for key in dict.fromkeys([*wanted, *there])]


def _ends(expect: Expected, made: Played) -> Iterator[ComparedEnd]:
    why = {(each.step, each.record.envelope.item_path): each.ended.sentence for each in made.visits if each.ended}
    sides: Sequence[tuple[Literal["parked", "ended"], set[tuple[str, str, str]], Sequence[tuple[str, str, str]]]] = (
        ("parked", {(each.step, each.item, each.reason) for each in expect.parked}, made.became.parked),
        ("ended", {(each.step, each.item, each.reason) for each in expect.filtered}, made.became.filtered),
    )
    for how, wanted, there in sides:
        for step, item, reason in dict.fromkeys([*there, *sorted(wanted)]):
            key = (step, item, reason)
            said = (why.get((step, item)) or plainly(reason)) if key in there else ""
            yield ComparedEnd(
                step=step,
                item=item,
                how=how,
                reason=reason,
                sentence=said,
                expected=key in wanted,
                came=key in there,
            )


def _grave(made: Played, line: Lineage, source: str) -> frozenset[str] | None:
    """The values of the message that are masked; None where nothing of it was read."""
    if not made.visits:
        return None
    record, state = made.visits[0].record, line.after.get(source, NOTHING)
    found = leaves(record, repeated_segments(record))
    return frozenset(_bare(leaf.value) for leaf in found if not sight_of(line, state, leaf.schema).shown) - {""}


def _leaves(body: Mapping[str, Json]) -> dict[str, Leaf]:
    return {leaf.path: leaf for leaf in leaves(body_of(json.dumps(dict(body)).encode()))}


def _only(wanted: ExpectedPosting, name: str) -> ExpectedPosting:
    """Of an expected posting one field alone."""
    body = {name: wanted.body[name]} if name in wanted.body else {}
    return wanted.model_copy(update={"body": body, "any": tuple(each for each in wanted.any if each == name)})


def _part(pair: _Pair, name: str) -> Mapping[str, Json]:
    body = pair.came[1] if pair.came else {}
    return {name: body[name]} if name in body else {}


def _name(path: str, pair: _Pair) -> str:
    """The field of the body in which a value stands."""
    names: Iterable[str] = (*(pair.expected[1].body if pair.expected else ()), *(pair.came[1] if pair.came else ()))
    return max((name for name in names if path.startswith((f"{name}.", f"{name}["))), key=len, default=path)


def _bare(value: str) -> str:
    return re.sub(r"[\W_]", "", value).casefold()
