"""What a master lacks, kept for its stewards: sealed beside the cases of its cause, and only where it is their data.

A code that no master knows is what a steward needs and what the journal must not spell. It is kept where lineage says
that every value of it is operational, S1 at most; a room or a patient's number never is. It is sealed under the data
key of its flow and day, so that it ends with the payload that it came from, unless somebody still waits for it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final

from runtime.crypto import Unreadable
from runtime.expansion import Parked
from runtime.journal.keys import DataKeys, NoDataKey
from runtime.journal.reader import Reader
from runtime.journal.transaction import Transaction

LONGEST_PART = 64
"""A longer code is none, and neither is one with control signs: what a sender puts there is no steward's business."""

KNOWN: Final = "SELECT 1 FROM missing_key WHERE cause_group = ?"
KEEP: Final = "INSERT INTO missing_key (cause_group, master, data_key, sealed) VALUES (?, ?, ?, ?)"
OF_DATA_KEY: Final = (
    "SELECT k.cause_group, k.sealed, EXISTS (SELECT 1 FROM incident i WHERE i.cause_group = k.cause_group"
    " AND i.state = 'open') FROM missing_key k WHERE k.data_key = ?"
)
KEEP_ON: Final = "UPDATE missing_key SET data_key = ?, sealed = ? WHERE cause_group = ?"
DROP: Final = "DELETE FROM missing_key WHERE cause_group = ?"
SEALED: Final = "SELECT data_key, sealed FROM missing_key WHERE cause_group = ?"

Allowed = Callable[[str, tuple[str, ...]], bool]
"""Whether what stands at these selectors of a step is operational data (``runtime.operational``)."""


def keep_missing(
    transaction: Transaction, keys: DataKeys, flow: str, step: str, parked: Parked, group: bytes, allowed: Allowed
) -> None:
    """Keeps the key that ``parked`` hangs on, once a cause, where a steward may see it."""
    if not parked.master or len(parked.reads) != len(parked.subject) or not _is_code(parked.subject):
        return
    if not allowed(step, parked.reads) or transaction.row(KNOWN, (group,)) is not None:
        return
    number, sealer = keys.current(transaction, flow)
    sealed = sealer.seal(json.dumps(parked.subject).encode(), about_missing(group))
    transaction.run(KEEP, (group, parked.master, number, sealed))


def carry_on(transaction: Transaction, keys: DataKeys, flow: str, data_key: int) -> None:
    """Before a data key goes: what still waits for a steward is sealed under today's, the rest goes with it."""
    for group, sealed, is_open in transaction.rows(OF_DATA_KEY, (data_key,)):
        if is_open:
            spelled = keys.numbered(transaction, data_key).open(sealed, about_missing(group))
            number, sealer = keys.current(transaction, flow)
            transaction.run(KEEP_ON, (number, sealer.seal(spelled, about_missing(group)), group))
        else:
            transaction.run(DROP, (group,))


def missing_key(reader: Reader, keys: DataKeys, group: bytes) -> tuple[str, ...]:
    """The key behind a cause; empty where none is kept, or its period was shredded."""
    row = reader.row(SEALED, (group,))
    if row is None:
        return ()
    try:
        spelled: Any = json.loads(keys.numbered(reader, row[0]).open(row[1], about_missing(group)))
    except (NoDataKey, Unreadable, ValueError):
        return ()
    return tuple(str(part) for part in spelled)


def about_missing(group: bytes) -> bytes:
    """Associated data of a sealed key."""
    return b"missing:" + group.hex().encode()


def _is_code(subject: tuple[str, ...]) -> bool:
    return any(subject) and all(len(part) <= LONGEST_PART and part.isprintable() for part in subject)
