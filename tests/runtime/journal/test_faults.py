"""The journal on a disk that fails, fills up, or is shared by processes that die."""

from __future__ import annotations

import asyncio
import itertools
import os
import resource
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import apsw
import pytest

from flows import audit
from runtime import world
from runtime.journal import queries
from runtime.journal.ballast import Ballast
from runtime.journal.batch import Batcher
from runtime.journal.errors import DiskFull, JournalBroken, JournalUnusable
from runtime.journal.store import Journal
from runtime.journal.transaction import Transaction
from tests.runtime.journal.shaky import Disk

_names = itertools.count()


@pytest.fixture(name="disk")
def _disk() -> Iterator[Disk]:
    disk = Disk(f"shaky-{next(_names)}")
    yield disk
    disk.fail = None  # what is still open closes without another fault


def opened(disk: Disk, path: Path, **options: int) -> Journal:
    return Journal.open(path / "journal.db", "intake", disk.world(), ballast_bytes=1 << 20, **options)


def note(journal: Journal, name: str) -> None:
    with journal.write() as transaction:
        transaction.run(queries.SET_META, (name, "x"))
        transaction.audit("message.accepted", message=1)


def test_every_commit_is_flushed(disk: Disk, tmp_path: Path) -> None:
    journal = opened(disk, tmp_path)
    before = disk.syncs
    for number in range(10):
        note(journal, f"n{number}")
    assert disk.syncs - before >= 10


def test_after_a_failed_flush_nothing_is_ever_committed_again(disk: Disk, tmp_path: Path) -> None:
    journal = opened(disk, tmp_path)
    note(journal, "before")
    disk.fail = ("sync", "-wal")
    with pytest.raises(JournalBroken):
        note(journal, "during")
    disk.fail = None
    with pytest.raises(JournalBroken):
        note(journal, "after")


def test_after_a_failed_write_nothing_is_ever_committed_again(disk: Disk, tmp_path: Path) -> None:
    journal = opened(disk, tmp_path)
    disk.fail = ("write", "-wal")
    with pytest.raises(JournalBroken):
        note(journal, "during")
    disk.fail = None
    with pytest.raises(JournalBroken):
        note(journal, "after")


def test_a_failed_flush_of_a_checkpoint_is_not_hidden(disk: Disk, tmp_path: Path) -> None:
    journal = opened(disk, tmp_path, checkpoint_pages=4)
    note(journal, "before")
    disk.fail = ("sync", ".db")
    note(journal, "log")
    with pytest.raises(JournalBroken):
        journal.settle()
    with pytest.raises(JournalBroken):
        note(journal, "after")
    disk.fail = None  # the journal may be closed as soon as this function ends: by then the disk must hold again


def test_a_full_disk_rolls_back_and_the_journal_works_on(disk: Disk, tmp_path: Path) -> None:
    journal = opened(disk, tmp_path)
    disk.fail, disk.error = ("write", "-wal"), apsw.FullError
    with pytest.raises(DiskFull):
        note(journal, "during")
    disk.fail = None
    note(journal, "after")
    assert journal.reader().row(queries.META, ("during",)) is None
    assert audit.verify("intake", journal.reader().rows(queries.AUDIT_ROWS, ("intake", 1)))[0] == 1


def test_a_disk_that_is_full_at_a_checkpoint_breaks_nothing(disk: Disk, tmp_path: Path) -> None:
    journal = opened(disk, tmp_path, checkpoint_pages=4)
    note(journal, "before")
    disk.fail, disk.error = ("write", ".db"), apsw.FullError
    journal.settle()
    disk.fail = None
    note(journal, "after")
    assert journal.reader().row(queries.META, ("before",)) == ("x",)


def test_a_file_size_limit_is_a_full_disk(tmp_path: Path) -> None:
    pid = os.fork()
    if not pid:
        status = 1
        try:
            journal = Journal.open(tmp_path / "journal.db", "intake", world.system(), ballast_bytes=0)
            note(journal, "before")
            size = (tmp_path / "journal.db-wal").stat().st_size
            resource.setrlimit(resource.RLIMIT_FSIZE, (size + 2048, resource.RLIM_INFINITY))
            try:
                with journal.write() as transaction:
                    transaction.run(queries.SET_META, ("large", "x" * 50_000))
            except DiskFull:
                status = 0
        finally:
            os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    journal = Journal.open(tmp_path / "journal.db", "intake", world.system(), ballast_bytes=0)
    assert journal.reader().row(queries.META, ("before",)) == ("x",)


def test_a_journal_that_cannot_be_written_is_unusable_at_the_start(disk: Disk, tmp_path: Path) -> None:
    disk.fail = ("write", ".db")
    with pytest.raises(JournalUnusable):
        opened(disk, tmp_path)


def test_the_log_starts_again_at_its_beginning_after_a_checkpoint(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path / "journal.db", "intake", world.system(), ballast_bytes=0, checkpoint_pages=64)
    for number in range(400):
        note(journal, f"n{number % 7}")
        journal.settle()
    assert (tmp_path / "journal.db-wal").stat().st_size < 200 * 1100


def test_ballast_is_real_and_comes_back_only_when_there_is_room(tmp_path: Path) -> None:
    ballast = Ballast(tmp_path / "ballast", 1 << 20)
    assert (tmp_path / "ballast").stat().st_blocks * 512 >= 1 << 20
    ballast.release()
    assert not (tmp_path / "ballast").exists()
    assert not ballast.held
    assert ballast.restore()
    huge = Ballast(tmp_path / "huge", 1 << 60)
    assert not huge.held
    assert not huge.restore()
    assert not (tmp_path / "huge").exists()


def test_two_writers_hand_over_without_polling(tmp_path: Path) -> None:
    """Two processes commit as fast as they can; with SQLite's own waiting this takes a multiple."""
    path = tmp_path / "journal.db"
    Journal.open(path, "setup", world.system(), ballast_bytes=0).close()
    pids = []
    began = time.monotonic()
    for writer in ("intake", "delivery"):
        pid = os.fork()
        if not pid:
            status = 1
            try:
                journal = Journal.open(path, writer, world.system(), ballast_bytes=0)
                for number in range(300):
                    note(journal, f"{writer}-{number}")
                    journal.settle()
                status = 0
            finally:
                os._exit(status)
        pids.append(pid)
    assert [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in pids] == [0, 0]
    assert time.monotonic() - began < 20
    reader = Journal.open(path, "check", world.system(), ballast_bytes=0).reader()
    for writer in ("intake", "delivery"):
        assert audit.verify(writer, reader.rows(queries.AUDIT_ROWS, (writer, 1)))[0::2] == (300, None)


def test_a_writer_that_is_killed_in_a_transaction_blocks_nobody_and_leaves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    journal = Journal.open(path, "delivery", world.system(), ballast_bytes=0)
    read, write = os.pipe()
    pid = os.fork()
    if not pid:
        try:
            other = Journal.open(path, "intake", world.system(), ballast_bytes=0)
            with other.write() as transaction:
                transaction.run(queries.SET_META, ("half", "x"))
                os.write(write, b"!")
                signal.pause()
        finally:
            os._exit(1)
    os.read(read, 1)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    note(journal, "after")
    assert journal.reader().row(queries.META, ("half",)) is None


def test_what_comes_in_one_turn_of_the_loop_is_one_commit() -> None:
    async def story() -> None:
        journal = Journal.in_memory("batch", "intake", world.system())
        commits: list[list[int]] = []

        def write(transaction: Transaction, items: list[int]) -> None:
            for item in items:
                transaction.audit("message.accepted", message=item)

        batcher = Batcher(journal, write, commits.append, _never, _never)
        for item in range(5):
            batcher.add(item)
        assert len(batcher) == 5
        await asyncio.sleep(0)
        batcher.add(5)
        await asyncio.sleep(0)
        assert commits == [[0, 1, 2, 3, 4], [5]]

    asyncio.run(story())


def test_nothing_is_done_for_a_batch_whose_commit_failed(disk: Disk, tmp_path: Path) -> None:
    async def story() -> None:
        journal = opened(disk, tmp_path)
        done: list[list[int]] = []
        full: list[list[int]] = []
        broken: list[JournalBroken] = []
        batcher = Batcher[int](
            journal, lambda transaction, items: transaction.audit("message.accepted", message=items[0]), done.append,
            full.append, broken.append,
        )  # fmt: skip
        for number, (fails, error) in enumerate(
            [
                (None, apsw.IOError),
                (("write", "-wal"), apsw.FullError),
                (("sync", "-wal"), apsw.IOError),
                (None, apsw.IOError),
            ]
        ):
            disk.fail, disk.error = fails, error
            batcher.add(number)
            await asyncio.sleep(0)
        assert (done, full) == ([[0]], [[1]])
        assert len(broken) == 2

    asyncio.run(story())


def test_a_defect_that_one_item_brings_to_light_costs_that_item_alone() -> None:
    async def story() -> None:
        journal = Journal.in_memory("defect", "intake", world.system())
        done: list[int] = []
        failed: list[int] = []

        def write(transaction: Transaction, items: list[int]) -> None:
            for item in items:
                if item == 2:
                    raise ZeroDivisionError
                transaction.audit("message.accepted", message=item)

        batcher = Batcher[int](journal, write, done.extend, _never, _never, lambda item, _: failed.append(item))
        for item in range(4):
            batcher.add(item)
        batcher.flush()
        assert (done, failed) == ([0, 1, 3], [2])

    asyncio.run(story())


def _never(what: object) -> None:
    raise AssertionError(what)
