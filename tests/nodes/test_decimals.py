"""Decimals: what is taken is exact to the last digit; what is not a plain number is refused without being repeated."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.decimals import NotDecimal, exact, plain, product

numbers = st.from_regex(r"[+-]?[0-9]{1,18}(\.[0-9]{1,12})?", fullmatch=True)


@given(numbers, numbers)
def test_a_product_is_exact(one: str, other: str) -> None:
    assert Fraction(product(exact(one), exact(other))) == Fraction(one) * Fraction(other)


@given(numbers)
def test_a_plain_number_is_the_same_number_as_json_spells_it(text: str) -> None:
    spelt = plain(text)
    assert Decimal(spelt) == Decimal(text)
    assert spelt == plain(spelt)
    assert not spelt.startswith(("+", "00", ".")) and not spelt.endswith(".")


@given(st.text(max_size=80))
def test_any_other_text_is_refused_in_words_and_nothing_else(text: str) -> None:
    try:
        assert exact(text).is_finite()
    except NotDecimal as error:
        assert len(text.strip()) < 6 or text not in error.sentence


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("1e309", "exponent"),
        ("1E5", "exponent"),
        ("NaN", "no plain number"),
        ("Infinity", "no plain number"),
        ("1,000.50", "comma"),
        ("1 000", "blank"),
        ("9" * 400, "longer"),
        ("9" * 19, "more than 18"),
        ("0." + "1" * 13, "12 decimals"),
        ("", "empty"),
        (" ", "empty"),
        ("٣", "no plain number"),
        ("²", "no plain number"),
        ("1_000", "no plain number"),
        ("0x10", "no plain number"),
        ("1.2.3", "no plain number"),
        ("--1", "no plain number"),
        ("+", "no plain number"),
        (".", "no plain number"),
        ("1\n", "no plain number"),
    ],
)
def test_what_is_refused_is_refused_with_its_reason(text: str, why: str) -> None:
    with pytest.raises(NotDecimal, match=why):
        exact(text)


@pytest.mark.parametrize(("text", "spelt"), [("-0", "0"), ("-0.00", "0.00"), ("+5", "5"), ("007", "7"), ("5.", "5")])
def test_signs_and_zeros_that_json_does_not_know_are_left_away(text: str, spelt: str) -> None:
    assert plain(text) == spelt
