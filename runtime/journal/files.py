"""The journal's files under their names: a commit counts only while the name still leads to the file it went into.

Whoever unlinks or replaces the write-ahead log of a running journal takes nothing from the processes that have it open:
they go on writing into a file without a name, and all of it is gone when they end. So after each commit the names are
looked at again, before anybody is answered.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path


class Files:
    """The files of one open journal, as they were when it was opened."""

    def __init__(self, path: Path) -> None:
        """OSError where one of them is missing."""
        self._folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        self._written = tuple((name, self._seen(name)) for name in (path.name, f"{path.name}-wal"))
        self._all = (*self._written, (f"{path.name}-shm", self._seen(f"{path.name}-shm")))
        self._path = path

    def lost(self, *, all_of_them: bool = False) -> str:
        """The first name that leads elsewhere or nowhere; "" while all is well. The index is looked at only with
        ``all_of_them``: it holds nothing that is not in the log."""
        try:
            for name, known in self._all if all_of_them else self._written:
                if self._seen(name) != known:
                    return name
        except OSError:
            return name
        return ""

    def held(self) -> bool:
        """Whether this process has the very files open that stand under the names."""
        opened = _opened()
        return all(known in opened for _, known in self._all)

    def keep(self, name: str) -> Path | None:
        """A copy of a lost database file under a name of its own, out of the open file; None where it still stands."""
        if name != self._path.name:
            return None
        known = self._all[0][1]
        opened = _opened().get(known)
        return None if opened is None else _copied(opened, self._path.with_name(f"{name}.kept-{known[1]}"))

    def set_aside(self) -> None:
        """What somebody put in the place of a lost log: at the next opening it would be read as the log."""
        name, known = self._written[1]
        with suppress(FileNotFoundError):
            seen = self._seen(name)
            if seen != known:
                os.rename(name, f"{name}.foreign-{seen[1]}", src_dir_fd=self._folder, dst_dir_fd=self._folder)

    def close(self) -> None:
        os.close(self._folder)

    def _seen(self, name: str) -> tuple[int, int]:
        found = os.stat(name, dir_fd=self._folder, follow_symlinks=False)
        return found.st_dev, found.st_ino


def _opened() -> dict[tuple[int, int], int]:
    """What this process has open, by device and number, with the descriptor."""
    opened = {}
    for each in Path("/proc/self/fd").iterdir():
        with suppress(OSError):
            seen = os.fstat(int(each.name))
            opened[seen.st_dev, seen.st_ino] = int(each.name)
    return opened


def _copied(opened: int, to: Path) -> Path:
    """Out of the descriptor itself: opening the file once more and closing it would take SQLite's locks away."""
    target, at = os.open(to, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600), 0
    try:
        while sent := os.sendfile(target, opened, at, 1 << 24):
            at += sent
        os.fsync(target)
    finally:
        os.close(target)
    return to
