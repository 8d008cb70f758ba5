"""What people signed, as the release store has it: seals, approvals, activations, revocations and steps of masters.

Signing leaves no record in the designer's chain: it happens on the desk or on a command line, and the envelope is the
record. Each one that is told here was checked under the trust root; what does not hold under it is left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from designer import versions
from flows.canonical import sha256_hex
from flows.instants import to_ms
from flows.trust import Activation, Approval, Authorship, MasterChange, Refused, Revocation, check_statement
from runtime.store import StoreTrouble

if TYPE_CHECKING:
    from designer.context import Designer

CODES = {
    Authorship: "release.sealed",
    Approval: "release.approved",
    Activation: "release.signed-on",
    Revocation: "release.revoked",
    MasterChange: "master.signed",
}


class Signed(NamedTuple):
    """One person's signature that holds."""

    action: str
    person: str
    at_ms: int
    subject: str
    """The digest of the release, or of the step of a master."""
    flow: str
    name: str
    """What people call the flow, or the master."""
    sequence: int | None
    """Of an activation, or of a master's step."""
    why: str
    envelope: str
    """The digest of the envelope, under which the store keeps it."""

    @property
    def sentence(self) -> str:
        """What was signed; who did it goes before."""
        what = f"release {self.subject[:12]} of '{self.name}'"
        return {
            "release.sealed": f"sealed {what} as its author",
            "release.approved": f"approved {what}",
            "release.signed-on": f"activated {what} as version {self.sequence}",
            "release.revoked": f"revoked {what} for good",
            "master.signed": f"signed step {self.sequence} of master '{self.name}'",
        }[self.action]


def everything(designer: Designer) -> tuple[Signed, ...]:
    """Every signature in the store that holds, the oldest first."""
    found = [*_of_releases(designer), *_of_masters(designer)]
    return tuple(sorted(set(found), key=_order))


def of_release(designer: Designer, release: str) -> tuple[Signed, ...]:
    """What was signed about one release, its activations among it, the oldest first."""
    known = versions.manifest(designer, release)
    if known is None:
        return ()
    environment, flow = str(known.environment["name"]), str(known.flow["id"])
    envelopes = [*designer.store.envelopes(release), *_activations(designer, environment, flow)]
    found = [each for data in envelopes for each in _read(designer, data) if each.subject == release]
    return tuple(sorted(set(found), key=_order))


def _order(each: Signed) -> tuple[int, int, str, str]:
    """Signatures tell the second: within one, what rests on another comes after it."""
    return (each.at_ms, tuple(CODES.values()).index(each.action), each.envelope, each.person)


def _of_releases(designer: Designer) -> Iterator[Signed]:
    for name in designer.store.releases():
        if versions.manifest(designer, name) is not None:
            for data in designer.store.envelopes(name):
                yield from _read(designer, data)
    for environment in designer.store.environments():
        for flow in designer.store.activated_flows(environment):
            for data in _activations(designer, environment, flow):
                yield from _read(designer, data)


def _of_masters(designer: Designer) -> Iterator[Signed]:
    for master in designer.store.masters():
        for step in designer.store.read_steps(master).whole:
            for data in step.envelopes:
                yield from _read(designer, data)


def _activations(designer: Designer, environment: str, flow: str) -> Iterator[bytes]:
    for sequence in designer.store.sequences(environment, flow):
        try:
            yield designer.store.activation(environment, flow, sequence).envelope
        except (StoreTrouble, OSError):
            continue  # the runtime names it in its status; what can be read is told


def _read(designer: Designer, data: bytes) -> Iterator[Signed]:
    try:
        said = check_statement(data, designer.trusted.root)
    except Refused:
        return
    predicate = said.predicate
    known = versions.manifest(designer, said.subject)
    flow = str(known.flow["id"]) if known else ""
    name = str(known.flow["name"]) if known else ""
    if isinstance(predicate, MasterChange):
        name = predicate.master
    sequence = predicate.sequence if isinstance(predicate, Activation | MasterChange) else None
    why = predicate.why if isinstance(predicate, Revocation) else ""
    for person in sorted(said.persons):
        yield Signed(
            CODES[type(predicate)],
            person,
            to_ms(predicate.at),
            said.subject,
            flow,
            name,
            sequence,
            why,
            sha256_hex(data),
        )
