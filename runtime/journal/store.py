"""The journal: one SQLite file, durable at every commit, with the audit record in the same transaction as its act."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Final

import apsw

from flows import audit
from runtime.crypto import Mac
from runtime.journal import queries
from runtime.journal.ballast import DEFAULT_BYTES, Ballast
from runtime.journal.errors import JournalBroken, JournalUnusable, translated
from runtime.journal.files import Files
from runtime.journal.format import Reseal, flush_folder, own, prepared
from runtime.journal.lock import NoLock, WriteLock
from runtime.journal.reader import Reader
from runtime.journal.transaction import Transaction
from runtime.world import World

CHECKPOINT_PAGES: Final = 16_000
_READ_WRITE = apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE | apsw.SQLITE_OPEN_URI
_READ_ONLY = apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI


class Journal:
    """One writer's access to the journal. Open it in the process that uses it, after the fork.

    A failed write or flush breaks it for good: every later transaction raises JournalBroken, so nothing more is
    acknowledged, and the process must end with EXIT_BROKEN. A full disk only rolls the transaction back (DiskFull).
    """

    def __init__(
        self, connection: apsw.Connection, where: str, lock: WriteLock | NoLock, ballast: Ballast | None, writer: str,
        world: World, checkpoint_pages: int,
    ) -> None:  # fmt: skip
        self.connection, self.writer, self.world, self.ballast = connection, writer, world, ballast
        self._where, self._lock = where, lock
        self._vfs = world.storage.vfs if ballast else None
        self._broken: JournalBroken | None = None
        self._files: Files | None = None
        self._code: Mac | None = None
        self._pages, self._due, self._checkpoint_pages = 0, checkpoint_pages, checkpoint_pages
        self.next_seq, self.head = 1, audit.GENESIS
        connection.set_busy_timeout(10_000)
        connection.set_wal_hook(self._committed)

    @classmethod
    def open(
        cls,
        path: Path,
        writer: str,
        world: World,
        *,
        ballast_bytes: int = DEFAULT_BYTES,
        checkpoint_pages: int = CHECKPOINT_PAGES,
        reseal: Reseal | None = None,
    ) -> Journal:
        """The journal at ``path``, made where there is none. Each process takes its own ``writer`` name. A journal of
        an older version is raised by the one that can ``reseal`` it."""
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = WriteLock(path.with_name(path.name + ".lock"))
        ballast = Ballast(path.with_name(f"{path.name}.ballast-{writer}"), ballast_bytes)
        try:
            own(path)
            with lock:
                connection = apsw.Connection(str(path), flags=_READ_WRITE, vfs=world.storage.vfs)
                try:
                    journal = cls(connection, str(path), lock, ballast, writer, world, checkpoint_pages)
                    prepared(connection, str(path), "wal", reseal)
                    journal._go_on()
                    journal._watch(path.resolve())
                except BaseException:
                    connection.close()
                    raise
            flush_folder(path.parent)
        except (apsw.Error, OSError) as error:
            raise JournalUnusable(f"The journal {path} cannot be opened: {type(error).__name__}.") from error
        return journal

    @classmethod
    def in_memory(cls, name: str, writer: str, world: World) -> Journal:
        """The same journal without a disk, shared under ``name`` by the writers of one process."""
        where = f"file:/lockgate-{name}?vfs=memdb"
        journal = cls(apsw.Connection(where, flags=_READ_WRITE), where, NoLock(), None, writer, world, CHECKPOINT_PAGES)
        prepared(journal.connection, where, "memory", None)
        journal._go_on()
        return journal

    def bind(self, code: Mac) -> None:
        """From now on every row of the audit carries a code that only the holder of the key can make."""
        self._code = code

    def write(self) -> Transaction:
        """``with journal.write() as transaction``: begun at once, durable when the block ends."""
        return Transaction(self)

    def reader(self) -> Reader:
        """A new read-only connection. Only reads: an attempt to write fails."""
        connection = apsw.Connection(self._where, flags=_READ_ONLY, vfs=self._vfs)
        connection.set_busy_timeout(10_000)
        return Reader(connection)

    def settle(self) -> None:
        """Moves the write-ahead log into the file when it has grown: call it after the answers are sent.

        Done by hand since SQLite's automatic checkpoint hides a failed flush. The bulk goes without the write lock,
        the rest under it, so that the log really starts again at its beginning.
        """
        if self._pages < self._due or self._broken:
            return
        try:
            self._checkpoint()
            with self._lock:
                self._checkpoint()
        except apsw.Error as error:
            failure = self.meaning(error)
            if isinstance(failure, JournalBroken):
                raise failure from error
        self._due = max(self._checkpoint_pages, self._pages + self._checkpoint_pages // 4)

    def scrub(self) -> None:
        """Moves the whole log into the file and cuts it off, so that deleted keys do not stand in it; what hinders that
        now (a reader, the other writer) leaves it to the next checkpoint."""
        try:
            with self._lock, suppress(apsw.BusyError):
                self.connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
        except apsw.Error as error:
            failure = self.meaning(error)
            if isinstance(failure, JournalBroken):
                raise failure from error

    def look(self) -> None:
        """JournalBroken where somebody took a file of this journal away while it is open: to be called now and then,
        and before a clean end. What is committed is saved first."""
        lost = self._files.lost(all_of_them=True) if self._files is not None and self._broken is None else ""
        if lost:
            raise self._disturbed(lost)

    def rest(self) -> None:
        """At a clean end: the log moves into the file as far as nobody reads in it, and what was taken away is told."""
        self.look()
        try:
            with self._lock:
                self._checkpoint()
        except apsw.Error as error:
            failure = self.meaning(error)
            if isinstance(failure, JournalBroken):
                raise failure from error
        self.look()

    def close(self) -> None:
        self.connection.close()
        self._lock.close()
        if self._files is not None:
            self._files.close()

    # -- for Transaction ------------------------------------------------------------------------------------------

    def begin(self) -> None:
        if self._broken:
            raise self._broken
        self._lock.__enter__()
        try:
            self.connection.execute("BEGIN IMMEDIATE")
        except apsw.Error as error:
            self._lock.__exit__(None, None, None)
            raise self.meaning(error) from error

    def commit(self, lines: list[bytes]) -> None:
        """Writes the audit records and commits. A failure leaves the roll-back to the caller."""
        head, count = self.head, len(lines)
        if count:
            for line in lines:
                head = audit.chain(head, line)
            records = b"\n".join(lines)
            self._append(count, records, head)
        self.connection.execute("COMMIT")
        self._lock.__exit__(None, None, None)
        self.next_seq, self.head = self.next_seq + count, head
        if self._files is not None and self._broken is None:
            lost = self._files.lost()
            if lost:
                raise self._disturbed(lost)

    def roll_back(self) -> None:
        try:
            if self.connection.in_transaction:
                self.connection.execute("ROLLBACK")
        finally:
            self._lock.__exit__(None, None, None)

    def meaning(self, error: BaseException) -> BaseException:
        """``error`` in the journal's own terms. A broken journal stays broken."""
        if self._broken or not isinstance(error, apsw.Error):
            return self._broken or error
        failure = translated(error, self.connection.system_errno)
        if isinstance(failure, JournalBroken):
            self._broken = failure
        return failure or error

    # -- private --------------------------------------------------------------------------------------------------

    def _append(self, count: int, records: bytes, head: bytes) -> None:
        code = self._code.of(about_row(self.writer, self.next_seq, count, head)) if self._code else None
        self.connection.execute(queries.AUDIT_APPEND, (self.writer, self.next_seq, count, records, head, code))

    def _watch(self, path: Path) -> None:
        """From now on a commit counts only while these files keep their names."""
        self._files = Files(path)
        if not self._files.held():
            raise JournalUnusable(f"The files of {path} were replaced while it was opened: find out who writes there.")

    def _disturbed(self, lost: str) -> JournalBroken:
        """A file of the journal is not under its name any more. What is committed is moved into the database through
        the files that are still open; then this journal is over."""
        self._broken = JournalBroken(f"{lost} was deleted or replaced while the runtime had it open.")
        try:
            with self._lock:
                self._note(lost)
                self._moved()
                kept = self._files.keep(lost) if self._files is not None else None
        except (apsw.Error, OSError) as error:
            outcome = f"What was committed last could not be saved ({type(error).__name__})."
        else:
            where = f"saved as {kept.name}" if kept else "moved into the database file"
            outcome = f"All that was committed is {where}."
        self._broken = JournalBroken(f"{self._broken} {outcome} Nothing is answered any more.")
        return self._broken

    def _note(self, lost: str) -> None:
        """On the record, where the next life of the runtime finds it."""
        now = self.world.clock.now_ms()
        line = audit.encode(
            {"seq": self.next_seq, "at": now, "writer": self.writer, "action": "journal.disturbed", "place": lost}
        )
        head = audit.chain(self.head, line)
        execute = self.connection.execute
        execute("BEGIN IMMEDIATE")
        self._append(1, line, head)
        execute(queries.SET_META, (queries.DISTURBED, f"{now} {lost}"))
        execute("COMMIT")
        self.next_seq, self.head = self.next_seq + 1, head

    def _moved(self) -> None:
        """The whole log into the database file. A log that somebody put in its place is set aside: it is not ours."""
        self.connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_FULL)
        if self._files is not None:
            self._files.set_aside()

    def _go_on(self) -> None:
        """From where this writer's chain ends."""
        tail = self.connection.execute(queries.AUDIT_TAIL, (self.writer,)).fetchone()
        if tail:
            self.next_seq, self.head = tail

    def _committed(self, connection: apsw.Connection, name: str, pages: int) -> int:
        if pages < self._pages:
            self._due = self._checkpoint_pages
        self._pages = pages
        return apsw.SQLITE_OK

    def _checkpoint(self) -> None:
        with suppress(apsw.BusyError):  # the other writer is moving the log at this moment: it will do
            self.connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)


def about_row(writer: str, first: int, count: int, head: bytes) -> bytes:
    """What the code of an audit row says; the head stands for all records up to it."""
    return b"%s %d %d " % (writer.encode(), first, count) + head
