"""What counts of that which lies in a release store: good statements are found among bad ones, and the bad are named.

Whoever may write into the store can put anything beside what was signed. It must not hide an approval, an activation
or a revocation; and what does not verify is left out before the verifier, which takes a bundle whole, sees it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from flows.trust import Activation, Approval, OfRelease, Reason, Refusal, Refused, Root, check_statement, refuse
from runtime.store import Activated, ReleaseStore, StoreTrouble


class Gathered(NamedTuple):
    """A bundle to verify, and a sentence for each file that was passed over since it is damaged."""

    bundle: bytes
    damaged: tuple[str, ...]


class Newest(NamedTuple):
    """The newest activation of a flow whose signature holds, and what stood above it and does not count."""

    activated: Activated | None
    release: str
    passed: tuple[Refusal, ...]
    highest: int
    """The highest sequence that anything stands under."""


def gather(store: ReleaseStore, release: str, root: Root, *more: bytes) -> Gathered:
    """The bundle of a release with the statements about it that hold, and ``more`` (its activation)."""
    found = store.read_envelopes(release)
    return Gathered(store.bundle(release, *more, envelopes=counting(found.whole, release, root)), found.damaged)


def counting(envelopes: Iterable[bytes], release: str, root: Root) -> tuple[bytes, ...]:
    """The statements about a release that verify, each approver's first approval; its activation is not among them."""
    kept: list[bytes] = []
    approved: set[tuple[frozenset[str], str]] = set()
    for data in envelopes:
        try:
            said = check_statement(data, root)
        except Refused:
            continue
        if said.subject != release:
            continue
        match said.predicate:
            case Activation():
                continue
            case Approval(shown=shown):
                if (said.persons, shown) in approved:
                    continue
                approved.add((said.persons, shown))
            case OfRelease():
                pass
            case _:
                continue
        kept.append(data)
    return tuple(kept)


def newest_activation(store: ReleaseStore, environment: str, flow: str, root: Root, *, above: int = 0) -> Newest:
    """Looks from the highest sequence down to the first activation that holds, no further than ``above``."""
    passed: list[Refusal] = []
    sequences = store.sequences(environment, flow)
    for sequence in sequences:
        if sequence <= above:
            break
        try:
            activated = store.activation(environment, flow, sequence)
            release = _speaks(activated, environment, root)
        except StoreTrouble as error:
            sentence = f"Activation {sequence} of '{flow}' cannot be read from the store: {error}"
            passed.append(Refusal(Reason.ENVELOPE_DAMAGED, sentence))
        except Refused as refused:
            passed.append(refused.refusal)
        else:
            return Newest(activated, release, tuple(passed), sequences[0])
    return Newest(None, "", tuple(passed), max(sequences, default=0))


def next_sequence(store: ReleaseStore, environment: str, flow: str, root: Root) -> int:
    """Under which the next activation of a flow is signed: above the newest that holds, where nothing stands."""
    newest = newest_activation(store, environment, flow, root).activated
    taken = set(store.sequences(environment, flow))
    sequence = newest.sequence + 1 if newest else 1
    while sequence in taken:
        sequence += 1
    return sequence


def _speaks(activated: Activated, environment: str, root: Root) -> str:
    """Of which release an activation speaks, once its signature holds."""
    said = check_statement(activated.envelope, root)
    predicate = said.predicate
    if (
        not isinstance(predicate, Activation)
        or predicate.flow != activated.flow
        or predicate.environment != environment
        or predicate.sequence != activated.sequence
    ):
        refuse(Reason.STATEMENT_MISPLACED, "What lies in the store as an activation speaks of something else.")
    return said.subject
