"""Sealed payload: opens only with its key, at its place, unchanged; nonces never come twice."""

from __future__ import annotations

import hmac
import itertools
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.crypto import Mac, Sealer, Unreadable, about_message, about_posting, keyed
from runtime.world import SeededRandomness

MESSAGE = (1, "supply", "or-system", "ab" * 32, 1_775_000_000_000, "synthetic", b"d" * 32)
POSTING = (1, 2, "ab" * 32, "sink", "erp", "postGoods", "FT1[1]", b"l" * 32, b"k" * 32)


@given(st.binary(max_size=200), st.binary(max_size=20))
def test_what_is_sealed_opens_at_its_place(payload: bytes, about: bytes) -> None:
    sealed = Sealer(b"k" * 32, SeededRandomness(1)).seal(payload, about)
    assert Sealer(b"k" * 32, SeededRandomness(2)).open(sealed, about) == payload


def test_it_opens_nowhere_else_and_with_no_other_key() -> None:
    sealed = Sealer(b"k" * 32, SeededRandomness(1)).seal(b"payload", about_message(*MESSAGE))
    posting, here = about_posting(*POSTING), about_message(*MESSAGE)
    for key, about in ((b"k" * 32, posting), (b"j" * 32, here)):
        with pytest.raises(Unreadable):
            Sealer(key, SeededRandomness(1)).open(sealed, about)


@pytest.mark.parametrize(("about", "row"), [(about_message, MESSAGE), (about_posting, POSTING)])
def test_nothing_of_a_row_can_be_changed_or_moved_to_its_neighbour(
    about: Callable[..., bytes], row: tuple[Any, ...]
) -> None:
    bound = {about(*row)}
    for place, value in enumerate(row):
        other = value + 1 if isinstance(value, int) else value + value[:1]
        bound.add(about(*row[:place], other, *row[place + 1 :]))
    texts = [place for place, value in enumerate(row) if isinstance(value, str)]
    for one, two in itertools.pairwise(texts):
        moved = list(row)
        moved[one], moved[two] = row[one] + row[two][:1], row[two][1:]
        bound.add(about(*moved))
    assert len(bound) == 1 + len(row) + len(texts) - 1


@pytest.mark.parametrize(("about", "row"), [(about_message, MESSAGE), (about_posting, POSTING)])
@pytest.mark.parametrize("planted", [None, 1.5, -1, b"bytes", "text", "\udc80"])
def test_a_value_of_another_kind_is_a_changed_row_and_no_failure(
    about: Callable[..., bytes], row: tuple[Any, ...], planted: object
) -> None:
    for place, value in enumerate(row):
        if type(value) is not type(planted) or planted == -1 or planted == "\udc80":
            with pytest.raises(Unreadable):
                about(*row[:place], planted, *row[place + 1 :])


def test_one_changed_bit_anywhere_is_found() -> None:
    sealer = Sealer(b"k" * 32, SeededRandomness(1))
    sealed = sealer.seal(b"payload", b"about")
    for place in range(len(sealed) * 8):
        changed = bytearray(sealed)
        changed[place // 8] ^= 1 << place % 8
        with pytest.raises(Unreadable):
            sealer.open(bytes(changed), b"about")
    for length in range(len(sealed)):
        with pytest.raises(Unreadable):
            sealer.open(sealed[:length], b"about")


def test_equal_payloads_are_sealed_differently() -> None:
    sealer = Sealer(b"k" * 32, SeededRandomness(1))
    assert len({sealer.seal(b"x", b"y")[:12] for _ in range(1000)}) == 1000


@given(st.lists(st.binary(max_size=8), max_size=4), st.lists(st.binary(max_size=8), max_size=4))
def test_keyed_hashes_of_different_parts_differ(one: list[bytes], other: list[bytes]) -> None:
    assert (keyed(b"k", *one) == keyed(b"k", *other)) == (one == other)


@given(st.binary(max_size=150), st.binary(max_size=300), st.binary(max_size=300))
def test_a_prepared_code_is_the_standard_one(key: bytes, beginning: bytes, rest: bytes) -> None:
    wanted = hmac.digest(key, beginning + rest, "sha256")
    assert Mac(key, beginning).of(rest) == wanted
    prepared = Mac(key)
    assert prepared.then(beginning).of(rest) == wanted
    assert prepared.of(beginning + rest) == wanted
