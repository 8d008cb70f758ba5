"""Chance that is the same for the same seed: nothing of the world comes in."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Chance:
    """Numbers drawn one after the other from the hash of the seed and their place."""

    def __init__(self, seed: int) -> None:
        self._seed, self._drawn = seed, 0

    def randrange(self, first: int, end: int) -> int:
        """A number from ``first`` on, below ``end``."""
        self._drawn += 1
        drawn = hashlib.sha256(f"{self._seed}/{self._drawn}".encode()).digest()
        return first + int.from_bytes(drawn[:8], "big") % (end - first)

    def choice(self, among: Sequence[T]) -> T:
        return among[self.randrange(0, len(among))]
