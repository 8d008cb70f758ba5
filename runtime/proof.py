"""The proof of the audit: chains, codes, checkpoints, the witness and the books, all held against each other.

What it proves against whom stands in ``docs/operator.md``. The witness is read before the journal's moment begins, so
that a checkpoint made meanwhile is no contradiction.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from flows.canonical import sha256_hex
from runtime.checkpoints import SIGNER, verify
from runtime.crypto import Mac
from runtime.journal import queries
from runtime.journal.reader import Reader
from runtime.questions.audit import AuditVerified
from runtime.recorded import Recorded
from runtime.secrets import FileSecrets
from runtime.witness import GONE, Remembered, Witness, WitnessBroken, missing

MOST_TOLD: Final = 5
AUDIT, WITNESS = "audit", "witness"
"""Purposes of keys that come from the master key."""


def code(secrets: FileSecrets) -> Mac:
    """What a writer signs each row of its chain with."""
    return Mac(secrets.bound(AUDIT))


def witness(secrets: FileSecrets) -> Witness:
    return Witness(secrets.folder, secrets.bound(WITNESS))


def proved(reader: Reader, secrets: FileSecrets, since: str | None = None) -> AuditVerified:
    """All of it. ``since`` is the text of a checkpoint that was kept elsewhere. ``reader`` stands at no moment yet."""
    remembered, wrong = _remembered(secrets)
    recorded = Recorded()
    unbound = remembered.unbound if remembered else {}
    with reader:
        found = verify(reader, secrets.signer(SIGNER), code(secrets), unbound, recorded.take)
        wrong += list(_wrong(reader, remembered, recorded, since)) if all(each.good for each in found.chains) else []
        if not found.chains and remembered is None:
            wrong = [sentence for sentence in wrong if sentence != GONE]  # a journal in which nothing happened yet
    if not found.good:
        wrong = [found.sentence, *wrong]
    sentence = " ".join(wrong[:MOST_TOLD]) if wrong else f"{found.sentence}{_also(unbound, since)}"
    return found.model_copy(update={"good": not wrong, "sentence": sentence})


def _remembered(secrets: FileSecrets) -> tuple[Remembered | None, list[str]]:
    try:
        remembered = witness(secrets).read()
    except WitnessBroken as error:
        return None, [str(error)]
    return remembered, [] if remembered else [GONE]


def _wrong(reader: Reader, remembered: Remembered | None, recorded: Recorded, since: str | None) -> Iterator[str]:
    if remembered is not None and (gone := missing(remembered, reader)):
        yield gone
    there = {sha256_hex(row[2]) for row in reader.rows(queries.CHECKPOINTS) if isinstance(row[2], bytes)}
    if there != recorded.checkpoints:
        yield f"{len(there ^ recorded.checkpoints)} checkpoints do not agree with the record of their making."
    if since is not None and sha256_hex(since.encode()) not in there:
        yield (
            "The checkpoint that was kept elsewhere is not in this journal: the record was cut off before it, written"
            " anew, or is another runtime's."
        )
    yield from recorded.wrong(reader)


def _also(unbound: Mapping[str, int], since: str | None) -> str:
    older = sum(unbound.values())
    said = " The checkpoint that was kept elsewhere is among them." if since is not None else ""
    if older:
        said += f" {older} records are an older version's: they hold by their chain and checkpoints alone."
    return said
