"""Pages of the audit chains, with what it takes to compute every hash again elsewhere. Reads only."""

from __future__ import annotations

from typing import Final

from flows import audit
from runtime.journal.reader import Reader
from runtime.questions.audit import AskAudit, AuditPage, AuditRow

_ROW = "SELECT first, count, records, head FROM audit WHERE writer = ?"
AFTER: Final = f"{_ROW} AND first > ? ORDER BY first LIMIT ?"
BEFORE: Final = f"{_ROW} AND first < ? ORDER BY first DESC LIMIT ?"
PREVIOUS: Final = "SELECT head FROM audit WHERE writer = ? AND first < ? ORDER BY first DESC LIMIT 1"
LAST: Final = "SELECT first + count - 1 FROM audit WHERE writer = ? ORDER BY first DESC LIMIT 1"
_END = 1 << 62
MOST_BYTES: Final = 4 << 20
"""Of records in one page: a row may hold thousands."""


def audit_page(reader: Reader, asked: AskAudit) -> AuditPage:
    if asked.after is not None:
        rows = _within(reader.rows(AFTER, (asked.writer, asked.after, asked.limit)))
    else:
        rows = _within(reader.rows(BEFORE, (asked.writer, asked.before or _END, asked.limit)))[::-1]
    start = rows[0][0] if rows else _END if asked.after is not None else 0
    previous = reader.row(PREVIOUS, (asked.writer, start))
    last = reader.row(LAST, (asked.writer,))
    return AuditPage(
        writer=asked.writer,
        previous=(previous[0] if previous else audit.GENESIS).hex(),
        rows=tuple(
            AuditRow(first=first, count=count, records=_lines(records), head=head.hex())
            for first, count, records, head in rows
        ),
        last=int(last[0]) if last else 0,
    )


def _lines(records: bytes) -> tuple[str, ...]:
    """Damaged bytes show as such: a page must also be readable where the chain is broken."""
    return tuple(line.decode("utf-8", "replace") for line in records.split(b"\n"))


def _within(rows: list[tuple[int, int, bytes, bytes]]) -> list[tuple[int, int, bytes, bytes]]:
    kept: list[tuple[int, int, bytes, bytes]] = []
    size = 0
    for row in rows:
        size += len(row[2])
        if kept and size > MOST_BYTES:
            break
        kept.append(row)
    return kept
