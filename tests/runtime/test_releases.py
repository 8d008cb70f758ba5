"""The verifier lets a release in when everything holds, and names what does not."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from typing import Any

import pytest

from flows.bundle import bundle_bytes
from flows.canonical import b64encode, dumps, loads_strict, sha256_hex
from flows.environment import Surroundings
from flows.graph import Flow, Step
from flows.instants import from_ms
from flows.release import Judged, Manifest, Sealed, Waiver
from flows.trust import (
    Approval,
    Reason,
    Refusal,
    read_envelope,
    write_envelope,
)
from flows.vocabulary import DataLabel
from runtime.releases import VerifiedRelease, vet
from tests import trusted
from tests.trusted import DAY, HERE, KERNEL, NOON, Release, files, reason, root, sealed, signed, taken

RELEASE = Release(sealed())


def retaken(manifest: Any, **kept: Any) -> VerifiedRelease | Refusal:
    """A manifest with changed facts, signed by everybody as if it had been sealed so."""
    release = Release(Sealed(dumps(manifest), RELEASE.sealed.attachments))
    return taken(release.bundle(), **kept)


def manifest() -> Any:
    return loads_strict(RELEASE.sealed.manifest, limit=8 << 20)


# -- control runs ------------------------------------------------------------------------------------------------------


def test_an_untouched_bundle_is_let_in() -> None:
    release = taken(RELEASE.bundle())
    assert isinstance(release, VerifiedRelease)
    assert release.digest == RELEASE.sealed.digest
    assert (release.authors, release.approvers, release.activator) == ({"ada"}, {"pia", "eli"}, "oli")
    assert release.flow.id == "supply-consumption" and release.sequence == 1


def test_a_release_that_everybody_signs_again_is_let_in() -> None:
    again = Release(sealed(made=from_ms(NOON - 1000)))
    assert again.sealed.digest != RELEASE.sealed.digest
    assert reason(taken(again.bundle())) is None


def test_sealing_the_same_twice_gives_the_same_bytes() -> None:
    assert sealed().manifest == RELEASE.sealed.manifest


def test_the_guard_takes_its_field_list_from_the_contract() -> None:
    release = taken(RELEASE.bundle())
    assert isinstance(release, VerifiedRelease)
    assert set(release.fields["decrement"]) >= {"material", "quantity", "costCentre"}


def test_nobody_else_makes_a_verified_release() -> None:
    release = taken(RELEASE.bundle())
    assert isinstance(release, VerifiedRelease)
    with pytest.raises((TypeError, ValueError)):
        dataclasses.replace(release, digest="other")
    with pytest.raises(dataclasses.FrozenInstanceError):
        release.digest = "other"  # type: ignore[misc]
    members = {field.name: getattr(release, field.name) for field in dataclasses.fields(release)}
    with pytest.raises(TypeError, match="Only runtime"):
        VerifiedRelease(**members, maker=object())


# -- damage ------------------------------------------------------------------------------------------------------------


def flipped(data: bytes, place: int) -> bytes:
    return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]


def opened(member: str, name: str | None = None) -> Any:
    spelled = json.loads(RELEASE.bundle())
    return spelled, spelled[member]


def test_a_flipped_byte_of_the_manifest_is_manifest_damaged() -> None:
    spelled = json.loads(RELEASE.bundle())
    spelled["manifest"] = b64encode(flipped(RELEASE.sealed.manifest, 300))
    assert reason(taken(dumps(spelled))) is Reason.MANIFEST_DAMAGED


def test_a_flipped_byte_of_an_attachment_is_attachment_damaged() -> None:
    spelled = json.loads(RELEASE.bundle())
    name, data = next(iter(RELEASE.sealed.attachments.items()))
    spelled["attachments"][name] = b64encode(flipped(data, 30))
    assert reason(taken(dumps(spelled))) is Reason.ATTACHMENT_DAMAGED


def test_a_flipped_byte_of_an_envelope_is_envelope_damaged() -> None:
    spelled = json.loads(RELEASE.bundle())
    name = sha256_hex(RELEASE.said["pia"])
    spelled["envelopes"][name] = b64encode(flipped(RELEASE.said["pia"], 80))
    assert reason(taken(dumps(spelled))) is Reason.ENVELOPE_DAMAGED


@pytest.mark.parametrize("name", ["pia", "eli"], ids=["Ed25519", "P-256"])
def test_a_flipped_byte_of_a_signature_under_its_new_digest_is_signature_wrong(name: str) -> None:
    envelope = read_envelope(RELEASE.said[name])
    ((keyid, signature),) = envelope.signatures.items()
    forged = write_envelope(envelope._replace(signatures={keyid: flipped(signature, 20)}))
    assert reason(taken(RELEASE.bundle(name, more=(forged,)))) is Reason.SIGNATURE_WRONG


def test_changed_words_under_an_old_signature_are_signature_wrong() -> None:
    envelope = read_envelope(RELEASE.said["pia"])
    forged = write_envelope(envelope._replace(payload=envelope.payload.replace(b"2026-03-02", b"2026-03-01")))
    assert reason(taken(RELEASE.bundle("pia", more=(forged,)))) is Reason.SIGNATURE_WRONG


def test_a_bundle_with_another_spelling_is_not_canonical() -> None:
    assert reason(taken(RELEASE.bundle() + b"\n")) is Reason.NOT_CANONICAL
    assert reason(taken(json.dumps(json.loads(RELEASE.bundle()), indent=1).encode())) is Reason.NOT_CANONICAL
    assert reason(taken(b"")) is Reason.NOT_CANONICAL


def test_an_unknown_member_refuses_the_whole() -> None:
    assert reason(taken(dumps(json.loads(RELEASE.bundle()) | {"extra": 1}))) is Reason.UNKNOWN_FORM
    assert reason(retaken(manifest() | {"extra": 1})) is Reason.UNKNOWN_FORM


def test_a_member_that_lacks_refuses_the_whole() -> None:
    spelled = json.loads(RELEASE.bundle())
    del spelled["attachments"]
    assert reason(taken(dumps(spelled))) is Reason.UNKNOWN_FORM


def test_a_file_too_few_and_a_file_too_many_are_told_apart() -> None:
    held = dict(RELEASE.sealed.attachments)
    said = tuple(RELEASE.said.values())
    name = next(iter(held))
    fewer = {key: data for key, data in held.items() if key != name}
    assert reason(taken(bundle_bytes(RELEASE.sealed.manifest, fewer, said))) is Reason.ATTACHMENT_MISSING
    more = held | {sha256_hex(b"besides"): b"besides"}
    assert reason(taken(bundle_bytes(RELEASE.sealed.manifest, more, said))) is Reason.ATTACHMENT_UNKNOWN


# -- proof -------------------------------------------------------------------------------------------------------------


def changed(member: str, change: Callable[[Any], Any]) -> Any:
    facts = manifest()
    facts[member] = change(facts[member])
    return facts


PROOF = {
    "a node file that changed": ("nodes", lambda v: v | {"mask@1": "0" * 64}, Reason.NODE_CHANGED),
    "a node that is not named": ("nodes", lambda v: {k: d for k, d in v.items() if k != "mask@1"}, Reason.NODE_CHANGED),
    "another verdict": ("verdict", lambda v: v | {"LG-TEST-MASK": False}, Reason.VERDICT_DIFFERS),
    "another lineage": ("lineage", lambda v: {}, Reason.LINEAGE_DIFFERS),
    "a field more for a sink": ("fields", lambda v: {"decrement": [*v["decrement"], "mrn"]}, Reason.FIELDS_DIFFER),
    "another behaviour digest": ("behaviour", lambda v: "0" * 64, Reason.DIGEST_DIFFERS),
    "another shown digest": ("shown", lambda v: "0" * 64, Reason.DIGEST_DIFFERS),
    "a policy set not accepted": ("policies", lambda v: "0" * 64, Reason.POLICIES_NOT_ACCEPTED),
    "a flow that nobody can read": ("flow", lambda v: v | {"steps": 1}, Reason.CONTENT_UNREADABLE),
    "a flow with another note": (
        "flow",
        lambda v: v | {"notes": [{"id": "n", "text": "Look here"}]},
        Reason.DIGEST_DIFFERS,
    ),
    "a flow with another config": ("flow", lambda v: v | {"ordering": {}}, Reason.DIGEST_DIFFERS),
    "an environment with another host": (
        "environment",
        lambda v: json.loads(json.dumps(v).replace("127.0.0.1", "127.0.0.2")),
        Reason.DIGEST_DIFFERS,
    ),
    "a flow that is no object": ("flow", lambda v: [], Reason.UNKNOWN_FORM),
    "an environment that is no object": ("environment", lambda v: 1, Reason.UNKNOWN_FORM),
    "an environment that nobody can read": (
        "environment",
        lambda v: v | {"extra": 1},
        Reason.CONTENT_UNREADABLE,
    ),
}


@pytest.mark.parametrize(("member", "change", "expected"), PROOF.values(), ids=PROOF)
def test_a_manifest_that_claims_another_proof_is_refused_though_all_have_signed(
    member: str, change: Callable[[Any], Any], expected: Reason
) -> None:
    assert reason(retaken(changed(member, change))) is expected


def test_a_policy_set_that_is_accepted_but_not_in_force_here_is_refused() -> None:
    trust = root(policy_sets=(KERNEL.policies, "0" * 64))
    other = KERNEL._replace(policies="0" * 64)
    answer = taken(RELEASE.bundle(), roots=(signed(trust),), pin=trust.digest, kernel=other)
    assert reason(answer) is Reason.POLICIES_DIFFER


def test_a_node_file_that_changed_on_this_machine_is_refused() -> None:
    def other(kind: str, version: int) -> str:
        return "0" * 64 if kind == "mask" else trusted.node_digest(kind, version)

    assert reason(taken(RELEASE.bundle(), kernel=KERNEL._replace(node_digest=other))) is Reason.NODE_CHANGED


def test_a_kind_that_this_machine_does_not_have_is_refused() -> None:
    def fewer(step: Step, around: Surroundings) -> Any:
        return () if step.kind == "mask" else trusted.declare(step, around)

    assert reason(taken(RELEASE.bundle(), kernel=KERNEL._replace(declare=fewer))) is Reason.NODE_CHANGED


def test_a_verdict_that_comes_out_otherwise_here_is_refused() -> None:
    def other(flow: Flow, around: Surroundings, waivers: tuple[Waiver, ...]) -> Judged:
        return trusted.judge(flow, around, waivers)._replace(verdict={"LG-TEST-MASK": False})

    assert reason(taken(RELEASE.bundle(), kernel=KERNEL._replace(judge=other))) is Reason.VERDICT_DIFFERS


def test_a_signed_manifest_with_a_hard_finding_is_refused_for_the_finding() -> None:
    def blind(flow: Flow, around: Surroundings, waivers: tuple[Waiver, ...]) -> Judged:
        return trusted.judge(flow, around, waivers)._replace(findings=())

    flow = json.loads(files("flow.json"))
    flow["steps"] = [step for step in flow["steps"] if step["kind"] != "mask"]
    release = Release(sealed(json.dumps(flow).encode(), kernel=KERNEL._replace(judge=blind)))
    assert reason(taken(release.bundle())) is Reason.FINDING_HARD


def test_a_build_that_the_root_does_not_accept_is_refused() -> None:
    trust = root(builds=("0" * 64,))
    assert reason(taken(RELEASE.bundle(), roots=(signed(trust),), pin=trust.digest)) is Reason.BUILD_NOT_ACCEPTED


def test_a_waiver_carries_a_soft_finding_until_it_ends() -> None:
    flow = json.loads(files("flow.json")) | {"alerts": []}
    waiver = Waiver(
        rule="LG-TEST-ALERT",
        step="receive",
        owner="pia",
        reason="the pager is being moved",
        control="a person looks in twice a day",
        expires=from_ms(NOON + DAY),
    )
    release = Release(sealed(json.dumps(flow).encode(), waivers=(waiver,)))
    assert reason(taken(release.bundle(), at_ms=NOON + DAY - 1000)) is None
    assert reason(taken(release.bundle(), at_ms=NOON + DAY)) is Reason.FINDING_HARD


# -- root --------------------------------------------------------------------------------------------------------------


def test_a_root_that_is_not_pinned_is_refused() -> None:
    assert reason(taken(RELEASE.bundle(), pin="0" * 64)) is Reason.ROOT_NOT_PINNED
    assert reason(taken(RELEASE.bundle(), roots=())) is Reason.ROOT_NOT_PINNED


def test_a_root_of_a_demo_is_refused_outside_one() -> None:
    trust = root(demo=True)
    kept: dict[str, Any] = {"roots": (signed(trust),), "pin": trust.digest}
    assert reason(taken(RELEASE.bundle(), **kept)) is Reason.ROOT_OF_A_DEMO
    assert reason(taken(RELEASE.bundle(), **kept, here=HERE._replace(demo=True))) is None


def test_no_refusal_tells_a_payload_or_a_signature() -> None:
    answer = taken(RELEASE.bundle("pia", more=(RELEASE.sign("pia", Approval, subject="0" * 64),)))
    assert isinstance(answer, Refusal)
    assert answer.sentence.endswith(".") and len(answer.sentence) < 300


def test_every_member_of_a_manifest_is_claimed_proved_or_content() -> None:
    held = {"format", "flow", "environment", "files"}
    from flows.release import Claims, Proof

    assert set(Manifest.model_fields) == held | set(Claims.model_fields) | set(Proof.model_fields)


# -- what ``lockgate verify`` says -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, None),
        ({"builds": ("ab" * 32,)}, Reason.BUILD_NOT_ACCEPTED),
        ({"policy_sets": ("ab" * 32,)}, Reason.POLICIES_NOT_ACCEPTED),
        ({"environments": {"TEST": DataLabel.LIVE}}, Reason.OTHER_LABEL),
        ({"environments": {"OTHER": DataLabel.SYNTHETIC}}, Reason.OTHER_ENVIRONMENT),
        ({"epoch": 2}, Reason.EPOCH_LOWER),
    ],
)
def test_who_verifies_a_bundle_is_told_what_a_runtime_would_say(
    changes: dict[str, Any], expected: Reason | None
) -> None:
    under = root(**changes)
    told = vet(RELEASE.bundle(), under, NOON, KERNEL)
    assert (told.reason if isinstance(told, Refusal) else None) == expected
    said = taken(RELEASE.bundle(), roots=(signed(under),), pin=under.digest)
    if expected is not Reason.OTHER_ENVIRONMENT:  # a runtime of that environment; this one is of none that it knows
        assert reason(said) == expected
