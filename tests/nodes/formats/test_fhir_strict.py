"""Strict JSON: everything that two programs could read differently is refused, with its place and without its value."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.formats.fhir import Unreadable, read_json

SECRET = "Rivera-4711"


def refused(data: bytes | str) -> tuple[str, str]:
    found = read_json(data.encode() if isinstance(data, str) else data)
    assert isinstance(found, Unreadable), found
    assert SECRET not in str(found)
    return found


def test_numbers_keep_their_digits_as_texts() -> None:
    text = '{"a": 72.50, "b": [1e309, -0, 0.10], "c": 12345678901234567890123, "d": "7"}'
    assert read_json(text.encode()) == {
        "a": "72.50",
        "b": ["1e309", "-0", "0.10"],
        "c": "12345678901234567890123",
        "d": "7",
    }


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('{"id": "a", "id": "b"}', "id"),
        (f'{{"name": [{{"family": "{SECRET}"}}, {{"given": "a", "given": "b"}}]}}', "name[1].given"),
        (f'{{"{SECRET}": 1, "{SECRET}": 2}}', "?"),
        ('{"entry": [{"resource": {"x": {"id": 1, "id": 2}}}]}', "entry[0].resource.?.id"),
        ('{"a": {"__proto__": 1, "__proto__": 2}}', "?.?"),
    ],
)
def test_a_name_that_stands_twice_is_refused_at_its_place(text: str, place: str) -> None:
    assert refused(text) == ("duplicate-name", place)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
def test_what_is_no_number_is_refused_at_its_place(number: str) -> None:
    assert refused(f'{{"entry": [1, {{"value": {number}}}]}}') == ("not-a-number", "entry[1].value")


@pytest.mark.parametrize(
    "text",
    ["", "{", "{]", '{"a": 1,}', '{"a": 01}', '{"a": .5}', '{"a": +1}', "{'a': 1}", '{"a": 1} x', '{"a": "\t\n"}',
     "nul", '{"a": "\\x"}', "\x00{}", '{"a": 1}{"b": 2}'],
)  # fmt: skip
def test_what_is_no_json_is_refused_with_line_and_column(text: str) -> None:
    code, place = refused(text)
    assert code == "not-json" and place.startswith("line ")


@pytest.mark.parametrize(
    ("data", "place"),
    [(b'{"a": "\xfc"}', "byte 8"), ('{"a": 1}'.encode("utf-16"), "byte 1"), (b'{"a": "\xc0\xaf"}', "byte 8")],
)
def test_what_is_not_utf_8_is_refused(data: bytes, place: str) -> None:
    assert refused(data) == ("not-utf-8", place)


def test_a_byte_order_mark_is_passed_over() -> None:
    assert read_json(b'\xef\xbb\xbf{"a": true}') == {"a": True}


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000, "[" * 100_000 + "]" * 100_000])
def test_depth_without_end_is_refused_at_once(text: str) -> None:
    began = time.process_time()
    assert refused(text)[0] == "too-deep"
    assert time.process_time() - began < 0.5


def test_a_document_of_small_pieces_is_read_in_linear_time() -> None:
    text = '{"entry": [' + ",".join(['{"id": "1"}'] * 80_000) + "]}"
    began = time.process_time()
    assert isinstance(read_json(text.encode()), dict)
    assert time.process_time() - began < 0.5


@given(st.binary(max_size=200))
def test_no_bytes_make_it_raise(data: bytes) -> None:
    read_json(data)


trees = st.recursive(
    st.none() | st.booleans() | st.text(max_size=5) | st.integers(-5, 5).map(str),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=20,
)


@given(trees)
def test_what_json_writes_is_read_as_it_was(tree: object) -> None:
    assert read_json(json.dumps(tree).encode()) == tree
