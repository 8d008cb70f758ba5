"""CPU time of a piece of work, for tests that say how it grows."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

LAPS = 5


@contextmanager
def uncollected() -> Iterator[None]:
    """Without the collector: in a process that has run a thousand tests its full pass costs more than the work."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def cpu_seconds(work: Callable[[], object]) -> float:
    """The least of a few laps, in seconds of this process."""
    laps = []
    with uncollected():
        for _ in range(LAPS):
            start = time.process_time()
            work()
            laps.append(time.process_time() - start)
    return min(laps)
