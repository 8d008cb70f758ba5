"""Canonical form refuses what other readers let pass, and gives one spelling."""

from __future__ import annotations

import json
import os
import unicodedata
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from flows import canonical

CORPORA = Path(os.environ.get("LOCKGATE_CORPORA", "../shared/data"))

REFUSED = {
    "a key that stands twice": b'{"a":1,"a":2}',
    "a fraction": b'{"a":1.0}',
    "an exponent": b"[1e3]",
    "NaN": b"[NaN]",
    "infinity": b"[-Infinity]",
    "an integer beyond 2^53": b"[9007199254740992]",
    "minus zero": b"[-0]",
    "a lone surrogate": rb'["\ud800"]',
    "text that is not NFC": '["e\u0301"]'.encode(),
    "a byte order mark": b"\xef\xbb\xbf{}",
    "bytes that are not UTF-8": b'["\xff"]',
    "nesting beyond 64": b"[" * 65 + b"]" * 65,
    "something behind the document": b"{} {}",
    "nothing at all": b"",
}


@pytest.mark.parametrize("data", REFUSED.values(), ids=REFUSED)
def test_the_strict_reader_refuses(data: bytes) -> None:
    with pytest.raises(canonical.NotCanonical):
        canonical.loads_strict(data)


def test_a_document_beyond_the_limit_is_refused_before_it_is_read() -> None:
    with pytest.raises(canonical.NotCanonical, match="2 are allowed"):
        canonical.loads_strict(b"[1]", limit=2)


def test_brackets_inside_text_are_not_nesting() -> None:
    assert canonical.loads_strict(json.dumps(["[" * 100]).encode()) == ["[" * 100]


def test_another_spelling_of_the_same_value_is_not_canonical() -> None:
    assert canonical.load_canonical(b'{"a":1,"b":2}') == {"a": 1, "b": 2}
    for other in (b'{"b":2,"a":1}', b'{ "a":1,"b":2}', b'{"a":1,"b":2}\n'):
        with pytest.raises(canonical.NotCanonical):
            canonical.load_canonical(other)


VECTORS = CORPORA / "conformance" / "rfc8785"


@pytest.mark.parametrize("name", ["arrays"])
def test_the_published_vectors_of_rfc_8785_come_out_byte_for_byte(name: str) -> None:
    value = json.loads((VECTORS / "input" / f"{name}.json").read_bytes())
    assert canonical.dumps(value) == (VECTORS / "output" / f"{name}.json").read_bytes()


@pytest.mark.parametrize(("name", "why"), [("values", "decimals"), ("structures", "decimals"), ("unicode", "NFC")])
def test_vectors_that_our_stricter_rules_exclude_are_refused_by_name(name: str, why: str) -> None:
    with pytest.raises(canonical.NotCanonical, match=why):
        canonical.loads_strict((VECTORS / "input" / f"{name}.json").read_bytes())


def test_a_float_has_no_canonical_form_here() -> None:
    with pytest.raises(canonical.NotCanonical, match="decimals"):
        canonical.dumps({"quantity": 1.5})


ANY_TEXT = st.text(
    st.characters(codec="utf-8") | st.sampled_from('"\\e=<\u0301\u0338\u2011\u00e9\ue000\uffee\U0001f600')
)
TEXT = st.text(st.characters(codec="ascii")) | ANY_TEXT.map(lambda text: unicodedata.normalize("NFC", text))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=20,
)


@given(JSON)
def test_canonical_bytes_read_back_as_the_same_value(value: object) -> None:
    data = canonical.dumps(value)
    assert canonical.load_canonical(data) == value


@given(st.binary())
def test_strict_base64_has_one_spelling(data: bytes) -> None:
    text = canonical.b64encode(data)
    assert canonical.b64decode(text) == data


@pytest.mark.parametrize("text", ["YQ", "YQ=", "YR==", "Y Q==", "YQ==\n", "_-8="])
def test_sloppy_base64_is_refused(text: str) -> None:
    with pytest.raises(canonical.NotCanonical):
        canonical.b64decode(text)


@given(JSON)
def test_what_is_spelt_fast_is_spelt_as_rfc_8785_says(value: Any) -> None:
    assert canonical.dumps(value) == rfc8785.dumps(value)
    assert canonical.load_canonical(rfc8785.dumps(value)) == value


@given(ANY_TEXT, ANY_TEXT)
def test_a_text_that_is_not_nfc_is_refused_wherever_it_stands(one: str, other: str) -> None:
    data = json.dumps({one: [other, other]}, ensure_ascii=False).encode()
    if unicodedata.is_normalized("NFC", one) and unicodedata.is_normalized("NFC", other):
        assert canonical.loads_strict(data) == {one: [other, other]}
    else:
        with pytest.raises(canonical.NotCanonical, match="NFC"):
            canonical.loads_strict(data)
        with pytest.raises(canonical.NotCanonical):
            canonical.dumps({one: [other, other]})


@pytest.mark.parametrize("data", [rb'["\u0041"]', rb'["\u00e9"]', b'["\\u001B"]', b'["\\/"]'])
def test_an_escape_that_is_not_needed_is_not_canonical(data: bytes) -> None:
    with pytest.raises(canonical.NotCanonical):
        canonical.load_canonical(data)


@pytest.mark.parametrize("value", [[2**53], [float("nan")], {"a": object()}, ["\ud800"]])
def test_what_has_no_canonical_form_is_refused(value: Any) -> None:
    with pytest.raises(canonical.NotCanonical):
        canonical.dumps(value)


NESTED = st.recursive(st.just('"["'), lambda inner: st.lists(inner, max_size=3).map(lambda each: f"[{','.join(each)}]"))


@given(NESTED, st.integers(0, 6))
def test_the_short_way_of_counting_levels_never_lets_a_deeper_document_pass(text: str, depth: int) -> None:
    def counted(text: str) -> bool:
        try:
            canonical._refuse_depth(text, depth)
        except canonical.NotCanonical:
            return False
        return True

    assert canonical._pairs_off(text.encode(), depth) == counted(text)
    assert not canonical._pairs_off(f"[{text}".encode(), depth)
