"""What people look at in a running runtime: cases with their postings, and messages with their states. Reads only."""

from __future__ import annotations

from typing import Final

from runtime.journal.reader import Reader
from runtime.questions.cases import AskCases, Case, CaseDetail, Cases, Posting, ReplayRecord
from runtime.questions.messages import AskMessages, Message, Messages

_CASE = (
    "SELECT number, flow, message, cause, cause_group, master, step, sentence, severity, owner, opened_ms, due_ms,"
    " count, state, resolved_ms FROM incident"
)
CASES: Final = (
    f"{_CASE} WHERE number > ? AND (? = 'all' OR state = ?) AND (? IS NULL OR flow = ?) ORDER BY number LIMIT ?"
)
CASE: Final = f"{_CASE} WHERE number = ?"
OPEN: Final = "SELECT count(*) FROM incident WHERE state = 'open' AND (? IS NULL OR flow = ?)"
POSTINGS: Final = (
    "SELECT number, item, connection, operation, step, state, attempts, status, next_ms, snapshots FROM posting"
    " WHERE incident = ?1 OR number IN (SELECT posting FROM replay WHERE incident = ?1) ORDER BY number LIMIT 1000"
)
REPLAYS: Final = "SELECT number, actor, asked_ms, outcome FROM replay WHERE incident = ? ORDER BY number LIMIT 1000"
STATE: Final = """
         CASE WHEN m.expanded = 0 THEN 'waiting'
              WHEN EXISTS (SELECT 1 FROM posting p WHERE p.message = m.number AND p.state = 'in-flight')
              THEN 'in-flight'
              WHEN EXISTS (SELECT 1 FROM posting p WHERE p.message = m.number AND p.state = 'parked') THEN 'parked'
              WHEN EXISTS (SELECT 1 FROM posting p WHERE p.message = m.number) THEN 'delivered'
              ELSE 'filtered' END
"""
"""The state of message ``m``, as its postings have it."""
_MESSAGES = f"""
SELECT * FROM (
  SELECT m.number, m.flow, m.source, r.digest, m.received_ms, {STATE} AS state,
         m.filtered, (SELECT count(*) FROM posting p WHERE p.message = m.number)
  FROM message m LEFT JOIN release r ON r.number = m.release
  WHERE m.number > ?1 AND m.number < ?2 AND (?3 IS NULL OR m.flow = ?3)
    AND m.received_ms >= ?6 AND m.received_ms < ?7 ORDER BY m.number"""  # noqa: S608 - constants
MESSAGES: Final = f"{_MESSAGES}) WHERE ?4 = 'all' OR state = ?4 LIMIT ?5"
MESSAGES_BACK: Final = f"{_MESSAGES} DESC) WHERE ?4 = 'all' OR state = ?4 LIMIT ?5"
_END = 1 << 62


def cases(reader: Reader, asked: AskCases) -> Cases:
    rows = reader.rows(CASES, (asked.after, asked.state, asked.state, asked.flow, asked.flow, asked.limit))
    count = reader.rows(OPEN, (asked.flow, asked.flow))[0][0]
    return Cases(cases=tuple(as_case(*row) for row in rows), open=count)


def case(reader: Reader, number: int) -> CaseDetail | None:
    row = reader.row(CASE, (number,))
    if row is None:
        return None
    postings = tuple(
        Posting(
            number=n, item=item, connection=connection, operation=operation, step=step, state=state, attempts=attempts,
            status=status, next_ms=next_ms, snapshots=snapshots,
        )
        for n, item, connection, operation, step, state, attempts, status, next_ms, snapshots in reader.rows(
            POSTINGS, (number,)
        )
    )  # fmt: skip
    replays = tuple(
        ReplayRecord(number=n, actor=actor, asked_ms=asked_ms, outcome=outcome)
        for n, actor, asked_ms, outcome in reader.rows(REPLAYS, (number,))
    )
    return CaseDetail(case=as_case(*row), postings=postings, replays=replays)


def messages(reader: Reader, asked: AskMessages) -> Messages:
    query = MESSAGES if asked.before is None else MESSAGES_BACK
    within = (asked.since_ms, asked.until_ms)
    rows = reader.rows(query, (asked.after, asked.before or _END, asked.flow, asked.state, asked.limit, *within))
    return Messages(messages=tuple(as_message(*row) for row in rows))


def as_message(
    number: int, flow: str, source: str, release: str | None, received_ms: int, state: str, filtered: str | None,
    postings: int,
) -> Message:  # fmt: skip
    return Message.model_validate(
        {
            "number": number, "flow": flow, "source": source, "release": release or "", "received_ms": received_ms,
            "state": state, "filtered": filtered, "postings": postings,
        }
    )  # fmt: skip


def as_case(
    number: int, flow: str, message: int | None, cause: str, group: bytes, master: str, step: str, sentence: str,
    severity: str, owner: str, opened_ms: int, due_ms: int, count: int, state: str, resolved_ms: int | None,
) -> Case:  # fmt: skip
    return Case.model_validate(
        {
            "number": number, "flow": flow, "message": message, "cause": cause, "group": group.hex(), "master": master,
            "step": step, "sentence": sentence, "severity": severity, "owner": owner, "opened_ms": opened_ms,
            "due_ms": due_ms, "count": count, "state": state, "resolved_ms": resolved_ms,
        }
    )  # fmt: skip
