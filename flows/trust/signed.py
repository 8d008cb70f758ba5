"""Checks one signed statement under a trust root: who said it, and whether they may."""

from __future__ import annotations

from typing import NamedTuple

from flows.trust.envelope import read_envelope
from flows.trust.refusal import Reason, answering, refuse
from flows.trust.root import Role, Root, signer
from flows.trust.statement import (
    Act,
    Activation,
    Approval,
    Authorship,
    MasterChange,
    Revocation,
    read_statement,
)

MAY_SIGN: dict[type[Act], frozenset[Role]] = {
    Authorship: frozenset({Role.ANALYST}),
    Approval: frozenset({Role.PRIVACY, Role.ERP_OWNER}),
    Activation: frozenset({Role.OPERATOR}),
    Revocation: frozenset({Role.PRIVACY, Role.ERP_OWNER, Role.OPERATOR, Role.ADMINISTRATOR}),
    MasterChange: frozenset({Role.STEWARD}),
}
"""One of these roles lets a person make the statement. Stopping is easier than starting."""


class Verified(NamedTuple):
    """A statement whose every signature holds, and the persons behind them."""

    subject: str
    predicate: Act
    persons: frozenset[str]


def check_statement(data: bytes, root: Root) -> Verified:
    """The statement in an envelope, all of whose signatures verify and are of persons who may make it."""
    envelope = read_envelope(data)
    subject, predicate, _ = read_statement(
        envelope.payload, (Authorship, Approval, Activation, Revocation, MasterChange)
    )
    persons: set[str] = set()
    for keyid in envelope.signatures:
        person = signer(envelope, keyid, root.keys)
        _on_a_desk(predicate, person, root.keys[keyid].origin, root)
        if person in persons:
            refuse(Reason.SIGNATURE_TWICE, f"'{person}' signed one statement with two keys.")
        if not root.roles(person) & MAY_SIGN[type(predicate)]:
            refuse(Reason.ROLE_MISSING, f"'{person}' has no role that may sign '{predicate.type}'.")
        persons.add(person)
    return Verified(subject, predicate, frozenset(persons))


def _on_a_desk(said: Act, person: str, bound: str | None, root: Root) -> None:
    """What a browser's key signed names the page that the key is bound to, which is a desk of the root."""
    if said.origin != bound:
        refuse(Reason.ORIGIN_WRONG, f"'{person}' signed for {said.origin or 'no page'} with a key of another place.")
    if bound is not None and bound not in root.desk_origins:
        refuse(Reason.ORIGIN_WRONG, f"'{person}' signed on {bound}, which is no approval desk of the trust root.")


verify = answering(check_statement)
