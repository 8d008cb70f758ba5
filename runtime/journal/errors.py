"""What a journal can answer instead of storing.

JournalError
├── JournalUnusable   at the start: not a journal, another format, not ours to open
├── DiskFull          this transaction was rolled back; the journal works on and nothing of it is stored
└── JournalBroken     an I/O error: nobody knows what is stored, so nothing may be acknowledged any more
"""

from __future__ import annotations

import errno
from typing import Final

import apsw

EXIT_BROKEN: Final = 74
"""Exit status of a process whose journal failed (EX_IOERR)."""

_NO_ROOM = frozenset((errno.ENOSPC, errno.EDQUOT, errno.EFBIG))
_WRITES = frozenset(
    (apsw.SQLITE_IOERR_WRITE, apsw.SQLITE_IOERR_SHMSIZE, apsw.SQLITE_IOERR_TRUNCATE, apsw.SQLITE_IOERR_SHMMAP)
)


class JournalError(Exception):
    """The journal could not do what was asked."""


class JournalUnusable(JournalError):
    """The journal cannot be opened."""


class DiskFull(JournalError):
    """The disk that holds the journal is full. The transaction was rolled back."""


class JournalBroken(JournalError):
    """Writing or flushing the journal failed. The process must end without another acknowledgement."""


def translated(error: apsw.Error, errno_: int) -> JournalError | None:
    """What ``error`` means for the journal; None where it is the caller's own mistake (a constraint, a wrong query)."""
    code = int(getattr(error, "extendedresult", 0))
    if isinstance(error, apsw.FullError) or (code in _WRITES and errno_ in _NO_ROOM):
        return DiskFull("The disk that holds the journal is full.")
    if isinstance(
        error, apsw.ConstraintError | apsw.SQLError | apsw.MismatchError | apsw.RangeError | apsw.TooBigError
    ):
        return None
    return JournalBroken(f"The journal failed: {type(error).__name__} {code}, system error {errno_}.")
