"""Test cases of a flow: a message, the master rows it meets, and what must become of it. Kept beside the flow."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Literal, NamedTuple

from pydantic import Field

from flows.findings import Json, Model
from flows.masters import Row


class ExpectedPosting(Model):
    """One posting that goes out. Members of ``any`` must be there, with a value that nobody can foretell: a pseudonym.

    What stands in the given message as it is was no such value: a case with ``any`` fails where a mask is missing.
    """

    sink: str
    """The sink's step."""
    item: str = ""
    """The item path, such as ``FT1[2]``; empty: the whole message."""
    body: Mapping[str, Json]
    """Its fields, all of them but those of ``any``."""
    any: tuple[str, ...] = ()
    """Names of fields that have some value."""


class ExpectedEnd(Model):
    """One line that ends before a sink: parked for a person, or counted with its reason."""

    step: str
    """Where it ends."""
    item: str = ""
    """The item path, such as ``FT1[2]``; empty: the whole message."""
    reason: str
    """The step's reason, such as ``unknown-code``."""


class Expected(Model):
    """All that becomes of the message; nothing else may. ``refused`` is the code with which the source refuses it."""

    refused: str | None = None
    postings: tuple[ExpectedPosting, ...] = ()
    """What goes out."""
    parked: tuple[ExpectedEnd, ...] = ()
    """What waits for a person."""
    filtered: tuple[ExpectedEnd, ...] = ()
    """What ends on purpose."""


class FlowCase(Model):
    """``lockgate/test-case/1``. ``given`` is what comes in."""

    format: Literal["lockgate/test-case/1"]
    title: Annotated[str, Field(min_length=1, max_length=200)]
    """A sentence: what is shown here."""
    given: Annotated[tuple[str, ...], Field(min_length=1)] | Mapping[str, Json]
    """The segments of an HL7 message, one a line; or a FHIR resource, as it is or, to the letter, as its lines."""
    masters: Mapping[str, tuple[Row, ...]] = {}
    """Rows that it meets, by master."""
    expect: Expected
    """What must become of it."""


class Became(NamedTuple):
    """What a rehearsal made of a message: postings as (sink, item, body), ends as (step, item, reason)."""

    refused: str | None = None
    postings: tuple[tuple[str, str, Json], ...] = ()
    parked: tuple[tuple[str, str, str], ...] = ()
    filtered: tuple[tuple[str, str, str], ...] = ()


def differences(case: FlowCase, became: Became) -> tuple[str, ...]:
    """What is otherwise than expected, one sentence each; empty where the case passes."""
    expected = case.expect
    found: list[str] = []
    if expected.refused != became.refused:
        found.append(f"expected to be refused as {expected.refused or 'nothing'}, was {became.refused or 'taken'}")
    found.extend(_posting_differences(expected.postings, became.postings))
    found.extend(_untouched(case, became))
    found.extend(_end_differences("parked", expected.parked, became.parked))
    found.extend(_end_differences("filtered", expected.filtered, became.filtered))
    return tuple(found)


def _posting_differences(expected: Sequence[ExpectedPosting], became: Sequence[tuple[str, str, Json]]) -> Sequence[str]:
    found: list[str] = []
    bodies = {(sink, item): body for sink, item, body in became}
    for each in expected:
        body = bodies.pop((each.sink, each.item), None)
        where = f"posting {_place(each.item)} to '{each.sink}'"
        if body is None:
            found.append(f"{where}: expected, and none was made")
            continue
        wanted = {**{name: body.get(name) for name in each.any}, **each.body}
        odd = sorted(name for name in wanted.keys() | body.keys() if wanted.get(name) != body.get(name))
        missing = [name for name in each.any if name not in body]
        found.extend(f"{where}: field '{name}' is not as expected" for name in odd)
        found.extend(f"{where}: field '{name}' is missing" for name in missing)
    found.extend(f"posting {_place(item)} to '{sink}': made, and none was expected" for sink, item in bodies)
    return found


def _untouched(case: FlowCase, became: Became) -> Iterator[str]:
    """Values that no case can foretell and that stand in the message all the same."""
    given = json.dumps(case.given, ensure_ascii=False) if isinstance(case.given, Mapping) else "\r".join(case.given)
    bodies = {(sink, item): body for sink, item, body in became.postings}
    for each in case.expect.postings:
        body = bodies.get((each.sink, each.item)) or {}
        for name in each.any:
            value = body.get(name)
            if isinstance(value, str) and value and re.search(rf"(?<!\w){re.escape(value)}(?!\w)", given):
                yield f"posting {_place(each.item)} to '{each.sink}': field '{name}' came as it was given, unmasked"


def _end_differences(
    what: str, expected: Sequence[ExpectedEnd], became: Sequence[tuple[str, str, str]]
) -> Sequence[str]:
    wanted = sorted((each.step, each.item, each.reason) for each in expected)
    there = sorted(became)
    found = [
        f"{_place(item)} at step '{step}': expected {what} as {reason}"
        for step, item, reason in wanted
        if (step, item, reason) not in there
    ]
    found += [
        f"{_place(item)} at step '{step}': {what} as {reason}, and that was not expected"
        for step, item, reason in there
        if (step, item, reason) not in wanted
    ]
    return found


def _place(item: str) -> str:
    return item or "of the whole message"
