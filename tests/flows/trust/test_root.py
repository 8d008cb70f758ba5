"""The trust root: pinned at its first version, followed by chain, and sound in itself."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from flows.instants import from_ms
from flows.trust import (
    Person,
    Quorum,
    Reason,
    Refusal,
    Role,
    Root,
    Thresholds,
    read_envelope,
    read_trust,
    verify_root_chain,
    write_envelope,
    write_trust,
)
from lockgate.keys import sign_statement
from tests.trusted import DAY, NOON, PEOPLE, ROOT, ROOTS, key_of, root, signed

TWO_RULERS = {"root_keys": (key_of("adi").keyid, key_of("all").keyid), "root_threshold": 2}


def chain(*roots: bytes, pin: str | None = None, at_ms: int = NOON, demo: bool = False) -> Root | Refusal:
    return verify_root_chain(roots, ROOT.digest if pin is None else pin, at_ms, demo=demo)


def reason(*roots: bytes, **kept: Any) -> Reason | None:
    answer = chain(*roots, **kept)
    return answer.reason if isinstance(answer, Refusal) else None


def alone(**changes: Any) -> Reason | None:
    """What is said to a first root with changes, pinned as it is."""
    first = root(**changes)
    return reason(signed(first), pin=first.digest)


def test_the_pinned_root_counts() -> None:
    assert chain(*ROOTS) == ROOT


def test_a_root_follows_by_one_version_signed_by_old_and_new() -> None:
    assert reason(*ROOTS, signed(root(version=2))) is None
    assert reason(*ROOTS, signed(root(version=2)), signed(root(version=3, epoch=2))) is None


@pytest.mark.parametrize("version", [1, 3])
def test_a_root_that_skips_or_repeats_a_version_breaks_the_chain(version: int) -> None:
    assert reason(*ROOTS, signed(root(version=version, epoch=2))) is Reason.ROOT_CHAIN_BROKEN


def test_a_first_version_that_is_not_the_first_breaks_the_chain() -> None:
    second = root(version=2)
    assert reason(signed(second), pin=second.digest) is Reason.ROOT_CHAIN_BROKEN


def test_an_epoch_never_falls() -> None:
    assert reason(*ROOTS, signed(root(version=2, epoch=0))) is Reason.ROOT_CHAIN_BROKEN


def test_a_root_signed_under_another_digest_breaks_the_chain() -> None:
    assert reason(sign_statement("0" * 64, ROOT, key_of("adi"))) is Reason.ROOT_CHAIN_BROKEN


def test_the_pin_names_the_first_version() -> None:
    other = root(epoch=0)
    assert reason(signed(other)) is Reason.ROOT_NOT_PINNED
    assert reason(signed(other), signed(root(version=2))) is Reason.ROOT_NOT_PINNED
    assert reason() is Reason.ROOT_NOT_PINNED


def test_a_new_ruler_needs_the_old_one() -> None:
    second = root(version=2, root_keys=(key_of("all").keyid,))
    assert reason(*ROOTS, signed(second, "all")) is Reason.ROOT_UNDERSIGNED
    assert reason(*ROOTS, signed(second, "adi")) is Reason.ROOT_UNDERSIGNED
    assert reason(*ROOTS, signed(second, "adi", "all")) is None


def test_a_threshold_of_two_takes_two_persons() -> None:
    first = root(**TWO_RULERS)
    assert reason(signed(first, "adi"), pin=first.digest) is Reason.ROOT_UNDERSIGNED
    assert reason(signed(first, "adi", "all"), pin=first.digest) is None


def test_two_keys_of_one_administrator_are_one_signer() -> None:
    second = key_of("adi-2")
    keys = dict(ROOT.keys) | {second.keyid: second.public("adi")}
    changes = {"keys": keys, "root_keys": (key_of("adi").keyid, second.keyid)}
    assert alone(**changes, root_threshold=2) is Reason.ROOT_UNSOUND
    three = changes | {"root_keys": (*changes["root_keys"], key_of("all").keyid), "root_threshold": 2}
    first = root(**three)
    assert reason(signed(first, "adi", "adi-2"), pin=first.digest) is Reason.ROOT_UNDERSIGNED


def test_a_signature_of_somebody_else_refuses_the_root_whole() -> None:
    assert reason(signed(ROOT, "adi", "pia")) is Reason.KEY_UNKNOWN


def test_a_wrong_signature_beside_enough_good_ones_refuses_the_root_whole() -> None:
    first = root(root_keys=TWO_RULERS["root_keys"])
    envelope = read_envelope(signed(first, "adi", "all"))
    bad = dict(envelope.signatures) | {key_of("all").keyid: bytes(64)}
    assert reason(write_envelope(envelope._replace(signatures=bad)), pin=first.digest) is Reason.SIGNATURE_WRONG


def test_one_key_under_two_ids_is_refused() -> None:
    keys = dict(ROOT.keys) | {"0" * 64: key_of("pia").public("eli")}
    assert alone(keys=keys) is Reason.KEY_UNDER_TWO_IDS


def test_a_key_under_an_id_that_is_not_its_own_is_refused() -> None:
    keys = {k: v for k, v in ROOT.keys.items() if k != key_of("pia").keyid} | {"0" * 64: key_of("pia").public("pia")}
    assert alone(keys=keys) is Reason.KEY_ID_WRONG


def test_a_key_of_nobody_is_unsound() -> None:
    keys = dict(ROOT.keys) | {key_of("x").keyid: key_of("x").public("nobody")}
    assert alone(keys=keys) is Reason.ROOT_UNSOUND


@pytest.mark.parametrize(
    "keyid", ["0" * 64, key_of("pia").keyid, key_of("adi").keyid], ids=["unlisted", "of another role", "twice"]
)
def test_a_root_key_must_be_listed_once_and_be_of_an_administrator(keyid: str) -> None:
    assert alone(root_keys=(key_of("adi").keyid, keyid)) is Reason.ROOT_UNSOUND


def test_a_root_that_nobody_could_follow_is_unsound() -> None:
    assert alone(root_threshold=2) is Reason.ROOT_UNSOUND


def test_no_threshold_goes_below_two_persons_and_one_with_the_privacy_role() -> None:
    with pytest.raises(ValidationError):
        Quorum(persons=1)
    with pytest.raises(ValidationError):
        Quorum(roles={Role.PRIVACY: 0})
    assert alone(thresholds=Thresholds(approval=Quorum(roles={Role.ERP_OWNER: 1}))) is Reason.ROOT_UNSOUND


def test_a_stricter_threshold_counts() -> None:
    strict = Thresholds(approval=Quorum(persons=3, roles={Role.PRIVACY: 1, Role.ERP_OWNER: 1}))
    first = root(thresholds=strict)
    assert chain(signed(first), pin=first.digest) == first


def test_an_expired_root_counts_no_more_but_may_be_followed() -> None:
    late = NOON + 366 * DAY
    assert reason(*ROOTS, at_ms=late - DAY - 1000) is None
    assert reason(*ROOTS, at_ms=late) is Reason.ROOT_EXPIRED
    assert reason(*ROOTS, signed(root(version=2, expires=from_ms(late + DAY))), at_ms=late) is None


def test_a_demo_in_the_chain_marks_the_whole_chain() -> None:
    first = root(demo=True)
    both = (signed(first), signed(root(version=2)))
    assert reason(*both, pin=first.digest) is Reason.ROOT_OF_A_DEMO
    assert reason(*both, pin=first.digest, demo=True) is None


def test_a_person_with_an_unknown_role_is_refused() -> None:
    with pytest.raises(ValidationError):
        Person(name="Pia", roles=("boss",))  # type: ignore[arg-type]  # that is the point
    assert set(PEOPLE["all"]) == set(Role)


def test_a_trust_file_gives_back_pin_and_chain() -> None:
    assert read_trust(write_trust(ROOT.digest, ROOTS)) == (ROOT.digest, ROOTS)


@pytest.mark.parametrize(
    "data",
    [b"", b"{}", b"[]", write_trust("0" * 64, ROOTS) + b"\n", b'{"pin":"x"}'],
    ids=["empty", "object", "list", "more-after-it", "half"],  # keys are new in every process: no ids of their bytes
)
def test_what_is_no_trust_file_is_refused(data: bytes) -> None:
    assert isinstance(read_trust(data), Refusal)
