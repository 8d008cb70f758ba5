"""Sealed versions of flows, as the release store has them. Nothing here is a proof: the runtime verifies for itself."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from designer.http.models.catalogue import VersionCard
from flows.canonical import NotCanonical
from flows.release import Manifest, read_manifest
from flows.trust import Activation, Approval, Refused, check_statement, read_envelope, read_statement
from runtime.store import ReleaseStore, StoreTrouble

if TYPE_CHECKING:
    from designer.context import Designer


class Live(NamedTuple):
    """The newest activation of a flow."""

    release: str
    sequence: int


def live(designer: Designer) -> dict[str, Live]:
    """Flow -> its newest activation in this environment."""
    environment = designer.drawing.around().environment.name
    found = {}
    for each in designer.store.activations(environment):
        release = _activated(each.envelope)
        if release is not None:
            found[each.flow] = Live(release, each.sequence)
    return found


def flows(designer: Designer) -> frozenset[str]:
    """The ids of all flows that anything was sealed of."""
    return frozenset(known.flow["id"] for name in designer.store.releases() if (known := manifest(designer, name)))


def of_flow(designer: Designer, flow: str) -> tuple[VersionCard, ...]:
    """The sealed versions of a flow, the newest first."""
    running = live(designer).get(flow)
    found = []
    for name in designer.store.releases():
        known = manifest(designer, name)
        if known is not None and known.flow["id"] == flow:
            found.append(_version(designer, name, known, running))
    return tuple(sorted(found, key=lambda each: (each.made, each.release), reverse=True))


def manifest(designer: Designer, release: str) -> Manifest | None:
    """The manifest of a release; None where the store does not hold one of that name."""
    return _manifest(designer.store.path, release)


def approvers(designer: Designer, release: str) -> tuple[str, ...]:
    """Who approved a release by a signature that holds under the trust root."""
    root = designer.trusted.root
    people: set[str] = set()
    for envelope in designer.store.envelopes(release):
        try:
            said = check_statement(envelope, root)
        except Refused:
            continue
        if isinstance(said.predicate, Approval):
            people.update(said.persons)
    return tuple(sorted(people))


def _version(designer: Designer, name: str, known: Manifest, running: Live | None) -> VersionCard:
    quorum = designer.trusted.root.thresholds.approval.persons
    approved = len(approvers(designer, name)) >= quorum
    is_live = running is not None and running.release == name
    return VersionCard(
        release=name,
        state="live" if is_live else "approved" if approved else "sealed",
        authors=known.authors,
        made=known.made,
        expires=known.expires,
        sequence=running.sequence if is_live and running else None,
    )


@lru_cache(maxsize=512)
def _read(path: str, release: str) -> Manifest | None:
    try:
        return read_manifest(ReleaseStore(path).get(release))
    except (StoreTrouble, NotCanonical, ValueError):
        return None


def _manifest(path: object, release: str) -> Manifest | None:
    found = _read(str(path), release)
    if found is None:
        _read.cache_clear()  # what is not there may come; what is there never changes
    return found


def _activated(envelope: bytes) -> str | None:
    try:
        return read_statement(read_envelope(envelope).payload, (Activation,)).subject
    except Refused:
        return None
