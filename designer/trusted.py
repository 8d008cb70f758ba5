"""The trust file as the designer sees it: persons, roles, and whether it is a demo's. Read again when it changes."""

from __future__ import annotations

import threading
from pathlib import Path

from designer.errors import NotReady
from flows.trust import Refusal, Root, read_trust, verify_root_chain
from runtime.world import Clock

_Mark = tuple[int, int, int]


class Trusted:
    """The newest root of a trust file. Nothing is signed with it here; it says who may sign what."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self._path, self._clock = path, clock
        self._lock = threading.Lock()
        self._mark: _Mark | None = None
        self._root: Root | None = None

    @property
    def root(self) -> Root:
        """The newest root; NotReady where the file cannot be used."""
        with self._lock:
            mark = self._marked()
            if self._root is None or mark != self._mark:
                self._root, self._mark = self._read(), mark
            return self._root

    @property
    def demo(self) -> bool:
        """Whether a demo made it: its keys protect nothing."""
        return self.root.demo

    def _marked(self) -> _Mark:
        try:
            found = self._path.stat()
        except OSError:
            raise NotReady("no-trust", "The trust file cannot be read: an administrator must put it right.") from None
        return found.st_mtime_ns, found.st_size, found.st_ino

    def _read(self) -> Root:
        try:
            data = self._path.read_bytes()
        except OSError:
            raise NotReady("no-trust", "The trust file cannot be read: an administrator must put it right.") from None
        read = read_trust(data)
        if isinstance(read, Refusal):
            raise NotReady("no-trust", f"The trust file cannot be used: {read.sentence}")
        pin, chain = read
        root = verify_root_chain(chain, pin, self._clock.now_ms(), demo=True)
        if isinstance(root, Refusal):
            raise NotReady("no-trust", f"The trust file cannot be used: {root.sentence}")
        return root
