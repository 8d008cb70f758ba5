"""The demo's clock: how far back its processes live while yesterday is played, in one file of the demo's folder."""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path

FILE = "clock"
PLAYED = 4
"""In a day that is played the ERPs fail so many times more rarely."""


class Played:
    """The machine's clock, as far back as the file of a folder says; without the file, the machine's own.

    It keeps going between two settings, and no setting moves it back. Nothing but the demo makes one of these.
    """

    def __init__(self, folder: Path) -> None:
        self._file = folder / FILE
        self._first = self._ahead()

    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000 + self._ahead()

    def monotonic(self) -> float:
        """Time that was skipped has gone by: what waits for it does not wait in vain."""
        return time.monotonic() + (self._ahead() - self._first) / 1000

    @property
    def back(self) -> bool:
        """Whether yesterday is being played."""
        return self._ahead() < 0

    def set(self, at_ms: int) -> None:
        """It is ``at_ms`` now, or later already."""
        ahead = at_ms - time.time_ns() // 1_000_000
        if self._file.exists() and ahead <= self._ahead():
            return
        passing = self._file.with_suffix(".new")
        passing.write_text(str(min(ahead, 0)))
        passing.replace(self._file)

    def end(self) -> None:
        """From here on it is the machine's own."""
        self._file.unlink(missing_ok=True)

    def _ahead(self) -> int:
        """Milliseconds; never more than 0."""
        with suppress(OSError, ValueError):
            return min(int(self._file.read_text()), 0)
        return 0
