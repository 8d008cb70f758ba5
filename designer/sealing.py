"""What the designer keeps sealed: test cases hold whole messages, which lie in its database as ciphertext alone.

The key lies beside the database, for its owner alone: a copy of the database, or a look into it, shows no message.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import Final

from runtime.crypto import Sealer
from runtime.world import Randomness

NAME: Final = "samples.key"
_MARK: Final = b"\x01"
"""In front of what is sealed. JSON never begins so: what was kept before there was a key is read as it is."""


class Sealing:
    """Seals and opens, with a key that is made when it is first needed."""

    def __init__(self, folder: Path, randomness: Randomness) -> None:
        self._path, self._randomness = folder / NAME, randomness
        self._sealer: Sealer | None = None

    def seal(self, data: bytes, about: str) -> bytes:
        """``about`` names the place: sealed bytes open nowhere else."""
        return _MARK + self._key().seal(data, about.encode())

    def open(self, kept: bytes, about: str) -> bytes:
        """What was sealed; Unreadable where it does not open."""
        if not kept.startswith(_MARK):
            return kept
        return self._key().open(kept[1:], about.encode())

    def _key(self) -> Sealer:
        if self._sealer is None:
            with suppress(FileExistsError):
                self._make()
            self._sealer = Sealer(self._path.read_bytes(), self._randomness)
        return self._sealer

    def _make(self) -> None:
        """Whole, or not there: a process that ends half-way leaves no half key."""
        half = self._path.with_suffix(f".{os.getpid()}")
        file = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            os.write(file, self._randomness.bytes(32))
            os.fsync(file)
        finally:
            os.close(file)
        try:
            os.link(half, self._path)
        finally:
            half.unlink()
