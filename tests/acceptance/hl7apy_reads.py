"""What hl7apy can read: asked of hl7apy itself, in processes of its own, since it takes its time."""

from __future__ import annotations

import functools
import gc
import multiprocessing
import re
import sys
from collections.abc import Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import suppress

from hl7apy.exceptions import HL7apyException
from hl7apy.parser import parse_message

CHUNK, WORKERS = 60, 2


class Reading:
    """hl7apy at work on messages, while something else goes on."""

    def __init__(self, frames: Sequence[bytes]) -> None:
        self._frames = frames
        self._pool = ProcessPoolExecutor(WORKERS, multiprocessing.get_context("spawn"), prepare)
        chunks = [frames[at : at + CHUNK] for at in range(0, len(frames), CHUNK)]
        self._read: list[Future[list[bool]]] = [self._pool.submit(read_all, chunk) for chunk in chunks]

    def readable(self) -> frozenset[bytes]:
        """Those that it could read."""
        results = [answer for future in self._read for answer in future.result()]
        self._pool.shutdown()
        return frozenset(frame for frame, read in zip(self._frames, results, strict=True) if read)


def prepare() -> None:
    """hl7apy imports its tables again for every element, and leaves nothing behind that has to be collected."""
    gc.disable()
    for module in [module for name, module in sys.modules.items() if name.startswith("hl7apy")]:
        for slow in ("load_library", "is_base_datatype"):
            if hasattr(module, slow):
                setattr(module, slow, functools.cache(getattr(module, slow)))


def read_all(frames: Sequence[bytes]) -> list[bool]:
    return [can_read(frame) for frame in frames]


def can_read(frame: bytes) -> bool:
    """Whether it parses with the ends that it asks for: CR, and no empty line."""
    text = re.sub(rb"[\r\n]+", b"\r", frame).decode("utf-8", "replace")
    with suppress(HL7apyException):
        parse_message(text, find_groups=False)
        return True
    return False
