"""The write lock: one of the two writer processes at a time, handed over by the kernel without polling.

SQLite's own busy handler sleeps and tries again, which costs milliseconds a commit as soon as two processes write.
A blocking file lock in front of every ``BEGIN IMMEDIATE`` wakes the waiting process at the moment of the release.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from types import TracebackType


class WriteLock:
    """A lock on a file of its own. Open it after the fork: a lock is shared with forked copies of its descriptor."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def __enter__(self) -> None:
        fcntl.flock(self._file, fcntl.LOCK_EX)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        fcntl.flock(self._file, fcntl.LOCK_UN)

    def close(self) -> None:
        os.close(self._file)


class NoLock:
    """For a journal in memory: its writers share one thread."""

    def __enter__(self) -> None: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def close(self) -> None: ...
