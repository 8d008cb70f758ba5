"""Faults of the designer itself: logged by kind and place alone, since a text could hold a value."""

from __future__ import annotations

import hashlib
import logging
import traceback
from pathlib import Path

_LOG = logging.getLogger("designer")


def reference(error: BaseException) -> str:
    """Logs a fault and gives the name under which the log has it: the same fault has the same name."""
    frames = traceback.extract_tb(error.__traceback__)
    way = " < ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in reversed(frames[-6:]))
    name = hashlib.sha256(f"{type(error).__name__} {way}".encode()).hexdigest()[:12]
    _LOG.error("designer.failed reference=%s kind=%s at=%s", name, type(error).__name__, way)
    return name
