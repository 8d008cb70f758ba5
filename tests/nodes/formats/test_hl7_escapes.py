"""Escapes: any text survives being written into a leaf and read again, and nothing unknown is guessed at."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.paths import parse
from nodes.formats.hl7v2 import STANDARD, Delimiters, LazyRecord, delimiters, escaper, read_message, tree, unescaper
from tests.nodes.formats.hl7_messages import ENVELOPE

TRUNCATING = delimiters("|", "^~\\&#")
ODD = delimiters("!", "$r?@")
undo = unescaper(STANDARD, "utf-8")


@given(st.text(min_size=1), st.sampled_from((STANDARD, TRUNCATING, ODD)))
def test_any_text_written_into_a_leaf_reads_back(value: str, d: Delimiters) -> None:
    leaf = escaper(d)(value)
    assert not set(leaf) & set(d.field + d.component + d.repetition + d.sub + "\r\n\0\x0b\x1c")
    assert unescaper(d, "utf-8")(leaf) == value


@given(st.text(st.characters(exclude_categories=("Cs",)), min_size=1), st.sampled_from((STANDARD, TRUNCATING, ODD)))
def test_any_text_written_into_a_message_reads_back_from_both_records(value: str, d: Delimiters) -> None:
    f, c = d.field, d.component
    text = f"MSH{f}{d.text}{f}A\rPID{f}1{f}{f}x{c}{escaper(d)(value)}{d.sub}y{d.repetition}z"
    for record in (LazyRecord(read_message(text.encode()), ENVELOPE), tree(read_message(text.encode()), ENVELOPE)):
        assert record.first(parse("PID-3.2")) == value
        assert record.every(parse("PID-3.2.2")) == ("y",)
        assert record.first(parse("message/segments")) == "2"


@given(st.text())
def test_undoing_is_total(text: str) -> None:
    for d in (STANDARD, TRUNCATING, ODD):
        assert isinstance(unescaper(d, "ascii")(text), str)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (r"\F\\S\\R\\T\\E\ ", "|^~&\\ "),
        (r"one\.br\two", "one\ntwo"),
        (r"\H\seven\N\ up", "seven up"),
        (r"\X4D\\XC3BC\ller", "Müller"),
        (r"C:\temp and \T\ more", r"C:\temp and & more"),
    ],
)
def test_known_escapes_are_undone(written: str, read: str) -> None:
    assert undo(written) == read


@pytest.mark.parametrize(
    "written",
    [
        r"\Q\ ",
        r"\.sp+3\ ",
        r"\C2842\ ",
        r"\X0\ ",
        r"\X4D5\ ",
        r"\XFF\ ",
        r"\X\ ",
        r"\P\ ",
        r"\F",
        r"F\ ",
        "\\",
        r"\f\ ",
    ],
)
def test_everything_else_stays_as_it_stands(written: str) -> None:
    assert undo(written) == written


def test_hexadecimal_is_read_in_the_charset_of_the_message() -> None:
    assert unescaper(STANDARD, "iso8859-1")(r"\XFC\ ") == "ü "
    assert unescaper(STANDARD, "cp1252")(r"\X80\\X81\ ") == r"€\X81\ "


def test_truncation_is_known_where_the_message_declares_it() -> None:
    assert TRUNCATING is not None
    assert unescaper(TRUNCATING, "utf-8")(r"\P\ ") == "# "


def test_two_quotes_as_a_value_are_not_null() -> None:
    assert escaper(STANDARD)('""') != '""'
    assert undo(escaper(STANDARD)('""')) == '""'


def test_without_an_escape_character_delimiters_in_a_value_become_spaces() -> None:
    d = delimiters("|", "^~")
    assert d is not None
    assert escaper(d)("a|b^c\rd\\") == "a b c d\\"
    assert unescaper(d, "utf-8")(r"a\F\b") == r"a\F\b"
