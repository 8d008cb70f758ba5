"""Expressions: total, exact, the same compiled and read plainly, and never text that is run."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from flows.expression import (
    CONDITION,
    EXPRESSION,
    FUNCTIONS,
    compile_condition,
    compile_expression,
    evaluate,
    formula,
    holds,
    kind_of,
    problems,
    reads,
)
from flows.values import ABSENT, NULL

RECORD = {"PID-3.1": "4711", "FT1-10": "2.50", "FT1-4.1": "20260301101500+0100", "material": "M-1", "empty": ""}


def get(selector):
    return NULL if selector.text == "PID-2" else RECORD.get(selector.text, ABSENT)


def value(tree):
    parsed = EXPRESSION.validate_python(tree)
    plain = evaluate(parsed, get)
    assert compile_expression(parsed)(get) == plain
    return plain


def met(tree):
    parsed = CONDITION.validate_python(tree)
    plain = holds(parsed, get)
    assert compile_condition(parsed)(get) is plain
    return plain


def call(name, *args):
    return {"fn": name, "args": [arg if isinstance(arg, dict) else {"text": arg} for arg in args]}


def n(text):
    return {"number": text}


@pytest.mark.parametrize(
    ("tree", "gives"),
    [
        ({"field": "PID-3.1"}, "4711"),
        ({"field": "PID-9"}, ABSENT),
        ({"field": "PID-2"}, NULL),
        ({"text": "x"}, "x"),
        (n("1.50"), "1.50"),
        (call("concat", {"field": "PID-3.1"}, "-", n("1")), "4711-1"),
        (call("concat", "a", {"field": "PID-9"}), ABSENT),
        (call("concat", "a", {"field": "PID-2"}), ABSENT),
        (call("first", {"field": "PID-9"}, {"field": "PID-2"}, {"field": "empty"}, "z"), "z"),
        (call("first", {"field": "PID-9"}), ABSENT),
        (call("substring", "abcdef", n("2"), n("3")), "bcd"),
        (call("substring", "abcdef", n("5")), "ef"),
        (call("substring", "abc", n("9"), n("3")), ""),
        (call("pad", "7", n("3"), "0"), "007"),
        (call("part", "a^b^c", "^", n("2")), "b"),
        (call("part", "a^b", "^", n("9")), ABSENT),
        (call("replace", "a-b-c", "-", ""), "abc"),
        (call("without-leading-zeros", "000120"), "120"),
        (call("without-leading-zeros", "000"), "0"),
        (call("upper", "straße"), "STRASSE"),
        (call("length", "abc"), "3"),
        (call("translate", "B", "A", "1", "B", "2"), "2"),
        (call("translate", "C", "A", "1", "B", "2"), ABSENT),
        (call("iso-time", {"field": "FT1-4.1"}), "2026-03-01T10:15:00+01:00"),
        (call("iso-time", "2026"), "2026"),
        (call("iso-time", "202603011015"), "2026-03-01T10:15"),
        (call("iso-time", "yesterday"), ABSENT),
        (call("iso-date", {"field": "FT1-4.1"}), "2026-03-01"),
        (call("add", {"field": "FT1-10"}, n("0.5")), "3"),
        (call("add", n("0.1"), n("0.2")), "0.3"),
        (call("add", n("123456789012345"), n("0.000000000001")), "123456789012345.000000000001"),
        (call("subtract", n("1"), n("2.5")), "-1.5"),
        (call("multiply", n("1.10"), n("3")), "3.3"),
        (call("divide", n("1"), n("3")), "0.333333333333"),
        (call("divide", n("1"), n("0")), ABSENT),
        (call("round", n("2.5"), n("0")), "2"),
        (call("round", n("3.5"), n("0")), "4"),
        (call("add", {"field": "PID-3.1"}, {"field": "material"}), ABSENT),
        (call("smallest", n("3"), n("-1")), "-1"),
        (call("largest", n("3"), n("-1")), "3"),
        (call("absolute", n("-1.50")), "1.5"),
        ({"if": {"present": "PID-3.1"}, "then": {"text": "y"}, "else": {"text": "n"}}, "y"),
        ({"if": {"present": "PID-9"}, "then": {"text": "y"}, "else": {"text": "n"}}, "n"),
        ({"test": {"present": "PID-3.1"}}, True),
    ],
)
def test_a_value_is_what_the_formula_says(tree, gives):
    assert value(tree) == gives


@pytest.mark.parametrize(
    ("tree", "gives"),
    [
        ({"present": "PID-3.1"}, True),
        ({"present": "empty"}, False),
        ({"present": "PID-2"}, False),
        ({"equal": [{"field": "material"}, {"text": "M-1"}]}, True),
        ({"equal": [{"field": "PID-9"}, {"field": "PID-9"}]}, False),
        ({"in": [{"field": "material"}, ["M-0", "M-1"]]}, True),
        ({"in": [{"field": "PID-9"}, ["M-0", "absent"]]}, False),
        ({"compare": [{"field": "FT1-10"}, "=", {"number": "2.5"}]}, True),
        ({"compare": [{"field": "FT1-10"}, "<>", {"number": "2.5"}]}, False),
        ({"compare": [{"field": "FT1-10"}, ">=", {"number": "10"}]}, False),
        ({"compare": [{"field": "material"}, "<>", {"number": "10"}]}, False),
        ({"starts-with": [{"field": "material"}, "M-"]}, True),
        ({"starts-with": [{"field": "PID-9"}, ""]}, False),
        ({"not": {"present": "PID-9"}}, True),
        ({"all": [{"present": "PID-3.1"}, {"not": {"present": "material"}}]}, False),
        ({"any": [{"present": "PID-9"}, {"present": "material"}]}, True),
    ],
)
def test_a_condition_holds_or_does_not(tree, gives):
    assert met(tree) is gives


@pytest.mark.parametrize(
    "tree",
    [
        {},
        "__import__('os')",
        {"fn": "concat", "arg": []},
        {"text": 3},
        {"number": "1e9"},
        {"number": 1.5},
        {"field": "PID-3", "text": "x"},
        {"if": {"text": "x"}, "then": {"text": "y"}, "else": {"text": "n"}},
        {"fn": "concat", "args": [{"eval": "1"}]},
    ],
)
def test_what_is_no_tree_is_refused(tree):
    with pytest.raises(ValidationError):
        EXPRESSION.validate_python(tree)


@pytest.mark.parametrize(
    ("tree", "place", "says"),
    [
        ({"field": "PID.3"}, "", "write 'PID-3'"),
        (call("concat", {"field": "PID-3.1"}, {"field": "a b"}), "/args/1", "is not a path"),
        (call("shout", "x"), "", "There is no function 'shout'"),
        (call("upper", "x", "y"), "", "takes 1 values; there are 2"),
        (call("add", "x", n("1")), "", "Value 1 of 'add' must be a decimal"),
        (call("upper", {"test": {"present": "PID-3"}}), "", "must be a text"),
        ({"if": {"present": "PID.3"}, "then": n("1"), "else": n("2")}, "/if", "write 'PID-3'"),
        ({"test": {"compare": [{"text": "x"}, "<", n("1")]}}, "/test", "takes decimals"),
    ],
)
def test_what_is_wrong_with_a_tree_is_said_with_its_place(tree, place, says):
    found = problems(EXPRESSION.validate_python(tree))
    assert [where for where, _ in found] == [place]
    assert says in found[0][1]


def test_conditions_are_read_too():
    tree = EXPRESSION.validate_python(
        {
            "if": {"any": [{"present": "PID-8"}, {"in": [{"field": "PV1-2"}, ["I"]]}]},
            "then": call("concat", {"field": "FT1-7.1"}, {"field": "FT1-7.1"}),
            "else": {"text": "x"},
        }
    )
    assert reads(tree) == ("PID-8", "PV1-2", "FT1-7.1")
    assert kind_of(tree) == "text"
    assert formula(tree) == 'if (PID-8 has a value or PV1-2 is one of "I") then concat(FT1-7.1, FT1-7.1) else "x"'


def test_kinds():
    assert kind_of(EXPRESSION.validate_python(call("add", n("1"), n("2")))) == "decimal"
    assert kind_of(EXPRESSION.validate_python({"test": {"present": "PID-8"}})) == "boolean"


_texts = st.one_of(st.text(max_size=20), st.from_regex(r"-?\d{1,18}(\.\d{0,12})?", fullmatch=True))
_leaf = st.one_of(
    st.builds(lambda text: {"text": text}, _texts),
    st.sampled_from([{"field": name} for name in (*RECORD, "PID-9", "PID-2")]),
)
_trees = st.recursive(
    _leaf,
    lambda below: st.builds(
        lambda name, args: {"fn": name, "args": args}, st.sampled_from(sorted(FUNCTIONS)), st.lists(below, max_size=4)
    ),
    max_leaves=8,
)


@given(_trees)
def test_no_tree_raises_and_both_ways_agree(tree):
    result = value(tree)
    assert result in (ABSENT, NULL) or isinstance(result, str)
