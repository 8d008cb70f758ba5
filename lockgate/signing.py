"""Acts of people on a release store: seal, approve, activate, revoke. Each checks first, then signs with one key."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from flows.bundle import Bundle, check_bundle
from flows.findings import Finding
from flows.instants import from_ms
from flows.release import Claims, Evidence, Kernel, Sealed, Waiver, seal
from flows.surroundings import Files
from flows.trust import (
    MAY_SIGN,
    Act,
    Activation,
    Approval,
    Authorship,
    MasterChange,
    Reason,
    Refused,
    Revocation,
    Root,
    Verified,
    answering,
    check_statement,
    read_envelope,
    read_statement,
    refuse,
)
from lockgate.keys import PrivateKey, sign_statement
from runtime import objections
from runtime.gathering import counting, gather, next_sequence
from runtime.releases import Examined, check_examined, check_in_time, check_proof
from runtime.store import ReleaseStore, SequenceTaken

DAY_MS = 86_400_000
_DOES: dict[type[Act], str] = {
    Authorship: "seal a release",
    Approval: "approve a release",
    Activation: "activate a release",
    Revocation: "revoke a release",
    MasterChange: "sign rows of a master",
}


class Source(NamedTuple):
    """What is sealed: the flow file, the environment file, and what the environment names."""

    flow: bytes
    environment: bytes
    files: Files


class Terms(NamedTuple):
    """How long a release holds, and what is claimed of it beside its content."""

    days: int = 180
    authors: tuple[str, ...] = ()
    """Persons who worked on it, beside the one who seals."""
    previous: str | None = None
    waivers: tuple[Waiver, ...] = ()
    evidence: Evidence | None = None


class Approvable(NamedTuple):
    """A sealed release whose proof was computed again from its bytes: what an approver is shown before signing."""

    bundle: Bundle
    findings: tuple[Finding, ...]
    approvers: tuple[str, ...]
    """Who approved it so far."""
    sealers: tuple[str, ...] = ()
    """The authors who signed it."""


def check_sealing(
    store: ReleaseStore, source: Source, terms: Terms, key: PrivateKey, root: Root, at_ms: int, kernel: Kernel
) -> Sealed | tuple[Finding, ...]:
    """Seals a flow as the holder of ``key``, its author, and keeps it in the store; or the findings against it."""
    person = check_holder(key, root, Authorship)
    claims = Claims(
        authors=tuple(sorted({person, *terms.authors})),
        made=from_ms(at_ms),
        expires=from_ms(at_ms + terms.days * DAY_MS),
        epoch=root.epoch,
        previous=terms.previous,
        waivers=terms.waivers,
        evidence=terms.evidence,
    )
    strangers = set(claims.authors) - set(root.persons)
    if strangers:
        refuse(Reason.AUTHOR_UNKNOWN, f"'{min(strangers)}' is no person of the trust root.")
    sealed = seal(source.flow, source.environment, source.files, kernel, claims)
    if isinstance(sealed, Sealed):
        store.put_release(sealed.manifest, sealed.attachments)
        said = Authorship(**_of(check_bundle(store.bundle(sealed.digest))), at=from_ms(at_ms))
        store.add_envelope(sealed.digest, sign_statement(sealed.digest, said, key))
    return sealed


def check_approvable(store: ReleaseStore, release: str, root: Root, at_ms: int, kernel: Kernel) -> Approvable:
    """A release whose proof and statements hold now; refused for one that expired or was revoked."""
    bundle = check_bundle(store.bundle(release))
    check_in_time(bundle.manifest, root, at_ms)
    _, proved = check_proof(bundle, root, at_ms, kernel)
    said = [check_statement(data, root) for data in counting(bundle.envelopes, release, root)]
    for each in said:
        if isinstance(each.predicate, Revocation):
            who = ", ".join(sorted(each.persons))
            refuse(Reason.REVOKED, f"This release was revoked by {who}: nothing more is signed for it.")
    return Approvable(bundle, proved.findings, _who(said, Approval), _who(said, Authorship))


def check_wanted(store: ReleaseStore, release: str) -> None:
    """Refuses a release that was sent back or withdrawn: a no that was said is not signed over."""
    objections.check_not_set_aside(store, release)


def check_not_own(store: ReleaseStore, release: str, act: type[Act], person: str) -> None:
    """Refuses an author's own approval or activation, whatever roles they have: that is the stronger reason."""
    if act not in (Approval, Activation) or person not in check_bundle(store.bundle(release)).manifest.authors:
        return
    if act is Approval:
        refuse(Reason.AUTHOR_APPROVED, f"'{person}' is an author of this release and may not approve it.")
    refuse(Reason.AUTHOR_ACTIVATED, f"'{person}' is an author of this release and may not activate it.")


def check_approver(found: Approvable, person: str) -> None:
    """Refuses an approval by somebody who may not give one, or not yet, or not again."""
    if not found.sealers:
        refuse(Reason.AUTHORSHIP_MISSING, "No author has signed this release yet: that comes first.")
    if person in found.bundle.manifest.authors:
        refuse(Reason.AUTHOR_APPROVED, f"'{person}' is an author of this release and may not approve it.")
    if person in found.approvers:
        refuse(Reason.APPROVED_TWICE, f"'{person}' has approved this release already.")


def check_approval(
    store: ReleaseStore, release: str, key: PrivateKey, root: Root, at_ms: int, kernel: Kernel
) -> Approvable:
    """Approves as the holder of ``key``: recomputes the proof from the sealed bytes, and refuses where it must."""
    person = _check_other(store, release, key, root, Approval)
    check_wanted(store, release)
    found = check_approvable(store, release, root, at_ms, kernel)
    check_approver(found, person)
    said = Approval(**_of(found.bundle), at=from_ms(at_ms), shown=found.bundle.manifest.shown)
    store.add_envelope(release, sign_statement(release, said, key))
    return found._replace(approvers=tuple(sorted({*found.approvers, person})))


def check_activation(
    store: ReleaseStore, release: str, key: PrivateKey, root: Root, at_ms: int, kernel: Kernel
) -> Examined:
    """Activates as the holder of ``key``, an operator who neither wrote nor approved it, under the next sequence."""
    _check_other(store, release, key, root, Activation)
    check_wanted(store, release)
    bundle = check_bundle(store.bundle(release))
    of = _of(bundle)
    sequence = next_sequence(store, of["environment"], of["flow"], root)
    said = Activation(**of, at=from_ms(at_ms), sequence=sequence)
    return check_activated(store, release, said, sign_statement(release, said, key), root, at_ms, kernel)


def check_activated(
    store: ReleaseStore, release: str, said: Activation, envelope: bytes, root: Root, at_ms: int, kernel: Kernel
) -> Examined:
    """Takes an activation that a runtime would take; refused where it would not, or where the sequence is gone."""
    examined = check_examined(check_bundle(gather(store, release, root, envelope).bundle), root, at_ms, kernel)
    try:
        store.activate(said.environment, said.flow, said.sequence, envelope)
    except SequenceTaken as error:
        refuse(Reason.ACTIVATION_OLD, str(error))
    return examined


def check_revocation(store: ReleaseStore, release: str, why: str, key: PrivateKey, root: Root, at_ms: int) -> str:
    """Stops a release for good."""
    person = check_holder(key, root, Revocation)
    bundle = check_bundle(store.bundle(release))
    said = Revocation(**_of(bundle), at=from_ms(at_ms), why=why)
    store.add_envelope(release, sign_statement(release, said, key))
    return person


def _check_other(store: ReleaseStore, release: str, key: PrivateKey, root: Root, act: type[Act]) -> str:
    """The person of a key, who is no author of the release and has a role that may do this."""
    listed = root.keys.get(key.keyid)
    if listed is not None:
        check_not_own(store, release, act, listed.person)
    return check_holder(key, root, act)


def check_holder(key: PrivateKey, root: Root, act: type[Act]) -> str:
    """The person of a key, who has a role that may do this."""
    listed = root.keys.get(key.keyid)
    if listed is None:
        refuse(Reason.KEY_UNKNOWN, f"The key {key.keyid[:12]} is not in trust root {root.version}: enrol it first.")
    if not root.roles(listed.person) & MAY_SIGN[act]:
        roles = " or ".join(sorted(MAY_SIGN[act]))
        refuse(Reason.ROLE_MISSING, f"'{listed.person}' may not {_DOES[act]}: that takes the role {roles}.")
    return listed.person


def speaks_of(envelope: bytes, release: str) -> bool:
    """Whether an envelope is a readable activation of this release; whether it holds is another question."""
    return spoken_of(envelope) == release


def spoken_of(envelope: bytes) -> str | None:
    """The release that an activation speaks of; None for what is no readable activation."""
    try:
        return read_statement(read_envelope(envelope).payload, (Activation,)).subject
    except Refused:
        return None


def _who(said: Iterable[Verified], act: type[Act]) -> tuple[str, ...]:
    return tuple(sorted({person for each in said if isinstance(each.predicate, act) for person in each.persons}))


def _of(bundle: Bundle) -> dict[str, str]:
    return {"flow": bundle.manifest.flow["id"], "environment": bundle.manifest.environment["name"]}


holder = answering(check_holder)
wanted = answering(check_wanted)
may_approve = answering(check_approver)
seal_release = answering(check_sealing)
approvable = answering(check_approvable)
approve = answering(check_approval)
activate = answering(check_activation)
revoke = answering(check_revocation)
