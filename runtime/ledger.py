"""The books: both equations from journal rows alone, each one read-only query, true at any instant.

received = accepted + refused + repeated, and postings = delivered + parked + in flight.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import apsw

from runtime.journal.reader import Reader, Row
from runtime.questions.ledger import Ledger

_OF = "(:flow IS NULL OR flow = :flow)"
_POSTING_OF = "(:flow IS NULL OR message IN (SELECT number FROM message WHERE flow = :flow))"

FRAMES: Final = f"""
SELECT (SELECT coalesce(sum(received), 0) FROM tally WHERE {_OF}),
       (SELECT count(*) FROM message WHERE {_OF}),
       (SELECT count(*) FROM refusal WHERE {_OF}),
       (SELECT coalesce(sum(repeated), 0) FROM tally WHERE {_OF}),
       (SELECT coalesce(sum(conflicts), 0) FROM tally WHERE {_OF})
"""  # noqa: S608 - put together from constants
POSTINGS: Final = f"""
SELECT count(*), coalesce(sum(state = 'delivered'), 0), coalesce(sum(state = 'parked'), 0),
       coalesce(sum(state = 'in-flight'), 0)
FROM posting WHERE {_POSTING_OF}
"""  # noqa: S608 - put together from constants
MESSAGES: Final = f"""
SELECT CASE WHEN m.expanded = 0 THEN 'waiting' ELSE coalesce(p.state, 'filtered') END AS state, count(*)
FROM message m LEFT JOIN (
  SELECT message, CASE WHEN sum(state = 'in-flight') THEN 'in-flight' WHEN sum(state = 'parked') THEN 'parked'
                       ELSE 'delivered' END AS state
  FROM posting GROUP BY message) p ON p.message = m.number
WHERE {_OF} GROUP BY 1
"""  # noqa: S608 - put together from constants
LINES: Final = f"SELECT reason, count(*) FROM line WHERE {_POSTING_OF} GROUP BY reason ORDER BY reason"  # noqa: S608
REPLAYED: Final = f"""
SELECT count(*) FROM replay WHERE outcome = 'queued' AND incident IN (SELECT number FROM incident WHERE {_OF})
"""  # noqa: S608 - put together from constants
OPEN_CASES: Final = f"SELECT count(*) FROM incident WHERE state = 'open' AND {_OF}"  # noqa: S608


def open_reader(path: Path) -> Reader:
    """A read-only connection of its own to a journal that is there."""
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    connection.set_busy_timeout(10_000)
    return Reader(connection)


def ledger(reader: Reader, flow: str | None = None) -> Ledger:
    """The books of one flow, or of all."""
    with reader:
        return _read(reader, flow)


def _read(reader: Reader, flow: str | None) -> Ledger:
    of = {"flow": flow}
    received, accepted, refused, repeated, conflicts = _one(reader, FRAMES, of)
    postings, delivered, parked, in_flight = _one(reader, POSTINGS, of)
    messages = dict.fromkeys(("waiting", "in-flight", "parked", "delivered", "filtered"), 0)
    messages.update(_pairs(reader, MESSAGES, of))
    return Ledger(
        flow=flow,
        received=received,
        accepted=accepted,
        refused=refused,
        repeated=repeated,
        conflicts=conflicts,
        filtered=messages["filtered"],
        postings=postings,
        delivered=delivered,
        parked=parked,
        in_flight=in_flight,
        waiting=messages["waiting"],
        lines=_pairs(reader, LINES, of),
        messages=messages,
        replayed=_one(reader, REPLAYED, of)[0],
        open_cases=_one(reader, OPEN_CASES, of)[0],
        balanced=received == accepted + refused + repeated and postings == delivered + parked + in_flight,
    )


def _one(reader: Reader, query: str, of: dict[str, str | None]) -> Row:
    return reader.rows(query, of)[0]  # type: ignore[arg-type]  # named values


def _pairs(reader: Reader, query: str, of: dict[str, str | None]) -> dict[str, int]:
    return dict(reader.rows(query, of))  # type: ignore[arg-type]  # named values
