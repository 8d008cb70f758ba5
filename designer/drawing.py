"""What drafts are drawn in: the environment with its contracts, and the analysis of a document in it.

The same document in the same environment is analysed once; a document changes with every edit, so few are kept.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from designer.errors import NotReady
from flows.analysis import Analysis, analyse
from flows.canonical import dumps, sha256_hex
from flows.environment import Surroundings
from flows.findings import Finding
from flows.graph import Flow, read_flow
from flows.policyset import builtin
from flows.surroundings import SurroundingsError, files_of, load_environment, load_surroundings
from nodes import catalogue
from runtime.world import Clock

KEPT = 64
_Mark = tuple[tuple[str, int, int], ...]


class Found(NamedTuple):
    """A document analysed. ``flow`` is None where it cannot be read at all; then ``findings`` say why."""

    document: Mapping[str, Any]
    digest: str
    flow: Flow | None
    around: Surroundings
    findings: tuple[Finding, ...]
    analysis: Analysis | None
    ms: int
    lock: threading.RLock
    """Held by whoever looks into the lineage: it takes itself apart while it is read."""


class Files(NamedTuple):
    """An environment file and the folder of what it names."""

    data: bytes
    folder: Path

    def read(self, name: str) -> bytes:
        return (self.folder / name).read_bytes()


class Drawing:
    """The environment of an installation, read again when one of its files changes."""

    def __init__(self, environment: Path, clock: Clock) -> None:
        self._path, self._clock = environment, clock
        self._lock = threading.Lock()
        self._mark: _Mark = ()
        self._around: Surroundings | None = None
        self._found: OrderedDict[tuple[str, int], Found] = OrderedDict()
        self._turn = 0

    def around(self) -> Surroundings:
        """The environment; NotReady where its files cannot be used."""
        return self._current()[0]

    def files(self) -> Files:
        """The environment as it is sealed: its bytes and what it names."""
        try:
            return Files(self._path.read_bytes(), self._path.parent)
        except OSError:
            raise _unusable("it cannot be read.") from None

    def analysed(self, document: Mapping[str, Any], digest: str | None = None) -> Found:
        """All that is found in a document. ``digest`` is that of its canonical bytes, where it is known."""
        around, turn = self._current()
        digest = digest or sha256_hex(dumps(document))
        key = (digest, turn)
        with self._lock:
            done = self._found.get(key)
            if done is not None:
                self._found.move_to_end(key)
                return done
        found = self._analyse(document, digest, around)
        with self._lock:
            self._found[key] = found
            while len(self._found) > KEPT:
                self._found.popitem(last=False)
        return found

    def _analyse(self, document: Mapping[str, Any], digest: str, around: Surroundings) -> Found:
        began = self._clock.monotonic()
        flow, found = read_flow(dict(document))
        analysis = analyse(flow, around, catalogue.declare, builtin()) if flow is not None else None
        findings = (*found, *analysis.findings) if analysis is not None else found
        took = round((self._clock.monotonic() - began) * 1000)
        return Found(document, digest, flow, around, findings, analysis, took, threading.RLock())

    def _current(self) -> tuple[Surroundings, int]:
        with self._lock:
            mark = self._marked()
            if self._around is None or mark != self._mark:
                self._around, self._mark = self._read(), mark
                self._turn += 1
            return self._around, self._turn

    def _read(self) -> Surroundings:
        try:
            data = self._path.read_bytes()
            return load_surroundings(data, Files(data, self._path.parent).read)
        except OSError:
            raise _unusable("it cannot be read.") from None
        except SurroundingsError as error:
            raise _unusable(f"{error.file}: {error.sentence}") from None

    def _marked(self) -> _Mark:
        try:
            names = files_of(load_environment(self._path.read_bytes()))
            paths = [self._path, *(self._path.parent / name for name in names)]
            stats = [(str(path), path.stat()) for path in paths]
        except OSError:
            raise _unusable("a file of it cannot be read.") from None
        except SurroundingsError as error:
            raise _unusable(f"{error.file}: {error.sentence}") from None
        return tuple((path, found.st_mtime_ns, found.st_size) for path, found in stats)


def _unusable(why: str) -> NotReady:
    return NotReady("no-environment", f"The environment file cannot be used: {why}")
