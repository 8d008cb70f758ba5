"""One message's life as the journal has it, and the way to it by a business key. Reads only, and no payload."""

from __future__ import annotations

from typing import Any, Final

from runtime.expansion import business_key
from runtime.intake.arrival import Twins
from runtime.journal.reader import Reader
from runtime.questions.messages import (
    AskFind,
    Messages,
    Timeline,
    TimelineCase,
    TimelineLine,
    TimelinePosting,
    TimelineReplay,
)
from runtime.views import STATE, as_message

FLOWS: Final = "SELECT DISTINCT flow FROM release"
BY_KEY: Final = f"""
WITH RECURSIVE days (day) AS (
  SELECT max(day) FROM business_key
  UNION ALL SELECT (SELECT max(day) FROM business_key WHERE day < days.day) FROM days WHERE days.day IS NOT NULL)
SELECT m.number, m.flow, m.source, r.digest, m.received_ms, {STATE}, m.filtered,
       (SELECT count(*) FROM posting p WHERE p.message = m.number)
FROM days CROSS JOIN business_key k ON k.day = days.day AND k.hash = ?1
CROSS JOIN message m ON m.number = k.message LEFT JOIN release r ON r.number = m.release
WHERE m.flow = ?2 ORDER BY m.number DESC LIMIT ?3
"""  # noqa: S608 - put together from constants
SOURCES: Final = "SELECT DISTINCT source FROM tally"
CONTROLLED: Final = 3
"""Sender, facility and control id."""
BY_TWIN: Final = f"""
SELECT m.number, m.flow, m.source, r.digest, m.received_ms, {STATE}, m.filtered,
       (SELECT count(*) FROM posting p WHERE p.message = m.number)
FROM message m LEFT JOIN release r ON r.number = m.release
WHERE m.twin BETWEEN ?1 AND ?2 AND (?3 IS NULL OR m.flow = ?3) ORDER BY m.number DESC LIMIT ?4
"""  # noqa: S608 - put together from constants
MESSAGE: Final = f"""
SELECT m.flow, m.source, r.digest, m.label, m.received_ms, m.answer, {STATE}, m.filtered, m.digest,
       length(m.payload) > 0 AND EXISTS (SELECT 1 FROM data_key d WHERE d.number = m.data_key)
FROM message m LEFT JOIN release r ON r.number = m.release WHERE m.number = ?
"""  # noqa: S608 - put together from constants
POSTINGS: Final = (
    "SELECT p.number, r.digest, p.item, p.connection, p.operation, p.step, p.state, p.attempts, p.status, p.first_ms,"
    " p.next_ms, p.ended_ms, p.snapshots, p.incident, p.body IS NOT NULL AND d.number IS NOT NULL"
    " FROM posting p LEFT JOIN release r ON r.number = p.release LEFT JOIN data_key d ON d.number = p.data_key"
    " WHERE p.message = ? ORDER BY p.number LIMIT 1000"
)
LINES: Final = "SELECT item, step, reason FROM line WHERE message = ? ORDER BY rowid LIMIT 1000"
CASES: Final = (
    "SELECT number, cause_group, cause, step, sentence, owner, opened_ms, state, resolved_ms FROM incident"
    " WHERE message = ? ORDER BY number"
)
REPLAYS: Final = (
    "SELECT number, incident, posting, actor, asked_ms, outcome FROM replay"
    " WHERE incident IN (SELECT number FROM incident WHERE message = ?) ORDER BY number LIMIT 1000"
)


def find(reader: Reader, lane_key: bytes, twin_key: bytes, asked: AskFind) -> Messages:
    """The messages that carry a business key, or that have this identity, newest first."""
    flows = [asked.flow] if asked.flow else [flow for (flow,) in reader.rows(FLOWS)]
    rows = [
        row
        for flow in flows
        for row in reader.rows(BY_KEY, (business_key(lane_key, flow, asked.key), flow, asked.limit))
    ]
    rows += _of_identity(reader, Twins(twin_key), asked)
    found = {int(row[0]): row for row in rows}
    newest = sorted(found, reverse=True)[: asked.limit]
    return Messages(messages=tuple(as_message(*found[number]) for number in newest))


def _of_identity(reader: Reader, twins: Twins, asked: AskFind) -> list[tuple[Any, ...]]:
    """Messages of any source with this sender, facility and control id."""
    parts = tuple(asked.key.split("|"))
    if len(parts) != CONTROLLED or not parts[-1]:
        return []
    rows: list[tuple[Any, ...]] = []
    for (source,) in reader.rows(SOURCES):
        who = twins.who(source, parts)
        rows += reader.rows(BY_TWIN, (who + bytes(8), who + b"\xff" * 8, asked.flow, asked.limit))
    return rows


def timeline(reader: Reader, number: int) -> Timeline | None:
    row = reader.row(MESSAGE, (number,))
    if row is None:
        return None
    flow, source, release, label, received_ms, answer, state, filtered, digest, readable = row
    return Timeline(
        message=number,
        flow=flow,
        source=source,
        release=release or "",
        label=label,
        received_ms=received_ms,
        answer=answer,
        state=state,
        filtered=filtered,
        digest=digest.hex(),
        readable=bool(readable),
        postings=tuple(_posting(*each) for each in reader.rows(POSTINGS, (number,))),
        lines=tuple(TimelineLine(item=i, step=s, reason=r) for i, s, r in reader.rows(LINES, (number,))),
        cases=tuple(_case(*each) for each in reader.rows(CASES, (number,))),
        replays=tuple(_replay(*each) for each in reader.rows(REPLAYS, (number,))),
    )


def _posting(
    number: int, release: str | None, item: str, connection: str, operation: str, step: str, state: str, attempts: int,
    status: int | None, first_ms: int | None, next_ms: int, ended_ms: int | None, snapshots: str, case: int | None,
    readable: int,
) -> TimelinePosting:  # fmt: skip
    return TimelinePosting.model_validate(
        {
            "number": number, "release": release or "", "item": item, "connection": connection,
            "operation": operation, "step": step, "state": state, "attempts": attempts, "status": status,
            "first_ms": first_ms, "next_ms": next_ms, "ended_ms": ended_ms, "snapshots": snapshots, "case": case,
            "readable": bool(readable),
        }
    )  # fmt: skip


def _case(
    number: int, group: bytes, cause: str, step: str, sentence: str, owner: str, opened_ms: int, state: str,
    resolved_ms: int | None,
) -> TimelineCase:  # fmt: skip
    return TimelineCase.model_validate(
        {
            "number": number, "group": group.hex(), "cause": cause, "step": step, "sentence": sentence,
            "owner": owner, "opened_ms": opened_ms, "state": state, "resolved_ms": resolved_ms,
        }
    )  # fmt: skip


def _replay(number: int, case: int, posting: int | None, actor: str, asked_ms: int, outcome: str) -> TimelineReplay:
    return TimelineReplay(number=number, case=case, posting=posting, actor=actor, asked_ms=asked_ms, outcome=outcome)
