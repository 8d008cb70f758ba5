"""Cases by cause: what one person fixes once, and the keys that masters lack. Reads only."""

from __future__ import annotations

from typing import Any, Final

from runtime.journal.keys import DataKeys
from runtime.journal.reader import Reader
from runtime.missing import missing_key
from runtime.questions.cases import Cases
from runtime.questions.causes import AskGroups, AskMembers, AskUnmapped, CauseGroup, Groups, Unmapped, UnmappedKey
from runtime.views import as_case

_GROUP = """
SELECT cause_group, min(cause), min(master), group_concat(DISTINCT flow), group_concat(DISTINCT step),
       min(CASE severity WHEN 'high' THEN 0 WHEN 'medium' THEN 1 ELSE 2 END), min(owner), count(*),
       sum(state = 'open'), sum(count), min(opened_ms), max(opened_ms), min(due_ms), max(resolved_ms), max(number)
FROM incident
"""
OPEN: Final = f"""
{_GROUP} WHERE state = 'open' AND (?1 IS NULL OR flow = ?1) GROUP BY cause_group ORDER BY 6, count(*) DESC, 11 LIMIT ?2
"""
RESOLVED: Final = f"""
{_GROUP} WHERE (?1 IS NULL OR flow = ?1) GROUP BY cause_group HAVING sum(state = 'open') = 0
ORDER BY max(resolved_ms) DESC LIMIT ?2
"""
ONE: Final = f"{_GROUP} WHERE cause_group >= ?1 AND cause_group < ?2 GROUP BY cause_group LIMIT 1"
LINES: Final = (
    "SELECT count(*) FROM posting WHERE state = 'parked' AND incident IN"
    " (SELECT number FROM incident WHERE cause_group = ? AND state = 'open')"
)
SENTENCE: Final = "SELECT sentence FROM incident WHERE number = ?"
BEFORE: Final = (
    "SELECT count(*) FROM incident WHERE cause_group = ?1 AND state = 'resolved' AND resolved_ms <"
    " (SELECT max(opened_ms) FROM incident WHERE cause_group = ?1 AND state = 'open')"
)
"""Resolved before the newest open one came: while a replay goes on, nothing has come back."""
OPEN_CASES: Final = "SELECT count(*) FROM incident WHERE state = 'open' AND (?1 IS NULL OR flow = ?1)"
LACKING: Final = f"""
{_GROUP} WHERE state = 'open' AND master <> '' AND (?1 IS NULL OR master = ?1) GROUP BY cause_group
ORDER BY count(*) DESC LIMIT ?2
"""
MEMBERS: Final = (
    "SELECT number, flow, message, cause, cause_group, master, step, sentence, severity, owner, opened_ms, due_ms,"
    " count, state, resolved_ms FROM incident WHERE cause_group >= ?1 AND cause_group < ?2"
    " AND (?3 = 'all' OR state = ?3) ORDER BY number DESC LIMIT ?4"
)
_SEVERITIES: Final = ("high", "medium", "low")


def groups(reader: Reader, keys: DataKeys, asked: AskGroups) -> Groups:
    if asked.group is not None:
        rows = reader.rows(ONE, _range(asked.group))
    else:
        rows = reader.rows(OPEN if asked.state == "open" else RESOLVED, (asked.flow, asked.limit))
    open_cases = reader.rows(OPEN_CASES, (asked.flow,))[0][0]
    return Groups(groups=tuple(_group(reader, keys, row) for row in rows), open_cases=open_cases)


def members(reader: Reader, asked: AskMembers) -> Cases:
    rows = reader.rows(MEMBERS, (*_range(asked.group), asked.state, asked.limit))
    return Cases(cases=tuple(as_case(*row) for row in rows), open=sum(row[13] == "open" for row in rows))


def unmapped(reader: Reader, keys: DataKeys, asked: AskUnmapped) -> Unmapped:
    rows = reader.rows(LACKING, (asked.master, asked.limit))
    return Unmapped(keys=tuple(_key(_group(reader, keys, row)) for row in rows))


def _key(group: CauseGroup) -> UnmappedKey:
    return UnmappedKey(
        master=group.master, cause=group.cause, key=group.key, group=group.group, flows=group.flows, steps=group.steps,
        cases=group.open, lines=group.lines, first_ms=group.first_ms, last_ms=group.last_ms,
    )  # fmt: skip


def _group(reader: Reader, keys: DataKeys, row: Any) -> CauseGroup:
    group, cause, master, flows, steps, severity, owner, cases, still_open, seen, first, last, due, resolved, newest = (
        row
    )
    return CauseGroup(
        group=group.hex(),
        cause=cause,
        master=master,
        key=missing_key(reader, keys, group),
        flows=tuple(sorted(flows.split(","))),
        steps=tuple(sorted(steps.split(","))),
        sentence=reader.rows(SENTENCE, (newest,))[0][0],
        severity=_SEVERITIES[severity],
        owner=owner,
        cases=cases,
        open=still_open,
        lines=reader.rows(LINES, (group,))[0][0],
        seen=seen,
        first_ms=first,
        last_ms=last,
        due_ms=due,
        resolved_ms=None if still_open else resolved,
        before=reader.rows(BEFORE, (group,))[0][0],
    )


def _range(beginning: str) -> tuple[bytes, bytes]:
    """The cause groups that begin so: from it, to before the next."""
    return bytes.fromhex(beginning.ljust(32, "0")[:32]), bytes.fromhex(beginning.ljust(32, "f")[:32]) + b"\0"
