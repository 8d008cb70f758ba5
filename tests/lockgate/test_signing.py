"""Acts of people on a store: what each may do, and that nothing is signed that would be refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from flows.findings import Finding
from flows.instants import from_ms
from flows.release import Sealed
from flows.trust import Reason, Refusal
from lockgate.signing import Approvable, Source, Terms, activate, approvable, approve, revoke, seal_release
from runtime import objections
from runtime.releases import VerifiedRelease
from runtime.store import ReleaseStore
from tests.trusted import KERNEL, NOON, ROOT, files, key_of, taken

SOURCE = Source(files("flow.json"), files("environment.json"), files)


@pytest.fixture(name="store")
def _store(tmp_path: Path) -> ReleaseStore:
    return ReleaseStore(tmp_path)


def seal(store: ReleaseStore, name: str = "ada", source: Source = SOURCE, **terms: Any) -> Any:
    return seal_release(store, source, Terms(**terms), key_of(name), ROOT, NOON, KERNEL)


def sealed(store: ReleaseStore, **terms: Any) -> str:
    found = seal(store, **terms)
    assert isinstance(found, Sealed)
    return found.digest


def approved(store: ReleaseStore, release: str, *names: str) -> None:
    for name in names:
        assert isinstance(approve(store, release, key_of(name), ROOT, NOON, KERNEL), Approvable)


def reason(answer: object) -> Reason:
    assert isinstance(answer, Refusal), answer
    return answer.reason


def test_the_whole_way_from_a_flow_file_to_a_running_release(store: ReleaseStore) -> None:
    release = sealed(store)
    approved(store, release, "pia", "eli")
    activate(store, release, key_of("oli"), ROOT, NOON, KERNEL)
    (activated,) = store.activations("TEST")
    verified = taken(store.bundle(release, activated.envelope))
    assert isinstance(verified, VerifiedRelease)
    assert (verified.digest, verified.sequence, verified.activator) == (release, 1, "oli")


def test_each_activation_takes_the_next_sequence(store: ReleaseStore) -> None:
    release = sealed(store)
    approved(store, release, "pia", "eli")
    for _ in range(3):
        activate(store, release, key_of("oli"), ROOT, NOON, KERNEL)
    assert store.last_sequence("TEST", "supply-consumption") == 3


def test_findings_seal_nothing(store: ReleaseStore) -> None:
    flow = json.loads(SOURCE.flow)
    flow["steps"] = [step for step in flow["steps"] if step["kind"] != "mask"]
    (finding,) = seal(store, source=SOURCE._replace(flow=json.dumps(flow).encode()))
    assert isinstance(finding, Finding) and store.releases() == ()


def test_sealing_takes_the_role_of_an_analyst_and_authors_whom_the_root_knows(store: ReleaseStore) -> None:
    assert reason(seal(store, "pia")) is Reason.ROLE_MISSING
    assert reason(seal(store, "stranger")) is Reason.KEY_UNKNOWN
    assert reason(seal(store, authors=("nobody",))) is Reason.AUTHOR_UNKNOWN
    assert store.releases() == ()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("oli", Reason.ROLE_MISSING),
        ("stranger", Reason.KEY_UNKNOWN),
        ("all", Reason.AUTHOR_APPROVED),
        ("ada", Reason.AUTHOR_APPROVED),
    ],
)
def test_not_everybody_may_approve(store: ReleaseStore, name: str, expected: Reason) -> None:
    release = sealed(store, authors=("all",))
    assert reason(approve(store, release, key_of(name), ROOT, NOON, KERNEL)) is expected
    assert len(store.envelopes(release)) == 1


def test_nobody_approves_twice(store: ReleaseStore) -> None:
    release = sealed(store)
    approved(store, release, "pia")
    assert reason(approve(store, release, key_of("pia"), ROOT, NOON + 1000, KERNEL)) is Reason.APPROVED_TWICE
    assert len(store.envelopes(release)) == 2


def test_an_approver_is_shown_what_follows_from_the_sealed_bytes(store: ReleaseStore) -> None:
    release = sealed(store)
    approved(store, release, "pia")
    found = approvable(store, release, ROOT, NOON, KERNEL)
    assert isinstance(found, Approvable)
    assert found.approvers == ("pia",) and found.bundle.manifest.fields["decrement"]


def test_nobody_approves_what_comes_out_otherwise_on_their_machine(store: ReleaseStore) -> None:
    release = sealed(store)
    other = KERNEL._replace(node_digest=lambda kind, version: "0" * 64)
    assert reason(approve(store, release, key_of("pia"), ROOT, NOON, other)) is Reason.NODE_CHANGED
    assert len(store.envelopes(release)) == 1


def test_an_activation_that_the_runtime_would_refuse_is_not_made(store: ReleaseStore) -> None:
    release = sealed(store)
    approved(store, release, "eva")
    assert reason(activate(store, release, key_of("oli"), ROOT, NOON, KERNEL)) is Reason.APPROVAL_MISSING
    approved(store, release, "pia")
    assert reason(activate(store, release, key_of("eva"), ROOT, NOON, KERNEL)) is Reason.APPROVER_ACTIVATED
    assert reason(activate(store, release, key_of("pia"), ROOT, NOON, KERNEL)) is Reason.ROLE_MISSING
    assert store.last_sequence("TEST", "supply-consumption") == 0


def test_a_revoked_release_is_activated_no_more(store: ReleaseStore) -> None:
    release = sealed(store)
    approved(store, release, "pia", "eli")
    assert revoke(store, release, "wrong cost centre", key_of("oli"), ROOT, NOON) == "oli"
    assert reason(activate(store, release, key_of("oli"), ROOT, NOON, KERNEL)) is Reason.REVOKED
    assert reason(revoke(store, release, "no reason", key_of("sam"), ROOT, NOON)) is Reason.ROLE_MISSING


def test_nothing_is_signed_over_an_objection(store: ReleaseStore) -> None:
    release = sealed(store)
    objection = objections.made(release, "returned", "pia", from_ms(NOON), "Leave out the time of use.")
    objections.put(store, objection)
    assert reason(approve(store, release, key_of("pia"), ROOT, NOON, KERNEL)) is Reason.SET_ASIDE
    objections.take_away(store, release)
    approved(store, release, "pia", "eli")
    objections.put(store, objection)
    refusal = activate(store, release, key_of("oli"), ROOT, NOON, KERNEL)
    assert reason(refusal) is Reason.SET_ASIDE
    assert isinstance(refusal, Refusal) and "hand it in again" in refusal.sentence
    assert store.activations("TEST") == ()
