"""The worker's end of a line: reads a frame, answers a frame, and leaves when nobody is there to ask any more."""

from __future__ import annotations

import ctypes
import json
import os
import resource
import signal
import sys
from collections.abc import Callable, Mapping
from typing import Any, BinaryIO

Json = Any
Answer = Callable[[Mapping[str, Json]], Json]
_PR_SET_PDEATHSIG = 1
_MOST = 64 << 20


def serve(answer: Answer, longest_s: int, memory: int) -> None:
    """Answers every frame until the questions end. One that takes too long, or too much memory, ends the process."""
    _die_with_parent()
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    questions, answers = sys.stdin.buffer, _answers()
    while (frame := _frame(questions)) is not None:
        signal.alarm(longest_s)
        made = json.dumps(answer(json.loads(frame))).encode()
        signal.alarm(0)
        answers.write(len(made).to_bytes(4, "big") + made)
        answers.flush()


def _answers() -> BinaryIO:
    """Standard output for frames alone: what a library prints goes nowhere."""
    kept = os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)
    return kept


def _frame(questions: BinaryIO) -> bytes | None:
    head = questions.read(4)
    size = int.from_bytes(head, "big")
    if len(head) < 4 or size > _MOST:
        return None
    frame = questions.read(size)
    return frame if len(frame) == size else None


def _die_with_parent() -> None:
    """A worker that still wrote to a system after its runtime was killed would work against the next one."""
    parent = os.getppid()
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent or parent == 1:
        sys.exit(0)
