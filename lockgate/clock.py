"""The time that commands go by: the machine's, unless this very code runs them at another one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from runtime.world import Clock, SystemClock

_CLOCK: ContextVar[Clock] = ContextVar("clock", default=SystemClock())  # noqa: B039  reason: it holds nothing


def now_ms() -> int:
    """UTC milliseconds."""
    return _CLOCK.get().now_ms()


@contextmanager
def under(clock: Clock) -> Iterator[None]:
    """Commands that this very code runs take the time from ``clock``. No option and no variable leads here."""
    before = _CLOCK.set(clock)
    try:
        yield
    finally:
        _CLOCK.reset(before)
