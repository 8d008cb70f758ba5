"""Power loss at every disk operation: whatever was acknowledged is there after recovery, whole, with its audit.

Every write, truncation and flush of a run is recorded. For each point the disk is built again as a power cut may leave
it: writes that no flush confirmed are gone, there, there at random, or torn at 512 bytes.
"""

from __future__ import annotations

import itertools
import os
import random
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import apsw
import pytest

from flows import audit
from runtime import world
from runtime.journal import queries
from runtime.journal.errors import JournalUnusable
from runtime.journal.store import Journal
from runtime.world import SeededRandomness, SetClock, Storage, SystemNetwork, World

_names = itertools.count()
POLICIES = ("lost", "kept", "some", "torn")


class Op(NamedTuple):
    what: str
    """write, truncate, sync, delete or acknowledged."""
    file: str = ""
    at: int = 0
    data: bytes = b""


class Recording:
    """A file system that writes down what it is asked to do."""

    def __init__(self) -> None:
        self.ops: list[Op] = []
        self.name = f"recording-{next(_names)}"
        ops = self.ops

        class File(apsw.VFSFile):
            def __init__(self, name: Any, flags: list[int]) -> None:
                super().__init__("", name, flags)
                self.file = Path(name.filename() if hasattr(name, "filename") else str(name)).name

            def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802 - apsw names it
                ops.append(Op("write", self.file, offset, bytes(data)))
                super().xWrite(data, offset)

            def xTruncate(self, size: int) -> None:  # noqa: N802
                ops.append(Op("truncate", self.file, size))
                super().xTruncate(size)

            def xSync(self, flags: int) -> None:  # noqa: N802
                ops.append(Op("sync", self.file))
                super().xSync(flags)

        class Vfs(apsw.VFS):
            def xDelete(self, name: str, sync: bool) -> None:  # noqa: N802
                ops.append(Op("delete", Path(name).name))
                super().xDelete(name, sync)

            def xOpen(self, name: Any, flags: list[int]) -> apsw.VFSFile:  # noqa: N802
                return File(name, flags)

        self.vfs = Vfs(self.name, "")


def recorded(folder: Path, synchronous: str = "FULL", commits: int = 24) -> list[Op]:
    """The operations of a short life with checkpoints; ``acknowledged`` stands where an answer would go out."""
    recording = Recording()
    surroundings = World(SetClock(), SeededRandomness(1), SystemNetwork(), Storage(recording.name))
    journal = Journal.open(folder / "journal.db", "intake", surroundings, ballast_bytes=0, checkpoint_pages=24)
    journal.connection.execute(f"PRAGMA synchronous = {synchronous}")
    for number in range(1, commits + 1):
        with journal.write() as transaction:
            transaction.run(queries.SET_META, (f"message-{number}", "x" * 700))
            transaction.audit("message.accepted", message=number)
        recording.ops.append(Op("acknowledged", at=number))
        journal.settle()
    ops = list(recording.ops)
    journal.close()
    return ops


def images(ops: list[Op], chance: random.Random) -> Iterator[tuple[int, dict[str, bytearray]]]:
    """(last number acknowledged, files) for every point and policy."""
    start = next(place for place, op in enumerate(ops) if op.what == "acknowledged")
    for cut in range(start, len(ops) + 1):
        acknowledged = max((op.at for op in ops[:cut] if op.what == "acknowledged"), default=0)
        for policy in POLICIES:
            yield acknowledged, _disk(ops[:cut], policy, chance)


def _disk(ops: list[Op], policy: str, chance: random.Random) -> dict[str, bytearray]:
    files: dict[str, bytearray] = defaultdict(bytearray)
    waiting: dict[str, list[Op]] = defaultdict(list)
    for op in ops:
        if op.what in ("write", "truncate"):
            waiting[op.file].append(op)
        elif op.what == "delete":  # only at the beginning; the journal flushes its folder before any answer
            files.pop(op.file, None)
            waiting.pop(op.file, None)
        elif op.what == "sync":
            for each in waiting.pop(op.file, []):
                _apply(files[op.file], each)
    for file, left in waiting.items():
        for each in left:
            _apply_unflushed(files[file], each, policy, chance)
    return files


def _apply_unflushed(file: bytearray, op: Op, policy: str, chance: random.Random) -> None:
    if policy == "kept" or (policy == "some" and chance.random() < 0.5):
        _apply(file, op)
    elif policy == "torn" and chance.random() < 0.7:
        sectors = (len(op.data) + 511) // 512
        _apply(file, op._replace(data=op.data[: 512 * chance.randint(0, sectors)]))


def _apply(file: bytearray, op: Op) -> None:
    if op.what == "truncate":
        del file[op.at :]
        return
    file.extend(bytes(max(0, op.at + len(op.data) - len(file))))
    file[op.at : op.at + len(op.data)] = op.data


def survives(folder: Path, acknowledged: int, files: dict[str, bytearray]) -> bool:
    """Whether recovery finds every acknowledged message, a sound file and an unbroken chain."""
    for path in folder.iterdir():
        path.unlink()
    for name, content in files.items():
        if not name.endswith("-shm"):
            (folder / name).write_bytes(content)
    try:
        journal = Journal.open(folder / "journal.db", "intake", world.system(), ballast_bytes=0)
    except JournalUnusable:
        return False
    try:
        reader = journal.reader()
        (there,) = reader.row("SELECT count(*) FROM meta WHERE name LIKE 'message-%'") or (0,)
        count, _, broken = audit.verify("intake", reader.rows(queries.AUDIT_ROWS, ("intake", 1)))
        sound = reader.rows("PRAGMA integrity_check") == [("ok",)]
        return sound and broken is None and count == there >= acknowledged
    except apsw.Error:
        return False
    finally:
        journal.close()


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> Iterator[Path]:
    """In memory where there is such a place: a thousand disks are written here."""
    memory = Path("/dev/shm")  # noqa: S108
    with tempfile.TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else tmp_path) as name:
        (Path(name) / "run").mkdir()
        (Path(name) / "image").mkdir()
        yield Path(name)


def test_no_power_cut_loses_what_was_acknowledged(folder: Path) -> None:
    found = [survives(folder / "image", *image) for image in images(recorded(folder / "run"), random.Random(3))]
    assert len(found) > 500
    assert all(found)


def test_the_same_judge_finds_the_loss_where_commits_are_not_flushed(folder: Path) -> None:
    ops = recorded(folder / "run", synchronous="NORMAL", commits=8)
    assert not all(survives(folder / "image", *image) for image in images(ops, random.Random(3)))
