"""A file system whose disk fails on command: for the journal's fault tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import apsw

from runtime.world import SeededRandomness, SetClock, Storage, SystemNetwork, World


class Disk:
    """``fail`` names the operation that fails (``write``, ``sync``) and on which file (its suffix). ``size`` is what
    all files of ``folder`` may take together, ballast too."""

    def __init__(self, name: str, folder: Path | None = None, size: int | None = None) -> None:
        self.name, self.folder, self.size = name, folder, size
        self.fail: tuple[str, str] | None = None
        self.error: type[apsw.Error] = apsw.IOError
        self.syncs = 0
        self._vfs = _Vfs(self)

    def world(self, clock: SetClock | None = None) -> World:
        return World(clock or SetClock(), SeededRandomness(1), SystemNetwork(), Storage(self.name))

    def check(self, operation: str, file: str) -> None:
        if operation == "sync":
            self.syncs += 1
        if self.fail and self.fail[0] == operation and file.endswith(self.fail[1]):
            raise self.error("the disk failed")

    def make_room(self, growth: int) -> None:
        if self.folder is None or self.size is None or growth <= 0:
            return
        taken = sum(path.stat().st_size for path in self.folder.glob("journal.db*") if not path.name.endswith("-shm"))
        if taken + growth > self.size:
            raise apsw.FullError("the disk is full")


class _File(apsw.VFSFile):
    def __init__(self, disk: Disk, name: Any, flags: list[int]) -> None:
        super().__init__("", name, flags)
        self._disk, self._name = disk, Path(name.filename() if hasattr(name, "filename") else str(name)).name

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802 - apsw names it
        self._disk.check("write", self._name)
        self._disk.make_room(offset + len(data) - self.xFileSize())
        super().xWrite(data, offset)

    def xSync(self, flags: int) -> None:  # noqa: N802
        self._disk.check("sync", self._name)
        super().xSync(flags)


class _Vfs(apsw.VFS):
    def __init__(self, disk: Disk) -> None:
        super().__init__(disk.name, "")
        self._disk = disk

    def xOpen(self, name: Any, flags: list[int]) -> apsw.VFSFile:  # noqa: N802
        return _File(self._disk, name, flags)
