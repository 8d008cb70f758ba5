"""Releases as the store has them: candidates sealed here, and what people have signed since. Nothing is signed here.

Everything that is said of a signature was checked under the trust root; the runtime checks it all again for itself.
"""

from __future__ import annotations

import threading
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from designer import versions
from designer.errors import NotReady, NotThere, Unfit
from designer.words import counted
from flows.analysis import Analysis, analyse
from flows.bundle import Bundle, parse_bundle
from flows.canonical import dumps
from flows.findings import Finding
from flows.graph import Flow
from flows.instants import from_ms, to_ms
from flows.policyset import builtin
from flows.release import Claims, Content, Evidence, Manifest, Sealed, read_content, seal
from flows.trust import (
    Activation,
    Approval,
    Authorship,
    Refused,
    Revocation,
    Role,
    Root,
    check_statement,
    read_envelope,
    read_statement,
)
from nodes import catalogue
from runtime import objections
from runtime.kernel import kernel
from runtime.objections import Objection
from runtime.store import ReleaseStore, StoreTrouble

_ROLES = {Role.PRIVACY: "privacy", Role.ERP_OWNER: "the ERP"}

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from designer.context import Designer

DAYS = 180
DAY_MS = 86_400_000


class Signature(NamedTuple):
    """Somebody's signature that holds."""

    person: str
    roles: tuple[Role, ...]
    at_ms: int


class Standing(NamedTuple):
    """How far a release has come."""

    authored: tuple[Signature, ...]
    approvals: tuple[Signature, ...]
    revoked_by: str | None
    broken: tuple[str, ...]
    """Why statements about it do not hold: a runtime refuses the release as long as there is one."""
    missing: tuple[str, ...]
    """Whose signature it waits for, in sentences."""
    activator: str | None
    sequence: int | None
    """Of its activation, where that is the newest of its flow."""
    newest: int
    """The newest activation of its flow; 0 for none."""
    aside: bool
    """It was sent back or withdrawn: nothing more is signed for it."""

    @property
    def approved(self) -> bool:
        held_up = self.missing or self.broken or self.revoked_by is not None or self.aside
        return bool(self.authored) and not held_up


class Looked(NamedTuple):
    """A sealed release, analysed from its own bytes. Its lineage is not for two threads at a time."""

    flow: Flow
    analysis: Analysis
    findings: tuple[Finding, ...]
    lock: threading.Lock


def candidate(
    designer: Designer,
    document: Mapping[str, Any],
    authors: tuple[str, ...],
    previous: str | None,
    evidence: Evidence,
) -> Sealed | tuple[Finding, ...]:
    """The sealed bytes of a draft, put into the store without any signature; or the findings against it."""
    root, now_ms = designer.trusted.root, designer.clock.now_ms()
    _check_sealable(root, authors)
    files = designer.drawing.files()
    claims = Claims(
        authors=tuple(sorted(authors)),
        made=from_ms(now_ms),
        expires=from_ms(now_ms + DAYS * DAY_MS),
        epoch=root.epoch,
        previous=previous,
        evidence=evidence,
    )
    sealed = seal(dumps(document), files.data, files.read, kernel(), claims)
    if isinstance(sealed, Sealed):
        designer.store.put_release(sealed.manifest, sealed.attachments)
    return sealed


def standing(designer: Designer, release: str, known: Manifest) -> Standing:
    """Who has signed what about a release."""
    root = designer.trusted.root
    authored: list[Signature] = []
    approvals: dict[str, Signature] = {}
    revoked_by, broken = None, list[str]()
    for data in designer.store.envelopes(release):
        try:
            said = check_statement(data, root)
        except Refused as refused:
            broken.append(refused.refusal.sentence)
            continue
        if said.subject != release:
            broken.append("A statement about another release lies beside this one.")
            continue
        signed = [_signature(root, person, said.predicate.at) for person in sorted(said.persons)]
        match said.predicate:
            case Authorship():
                authored += signed
            case Approval():
                approvals |= {each.person: each for each in signed}
            case Revocation():
                revoked_by = signed[0].person
    broken += _mixed(known, approvals)
    activator, sequence, newest = _activation(designer, release, known)
    return Standing(
        authored=tuple(authored),
        approvals=tuple(approvals.values()),
        revoked_by=revoked_by,
        broken=tuple(broken),
        missing=tuple(_missing(root, tuple(approvals.values()), bool(authored))),
        activator=activator,
        sequence=sequence,
        newest=newest,
        aside=objections.read(designer.store, release) is not None,
    )


def manifest_of(designer: Designer, release: str) -> Manifest:
    """The manifest of a release; NotThere for none."""
    known = versions.manifest(designer, release)
    if known is None:
        raise NotThere("no-release", "The release store does not hold this release.")
    return known


def looked(designer: Designer, release: str) -> Looked:
    """A sealed release analysed, each once."""
    found = _looked(str(designer.store.path), release)
    if found is None:
        _looked.cache_clear()  # what is not there may come; what is there never changes
        raise NotThere("unreadable", "This release cannot be read from its own bytes.")
    return found


def bundle(designer: Designer, release: str) -> bytes:
    """The export of a release with everything that was signed about it."""
    known = manifest_of(designer, release)
    name, flow = str(known.environment["name"]), str(known.flow["id"])
    active = [each.envelope for each in designer.store.activations(name) if each.flow == flow]
    try:
        return designer.store.bundle(release, *(each for each in active if _about(each) == release))
    except StoreTrouble as error:
        raise NotReady("store", f"The release store cannot be read: {error}") from None


def desk(designer: Designer, release: str, act: str, person: str, review: str) -> str:
    """Where a person signs, and where the desk leads back to. The desk goes by the keys that its browser holds; the
    name only picks among them."""
    return f"{designer.settings.desk}/release/{release}#act={act}&as={person}&review={review}"


def set_aside(designer: Designer, objection: Objection) -> None:
    """Keeps a no where desks, command lines and runtimes find it."""
    try:
        objections.put(designer.store, objection)
    except (OSError, StoreTrouble):
        raise NotReady(
            "store", "The release store cannot be written, so this no would reach nobody: it was not taken. Try again."
        ) from None


def take_up(designer: Designer, release: str) -> None:
    """What was handed in again is set aside no more."""
    try:
        objections.take_away(designer.store, release)
    except OSError:
        raise NotReady("store", "The release store cannot be written: nothing was handed in. Try again.") from None


def mark(designer: Designer, release: str) -> tuple[str, ...]:
    """Changes whenever something is signed about a release: the names of its envelopes."""
    folder = Path(designer.store.path) / "releases" / release
    try:
        return tuple(sorted(each.name for each in folder.iterdir() if not each.name.startswith(".")))
    except OSError:
        return ()


def _check_sealable(root: Root, authors: tuple[str, ...]) -> None:
    if kernel().policies not in root.policy_sets:
        raise NotReady(
            "policies", "The trust root does not accept the policy set of this build: nothing can be handed in."
        )
    strangers = sorted(set(authors) - set(root.persons))
    if strangers:
        named = ", ".join(strangers)
        raise Unfit(
            "author-unknown", f"{named} worked on this draft and is no person of the trust root: enrol a key first."
        )


def _signature(root: Root, person: str, at: str) -> Signature:
    return Signature(person, tuple(sorted(root.roles(person))), to_ms(at))


def _mixed(known: Manifest, approvals: Mapping[str, Signature]) -> list[str]:
    both = sorted(set(known.authors) & set(approvals))
    return [f"'{person}' is an author and approved: that counts as no approval anywhere." for person in both]


def _missing(root: Root, approvals: tuple[Signature, ...], authored: bool) -> list[str]:
    quorum = root.thresholds.approval
    found = [] if authored else ["An author seals it: signs that this is what was drawn."]
    lacks = quorum.persons - len(approvals)
    if lacks > 0:
        found.append(f"{counted(lacks, 'more person has', 'more people have')} to approve.")
    for role, least in sorted(quorum.roles.items()):
        short = least - sum(role in each.roles for each in approvals)
        if short > 0:
            named = _ROLES.get(role, role)
            found.append(f"{'At least one' if short == 1 else f'At least {short}'} of them for {named}.")
    return found


def _activation(designer: Designer, release: str, known: Manifest) -> tuple[str | None, int | None, int]:
    """The activator and sequence of a release that is the newest activated, and the newest sequence of its flow."""
    name, flow = str(known.environment["name"]), str(known.flow["id"])
    newest = next((each for each in designer.store.activations(name) if each.flow == flow), None)
    if newest is None:
        return None, None, 0
    try:
        said = check_statement(newest.envelope, designer.trusted.root)
    except Refused:
        return None, None, newest.sequence
    if said.subject != release or not isinstance(said.predicate, Activation):
        return None, None, newest.sequence
    return min(said.persons), newest.sequence, newest.sequence


def _about(envelope: bytes) -> str | None:
    try:
        return read_statement(read_envelope(envelope).payload, (Activation,)).subject
    except Refused:
        return None


@lru_cache(maxsize=32)
def _looked(path: str, release: str) -> Looked | None:
    try:
        parsed = parse_bundle(ReleaseStore(path).bundle(release))
    except StoreTrouble:
        return None
    if not isinstance(parsed, Bundle):
        return None
    content = read_content(parsed.manifest, parsed.attachments)
    if not isinstance(content, Content):
        return None
    analysis = analyse(content.flow, content.around, catalogue.declare, builtin(), parsed.manifest.waivers)
    return Looked(content.flow, analysis, analysis.findings, threading.Lock())
