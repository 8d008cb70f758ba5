"""Real messages: where hl7apy and python-hl7 agree on what a message says, this reader says the same."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import hl7
import pytest
from hl7apy.exceptions import HL7apyException
from hl7apy.parser import parse_message

from flows.environment import Limits
from flows.paths import parse
from flows.values import Absent
from nodes.formats.hl7v2 import LazyRecord, Message, TreeRecord, read_message, tree
from nodes.source import Accepted
from tests.nodes.formats.hl7_messages import ENVELOPE
from tests.nodes.sources.made import source

Leaf = tuple[int, int, int, int, int]
"""Segment, field, repetition, component, subcomponent."""
_START = re.compile(rb"(?:\A|(?<=[\r\n\x0b])|(?<=\xef\xbb\xbf))MSH")


def frames(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Every message of a folder of files: from one MSH to the next."""
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        data = path.read_bytes()
        starts = [match.start() for match in _START.finditer(data)]
        for start, end in zip(starts, [*starts[1:], len(data)], strict=False):
            yield path.name, data[start:end]


KNOWN = {
    (
        "PC1-Problem-Update-v2.3.1.hl7",
        (2, 16, 1, 1, 1),
    ): "both strip the end of a message: here a value keeps its blank",
}


class Compared(NamedTuple):
    """One message as the other two read it."""

    name: str
    message: Message
    segments: list[str]
    hl7apy: Mapping[Leaf, str]
    python_hl7: Mapping[Leaf, str]


@pytest.fixture(name="folder", scope="module")
def _folder(corpora: Path) -> Path:
    return corpora / "hl7v2" / "microsoft__FHIR-Converter"


@pytest.fixture(name="compared", scope="module")
def _compared(folder: Path) -> list[Compared]:
    return [read for name, frame in frames(folder) for read in _read_by_others(name, read_message(frame))]


def _read_by_others(name: str, message: Message) -> Iterator[Compared]:
    text = "\r".join(message.segments)
    try:
        others = parse_message(text, find_groups=False)
    except HL7apyException:
        return
    names = [segment.name for segment in others.children]
    first, second = leaves_of_hl7apy(message, others), leaves_of_python_hl7(message, hl7.parse(text))
    yield Compared(name, message, names, first, second)


def test_every_message_is_accepted_by_a_source_of_any_type(folder: Path) -> None:
    listener = source(accepts=["*@2.1-2.8"]).listener(Limits())
    results = [(name, listener.admit(frame)) for name, frame in frames(folder)]
    assert len(results) == 88
    assert [(name, result) for name, result in results if not isinstance(result, Accepted)] == []


def test_segments_are_those_that_hl7apy_finds(compared: list[Compared]) -> None:
    assert [one.name for one in compared if one.segments != one.message.names] == []
    assert len(compared) == 86  # two hold a segment of 2.7 in a message of 2.5.1, which hl7apy does not read


def test_where_both_others_agree_the_same_is_read_here(compared: list[Compared]) -> None:
    differing, agreeing = [], 0
    for one in compared:
        ours = leaves(tree(one.message, ENVELOPE))
        agreed = {place for place, value in one.hl7apy.items() if one.python_hl7.get(place) == value}
        agreeing += len(agreed)
        differing += [(one.name, place) for place in sorted(agreed) if ours.get(place) != one.hl7apy[place]]
    assert differing == list(KNOWN)
    assert agreeing > 15_000


def test_nothing_is_read_here_that_neither_of_the_others_sees(compared: list[Compared]) -> None:
    for one in compared:
        ours = leaves(tree(one.message, ENVELOPE))
        assert ours.keys() <= one.hl7apy.keys() | one.python_hl7.keys(), one.name


def leaves(record: TreeRecord) -> Mapping[Leaf, str]:
    """Every leaf that holds something, null as two quotes."""
    found: dict[Leaf, str] = {}
    for at, segment in enumerate(record.segments):
        for field, repetitions in enumerate(segment.fields, 1):
            for number, repetition in enumerate(repetitions, 1):
                components = (repetition,) if isinstance(repetition, Absent) else repetition
                for component, inner in enumerate(components, 1):
                    for sub, value in enumerate((inner,) if isinstance(inner, Absent) else inner, 1):
                        if value is not Absent.ABSENT:
                            found[at, field, number, component, sub] = '""' if value is Absent.NULL else str(value)
    return found


def leaves_of_hl7apy(message: Message, others: Any) -> Mapping[Leaf, str]:
    found: dict[Leaf, str] = {}
    for at, segment in enumerate(others.children):
        seen: Counter[int] = Counter()
        for field in segment.children:
            number = int(field.name.rpartition("_")[2]) if field.name else 0
            seen[number] += 1
            if number and not (at == 0 and number < 3):
                _parts(found, message, (at, number, seen[number]), field.to_er7())
    return found


def leaves_of_python_hl7(message: Message, others: Any) -> Mapping[Leaf, str]:
    found: dict[Leaf, str] = {(0, 1, 1, 1, 1): message.delimiters.field, (0, 2, 1, 1, 1): message.delimiters.text}
    for at, segment in enumerate(others):
        for number, field in enumerate(segment):
            if number and not (at == 0 and number < 3):
                for rep, piece in enumerate(str(field).split(message.delimiters.repetition), 1):
                    _parts(found, message, (at, number, rep), piece)
    return found


def _parts(found: dict[Leaf, str], message: Message, place: tuple[int, int, int], text: str) -> None:
    for component, inner in enumerate(text.split(message.delimiters.component), 1):
        for sub, value in enumerate(inner.split(message.delimiters.sub), 1):
            if value:
                found[*place, component, sub] = value if value == '""' else message.undo(value)


def test_both_records_read_every_real_message_alike(corpora: Path) -> None:
    parsed = cache(parse)
    messages = split = values = 0
    listener = source(accepts=["*@2.1-2.8"]).listener(Limits())
    for name, frame in islice(frames(corpora / "hl7v2"), 0, None, 4):
        if not isinstance(listener.admit(frame), Accepted):
            continue
        messages += 1
        message = read_message(frame)
        fast, plain = LazyRecord(message, ENVELOPE), tree(message, ENVELOPE)
        wanted = {_selector(message, place) for place in leaves(plain) if message.names[place[0]]}
        for text in wanted:
            values += 1
            assert fast.every(parsed(text)) == plain.every(parsed(text)), (name, text)
            assert fast.first(parsed(text)) == plain.first(parsed(text)), (name, text)
        for group in {group for groups, _ in message.positions() for group in groups}:
            for left, right in zip(fast.split(group), plain.split(group), strict=True):
                split += 1
                assert left.envelope == right.envelope
                assert all(left.every(parsed(t)) == right.every(parsed(t)) for t in sorted(wanted)[:12]), (name, group)
    assert messages > 310
    assert split > 500
    assert values > 20_000


def _selector(message: Message, place: Leaf) -> str:
    segment, field, _, component, sub = place
    return f"{message.names[segment]}-{field}.{component}" + (f".{sub}" if sub > 1 else "")
