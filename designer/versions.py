"""Sealed versions of flows, as the release store has them. Nothing here is a proof: the runtime verifies for itself."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from flows.canonical import NotCanonical
from flows.release import Manifest, read_manifest
from flows.trust import Activation, Refused, read_envelope, read_statement
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


def names(designer: Designer) -> dict[str, str]:
    """Flow -> what people call it, of those that are live."""
    found = ((flow, manifest(designer, each.release)) for flow, each in live(designer).items())
    return {flow: str(known.flow["name"]) for flow, known in found if known}


def flows(designer: Designer) -> frozenset[str]:
    """The ids of all flows that anything was sealed of."""
    return frozenset(known.flow["id"] for name in designer.store.releases() if (known := manifest(designer, name)))


def manifest(designer: Designer, release: str) -> Manifest | None:
    """The manifest of a release; None where the store does not hold one of that name."""
    return _manifest(designer.store.path, release)


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
