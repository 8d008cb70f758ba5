"""The note in the journal of how far the sealed files have come: an older one that was put back lies behind it.

The note carries a seal of its own, so that a lower count cannot be written in its place. A journal and sealed files
that are put back together, all from one moment, agree: that takes a witness outside of this machine to notice.
"""

from __future__ import annotations

import contextlib
import hmac
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

import apsw

from runtime.crypto import sized
from runtime.journal import queries
from runtime.journal.lock import WriteLock

META_NAME: Final = "sealed-state"
UNUSED: Final = (
    "SELECT NOT EXISTS (SELECT 1 FROM audit) AND NOT EXISTS (SELECT 1 FROM release)"
    " AND NOT EXISTS (SELECT 1 FROM message)"
)
BUSY_MS: Final = 10_000


class Note(NamedTuple):
    """The counts of the two sealed files."""

    state: int
    masters: int


class NoteMissing(Exception):
    """A journal that was used holds no note of this runtime. The sentence says how it lacks it."""


def noted(journal: Path, key: bytes) -> Note | None:
    """The note in a journal that is there; None in one that nothing was ever written to."""
    with _opened(journal, apsw.SQLITE_OPEN_READONLY) as connection:
        row = connection.execute(queries.META, (META_NAME,)).fetchone()
        if row is None and connection.execute(UNUSED).fetchall() == [(1,)]:
            return None
    if row is None:
        raise NoteMissing(f"{journal} does not note what is in force beside it")
    state, _, rest = str(row[0]).partition(" ")
    masters, _, seal = rest.partition(" ")
    if not (state.isdecimal() and masters.isdecimal()) or len(state + masters) > 32:
        raise NoteMissing(f"the note in {journal} was changed")
    note = Note(int(state), int(masters))
    if not hmac.compare_digest(seal.encode(), _seal(key, note).encode()):
        raise NoteMissing(f"the note in {journal} was changed")
    return note


def write_note(journal: Path, key: bytes, note: Note) -> None:
    """Durable when this returns; apsw.Error where it cannot be."""
    lock = WriteLock(journal.with_name(journal.name + ".lock"))
    try:
        with _opened(journal, apsw.SQLITE_OPEN_READWRITE) as connection, lock:
            connection.execute("PRAGMA synchronous = FULL").fetchall()
            value = f"{note.state} {note.masters} {_seal(key, note)}"
            connection.execute("BEGIN IMMEDIATE")
            try:
                connection.execute(queries.SET_META, (META_NAME, value))
                connection.execute("COMMIT")
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
    finally:
        lock.close()


@contextlib.contextmanager
def _opened(journal: Path, flags: int) -> Iterator[apsw.Connection]:
    connection = apsw.Connection(str(journal), flags=flags)
    connection.set_busy_timeout(BUSY_MS)
    try:
        yield connection
    finally:
        connection.close()


def _seal(key: bytes, note: Note) -> str:
    return hmac.new(key, sized(b"lockgate/noted/1", b"%d" % note.state, b"%d" % note.masters), "sha256").hexdigest()
