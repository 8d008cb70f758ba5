"""What a reviewer saw last, and what is new since: another candidate, comments, signatures.

An approval is about bytes; who read yesterday's is told what differs in today's before deciding.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlmodel import Session, select

from designer import compared, versions
from designer.http.models import reviews as shapes
from designer.models.reviews import LookedRow, ReviewRow
from designer.words import counted, listed
from flows.release import Manifest

if TYPE_CHECKING:
    from designer.context import Caller, Designer


def since(
    designer: Designer, session: Session, caller: Caller, row: ReviewRow, known: Manifest, told: tuple[int, int]
) -> shapes.Since | None:
    """What is new to the one who asks; None at the first look, or where nothing is.

    ``told``: how many comments and signatures there are of others.
    """
    last = session.get(LookedRow, (caller.person, row.flow))
    if last is None or _is_older(session, row, last):
        return None
    comments, signed = told
    if last.release == row.release:
        changes: tuple[shapes.ChangeBody, ...] = ()
        comments, signed = comments - last.comments, signed - last.signed
    else:
        before = versions.manifest(designer, last.release)
        found = compared.compare(before, known).difference if before is not None else None
        every = (*found.exposure, *found.behaviour, *found.configuration) if found else ()
        changes = compared.bodies(every)
    sentence = _sentence(last.release == row.release, len(changes), max(0, comments), max(0, signed))
    if not sentence:
        return None
    return shapes.Since(at=last.at_ms, release=last.release, sentence=sentence, changes=changes)


def looked(designer: Designer, caller: Caller, row: ReviewRow, body: shapes.Looked) -> None:
    """Keeps what somebody has seen."""
    with designer.database.change(caller.person) as change:
        last = change.session.get(LookedRow, (caller.person, row.flow))
        if last is not None and _is_older(change.session, row, last):
            return
        last = last or LookedRow(person=caller.person, flow=row.flow, release="", comments=0, signed=0, at_ms=0)
        last.release, last.comments, last.signed, last.at_ms = row.release, body.comments, body.signed, change.at_ms
        change.session.add(last)
        change.record("review.looked", review=row.id, flow=row.flow, release=row.release)


def _is_older(session: Session, row: ReviewRow, last: LookedRow) -> bool:
    """Whether a review is one from before what was seen last."""
    if last.release == row.release:
        return False
    seen = session.exec(select(ReviewRow).where(ReviewRow.release == last.release)).first()
    return seen is not None and seen.at_ms > row.at_ms


def _sentence(same: bool, changes: int, comments: int, signed: int) -> str:
    parts = [] if same else [counted(changes, "change", "changes") if changes else "other bytes that do the same"]
    parts += [counted(comments, "comment", "comments")] if comments else []
    parts += [counted(signed, "signature", "signatures")] if signed else []
    return f"New since you looked: {listed(parts)}." if parts else ""
