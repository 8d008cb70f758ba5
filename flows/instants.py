"""Points in time as signed documents write them: UTC to the second, ``2026-03-31T08:00:00Z``."""

from __future__ import annotations

import datetime
import re
from typing import Annotated

from pydantic import AfterValidator

_SHAPE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")
_FORMAT = "%Y-%m-%dT%H:%M:%SZ"


def to_ms(text: str) -> int:
    """UTC milliseconds of an instant; ValueError for any other spelling."""
    if not _SHAPE.fullmatch(text):
        raise ValueError("write the time as 2026-03-31T08:00:00Z")
    moment = datetime.datetime.strptime(text, _FORMAT).replace(tzinfo=datetime.UTC)
    return round(moment.timestamp()) * 1000


def from_ms(ms: int) -> str:
    """The instant of UTC milliseconds; parts of a second are dropped."""
    return datetime.datetime.fromtimestamp(ms // 1000, datetime.UTC).strftime(_FORMAT)


def _checked(text: str) -> str:
    to_ms(text)
    return text


Instant = Annotated[str, AfterValidator(_checked)]
