"""One step of a writer of the journal: its rows and the audit records of what it does, together or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from types import TracebackType
from typing import TYPE_CHECKING

import apsw

from flows import audit
from runtime.journal.reader import Row, Values

if TYPE_CHECKING:
    from runtime.journal.store import Journal


class Transaction:
    """One atomic, durable step: what is run and what is audited here is stored together or not at all."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._execute = journal.connection.execute
        self._many = journal.connection.executemany
        self._lines: list[bytes] = []
        self._undo: list[Callable[[], None]] = []
        self.now_ms = journal.world.clock.now_ms()
        """The one time of everything in this transaction."""

    def rows(self, query: str, values: Values = ()) -> list[Row]:
        return self._execute(query, values).fetchall()

    def row(self, query: str, values: Values = ()) -> Row | None:
        return self._execute(query, values).fetchone()

    def run(self, query: str, values: Values = ()) -> int:
        """Runs a statement; gives the number of the row that an insert made."""
        self._execute(query, values)
        return self._journal.connection.last_insert_rowid()

    def run_many(self, query: str, rows: Iterable[Values]) -> None:
        self._many(query, rows)

    @property
    def next_seq(self) -> int:
        """The sequence number of the next audit record."""
        return self._journal.next_seq + len(self._lines)

    def audit(self, action: str, **members: str | int | None) -> None:
        """Appends one record (members that are None are left out). Only members that flows.audit knows."""
        given = {name: value for name, value in members.items() if value is not None}
        record = {**given, "seq": self.next_seq, "at": self.now_ms, "writer": self._journal.writer, "action": action}
        self._lines.append(audit.encode(record))

    def audit_line(self, line: bytes) -> None:
        """Appends a record in its canonical bytes, carrying ``next_seq``: for hot paths that format it themselves."""
        self._lines.append(line)

    def undone(self, undo: Callable[[], None]) -> None:
        """``undo`` is called if this transaction is rolled back: for what a caller keeps in memory about its rows."""
        self._undo.append(undo)

    def __enter__(self) -> Transaction:
        self._journal.begin()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        inside = error
        if error is None:
            try:
                self._journal.commit(self._lines)
                return
            except BaseException as failure:  # noqa: BLE001 - raised again below, in the journal's terms
                error = failure
        meaning = self._journal.meaning(error)
        try:
            self._journal.roll_back()
        except apsw.Error as failure:
            meaning = self._journal.meaning(failure)
        for undo in reversed(self._undo):
            undo()
        if meaning is error is inside:
            return
        raise meaning from error if meaning is not error else None
