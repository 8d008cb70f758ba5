"""Worker processes asked from the event loop: frames of JSON out and back, a deadline each, killed when it passes.

One question is under way at a time; the others wait their turn. A worker is started when it is first asked and ends
with this process. ``runtime.worker_side`` is the other end.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

Json = Any
MOST = 8 << 20
"""Bytes of one frame."""
_HOME = Path(__file__).resolve().parent.parent


class WorkerLost(Exception):
    """No answer came: the worker took too long, fell over or spoke out of turn. The next question finds a new one."""


class WorkerLine:
    """One worker. ``first`` is what every new child is told before anything else."""

    def __init__(self, module: str, deadline_s: float, first: Mapping[str, Json]) -> None:
        self._module, self._deadline_s, self._first = module, deadline_s, first
        self._turn = asyncio.Lock()
        self._child: asyncio.subprocess.Process | None = None
        self._closed = False

    @property
    def pid(self) -> int | None:
        """The running child's, for those who watch over processes."""
        return None if self._child is None else self._child.pid

    async def ask(self, question: Mapping[str, Json], deadline_s: float | None = None) -> Json:
        """The answer; WorkerLost where none came in time."""
        async with self._turn:
            if self._closed:
                raise WorkerLost
            try:
                async with asyncio.timeout(deadline_s or self._deadline_s):
                    return await self._exchange(question)
            except (OSError, EOFError, ValueError, TimeoutError):
                self._drop()
                raise WorkerLost from None
            except asyncio.CancelledError:
                self._drop()  # its answer would be taken for the next one's
                raise

    def close(self) -> None:
        """Ends the child, if there is one; nothing is asked any more."""
        self._closed = True
        self._drop()

    async def _exchange(self, question: Mapping[str, Json]) -> Json:
        if self._child is None or self._child.returncode is not None:
            self._child = await self._started()
            await _told(self._child, self._first)
        return await _told(self._child, question)

    async def _started(self) -> asyncio.subprocess.Process:
        # This interpreter and a module of this package: no part of the command comes from outside.
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", self._module),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            cwd=_HOME,
            env={"LANG": "C.UTF-8"},
            start_new_session=True,
            limit=MOST,
        )

    def _drop(self) -> None:
        child, self._child = self._child, None
        if child is not None and child.returncode is None:
            child.kill()


async def _told(child: asyncio.subprocess.Process, what: Mapping[str, Json]) -> Json:
    assert child.stdin is not None and child.stdout is not None  # noqa: S101 - both are pipes
    frame = json.dumps(what).encode()
    if len(frame) > MOST:
        raise ValueError("too large a question")
    child.stdin.write(len(frame).to_bytes(4, "big") + frame)
    await child.stdin.drain()
    size = int.from_bytes(await child.stdout.readexactly(4), "big")
    if size > MOST:
        raise ValueError("too large an answer")
    return json.loads(await child.stdout.readexactly(size))
