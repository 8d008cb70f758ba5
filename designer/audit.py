"""The designer's audit chain: one record a state change, written in the transaction of the change itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import LargeBinary, cast
from sqlalchemy import select as sql_select
from sqlmodel import Session, col, select

from designer.models.audit import AuditRow
from flows import audit as chain

WRITER = "designer"


class Verified(NamedTuple):
    """What a walk over the whole chain found."""

    records: int
    head: str
    broken: chain.Break | None


def append(session: Session, records: Sequence[Mapping[str, str | int]], at_ms: int) -> None:
    """Adds the records of one change to the chain."""
    last = session.exec(select(AuditRow).order_by(col(AuditRow.first).desc()).limit(1)).first()
    first = last.first + last.count if last else 1
    head = last.head if last else chain.GENESIS
    lines = []
    for number, record in enumerate(records, first):
        line = chain.encode({"seq": number, "at": at_ms, "writer": WRITER, **record})
        head = chain.chain(head, line)
        lines.append(line)
    session.add(AuditRow(first=first, count=len(lines), records=b"\n".join(lines), head=head))
    session.flush()


def verify(session: Session) -> Verified:
    """Walks the chain from its beginning. What somebody put into a row instead of bytes is read as bytes."""
    columns = (
        col(AuditRow.first),
        col(AuditRow.count),
        cast(col(AuditRow.records), LargeBinary),
        cast(col(AuditRow.head), LargeBinary),
    )
    rows = session.execute(sql_select(*columns).order_by(col(AuditRow.first)).execution_options(yield_per=500))
    held, head, broken = chain.verify(WRITER, (tuple(row) for row in rows))
    return Verified(held, head.hex(), broken)


def page(session: Session, after: int, limit: int) -> list[AuditRow]:
    """The rows that hold the records beyond number ``after``, at most ``limit`` of them."""
    wanted = select(AuditRow).where(col(AuditRow.first) + col(AuditRow.count) > after + 1)
    return list(session.exec(wanted.order_by(col(AuditRow.first)).limit(limit)))
