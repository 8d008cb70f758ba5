"""Every byte of the bundle of a shipped flow counts: whichever is flipped, and however, the whole is refused."""

from __future__ import annotations

import os
import random

from hypothesis import given, settings
from hypothesis import strategies as st

from flows.trust import Reason, Refusal
from runtime.kernel import kernel
from runtime.releases import VerifiedRelease
from tests import trusted
from tests.trusted import Release, root, sealed, signed

SAMPLES = int(os.environ.get("LOCKGATE_FLIPS", "2000"))
"""How many flips to try; 0: every byte, each with all eight bits."""
KERNEL = kernel()
TRUST = root(policy_sets=(KERNEL.policies,))
ROOTS = (signed(TRUST),)
BUNDLE = Release(sealed(kernel=KERNEL)).bundle()


def taken(data: bytes) -> VerifiedRelease | Refusal:
    return trusted.taken(data, kernel=KERNEL, roots=ROOTS, pin=TRUST.digest)


def flips() -> list[tuple[int, int]]:
    every = [(place, 1 << bit) for place in range(len(BUNDLE)) for bit in range(8)]
    return random.Random(1).sample(every, SAMPLES) if SAMPLES else every


def test_no_flipped_bit_is_let_in() -> None:
    reasons: dict[Reason, int] = {}
    for place, mask in flips():
        answer = taken(BUNDLE[:place] + bytes([BUNDLE[place] ^ mask]) + BUNDLE[place + 1 :])
        assert isinstance(answer, Refusal), f"bit {mask} of byte {place} does not count"
        reasons[answer.reason] = reasons.get(answer.reason, 0) + 1
    assert {Reason.MANIFEST_DAMAGED, Reason.ATTACHMENT_DAMAGED, Reason.ENVELOPE_DAMAGED} <= set(reasons)


def test_the_bundle_of_these_flips_is_let_in_when_none_is_made() -> None:
    assert isinstance(taken(BUNDLE), VerifiedRelease)


@settings(max_examples=200, deadline=None)
@given(st.integers(0, len(BUNDLE)), st.integers(0, 40), st.binary(max_size=40))
def test_no_cut_and_no_insertion_is_let_in(place: int, gone: int, put: bytes) -> None:
    other = BUNDLE[:place] + put + BUNDLE[place + gone :]
    assert isinstance(taken(other), VerifiedRelease) == (other == BUNDLE)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_whatever_the_bytes_are_the_answer_is_a_refusal(data: bytes) -> None:
    assert isinstance(taken(data), Refusal)
