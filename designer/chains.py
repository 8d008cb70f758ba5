"""The audit as people read it: pages of all three chains, and their verification.

Intake's and delivery's chains are the runtime's; the third is the designer's own. A page holds the exact records and
the hash before them, so that a browser computes every hash again by itself.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sqlmodel import Session, col, select

from designer import audit, recorded, versions
from designer.asking import answer
from designer.http.models import audit as shapes
from designer.models.audit import AuditRow
from designer.people import people
from flows.audit import GENESIS
from runtime.api import RuntimeTrouble
from runtime.questions.audit import AskAudit

if TYPE_CHECKING:
    from designer.context import Caller, Designer

RECIPE = "head = SHA-256(head before || record), record by record, from 32 zero bytes"
_ABOUT = (
    ("review", "review {}"), ("draft", "draft {}"), ("release", "release {:.12}"), ("incident", "case {}"),
    ("cause", "cause {:.12}"), ("posting", "posting {}"), ("message", "message {}"), ("master", "master {}"),
    ("person", "{}"), ("flow", "flow {}"), ("digest", "{:.12}"),
)  # fmt: skip


def page(designer: Designer, caller: Caller, query: shapes.AuditQuery) -> shapes.ChainPage:
    """A page of one chain. That somebody looks at the newest one is recorded: reading the audit is an act too."""
    if query.after is None and query.before is None:
        with designer.database.change(caller.person) as change:
            change.record("audit.viewed", place=query.writer)
    if query.writer == "designer":
        with designer.database.reading() as session:
            previous, rows, last = _own(session, query)
    else:
        asked = AskAudit(writer=query.writer, after=query.after, before=query.before, limit=query.limit)
        found = answer(lambda: designer.runtime.audit(asked))
        previous, last = found.previous, found.last
        rows = tuple(
            shapes.ChainRow(first=row.first, count=row.count, records=row.records, head=row.head) for row in found.rows
        )
    called, flows = people(designer), versions.names(designer)
    return shapes.ChainPage(
        writer=query.writer,
        previous=previous,
        rows=rows,
        entries=tuple(entry(line, called, flows) for row in rows for line in row.records)[::-1],
        last=last,
        next=rows[0].first if rows and rows[0].first > 1 else None,
        recipe=RECIPE,
    )


def verify(designer: Designer, caller: Caller) -> shapes.Verification:
    """Walks all chains and the runtime's signed checkpoints."""
    with designer.database.change(caller.person) as change:
        change.record("audit.verified")
    with designer.database.reading() as session:
        own = audit.verify(session)
    said = own.broken.sentence if own.broken else _holding(own.records)
    chains = [
        shapes.ChainVerified(
            writer="designer", records=own.records, head=own.head, good=own.broken is None, sentence=said
        )
    ]
    good, checkpoints, told = own.broken is None, 0, "No runtime answers: its chains were not walked."
    try:
        found = designer.runtime.audit_verify()
    except RuntimeTrouble:
        good = False
    else:
        good, checkpoints, told = good and found.good, found.checkpoints, found.sentence
        chains += [
            shapes.ChainVerified.model_validate(
                each.model_dump(include={"writer", "records", "head", "good", "sentence"})
            )
            for each in found.chains
        ]
    own_said = f"The designer's own chain: {said}"
    sentence = f"{told} {own_said}" if own.broken is None else f"{own_said} The runtime's: {told}"
    folders = designer.settings
    command = f"lockgate audit verify --data {folders.runtime.name} --designer {folders.data.name}"
    return shapes.Verification(
        good=good, sentence=sentence, chains=tuple(chains), checkpoints=checkpoints, command=command
    )


def _holding(records: int) -> str:
    return f"{records} {'record holds' if records == 1 else 'records hold'}."


def _own(session: Session, query: shapes.AuditQuery) -> tuple[str, tuple[shapes.ChainRow, ...], int]:
    """The head before the page, its rows in order, and the number of the last record."""
    wanted = select(AuditRow)
    if query.after is not None:
        found = session.exec(
            wanted.where(col(AuditRow.first) > query.after).order_by(col(AuditRow.first)).limit(query.limit)
        ).all()
    else:
        below = wanted if query.before is None else wanted.where(col(AuditRow.first) < query.before)
        found = session.exec(below.order_by(col(AuditRow.first).desc()).limit(query.limit)).all()[::-1]
    newest = session.exec(wanted.order_by(col(AuditRow.first).desc()).limit(1)).first()
    last = newest.first + newest.count - 1 if newest else 0
    return _before(session, found, last).hex(), tuple(_rows(found)), last


def _before(session: Session, found: Sequence[AuditRow], last: int) -> bytes:
    start = found[0].first if found else last + 1
    wanted = select(AuditRow).where(col(AuditRow.first) < start).order_by(col(AuditRow.first).desc())
    row = session.exec(wanted.limit(1)).first()
    return row.head if row else GENESIS


def _rows(found: Sequence[AuditRow]) -> Iterator[shapes.ChainRow]:
    for row in found:
        lines = tuple(line.decode("utf-8", "replace") for line in row.records.split(b"\n"))
        yield shapes.ChainRow(first=row.first, count=row.count, records=lines, head=row.head.hex())


def entry(line: str, called: Mapping[str, str], flows: Mapping[str, str]) -> shapes.Entry:
    """A record in words; one that is damaged says so."""
    try:
        record: Mapping[str, Any] = json.loads(line)
        seq, at_ms, action = int(record["seq"]), int(record["at"]), str(record["action"])
        said = recorded.sentence(record, called, flows)
    except (ValueError, KeyError, TypeError, AttributeError):
        said = "This record is damaged."
        return shapes.Entry(seq=0, at=0, action="damaged", actor="", about="", reason="", sentence=said)
    actor = str(record.get("actor", "")).partition("/")[0]
    return shapes.Entry(
        seq=seq,
        at=at_ms,
        action=action,
        actor="Lockgate" if actor == "designer" else called.get(actor, actor),
        about=_about(record, called, actor),
        reason=str(record.get("reason", "")),
        sentence=said,
    )


def _about(record: Mapping[str, Any], called: Mapping[str, str], actor: str) -> str:
    """What it is about, where that is not the one who did it."""
    name, form = next(((name, form) for name, form in _ABOUT if record.get(name)), ("", ""))
    if name == "person":
        return "" if record[name] == actor else called.get(str(record[name]), str(record[name]))
    return form.format(record[name]) if name else ""
