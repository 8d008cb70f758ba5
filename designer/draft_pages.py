"""Drafts as people see them: listed, opened, analysed, drawn, and what was saved when."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sqlmodel import Session, col, select

from designer import accounts, analysis, beginnings, listening, sent_back, versions
from designer.draft_rows import authors_of, newest, row_of
from designer.drawing import Found
from designer.errors import NotThere, Unfit
from designer.http.models import drafts as shapes
from designer.models.drafts import DraftRow, RevisionRow
from designer.pens import Pen
from designer.spelling import spell
from flows.analysis import loads
from flows.edits import EditError, apply_edits
from flows.graph import dump_flow, read_flow
from flows.render import WireLoad, svg

if TYPE_CHECKING:
    from designer.context import Caller, Designer


def cards(designer: Designer) -> tuple[shapes.DraftCard, ...]:
    """Every draft that somebody may still work on, the newest first."""
    with designer.database.reading() as session:
        wanted = select(DraftRow).where(col(DraftRow.done_ms).is_(None)).order_by(col(DraftRow.saved_ms).desc())
        rows = session.exec(wanted).all()
        written = authors_of(session, [row.id for row in rows])
        asked = sent_back.asked_for(session, [row.id for row in rows if row.review is None])
        return tuple(_card(designer, row, written.get(row.id, ()), asked.get(row.id)) for row in rows)


def read(designer: Designer, caller: Caller, name: str) -> shapes.Draft:
    """A draft with its newest document."""
    with designer.database.reading() as session:
        row = _there(designer, session, name)
        spelt = newest(session, row)
        asked = sent_back.asked_for(session, [name] if row.review is None else []).get(name)
        return draft_body(designer, caller, row, spelt.document, authors_of(session, [name])[name], asked)


def found(designer: Designer, name: str) -> Found:
    """The newest revision of a draft, analysed."""
    with designer.database.reading() as session:
        spelt = newest(session, row_of(session, name))
    return found_in(designer, spelt.document, spelt.digest)


def analysed(designer: Designer, name: str) -> shapes.AnalysisBody:
    """All that is found in the newest revision of a draft."""
    with designer.database.reading() as session:
        row = row_of(session, name)
        spelt, number = newest(session, row), row.revision
    return analysis.body(found_in(designer, spelt.document, spelt.digest), number)


def revisions(designer: Designer, name: str, after: int, limit: int) -> shapes.Revisions:
    """What was saved, the newest first."""
    with designer.database.reading() as session:
        row_of(session, name)
        columns = (RevisionRow.number, RevisionRow.person, RevisionRow.at_ms, RevisionRow.summary, RevisionRow.digest)
        wanted = select(*columns).where(RevisionRow.draft == name).order_by(col(RevisionRow.number).desc())  # type: ignore[call-overload]
        rows = session.exec(wanted.offset(after).limit(limit + 1)).all()
        called = accounts.names(session, (row.person for row in rows))
        listed = tuple(_revision(row, called) for row in rows[:limit])
        return shapes.Revisions(revisions=listed, more=len(rows) > limit)


def revision(designer: Designer, name: str, number: int) -> shapes.RevisionBody:
    """The document of one revision, as long as it was not thinned out."""
    with designer.database.reading() as session:
        row_of(session, name)
        row = session.get(RevisionRow, (name, number))
        if row is None:
            raise NotThere("no-revision", f"Revision {number} is not kept: only one a minute of older ones is.")
        card = _revision(row, accounts.names(session, [row.person]))
        return shapes.RevisionBody(card=card, document=json.loads(row.document))


def preview(designer: Designer, name: str, body: shapes.Preview) -> shapes.Previewed:
    """What a draft would be after some edits, and what would be found in it."""
    with designer.database.reading() as session:
        row = row_of(session, name)
        document = newest(session, row).document if body.document is None else spell(body.document).document
        number = row.revision
    try:
        after = apply_edits(document, body.edits)
    except (EditError, KeyError, TypeError, AttributeError) as error:
        why = str(error) if isinstance(error, EditError) else "this part of the draft has another form."
        raise Unfit("no-such-place", f"This change does not fit the draft any more: {why}", "/edits") from None
    return shapes.Previewed(document=after, analysis=analysis.body(found_in(designer, after), number))


def picture(designer: Designer, name: str) -> str:
    """The newest revision drawn as SVG."""
    return drawn(found(designer, name))


def drawn(seen: Found) -> str:
    """An analysed document as SVG, with what its wires carry."""
    if seen.flow is None or seen.analysis is None:
        raise NotThere("unreadable", "This draft cannot be read as a flow, so it cannot be drawn.")
    with seen.lock:
        carried = loads(seen.flow, seen.analysis)
    return svg(seen.flow, {ends: WireLoad(each.sensitivity, each.fields) for ends, each in carried.items()})


def found_in(designer: Designer, document: Mapping[str, Any], digest: str | None = None) -> Found:
    """A document analysed, in what is drawn in and beside what is live."""
    return listening.checked(designer, designer.drawing.analysed(document, digest))


def differs(designer: Designer, base: str | None, document: Mapping[str, Any]) -> bool:
    """Whether a document differs from its base in more than layout and notes."""
    known = beginnings.released(designer, base) if base else None
    if known is None:
        return True
    flow, wrong = read_flow(dict(document))
    return flow is None or bool(wrong) or _behaviour(dump_flow(flow)) != _behaviour(known)


def draft_body(
    designer: Designer,
    caller: Caller,
    row: DraftRow,
    document: Mapping[str, Any],
    written: tuple[str, ...],
    asked: shapes.AskedFor | None = None,
) -> shapes.Draft:
    """A draft as its page opens it."""
    held = designer.pens.of(row.id, designer.clock.now_ms())
    return shapes.Draft(
        id=row.id,
        flow=row.flow,
        name=row.name,
        revision=row.revision,
        document=document,
        environment=row.environment,
        authors=written,
        pen=holder(held),
        mine=held is not None and held.is_held_by(caller),
        base=row.base,
        changed=differs(designer, row.base, document),
        locked=row.review is not None,
        review=row.review,
        asked_for=asked,
        saved=row.saved_ms,
    )


def holder(held: Pen | None) -> shapes.PenHolder | None:
    """Who has the pen, as people see it."""
    if held is None:
        return None
    return shapes.PenHolder(person=held.person, name=held.name, since=held.since_ms, until=held.until_ms)


def _there(designer: Designer, session: Session, name: str) -> DraftRow:
    """The same, for whoever opens the page: a draft that went live says as which version, while that is the newest."""
    try:
        return row_of(session, name)
    except NotThere as gone:
        release = sent_back.went_live(session, name)
        for flow, each in versions.live(designer).items():
            if each.release == release:
                title = versions.names(designer).get(flow, flow)
                said = f"This draft went live as version {each.sequence} of '{title}'."
                raise NotThere(gone.code, said, link=gone.link) from None
        raise


def _card(
    designer: Designer, row: DraftRow, written: tuple[str, ...], asked: shapes.AskedFor | None
) -> shapes.DraftCard:
    return shapes.DraftCard(
        id=row.id,
        flow=row.flow,
        name=row.name,
        revision=row.revision,
        authors=written,
        pen=holder(designer.pens.of(row.id, designer.clock.now_ms())),
        blocks=row.blocks,
        warns=row.warns,
        highest_out=row.highest_out,
        held_out=row.held_out,
        locked=row.review is not None,
        asked_for=asked,
        saved=row.saved_ms,
    )


def _revision(row: Any, called: Mapping[str, str]) -> shapes.RevisionCard:
    return shapes.RevisionCard(
        number=row.number,
        person=row.person,
        name=called[row.person],
        at=row.at_ms,
        summary=row.summary,
        digest=row.digest,
    )


def _behaviour(document: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name not in ("layout", "notes")}
