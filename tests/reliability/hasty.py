"""A mutant of the runtime for the kill loop: it acknowledges inside the transaction, before the commit.

Run in place of the `lockgate` command. The product has no such option: the mutation is made here, in memory.
"""

from __future__ import annotations

import sys
import time
from typing import TypeVar

from lockgate import cli
from runtime.intake import recorder
from runtime.journal.batch import Batcher

T = TypeVar("T")
SLOW_DISK_S = 0.02
"""How long the commit then takes."""


class Hasty(Batcher[T]):
    def flush(self) -> None:
        items, self._items = self._items, []
        if not items:
            return
        with self._journal.write() as transaction:
            self._write(transaction, items)
            self._done(items)
            time.sleep(SLOW_DISK_S)
        self._journal.settle()


if __name__ == "__main__":
    recorder.Batcher = Hasty  # type: ignore[misc]  # the mutation itself
    sys.exit(cli.run(sys.argv[1:]))
