"""Ballast: disk space held back, so that refusals, outcomes and audit can still be written when the disk is full."""

from __future__ import annotations

import os
from pathlib import Path

DEFAULT_BYTES = 48 << 20
"""More than a whole write-ahead log of ours: what is released must carry commits and a checkpoint."""


class Ballast:
    """A file of ``size`` reserved bytes, one a writer. Released when the disk is full, taken back when it is not."""

    def __init__(self, path: Path, size: int) -> None:
        self._path, self._size = path, size
        self.held = self._reserve()

    def release(self) -> None:
        """Gives the space back to the disk."""
        self._path.unlink(missing_ok=True)
        self.held = False

    def restore(self) -> bool:
        """Takes the space back if as much again stays free; True when it is held."""
        if not self.held:
            disk = os.statvfs(self._path.parent)
            self.held = disk.f_bavail * disk.f_frsize >= 2 * self._size and self._reserve()
        return self.held

    def _reserve(self) -> bool:
        if not self._size:
            return True
        try:
            file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                os.posix_fallocate(file, 0, self._size)
            finally:
                os.close(file)
        except OSError:
            self._path.unlink(missing_ok=True)
            return False
        return True
