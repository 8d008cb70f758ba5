"""The verifier: bytes in, a release that may run or the reason why not. The only maker of a VerifiedRelease."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import InitVar, dataclass
from typing import NamedTuple

from flows.bundle import Bundle, check_bundle
from flows.canonical import dumps
from flows.declaration import Declaration
from flows.environment import Surroundings
from flows.graph import Flow
from flows.instants import to_ms
from flows.release import Content, Kernel, Manifest, Proved, forbidding, prove, read_content
from flows.trust import (
    Activation,
    Approval,
    Authorship,
    OfRelease,
    Reason,
    Refusal,
    Refused,
    Revocation,
    Root,
    Verified,
    answering,
    check_root_chain,
    check_statement,
    refuse,
)
from flows.vocabulary import DataLabel
from runtime.build import build_digest

_MAKER = object()
_CLOCKS_DIFFER_MS = 300_000


@dataclass(frozen=True, slots=True)
class VerifiedRelease:
    """What may reach sinks. Only ``load`` makes one, from bytes; nothing that is read later can alter it."""

    digest: str
    sequence: int
    """Of its activation."""
    flow: Flow
    around: Surroundings
    manifest: Manifest
    declarations: Mapping[str, Declaration]
    fields: Mapping[str, tuple[str, ...]]
    """Sink -> the fields that the guard lets out."""
    authors: frozenset[str]
    approvers: frozenset[str]
    activator: str
    root_version: int
    maker: InitVar[object]

    def __post_init__(self, maker: object) -> None:
        if maker is not _MAKER:
            raise TypeError("Only runtime.releases.load makes a VerifiedRelease.")


class Here(NamedTuple):
    """Where a release is to run. ``demo`` lets a demo's trust root count."""

    environment: str
    label: DataLabel
    flow: str | None = None
    """The flow that was asked for; None: any."""
    demo: bool = False


class Floor(NamedTuple):
    """What this runtime has seen already and never falls below, from its own state."""

    root: int = 0
    epoch: int = 0
    sequence: int = 0
    """The lowest activation sequence that still counts for this flow."""


NO_FLOOR = Floor()


class People(NamedTuple):
    """Who stands behind a release: three disjoint sets."""

    authors: frozenset[str]
    approvers: frozenset[str]
    activator: str | None
    sequence: int


class Examined(NamedTuple):
    """A release that is sound and approved under a root; whether it may run here is another question."""

    bundle: Bundle
    content: Content
    proved: Proved
    people: People


def check_examined(bundle: Bundle, root: Root, at_ms: int, kernel: Kernel) -> Examined:
    """The release in a bundle, its approvals and its proof checked; by which build it runs is another question."""
    people = _people(bundle, root)
    check_in_time(bundle.manifest, root, at_ms)
    content, proved = check_proof(bundle, root, at_ms, kernel)
    return Examined(bundle, content, proved, people)


def check_proof(bundle: Bundle, root: Root, at_ms: int, kernel: Kernel) -> tuple[Content, Proved]:
    """Computes the proof of a sealed release again; refused where anything differs or forbids it."""
    manifest = bundle.manifest
    if manifest.policies not in root.policy_sets:
        refuse(Reason.POLICIES_NOT_ACCEPTED, "The policy set of this release is not accepted by the trust root.")
    if manifest.policies != kernel.policies:
        refuse(Reason.POLICIES_DIFFER, "This release was judged by another policy set than the one in force here.")
    content = read_content(manifest, bundle.attachments)
    if not isinstance(content, Content):
        refuse(Reason.CONTENT_UNREADABLE, content[0].sentence if content else "The content cannot be read.")
    proved = prove(content, kernel, manifest)
    ours, theirs = proved.proof.model_dump(mode="json"), manifest.model_dump(mode="json")
    for name, reason in _DIFFERENCES:
        if dumps(ours[name]) != dumps(theirs[name]):  # as bytes: to Python, true is 1
            refuse(reason, f"Computed again, '{name}' of this release is not what its manifest says.")
    against = forbidding(content, proved, kernel, manifest, at_ms)
    if against:
        refuse(Reason.FINDING_HARD, f"{against[0].rule}: {against[0].sentence}")
    return content, proved


_DIFFERENCES = (
    ("nodes", Reason.NODE_CHANGED),
    ("verdict", Reason.VERDICT_DIFFERS),
    ("lineage", Reason.LINEAGE_DIFFERS),
    ("fields", Reason.FIELDS_DIFFER),
    ("behaviour", Reason.DIGEST_DIFFERS),
    ("shown", Reason.DIGEST_DIFFERS),
)


def check_loaded(
    data: bytes, *, roots: Iterable[bytes], pin: str, at_ms: int, here: Here, kernel: Kernel, floor: Floor = NO_FLOOR
) -> VerifiedRelease:
    """The release in a bundle, to run here and now; every check that there is."""
    root = check_root_chain(roots, pin, at_ms, demo=here.demo)
    if root.version < floor.root or root.epoch < floor.epoch:
        refuse(Reason.ROOT_ROLLED_BACK, f"Trust root {root.version} is older than the one already seen here.")
    _build_accepted(root)
    bundle = check_bundle(data)
    _belongs_here(bundle.manifest, root, here)
    examined = check_examined(bundle, root, at_ms, kernel)
    people = examined.people
    if people.activator is None:
        refuse(Reason.ACTIVATION_MISSING, "Nobody has activated this release.")
    if people.sequence < floor.sequence:
        refuse(Reason.ACTIVATION_OLD, f"Activation {people.sequence} is older than the last one taken here.")
    return VerifiedRelease(
        digest=bundle.release,
        sequence=people.sequence,
        flow=examined.content.flow,
        around=examined.content.around,
        manifest=bundle.manifest,
        declarations=examined.proved.declarations,
        fields=examined.proved.proof.fields,
        authors=people.authors,
        approvers=people.approvers,
        activator=people.activator,
        root_version=root.version,
        maker=_MAKER,
    )


def check_vetted(data: bytes, root: Root, at_ms: int, kernel: Kernel) -> Examined:
    """The release in a bundle, as this build would take it in the environment that it is for: what ``lockgate verify``
    asks. It knows no data folder: what was seen there is left to the runtime."""
    _build_accepted(root)
    bundle = check_bundle(data)
    name = str(bundle.manifest.environment.get("name"))
    label = root.environments.get(name)
    if label is None:
        refuse(Reason.OTHER_ENVIRONMENT, f"This release is for environment {name}, which the trust root does not know.")
    _belongs_here(bundle.manifest, root, Here(name, label))
    return check_examined(bundle, root, at_ms, kernel)


def _build_accepted(root: Root) -> None:
    if build_digest() not in root.builds:
        refuse(
            Reason.BUILD_NOT_ACCEPTED,
            "This build of the runtime is not accepted by the trust root; 'lockgate trust accept' signs one that does.",
        )


def revocation(envelopes: Iterable[bytes], root: Root, release: str) -> Refusal | None:
    """The revocation of a release among envelopes, if one holds under the root; what does not verify is passed over."""
    for data in envelopes:
        try:
            said = check_statement(data, root)
        except Refused:
            continue
        if said.subject == release and isinstance(said.predicate, Revocation):
            return _revoked(said)
    return None


def _belongs_here(manifest: Manifest, root: Root, here: Here) -> None:
    name, label, flow = manifest.environment.get("name"), manifest.environment.get("label"), manifest.flow.get("id")
    if here.flow is not None and flow != here.flow:
        refuse(Reason.OTHER_FLOW, f"This is a release of flow '{flow}', not of '{here.flow}'.")
    if name != here.environment:
        refuse(Reason.OTHER_ENVIRONMENT, f"This release is for environment {name}, not for {here.environment}.")
    if label != here.label or root.environments.get(here.environment) != here.label:
        refuse(Reason.OTHER_LABEL, f"This release is for {label} data; here is {here.label} data, as the root has it.")


def check_in_time(manifest: Manifest, root: Root, at_ms: int) -> None:
    """Refuses a release that is no longer, or not yet, of any use."""
    if at_ms >= to_ms(manifest.expires):
        refuse(Reason.EXPIRED, f"This release expired at {manifest.expires}; seal and approve it again.")
    if at_ms + _CLOCKS_DIFFER_MS < to_ms(manifest.made):
        refuse(Reason.NOT_YET_MADE, f"This release was made at {manifest.made}, which is still to come here.")
    if manifest.epoch < root.epoch:
        refuse(Reason.EPOCH_LOWER, f"Releases sealed under epoch {manifest.epoch} no longer count; it is {root.epoch}.")
    if manifest.epoch > root.epoch:
        refuse(Reason.ROOT_ROLLED_BACK, "This release was sealed under a newer trust root than the one here.")


def _people(bundle: Bundle, root: Root) -> People:
    """Everybody who signed, each statement about exactly this release; the sets disjoint and large enough."""
    authors, approvers = frozenset(bundle.manifest.authors), frozenset[str]()
    activators: dict[int, frozenset[str]] = {}
    sealed = False
    for data in bundle.envelopes:
        said = check_statement(data, root)
        _about(said, bundle)
        match said.predicate:
            case Revocation():
                raise Refused(_revoked(said))
            case Authorship():
                sealed = True
                if said.persons - authors:
                    refuse(
                        Reason.AUTHOR_UNKNOWN, f"{_names(said.persons - authors)} signed as author without being one."
                    )
            case Approval():
                if said.persons & approvers:
                    refuse(Reason.APPROVED_TWICE, f"{_names(said.persons & approvers)} approved this release twice.")
                approvers |= said.persons
            case Activation(sequence=sequence):
                activators[sequence] = said.persons
    if not sealed:
        refuse(Reason.AUTHORSHIP_MISSING, "No author signed this release.")
    _apart(authors, approvers, frozenset[str]().union(*activators.values()), root)
    last = max(activators, default=0)
    return People(authors, approvers, min(activators[last]) if last else None, last)


def _about(said: Verified, bundle: Bundle) -> None:
    """Refuses a statement about anything but this release, in this environment, as it was shown."""
    predicate, manifest = said.predicate, bundle.manifest
    if not isinstance(predicate, OfRelease):
        refuse(Reason.STATEMENT_MISPLACED, "The bundle holds a statement that is not about a release.")
    who = _names(said.persons)
    if predicate.flow != manifest.flow.get("id"):
        refuse(Reason.OTHER_FLOW, f"{who} signed for flow '{predicate.flow}'.")
    if predicate.environment != manifest.environment.get("name"):
        refuse(Reason.OTHER_ENVIRONMENT, f"{who} signed for environment {predicate.environment}.")
    if said.subject != bundle.release:
        refuse(Reason.OTHER_RELEASE, f"{who} signed another release of flow '{predicate.flow}'.")
    if isinstance(predicate, Approval) and predicate.shown != manifest.shown:
        refuse(Reason.OTHER_VIEW, f"{who} approved something else than what this release shows.")


def _apart(authors: frozenset[str], approvers: frozenset[str], activators: frozenset[str], root: Root) -> None:
    """Authors, approvers and activators are disjoint, known, and the approvers as many as the root asks."""
    if authors - set(root.persons):
        refuse(Reason.AUTHOR_UNKNOWN, f"{_names(authors - set(root.persons))} is no person of the trust root.")
    if authors & approvers:
        refuse(Reason.AUTHOR_APPROVED, f"{_names(authors & approvers)} is an author and may not approve.")
    if authors & activators:
        refuse(Reason.AUTHOR_ACTIVATED, f"{_names(authors & activators)} is an author and may not activate.")
    if approvers & activators:
        refuse(Reason.APPROVER_ACTIVATED, f"{_names(approvers & activators)} approved and may not activate.")
    quorum = root.thresholds.approval
    if len(approvers) < quorum.persons:
        refuse(Reason.APPROVAL_MISSING, f"{len(approvers)} of {quorum.persons} persons approved this release.")
    for role, least in quorum.roles.items():
        if sum(role in root.roles(person) for person in approvers) < least:
            refuse(Reason.APPROVAL_ROLE_MISSING, f"{least} of the approvers must have the role '{role}'.")


def _revoked(said: Verified) -> Refusal:
    return Refusal(Reason.REVOKED, f"This release was revoked by {_names(said.persons)}; it runs no more.")


def _names(persons: Iterable[str]) -> str:
    return ", ".join(f"'{person}'" for person in sorted(persons))


vet = answering(check_vetted)
recompute = answering(check_proof)
load = answering(check_loaded)
