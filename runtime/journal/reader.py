"""Reading the journal: as of one moment, beside its writers."""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType
from typing import Any

import apsw

Row = tuple[Any, ...]
Values = Sequence[Any]


class Reader:
    """A read-only connection: never blocks a writer, never sees half a transaction."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection

    def rows(self, query: str, values: Values = ()) -> list[Row]:
        return self._connection.execute(query, values).fetchall()

    def row(self, query: str, values: Values = ()) -> Row | None:
        return self._connection.execute(query, values).fetchone()

    def __enter__(self) -> Reader:
        """One moment for all reads inside: ``with journal.reader() as reader``."""
        self._connection.execute("BEGIN")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.execute("COMMIT")

    def close(self) -> None:
        self._connection.close()
