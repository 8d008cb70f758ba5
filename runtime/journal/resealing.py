"""Once, when a journal of an older version is raised: what is sealed in it is bound to all that it belongs to.

Up to format 2 a payload was sealed for the number of its row alone, and whoever wrote the journal could give the row to
another flow. What does not open any more (its day was destroyed, or it was changed) stays as it is.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import apsw

from runtime.crypto import Unreadable, about_message, about_posting
from runtime.journal.keys import DataKeys, NoDataKey
from runtime.journal.reader import Reader, Row

PAGE: Final = 200
MESSAGES: Final = (
    "SELECT m.number, m.data_key, m.payload, m.flow, m.source, r.digest, m.received_ms, m.label, m.digest"
    " FROM message m LEFT JOIN release r ON r.number = m.release WHERE m.number > ? ORDER BY m.number LIMIT ?"
)
POSTINGS: Final = (
    "SELECT p.number, p.data_key, p.body, p.message, r.digest, p.step, p.connection, p.operation, p.item, p.lane,"
    " p.idempotency FROM posting p LEFT JOIN release r ON r.number = p.release"
    " WHERE p.number > ? AND p.body IS NOT NULL ORDER BY p.number LIMIT ?"
)
PAYLOAD: Final = "UPDATE message SET payload = ? WHERE number = ?"
BODY: Final = "UPDATE posting SET body = ? WHERE number = ?"


def resealing(keys: DataKeys) -> Callable[[apsw.Connection], None]:
    """For ``Journal.open``: runs inside the transaction that raises the journal."""

    def reseal(connection: apsw.Connection) -> None:
        _each(connection, keys, MESSAGES, PAYLOAD, b"message:%d", about_message)
        _each(connection, keys, POSTINGS, BODY, b"posting:%d", about_posting)

    return reseal


def _each(
    connection: apsw.Connection, keys: DataKeys, rows: str, update: str, before: bytes, about: Callable[..., bytes]
) -> None:
    last: Any = 0
    while page := connection.execute(rows, (last, PAGE)).fetchall():
        for row in page:
            sealed = _resealed(Reader(connection), keys, row, before, about)
            if sealed is not None:
                connection.execute(update, (sealed, row[0]))
        last = page[-1][0]


def _resealed(reader: Reader, keys: DataKeys, row: Row, before: bytes, about: Callable[..., bytes]) -> bytes | None:
    values: Any
    number, data_key, sealed, *values = row
    try:
        sealer = keys.numbered(reader, data_key)
        return sealer.seal(sealer.open(sealed, before % number), about(number, *values))
    except (NoDataKey, Unreadable):
        return None
