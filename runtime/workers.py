"""Worker processes: work that may take too long or fall over is done by a child that can be killed at its deadline."""

from __future__ import annotations

import contextlib
import os
import select
import subprocess
import sys
from pathlib import Path

MOST_ASKED = 60_000
"""Bytes of one question: what a pipe takes at once, so that asking never waits for a child that hangs."""
MOST_ANSWERED = 4_096
"""Bytes of one answer: what a pipe passes on whole."""
_HOME = Path(__file__).resolve().parent.parent


class Worker:
    """One child, started when first asked. It reads a line and writes a line; late or broken, it is killed.

    Nothing of the parent's environment reaches it, and it ends with the parent: its input closes.
    """

    def __init__(self, module: str, *arguments: str, deadline_s: float = 10.0) -> None:
        self._command = (sys.executable, "-m", module, *arguments)
        self._deadline_ms = int(deadline_s * 1000)
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """The running child's, for those who watch over processes."""
        return None if self._child is None else self._child.pid

    def ask(self, question: bytes) -> bytes | None:
        """The answer to one line; None where none came in time. The next question finds a new child."""
        if len(question) >= MOST_ASKED or b"\n" in question:
            return None
        try:
            answer = self._exchange(question)
        except OSError:
            answer = None
        if answer is None:
            self.close()
        return answer

    def close(self) -> None:
        """End the child, if there is one."""
        child, self._child = self._child, None
        if child is not None:
            child.kill()
            child.wait()
            for pipe in (child.stdin, child.stdout):
                if pipe is not None:
                    with contextlib.suppress(OSError):
                        pipe.close()

    def _exchange(self, question: bytes) -> bytes | None:
        child = self._running()
        if child.stdin is None or child.stdout is None:
            return None
        os.write(child.stdin.fileno(), question + b"\n")
        waiting = select.poll()
        waiting.register(child.stdout.fileno(), select.POLLIN)
        if not waiting.poll(self._deadline_ms):
            return None
        answer = os.read(child.stdout.fileno(), MOST_ANSWERED)
        return answer[:-1] if answer.endswith(b"\n") else None

    def _running(self) -> subprocess.Popen[bytes]:
        if self._child is not None and self._child.poll() is not None:
            self.close()
        if self._child is None:
            # The command is this interpreter and a module of this package; no part of it comes from outside.
            self._child = subprocess.Popen(  # noqa: S603
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd=_HOME,
                env={"LANG": "C.UTF-8"},
                bufsize=0,
                start_new_session=True,
            )
        return self._child
