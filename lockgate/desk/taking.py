"""Takes what people signed in their browsers: checked as the command line checks it, then kept in the release store."""

from __future__ import annotations

from typing import NamedTuple

from flows.bundle import Bundle, check_bundle
from flows.canonical import sha256_hex
from flows.instants import to_ms
from flows.release import Kernel
from flows.trust import (
    Act,
    Activation,
    Approval,
    Authorship,
    MasterChange,
    OfRelease,
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
from lockgate.signing import check_activated, check_approvable, check_approver, check_not_own, check_wanted, speaks_of
from lockgate.stewardship import check_signable
from runtime.releases import revocation
from runtime.store import ReleaseStore

OLDEST_MS = 900_000
AHEAD_MS = 300_000
ACTS = (Authorship, Approval, Activation, Revocation, MasterChange)


class Taken(NamedTuple):
    """A statement that the store now holds."""

    act: str
    subject: str
    person: str
    envelope: str


class Where(NamedTuple):
    """Under what a statement is checked, and where it is kept."""

    store: ReleaseStore
    root: Root
    kernel: Kernel
    at_ms: int


def check_taken(where: Where, data: bytes) -> Taken:
    """Keeps the statement in an envelope; refused where the command line would not have signed it, or a second time."""
    if len(read_envelope(data).signatures) != 1:
        refuse(Reason.SIGNATURE_TWICE, "On the desk every person signs a statement of their own.")
    said = _said(where, data)
    (person,) = said.persons
    taken = Taken(said.predicate.type.partition("/")[0], said.subject, person, sha256_hex(data))
    if _kept(where.store, said.subject, said.predicate, data):
        return taken
    _in_time(said.predicate, where.at_ms)
    match said.predicate:
        case MasterChange() as change:
            _master(where, said.subject, change, person)
        case OfRelease() as act:
            _release(where, said.subject, act, person, data)
    if not isinstance(said.predicate, Activation):
        where.store.add_envelope(said.subject, data)
    return taken


def _said(where: Where, data: bytes) -> Verified:
    """What an envelope says; of their own work an author is told that first, and then which role they lack."""
    try:
        return check_statement(data, where.root)
    except Refused as refused:
        if refused.refusal.reason is Reason.ROLE_MISSING:
            envelope = read_envelope(data)
            subject, predicate, _ = read_statement(envelope.payload, ACTS)
            (keyid,) = envelope.signatures
            check_not_own(where.store, subject, type(predicate), where.root.keys[keyid].person)
        raise


def _release(where: Where, release: str, act: OfRelease, person: str, data: bytes) -> None:
    bundle = check_bundle(where.store.bundle(release))
    _about(bundle, act)
    if not isinstance(act, Revocation):
        check_wanted(where.store, release)
    match act:
        case Authorship():
            _author(where, release, person)
        case Approval(shown=shown):
            found = check_approvable(where.store, release, where.root, where.at_ms, where.kernel)
            if shown != found.bundle.manifest.shown:
                refuse(Reason.OTHER_VIEW, f"'{person}' approved something else than what this release shows.")
            check_approver(found, person)
        case Activation():
            _next(where.store, release, act)
            check_activated(where.store, release, act, data, where.root, where.at_ms, where.kernel)
        case Revocation():
            if revocation(bundle.envelopes, where.root, release):
                refuse(Reason.REVOKED, "This release is revoked already: it runs no more.")


def _author(where: Where, release: str, person: str) -> None:
    found = check_approvable(where.store, release, where.root, where.at_ms, where.kernel)
    if person not in found.bundle.manifest.authors:
        refuse(Reason.AUTHOR_UNKNOWN, f"'{person}' is not among the authors of this release.")
    if person in found.sealers:
        refuse(Reason.SIGNATURE_TWICE, f"'{person}' has signed this release as its author already.")


def _next(store: ReleaseStore, release: str, act: Activation) -> None:
    """The activation follows the newest one, which is of another release."""
    active = [each for each in store.activations(act.environment) if each.flow == act.flow]
    if active and speaks_of(active[0].envelope, release):
        refuse(Reason.ACTIVATION_OLD, f"This release is active already, by activation {active[0].sequence}.")
    last = active[0].sequence if active else 0
    if act.sequence != last + 1:
        refuse(
            Reason.ACTIVATION_OLD, f"The next activation of '{act.flow}' is {last + 1}, not {act.sequence}: look again."
        )


def _master(where: Where, snapshot: str, change: MasterChange, person: str) -> None:
    _, last = check_signable(where.store, change.master, person, where.root)
    if snapshot != sha256_hex(last.snapshot) or change.sequence != last.sequence:
        refuse(
            Reason.OTHER_VIEW,
            f"Step {change.sequence} was replaced by another one since you opened this page: load it again."
            if change.sequence == last.sequence
            else f"The newest step of master '{change.master}' is {last.sequence}, not {change.sequence}: load this"
            " page again.",
        )


def _about(bundle: Bundle, act: OfRelease) -> None:
    if act.flow != bundle.manifest.flow["id"]:
        refuse(Reason.OTHER_FLOW, f"This is a release of flow '{bundle.manifest.flow['id']}', not of '{act.flow}'.")
    if act.environment != bundle.manifest.environment["name"]:
        refuse(Reason.OTHER_ENVIRONMENT, f"This release is not for environment {act.environment}.")


def _in_time(act: Act, at_ms: int) -> None:
    """What was signed long ago, or is dated ahead, is signed again: nobody keeps a yes in a drawer."""
    if to_ms(act.at) > at_ms + AHEAD_MS:
        refuse(Reason.NOT_YET_MADE, f"This is dated {act.at}, which is still to come here: check your clock.")
    if to_ms(act.at) < at_ms - OLDEST_MS:
        refuse(Reason.EXPIRED, f"This was signed at {act.at}; sign again.")


def _kept(store: ReleaseStore, subject: str, act: Act, data: bytes) -> bool:
    """Whether exactly this envelope came before: a lost answer is asked for again, and nothing happens twice."""
    if isinstance(act, Activation):
        return any(each.envelope == data for each in store.activations(act.environment))
    return data in store.envelopes(subject)


take = answering(check_taken)
