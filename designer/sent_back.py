"""What became of drafts in review: the changes that an approver asked for, and whether a draft went live."""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel import Session, col, select

from designer import accounts
from designer.http.models.drafts import AskedFor
from designer.models.reviews import CommentRow, ReviewRow


def asked_for(session: Session, drafts: Sequence[str]) -> dict[str, AskedFor]:
    """Of drafts that nobody reviews now, the words with which the last review sent them back; none of a withdrawn."""
    wanted = select(ReviewRow).where(col(ReviewRow.draft).in_(drafts)).order_by(col(ReviewRow.at_ms))
    newest = {row.draft: row for row in session.exec(wanted)}
    back = [row for row in newest.values() if row.closed == "returned" and row.settled_ms is None]
    called = accounts.names(session, [row.closed_by for row in back if row.closed_by])
    return {row.draft: _asked(row, called, _words(session, row.id)) for row in back}


def went_live(session: Session, draft: str) -> str | None:
    """The release by which the draft was seen live."""
    wanted = select(ReviewRow.release).where(ReviewRow.draft == draft, col(ReviewRow.settled_ms).is_not(None))
    return session.exec(wanted.limit(1)).first()


def _asked(row: ReviewRow, called: dict[str, str], text: str) -> AskedFor:
    person = row.closed_by or ""
    return AskedFor(review=row.id, person=person, name=called.get(person, person), at=row.closed_ms or 0, text=text)


def _words(session: Session, review: str) -> str:
    wanted = select(CommentRow.text).where(CommentRow.review == review, CommentRow.kind == "return")
    return session.exec(wanted.order_by(col(CommentRow.number).desc()).limit(1)).first() or ""
