"""Every byte of the bundle of a shipped flow counts: whichever is flipped, and however, the whole is refused."""

from __future__ import annotations

import os
import random

from hypothesis import given, settings
from hypothesis import strategies as st

from flows.bundle import bundle_bytes
from flows.canonical import sha256_hex
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
SEALED = sealed(kernel=KERNEL)
RELEASE = Release(SEALED)
BUNDLE = RELEASE.bundle()


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


def flipped(data: bytes, random: random.Random) -> bytes:
    place = random.randrange(len(data))
    return data[:place] + bytes([data[place] ^ 1 << random.randrange(8)]) + data[place + 1 :]


def test_no_flip_is_let_in_whose_digests_were_put_right_again() -> None:
    """Whoever holds the store can make a bundle whole again, but not its signatures."""
    chance = random.Random(2)
    reasons = set()
    for _ in range(200):
        said = list(RELEASE.said.values())
        number = chance.randrange(len(said))
        said[number] = flipped(said[number], chance)
        answers = [taken(bundle_bytes(SEALED.manifest, SEALED.attachments, said))]
        manifest = flipped(SEALED.manifest, chance)
        answers.append(taken(bundle_bytes(manifest, SEALED.attachments, RELEASE.said.values())))
        name, data = chance.choice(sorted(SEALED.attachments.items()))
        other = flipped(data, chance)
        held = {each: kept for each, kept in SEALED.attachments.items() if each != name} | {sha256_hex(other): other}
        renamed = SEALED.manifest.replace(name.encode(), sha256_hex(other).encode())
        answers.append(taken(bundle_bytes(renamed, held, RELEASE.said.values())))
        for answer in answers:
            assert isinstance(answer, Refusal)
            reasons.add(answer.reason)
    assert {Reason.OTHER_RELEASE, Reason.SIGNATURE_WRONG, Reason.KEY_UNKNOWN, Reason.NOT_CANONICAL} <= reasons
    assert not reasons & {Reason.MANIFEST_DAMAGED, Reason.ATTACHMENT_DAMAGED, Reason.ENVELOPE_DAMAGED}


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
