"""Real messages walk through their structures, and what they hold is found in the schema."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.hl7 import VERSIONS, schema, structure_id, walk


def messages(folder: Path) -> Iterator[tuple[str, list[str]]]:
    """Every message of the corpus that begins with a header, as its segments."""
    for path in sorted(folder.rglob("*.hl7*")):
        text = path.read_bytes().decode("utf-8-sig", errors="replace")
        segments = [line for line in re.split(r"[\r\n]+", text) if line.strip()]
        if segments and segments[0].startswith("MSH"):
            yield path.name, segments


@pytest.fixture
def corpus(corpora: Path) -> list[tuple[str, list[str]]]:
    return list(messages(corpora / "hl7v2" / "microsoft__FHIR-Converter"))


def test_every_message_walks_and_most_segments_are_in_place(corpus: list[tuple[str, list[str]]]) -> None:
    placed = strayed = known = 0
    for _, segments in corpus:
        header = segments[0].split(segments[0][3])
        type_, _, rest = header[8].partition("^")
        version = header[11].partition("^")[0]
        structure = structure_id(type_, rest.partition("^")[0], version)
        known += structure is not None
        one = walk(version, structure or "")
        position = one.start
        for segment in segments:
            position = one.step(position, segment[:3])
            if structure is not None and not segment.startswith("Z"):
                placed, strayed = placed + (position.label is not None), strayed + (position.label is None)
    assert len(corpus) > 80
    assert known > 0.9 * len(corpus)
    assert placed > 0.95 * (placed + strayed), (placed, strayed)


def test_every_place_that_a_message_reaches_is_in_the_schema(corpus: list[tuple[str, list[str]]]) -> None:
    for name, segments in corpus:
        header = segments[0].split(segments[0][3])
        type_, event = [*header[8].split("^"), ""][:2]
        version = header[11].partition("^")[0]
        if version not in VERSIONS or structure_id(type_, event, version) is None:
            continue
        tree = schema((f"{type_}^{event}@{version}",))
        one = walk(version, structure_id(type_, event, version) or "")
        position = one.start
        for segment in segments:
            position = one.step(position, segment[:3])
            if position.label is not None:
                assert tree.node((*position.groups, position.label)), f"{name}: {position}"
