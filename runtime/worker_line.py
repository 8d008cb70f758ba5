"""Worker processes asked from the event loop: frames of JSON out and back, a deadline each, killed when it passes.

One question is under way at a time; the others wait their turn. A worker is started when it is first asked and ends
with this process. ``runtime.worker_side`` is the other end.
"""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

Json = Any
MOST = 64 << 20
"""Bytes of one frame."""
_HOME = Path(__file__).resolve().parent.parent


class WorkerLost(Exception):
    """No answer came: the worker took too long, fell over or spoke out of turn. The next question finds a new one."""


class WorkerLine:
    """One worker. ``first`` is what every new child is told before anything else."""

    def __init__(self, module: str, deadline_s: float, first: Mapping[str, Json]) -> None:
        self._module, self._deadline_s, self._first = module, deadline_s, first
        self._turn = asyncio.Lock()
        self._child: _Child | None = None
        self._closed = False
        self.opened: Mapping[str, Json] = {}
        """What the last child answered to ``first``."""

    @property
    def pid(self) -> int | None:
        """The running child's, for those who watch over processes."""
        return None if self._child is None else self._child.process.pid

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
        if self._child is not None and self._child.process.poll() is not None:
            self._drop()
        if self._child is None:
            self._child = await _started(self._module)
            self.opened = await self._child.told(self._first)
        return await self._child.told(question)

    def _drop(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            child.end()


class _Child(NamedTuple):
    """A process and the socket that is its standard input and output."""

    process: subprocess.Popen[bytes]
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def told(self, what: Mapping[str, Json]) -> Json:
        frame = json.dumps(what).encode()
        if len(frame) > MOST:
            raise ValueError("too large a question")
        self.writer.write(len(frame).to_bytes(4, "big") + frame)
        await self.writer.drain()
        size = int.from_bytes(await self.reader.readexactly(4), "big")
        if size > MOST:
            raise ValueError("too large an answer")
        return json.loads(await self.reader.readexactly(size))

    def end(self) -> None:
        self.writer.transport.abort()
        self.process.kill()
        self.process.wait()


async def _started(module: str) -> _Child:
    ours, theirs = socket.socketpair()
    with theirs:
        # This interpreter and a module of this package: no part of the command comes from outside.
        process = subprocess.Popen(  # noqa: S603
            (sys.executable, "-m", module),
            stdin=theirs.fileno(),
            stdout=theirs.fileno(),
            stderr=subprocess.DEVNULL,
            cwd=_HOME,
            env={"LANG": "C.UTF-8"},
            start_new_session=True,
        )
    try:
        reader, writer = await asyncio.open_connection(sock=ours)
    except BaseException:
        process.kill()
        process.wait()
        ours.close()
        raise
    return _Child(process, reader, writer)
