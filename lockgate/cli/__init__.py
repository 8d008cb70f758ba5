"""The command line. Exit status: 0 well, 1 findings or refusals, 2 unusable input (one line, never a traceback), 74 a
disk that takes no more, 130 after Ctrl-C. This file imports next to nothing, so that Ctrl-C is quiet from the start."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from types import FrameType
from typing import NoReturn

__all__ = ["main", "run"]
STOPPED, NO_SPACE = 130, 74


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Runs the command line and ends the process."""
    _on_ctrl_c(_gone)
    try:
        from lockgate.cli import commands  # seconds of imports: a Ctrl-C meanwhile ends the process

        _on_ctrl_c(signal.default_int_handler)
        status = commands.run(sys.argv[1:] if arguments is None else arguments)
    except KeyboardInterrupt:
        status = STOPPED
    _on_ctrl_c(_gone)
    sys.exit(_flushed(status))


def run(arguments: Sequence[str]) -> int:
    """The exit status of one command line. What cannot be used is one line on standard error and 2."""
    from lockgate.cli import commands  # as above: whoever imports this file has not asked for a command yet

    return commands.run(arguments)


def _on_ctrl_c(handler: object) -> None:
    """Whoever starts this with Ctrl-C ignored keeps it so."""
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, handler)  # type: ignore[arg-type]  # one of two functions of the same shape


def _gone(_number: int, _frame: FrameType | None) -> None:
    os._exit(STOPPED)


def _flushed(status: int) -> int:
    """What is still to be written is written now: at the interpreter's end a full disk would be a traceback."""
    try:
        sys.stdout.flush()
    except OSError as error:
        return _cut_off(status, error)
    return status


def _cut_off(status: int, error: OSError) -> int:
    """Standard output goes nowhere from here on. A reader that went away, as ``head`` does, is no failure."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    if isinstance(error, BrokenPipeError):
        return status
    with suppress(OSError):
        print(f"lockgate: the output could not be written ({error.strerror}).", file=sys.stderr)
    return NO_SPACE
