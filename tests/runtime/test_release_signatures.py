"""A release needs every signature of its own, by other people, in its time; whatever lacks is named."""

from __future__ import annotations

from typing import Any

import pytest

from flows.instants import from_ms
from flows.trust import (
    Activation,
    Approval,
    Authorship,
    MasterChange,
    Reason,
    Revocation,
    read_envelope,
    write_envelope,
)
from flows.vocabulary import DataLabel
from lockgate.keys import sign_statement
from runtime.releases import Floor, Here, VerifiedRelease, revocation
from tests.trusted import DAY, HERE, NOON, ROOT, Release, key_of, reason, root, sealed, signed, taken

RELEASE = Release(sealed())


def test_an_envelope_without_a_signature_is_signature_missing() -> None:
    bare = write_envelope(read_envelope(RELEASE.said["pia"])._replace(signatures={}))
    assert reason(taken(RELEASE.bundle("pia", more=(bare,)))) is Reason.SIGNATURE_MISSING


@pytest.mark.parametrize(
    ("without", "expected"),
    [
        ("ada", Reason.AUTHORSHIP_MISSING),
        ("pia", Reason.APPROVAL_MISSING),
        ("eli", Reason.APPROVAL_MISSING),
        ("oli", Reason.ACTIVATION_MISSING),
    ],
)
def test_each_of_the_four_signatures_is_needed(without: str, expected: Reason) -> None:
    assert reason(taken(RELEASE.bundle(without))) is expected


def test_two_approvals_without_the_privacy_role_are_not_enough() -> None:
    more = (RELEASE.sign("eva", Approval),)
    assert reason(taken(RELEASE.bundle("pia", more=more))) is Reason.APPROVAL_ROLE_MISSING


def test_two_approvals_of_one_person_are_refused_even_beside_enough_others() -> None:
    later = RELEASE.sign("pia", Approval, at=from_ms(NOON + 1000))
    assert reason(taken(RELEASE.bundle("eli", more=(later,)))) is Reason.APPROVED_TWICE
    assert reason(taken(RELEASE.bundle(more=(later,)))) is Reason.APPROVED_TWICE


def two_keys() -> dict[str, Any]:
    key = key_of("pia-2")
    return {"keys": dict(ROOT.keys) | {key.keyid: key.public("pia")}}


def test_one_person_with_two_keys_counts_once() -> None:
    trust = root(**two_keys())
    second = RELEASE.sign("pia-2", Approval)
    answer = taken(RELEASE.bundle("eli", more=(second,)), roots=(signed(trust),), pin=trust.digest)
    assert reason(answer) is Reason.APPROVED_TWICE


def test_two_keys_of_one_person_under_one_statement_are_signature_twice() -> None:
    trust = root(**two_keys())
    said = Approval(flow="supply-consumption", environment="TEST", at=from_ms(NOON), shown=RELEASE.shown)
    both = sign_statement(RELEASE.sealed.digest, said, key_of("pia"), key_of("pia-2"))
    answer = taken(RELEASE.bundle("eli", "pia", more=(both,)), roots=(signed(trust),), pin=trust.digest)
    assert reason(answer) is Reason.SIGNATURE_TWICE


def test_two_persons_may_sign_one_approval() -> None:
    said = Approval(flow="supply-consumption", environment="TEST", at=from_ms(NOON), shown=RELEASE.shown)
    both = sign_statement(RELEASE.sealed.digest, said, key_of("pia"), key_of("eli"))
    assert reason(taken(RELEASE.bundle("eli", "pia", more=(both,)))) is None


def test_a_key_that_the_root_does_not_list_is_key_unknown() -> None:
    more = (RELEASE.sign("stranger", Approval),)
    assert reason(taken(RELEASE.bundle(more=more))) is Reason.KEY_UNKNOWN


def test_a_lying_key_id_is_found_out() -> None:
    envelope = read_envelope(RELEASE.said["pia"])
    (signature,) = envelope.signatures.values()
    other = write_envelope(envelope._replace(signatures={key_of("adi").keyid: signature}))
    assert reason(taken(RELEASE.bundle("pia", more=(other,)))) is Reason.SIGNATURE_WRONG


@pytest.mark.parametrize(
    ("name", "act"), [("pia", Authorship), ("sam", Approval), ("eli", Activation), ("sam", Revocation)]
)
def test_a_person_without_the_role_may_not_sign(name: str, act: Any) -> None:
    assert reason(taken(RELEASE.bundle(more=(RELEASE.sign(name, act),)))) is Reason.ROLE_MISSING


def test_a_statement_about_something_else_has_no_place_in_a_bundle() -> None:
    about = MasterChange(master="items", sequence=1, at=from_ms(NOON))
    more = (sign_statement(RELEASE.sealed.digest, about, key_of("sam")),)
    assert reason(taken(RELEASE.bundle(more=more))) is Reason.STATEMENT_MISPLACED


def test_an_author_may_not_approve() -> None:
    release = Release(sealed(authors=("ada", "eli")))
    assert reason(taken(release.bundle())) is Reason.AUTHOR_APPROVED


def test_an_author_may_not_activate() -> None:
    release = Release(sealed(authors=("ada", "oli")))
    assert reason(taken(release.bundle())) is Reason.AUTHOR_ACTIVATED


def test_an_approver_may_not_activate() -> None:
    by_eva = {"oli": RELEASE.sign("eva", Activation), "eli": RELEASE.sign("eva", Approval)}
    assert reason(taken(RELEASE.bundle("oli", "eli", more=tuple(by_eva.values())))) is Reason.APPROVER_ACTIVATED


def test_one_person_with_every_role_still_needs_others() -> None:
    release = Release(sealed(authors=("all",)))
    said = tuple(release.sign("all", act) for act in (Authorship, Approval, Activation))
    assert reason(taken(release.bundle("ada", more=said))) is Reason.AUTHOR_APPROVED


def test_an_author_whom_the_root_does_not_know_is_refused() -> None:
    release = Release(sealed(authors=("ada", "nobody")))
    assert reason(taken(release.bundle())) is Reason.AUTHOR_UNKNOWN


def test_who_seals_is_an_author() -> None:
    release = Release(sealed(authors=("ben",)))
    assert reason(taken(release.bundle())) is Reason.AUTHOR_UNKNOWN


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"subject": "0" * 64}, Reason.OTHER_RELEASE),
        ({"flow": "other"}, Reason.OTHER_FLOW),
        ({"environment": "PROD"}, Reason.OTHER_ENVIRONMENT),
        ({"shown": "0" * 64}, Reason.OTHER_VIEW),
    ],
)
def test_an_approval_of_something_else_does_not_count(changes: dict[str, str], expected: Reason) -> None:
    other = RELEASE.sign("pia", Approval, **changes)
    assert reason(taken(RELEASE.bundle("pia", more=(other,)))) is expected


def test_a_release_runs_nowhere_but_in_its_environment() -> None:
    trust = root(environments={"TEST": DataLabel.SYNTHETIC, "PROD": DataLabel.LIVE})
    where = Here("PROD", DataLabel.LIVE)
    answer = taken(RELEASE.bundle(), here=where, roots=(signed(trust),), pin=trust.digest)
    assert reason(answer) is Reason.OTHER_ENVIRONMENT


def test_a_release_runs_under_no_other_data_label() -> None:
    assert reason(taken(RELEASE.bundle(), here=HERE._replace(label=DataLabel.LIVE))) is Reason.OTHER_LABEL
    trust = root(environments={"TEST": DataLabel.TEST})
    assert reason(taken(RELEASE.bundle(), roots=(signed(trust),), pin=trust.digest)) is Reason.OTHER_LABEL


def test_a_release_of_another_flow_is_not_what_was_asked_for() -> None:
    assert reason(taken(RELEASE.bundle(), here=HERE._replace(flow="other"))) is Reason.OTHER_FLOW
    assert reason(taken(RELEASE.bundle(), here=HERE._replace(flow="supply-consumption"))) is None


def test_a_release_holds_until_the_second_it_expires() -> None:
    expires = NOON + 30 * DAY
    assert reason(taken(RELEASE.bundle(), at_ms=expires - 1000)) is None
    assert reason(taken(RELEASE.bundle(), at_ms=expires)) is Reason.EXPIRED
    assert reason(taken(RELEASE.bundle(), at_ms=expires + 1000)) is Reason.EXPIRED


def test_a_release_from_the_future_is_refused() -> None:
    assert reason(taken(RELEASE.bundle(), at_ms=NOON - 2 * DAY)) is Reason.NOT_YET_MADE


def test_a_release_sealed_under_a_lower_epoch_no_longer_counts() -> None:
    trust = root(epoch=2)
    assert reason(taken(RELEASE.bundle(), roots=(signed(trust),), pin=trust.digest)) is Reason.EPOCH_LOWER


def test_a_release_sealed_under_a_newer_root_shows_that_ours_is_old() -> None:
    assert reason(taken(Release(sealed(epoch=2)).bundle())) is Reason.ROOT_ROLLED_BACK


@pytest.mark.parametrize("floor", [Floor(root=2), Floor(epoch=2)])
def test_a_root_older_than_one_already_seen_is_rolled_back(floor: Floor) -> None:
    assert reason(taken(RELEASE.bundle(), floor=floor)) is Reason.ROOT_ROLLED_BACK


def test_an_activation_below_the_last_one_is_old() -> None:
    assert reason(taken(RELEASE.bundle(), floor=Floor(sequence=1))) is None
    assert reason(taken(RELEASE.bundle(), floor=Floor(sequence=2))) is Reason.ACTIVATION_OLD


def test_the_newest_of_several_activations_counts() -> None:
    more = tuple(RELEASE.sign("oli", Activation, sequence=number) for number in (4, 7, 5))
    release = taken(RELEASE.bundle(more=more))
    assert isinstance(release, VerifiedRelease) and release.sequence == 7


def test_a_revoked_release_is_refused() -> None:
    stop = RELEASE.sign("adi", Revocation)
    assert reason(taken(RELEASE.bundle(more=(stop,)))) is Reason.REVOKED


def test_a_revocation_is_found_among_what_does_not_verify() -> None:
    stop = RELEASE.sign("oli", Revocation)
    noise = (b"noise", RELEASE.sign("stranger", Revocation), RELEASE.sign("sam", Revocation), RELEASE.said["pia"])
    assert revocation(noise, ROOT, RELEASE.sealed.digest) is None
    found = revocation((*noise, stop), ROOT, RELEASE.sealed.digest)
    assert found is not None and found.reason is Reason.REVOKED
    assert revocation((stop,), ROOT, "0" * 64) is None
