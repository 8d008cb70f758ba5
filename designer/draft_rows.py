"""The rows of drafts: the draft, its revisions, of which old ones are thinned out, and everybody who wrote in it."""

from __future__ import annotations

import json
import unicodedata
from itertools import pairwise
from typing import TYPE_CHECKING

from sqlmodel import Session, col, delete, select

from designer import sent_back
from designer.errors import Conflict, NotThere
from designer.models.drafts import AuthorRow, DraftRow, RevisionRow
from designer.spelling import Spelt

if TYPE_CHECKING:
    from designer.database import Change

THIN_EVERY = 20
THIN_AFTER_MS = 600_000
THIN_WITHIN_MS = 60_000


def row_of(session: Session, name: str) -> DraftRow:
    """The row of a draft; NotThere for none, or one that is done."""
    row = session.get(DraftRow, name)
    if row is None:
        raise NotThere("no-draft", "There is no draft at this address, and never was.", link="/flows")
    if row.done_ms is None:
        return row
    if sent_back.went_live(session, name):
        said = f"This draft went live: '{row.name}' is a flow with a page of its own."
        raise NotThere("went-live", said, link=f"/flows/{row.flow}")
    said = f"This draft of '{row.name}' was thrown away. What was saved stays on record."
    raise NotThere("discarded", said, link="/flows")


def newest(session: Session, row: DraftRow) -> Spelt:
    """The newest document of a draft."""
    kept = session.get(RevisionRow, (row.id, row.revision))
    if kept is None:
        raise NotThere("no-revision", "The newest revision of this draft is not there.")
    return Spelt(json.loads(kept.document), kept.document, kept.digest)


def authors_of(session: Session, names: list[str]) -> dict[str, tuple[str, ...]]:
    """Everybody whose edit is in each of these drafts, in the order in which they came."""
    wanted = (
        select(AuthorRow).where(col(AuthorRow.draft).in_(names)).order_by(col(AuthorRow.first_ms), AuthorRow.person)
    )
    written: dict[str, list[str]] = {name: [] for name in names}
    for row in session.exec(wanted):
        written[row.draft].append(row.person)
    return {name: tuple(each) for name, each in written.items()}


def check_open(row: DraftRow) -> None:
    """Conflict where nobody may write now."""
    if row.review is not None:
        raise Conflict("locked", "This draft waits for review: withdraw it, or wait until it comes back.")


def keep(change: Change, row: DraftRow, spelt: Spelt, summary: str) -> None:
    """The revision that a row names, by whoever changes it."""
    change.session.add(
        RevisionRow(
            draft=row.id,
            number=row.revision,
            person=change.actor,
            at_ms=change.at_ms,
            summary=unicodedata.normalize("NFC", summary),
            digest=spelt.digest,
            document=spelt.data,
        )
    )
    if change.session.get(AuthorRow, (row.id, change.actor)) is None:
        change.session.add(AuthorRow(draft=row.id, person=change.actor, first_ms=change.at_ms))
    change.session.flush()
    if row.revision % THIN_EVERY == 0:
        _thin(change.session, row.id, change.at_ms)


def _thin(session: Session, name: str, at_ms: int) -> None:
    """Of saves that are some minutes old, keeps the last of each minute of each person."""
    columns = (RevisionRow.number, RevisionRow.person, RevisionRow.at_ms)
    wanted = select(*columns).where(RevisionRow.draft == name).order_by(col(RevisionRow.number))
    rows = session.exec(wanted).all()
    gone = [
        row.number  # type: ignore[attr-defined]  # a row of columns knows them by name
        for row, after in pairwise(rows)
        if row.at_ms < at_ms - THIN_AFTER_MS  # type: ignore[attr-defined]
        and after.person == row.person  # type: ignore[attr-defined]
        and after.at_ms - row.at_ms < THIN_WITHIN_MS  # type: ignore[attr-defined]
    ]
    session.exec(delete(RevisionRow).where(col(RevisionRow.draft) == name, col(RevisionRow.number).in_(gone)))
