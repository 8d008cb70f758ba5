"""Rehearsals for the designer: samples and test cases are run in a child process that can be killed.

The child has no connection and no secret. One question is under way at a time; a child that takes too long, falls
over or has answered often enough is replaced. What people may not see is masked in the child already.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from designer.drawing import Drawing
from designer.errors import DesignerError, NotReady, Unfit
from designer.settings import Settings
from flows.surroundings import load_surroundings

Json = Any
DEADLINE_S = 20.0
START_S = 60.0
"""A new child reads its tables first."""
MOST = 8 << 20
OFTEN = 500
"""Questions after which a child is replaced."""
_HOME = Path(__file__).resolve().parent.parent
_COMMAND = (sys.executable, "-m", "runtime.rehearsal_worker")


class _Late(Exception):
    """The child took too long."""


class _Gone(Exception):
    """The child has ended."""


class Rehearsals:
    """One child, started when it is first asked, by a thread that lives as long as this process: a child ends with
    the thread that started it."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._hand = ThreadPoolExecutor(1, thread_name_prefix="rehearsals")
        self._child: subprocess.Popen[bytes] | None = None
        self._asked = 0

    def ask(self, question: Mapping[str, Json]) -> Json:
        """What the child gives; Unfit with its sentence where it cannot, NotReady where it does not answer."""
        answer = self._hand.submit(self._tried, question).result()
        if "trouble" in answer:
            raise Unfit(answer["trouble"], answer["sentence"])
        return answer["gives"]

    def close(self) -> None:
        """Ends the child."""
        self._hand.submit(self._end).result()
        self._hand.shutdown()

    def _tried(self, question: Mapping[str, Json]) -> Json:
        """Once more with a new child where the old one was gone already."""
        for last in (False, True):
            try:
                return self._exchange(question)
            except _Gone:
                self._end()
                if last:
                    break
            except (_Late, ValueError):
                self._end()
                break
        raise NotReady(
            "no-rehearsal", "The sample took too long, or too much memory, to be run. Nothing else happened."
        )

    def _exchange(self, question: Mapping[str, Json]) -> Json:
        if self._child is None or self._child.poll() is not None or self._asked >= OFTEN:
            self._end()
            self._start()
        self._asked += 1
        return self._told(question, DEADLINE_S if self._asked > 1 else START_S)

    def _start(self) -> None:
        # The command is this interpreter and a module of this package; no part of it comes from outside.
        self._child = subprocess.Popen(  # noqa: S603
            _COMMAND,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=_HOME,
            env={"LANG": "C.UTF-8"},
            bufsize=0,
            start_new_session=True,
        )
        self._asked = 0
        self._told({"do": "begin", "store": str(self._settings.store), "root": str(self._settings.root)}, START_S)

    def _told(self, question: Mapping[str, Json], seconds: float) -> Json:
        child = self._child
        if child is None or child.stdin is None or child.stdout is None:
            raise _Gone
        frame = json.dumps(question).encode()
        if len(frame) > MOST:
            raise Unfit("too-large", "The sample is too large to be run here.")
        _write(child.stdin.fileno(), len(frame).to_bytes(4, "big") + frame, seconds)
        size = int.from_bytes(self._read(4, seconds), "big")
        return json.loads(self._read(size, seconds))

    def _read(self, count: int, seconds: float) -> bytes:
        assert self._child is not None and self._child.stdout is not None  # noqa: S101 - whoever reads has asked it
        pipe, data = self._child.stdout.fileno(), bytearray()
        while len(data) < count:
            ready, _, _ = select.select([pipe], [], [], seconds)
            if not ready:
                raise _Late
            piece = os.read(pipe, count - len(data))
            if not piece:
                raise _Gone
            data += piece
        return bytes(data)

    def _end(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            child.kill()
            child.wait()


def warm(rehearsals: Rehearsals, drawing: Drawing, document: Mapping[str, Json]) -> None:
    """Starts the child and has it read its tables, so that the first sample does not wait for that."""
    with contextlib.suppress(DesignerError):
        rehearsals.ask({"do": "recognise", "text": "MSH|^~\\&|", "place": place(drawing, document)})


def _write(pipe: int, data: bytes, seconds: float) -> None:
    """All of it, as long as the child reads."""
    os.set_blocking(pipe, False)
    view = memoryview(data)
    while view:
        _, ready, _ = select.select([], [pipe], [], seconds)
        if not ready:
            raise _Late
        try:
            view = view[os.write(pipe, view) :]
        except OSError:
            raise _Gone from None


def place(drawing: Drawing, document: Mapping[str, Json]) -> dict[str, Json]:
    """A draft with the environment that it is drawn in, as the child takes it."""
    files, read = drawing.files(), dict[str, Json]()

    def kept(name: str) -> bytes:
        data = files.read(name)
        read[name] = data.decode()
        return data

    load_surroundings(files.data, kept)  # a contract may name further files, such as a schema that a WSDL imports
    return {"document": dict(document), "environment": files.data.decode(), "files": read}
