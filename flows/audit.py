"""The audit: what one record says, and the chain that makes a change of any of them visible.

A record is one line of canonical JSON about one state change. It names numbers, digests, codes and people; it never
holds a payload value. The hash after record n is ``SHA-256(hash after n-1 || record n)``, starting from 32 zero bytes.
Checkpoints are signed statements that name the heads of all chains of a data folder at one moment.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from flows import canonical

GENESIS = bytes(32)
ACTION = re.compile(r"[a-z]+(-[a-z]+)*\.[a-z]+(-[a-z]+)*")
FIELDS = frozenset(
    (
        "action at writer seq flow source release message posting item incident replay actor outcome reason place step"
        " connection operation digest body_digest size status attempts snapshots master sequence count label master"
        " environment heads epoch key person draft revision pattern review cause test_case period"
    ).split()
)
"""Every member that a record may have. A new one is added here, on purpose, where a reviewer sees it."""


class AuditError(ValueError):
    """A record that must not be written: unknown member or malformed action."""


class Break(NamedTuple):
    """Where a chain does not hold. ``seq`` is the first record that cannot be trusted."""

    writer: str
    seq: int
    sentence: str


def encode(record: Mapping[str, str | int | Mapping[str, str]]) -> bytes:
    """The record's one line, without the line end. It needs ``seq``, ``at`` (UTC ms), ``writer``, ``action``."""
    unknown = record.keys() - FIELDS
    if unknown:
        raise AuditError(f"An audit record has no member '{min(unknown)}'.")
    missing = {"seq", "at", "writer", "action"} - record.keys()
    if missing:
        raise AuditError(f"An audit record needs '{min(missing)}'.")
    if not ACTION.fullmatch(str(record["action"])):
        raise AuditError("An action is spelt noun.past-tense, such as message.accepted.")
    return canonical.dumps(dict(record))


def chain(previous: bytes, line: bytes) -> bytes:
    """The head after ``line``."""
    return hashlib.sha256(previous + line).digest()


def verify(
    writer: str,
    rows: Iterable[tuple[int, int, bytes, bytes]],
    each: Callable[[Mapping[str, Any]], None] = lambda record: None,
) -> tuple[int, bytes, Break | None]:
    """Walks ``(first, count, records, head)`` rows of one writer in order; ``each`` gets every record.

    Gives the number of records that hold, the head after them, and the first break if there is one.
    """
    head, seen = GENESIS, 0
    for first, count, records, stored in rows:
        if first != seen + 1:
            return (
                seen,
                head,
                Break(writer, seen + 1, f"Record {seen + 1} is missing; the next one is {first}."),
            )
        lines = records.split(b"\n")
        if len(lines) != count:
            return (
                seen,
                head,
                Break(writer, first, f"{count} records were written here; {len(lines)} are there."),
            )
        after = head
        for offset, line in enumerate(lines):
            record = _read(line, writer, first + offset)
            if isinstance(record, str):
                return seen, head, Break(writer, first + offset, record)
            each(record)
            after = chain(after, line)
        if after != stored:
            return seen, head, Break(writer, first, f"{span(first, count)} changed.")
        head, seen = after, seen + count
    return seen, head, None


def span(first: int, count: int) -> str:
    """``Record 21 was``, ``Records 21 to 24 were``."""
    return f"Record {first} was" if count == 1 else f"Records {first} to {first + count - 1} were"


def _read(line: bytes, writer: str, seq: int) -> Mapping[str, Any] | str:
    """The record, or what is wrong with it."""
    try:
        record = canonical.load_canonical(line)
    except canonical.NotCanonical:
        return f"Record {seq} is not canonical JSON."
    if not isinstance(record, dict) or record.get("seq") != seq or record.get("writer") != writer:
        return f"Record {seq} does not carry its own number and writer."
    return record
