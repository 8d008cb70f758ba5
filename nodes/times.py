"""Times as texts: the day on which a record was received, for what the message leaves open."""

from __future__ import annotations

import datetime
import functools

from nodes.record import Record

_DAY_MS = 86_400_000


def day_of_receipt(record: Record) -> str:
    """The UTC day of receipt as ``YYYY-MM-DD``."""
    return _day(record.envelope.received_ms // _DAY_MS)


@functools.lru_cache(maxsize=64)
def _day(number: int) -> str:
    return (datetime.date(1970, 1, 1) + datetime.timedelta(days=number)).isoformat()
