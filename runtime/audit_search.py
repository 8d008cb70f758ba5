"""Looking for records of an audit chain by action, person and time. Reads only, and a bounded piece a question.

The chain is the only index: its rows are in order of their numbers, and as the clock went in order of time. Where a
stretch of time ends is found by halving; from there the rows are walked backwards.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from runtime.journal.reader import Reader
from runtime.questions.audit import AskRecords, FoundRecord, Records

PIECE: Final = (
    "SELECT first, count, records, head FROM audit WHERE writer = ? AND first < ? ORDER BY first DESC LIMIT ?"
)
AT: Final = "SELECT first, records FROM audit WHERE writer = ? AND first <= ? ORDER BY first DESC LIMIT 1"
LAST: Final = "SELECT first + count - 1 FROM audit WHERE writer = ? ORDER BY first DESC LIMIT 1"
A_PIECE: Final = 500
MOST_LOOKED_AT: Final = 20_000
"""Rows in one question."""


class _Row(NamedTuple):
    first: int
    held: int
    records: bytes
    head: bytes


def found_records(reader: Reader, asked: AskRecords) -> Records:
    """The newest records that fit, before ``asked.before``."""
    last = reader.row(LAST, (asked.writer,))
    end = min(asked.before or int(last[0]) + 1, int(last[0]) + 1) if last else 1
    end = min(end, _first_from(reader, asked, end))
    found: list[FoundRecord] = []
    reached = asked.until_ms
    for looked, row in enumerate(_backwards(reader, asked.writer, end), 1):
        reached, over = _at(row.records), False
        for record in _fitting(asked, row, end):
            if len(found) == asked.limit:
                over = True
                break
            found.append(record)
        if over:
            return Records(records=tuple(found), next=found[-1].seq, reached_ms=reached)
        if reached < asked.since_ms:
            break
        if looked == MOST_LOOKED_AT:
            return Records(records=tuple(found), next=row.first, reached_ms=reached)
    return Records(records=tuple(found), next=None, reached_ms=asked.since_ms)


def _first_from(reader: Reader, asked: AskRecords, end: int) -> int:
    """The number of the first record at or after the end of the stretch."""
    low, high = 1, end
    while low < high:
        middle = (low + high) // 2
        row = reader.row(AT, (asked.writer, middle))
        if row is None or _at(row[1]) < asked.until_ms:
            low = middle + 1
        else:
            high = middle
    return low


def _backwards(reader: Reader, writer: str, end: int) -> Iterator[_Row]:
    while rows := reader.rows(PIECE, (writer, end, A_PIECE)):
        yield from (_Row(*row) for row in rows)
        end = rows[-1][0]


def _fitting(asked: AskRecords, row: _Row, end: int) -> Iterator[FoundRecord]:
    """The records of a row that fit, the newest first. Most rows are told by their bytes alone."""
    named = [f'"action":"{action}"'.encode() for action in asked.actions]
    if (named and not any(each in row.records for each in named)) or not _tells_of(asked, row.records):
        return
    lines = row.records.split(b"\n")
    for seq, line in reversed(list(enumerate(lines, row.first))):
        if seq < end and (not named or any(each in line for each in named)) and _tells_of(asked, line):
            if not asked.since_ms <= _at(line) < asked.until_ms:
                continue
            text = line.decode("utf-8", "replace")
            yield FoundRecord(seq=seq, record=text, first=row.first, count=row.held, head=row.head.hex())


def _tells_of(asked: AskRecords, line: bytes) -> bool:
    """Whether the person acted; an actor may stand with the user id that the kernel told: ``priya/uid-0``."""
    if asked.actor is None:
        return True
    who = f'"actor":"{asked.actor}'.encode()
    return who + b'"' in line or who + b"/" in line


def _at(records: bytes) -> int:
    """When the first of some records was written; 0 where that is damaged."""
    try:
        record: dict[str, Any] = json.loads(records.split(b"\n", 1)[0])
        return int(record["at"])
    except (ValueError, KeyError, TypeError):
        return 0
