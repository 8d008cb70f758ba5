"""Memory that was freed goes back to the system: a bundle or a master takes several times its size while it is read,
and a process that runs for months would keep that.
"""

from __future__ import annotations

import ctypes
import gc


def give_back() -> None:
    """Collects what hangs in circles and hands free pages back, where the C library can."""
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
