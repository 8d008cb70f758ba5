"""Drafts: what analysts draw before it is sealed. Every save is a revision; whoever saved one is an author for good."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlmodel import Session, col, delete, select

from designer import accounts, analysis, beginnings, casebook, listening, outgoing, sent_back, versions
from designer.drawing import Found
from designer.errors import Conflict, NotThere, TooLarge, Unfit
from designer.http.models import drafts as shapes
from designer.http.models.live import DraftHint, PenAsked
from designer.models.drafts import AuthorRow, DraftRow, RevisionRow
from designer.pens import Pen
from flows.analysis import loads
from flows.canonical import MAX_BYTES, NotCanonical, dumps, sha256_hex
from flows.edits import EditError, apply_edits
from flows.graph import dump_flow, read_flow
from flows.render import WireLoad, svg

if TYPE_CHECKING:
    from designer.context import Caller, Designer
    from designer.database import Change

THIN_EVERY = 20
THIN_AFTER_MS = 600_000
THIN_WITHIN_MS = 60_000


class Spelt(NamedTuple):
    """A document as it is kept."""

    document: dict[str, Any]
    data: bytes
    digest: str


# -- reading -----------------------------------------------------------------------------------------------------------


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
        return _draft(designer, caller, row, spelt.document, authors_of(session, [name])[name], asked)


def found(designer: Designer, name: str) -> Found:
    """The newest revision of a draft, analysed."""
    with designer.database.reading() as session:
        spelt = newest(session, row_of(session, name))
    return _seen(designer, spelt.document, spelt.digest)


def analysed(designer: Designer, name: str) -> shapes.AnalysisBody:
    """All that is found in the newest revision of a draft."""
    with designer.database.reading() as session:
        row = row_of(session, name)
        spelt, number = newest(session, row), row.revision
    return analysis.body(_seen(designer, spelt.document, spelt.digest), number)


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
    return shapes.Previewed(document=after, analysis=analysis.body(_seen(designer, after), number))


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


# -- changing ----------------------------------------------------------------------------------------------------------


def create(designer: Designer, caller: Caller, body: shapes.NewDraft) -> shapes.Draft:
    """A new draft. There is one of a flow at a time: whoever wants to go on, goes on with that one."""
    begun = beginnings.begin(designer, body)
    spelt = spell(begun.document)
    seen = _seen(designer, spelt.document, spelt.digest)
    with designer.database.change(caller.person) as change:
        flow = begun.flow if begun.base else beginnings.free(designer, change.session, begun.flow)
        beginnings.check_alone(change.session, flow)
        if flow != begun.flow:
            spelt = spell({**spelt.document, "id": flow})
        row = DraftRow(
            id=f"d{designer.randomness.bytes(8).hex()}",
            flow=flow,
            name=body.name,
            revision=1,
            environment=seen.around.environment.name,
            base=begun.base,
            made_ms=change.at_ms,
            saved_ms=change.at_ms,
        )
        _weigh(row, analysis.body(seen, 1), seen)
        change.session.add(row)
        change.session.flush()
        _keep(change, row, spelt, f"Began {begun.said}")
        if isinstance(body.source, shapes.FromPattern):
            casebook.begin_with(designer, change, flow, body.source.pattern)
        change.record("draft.created", draft=row.id, flow=flow, revision=1, digest=spelt.digest)
        written = (caller.person,)
        designer.pens.take(row.id, caller, change.at_ms, own=True)
        return _draft(designer, caller, row, spelt.document, written)


def save(designer: Designer, caller: Caller, name: str, body: shapes.SaveDraft) -> shapes.Saved:
    """A new revision; nothing where nothing differs. Refused where the pen, or the revision, is somebody else's."""
    spelt = spell(body.document)
    with designer.database.reading() as session:
        _check_savable(row_of(session, name), spelt, body.revision)
    pen = designer.pens.take(name, caller, designer.clock.now_ms(), own=False)
    seen = _seen(designer, spelt.document, spelt.digest)
    said = analysis.body(seen, body.revision)
    with designer.database.change(caller.person) as change:
        row = row_of(change.session, name)
        _check_savable(row, spelt, body.revision)
        if newest(change.session, row).digest != spelt.digest:
            row.revision, row.saved_ms = row.revision + 1, change.at_ms
            row.name = seen.flow.name if seen.flow else row.name
            _weigh(row, said, seen)
            _keep(change, row, spelt, body.summary)
            change.record("draft.saved", draft=name, flow=row.flow, revision=row.revision, digest=spelt.digest)
            hint = DraftHint(
                id=name, what="saved", revision=row.revision, person=caller.person, pen=_holder(pen), tab=caller.tab
            )
            change.after(lambda: designer.live.draft(hint))
        written = authors_of(change.session, [name])[name]
        number, saved, base = row.revision, row.saved_ms, row.base
    return shapes.Saved(
        revision=number,
        changed=differs(designer, base, spelt.document),
        saved=saved,
        authors=written,
        analysis=said.model_copy(update={"revision": number}),
    )


def discard(designer: Designer, caller: Caller, name: str) -> None:
    """Throws a draft away: nobody sees it in a list any more. What was saved stays for the record."""
    with designer.database.change(caller.person) as change:
        row = row_of(change.session, name)
        _check_open(row)
        designer.pens.take(name, caller, change.at_ms, own=True)
        row.done_ms = change.at_ms
        change.record("draft.discarded", draft=name, flow=row.flow, revision=row.revision)
        told(designer, change, row, "discarded")


def pen(designer: Designer, caller: Caller, name: str, *, take: bool) -> shapes.PenState:
    """Takes the pen, keeps it, or lays it down. Where somebody else has it, that person is told who asks."""
    with designer.database.reading() as session:
        row = row_of(session, name)
        if take:
            _check_open(row)
        number = row.revision
    at_ms = designer.clock.now_ms()
    before = designer.pens.of(name, at_ms)
    if take:
        try:
            designer.pens.take(name, caller, at_ms, own=True)
        except Conflict:
            designer.live.pen_asked(name, PenAsked(id=name, person=caller.person, name=caller.name))
            raise
    else:
        designer.pens.lay_down(name, caller)
    now = designer.pens.of(name, at_ms)
    if (before and before[:3]) != (now and now[:3]):
        hint = DraftHint(id=name, what="pen", revision=number, person=caller.person, pen=_holder(now), tab=caller.tab)
        designer.live.draft(hint)
    return shapes.PenState(pen=_holder(now), mine=now is not None and now.is_held_by(caller))


def lock(designer: Designer, change: Change, name: str, review: str) -> DraftRow:
    """Locks a draft while it waits for review: nobody writes, and what was sealed stays what it is."""
    row = row_of(change.session, name)
    _check_open(row)
    row.review = review
    told(designer, change, row, "locked")
    return row


def unlock(designer: Designer, change: Change, name: str) -> DraftRow:
    """Gives a draft back to its analysts."""
    row = row_of(change.session, name)
    row.review = None
    told(designer, change, row, "unlocked")
    return row


def finish(designer: Designer, change: Change, name: str) -> DraftRow:
    """Ends a draft whose release is live."""
    row = row_of(change.session, name)
    row.done_ms = change.at_ms
    told(designer, change, row, "discarded")
    return row


def told(designer: Designer, change: Change, row: DraftRow, what: Any) -> None:
    """Tells whoever follows a draft what became of it, once that is committed. Nobody writes in it any more."""
    hint = DraftHint(id=row.id, what=what, revision=row.revision, person=change.actor, pen=None)
    change.after(lambda: designer.pens.drop(row.id) if what != "unlocked" else None)
    change.after(lambda: designer.live.draft(hint))


# -- parts -------------------------------------------------------------------------------------------------------------


def spell(document: Mapping[str, Any]) -> Spelt:
    """A document as it is kept: canonical, with its texts in NFC."""
    try:
        kept = _composed(document)
        data = dumps(kept)
    except NotCanonical as error:
        raise Unfit("not-canonical", error.sentence, f"/document{error.pointer}") from None
    except RecursionError:
        raise Unfit("too-deep", "The document is nested too deep.", "/document") from None
    if len(data) > MAX_BYTES:
        raise TooLarge("too-large", f"A flow has at most {MAX_BYTES} bytes; this one has {len(data)}.", "/document")
    return Spelt(kept, data, sha256_hex(data))


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


def differs(designer: Designer, base: str | None, document: Mapping[str, Any]) -> bool:
    """Whether a document differs from its base in more than layout and notes."""
    known = beginnings.released(designer, base) if base else None
    if known is None:
        return True
    flow, wrong = read_flow(dict(document))
    return flow is None or bool(wrong) or _behaviour(dump_flow(flow)) != _behaviour(known)


def _seen(designer: Designer, document: Mapping[str, Any], digest: str | None = None) -> Found:
    """A document analysed, in what is drawn in and beside what is live."""
    return listening.checked(designer, designer.drawing.analysed(document, digest))


def _behaviour(document: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name not in ("layout", "notes")}


def _check_savable(row: DraftRow, spelt: Spelt, number: int) -> None:
    _check_open(row)
    if spelt.document.get("id") != row.flow:
        raise Unfit("id-changed", f"The id of this flow is '{row.flow}' and stays so.", "/document/id")
    if row.revision != number:
        raise Conflict(
            "stale-revision",
            f"This draft is at revision {row.revision}; your change was made on {number}.",
            "/revision",
        )


def _check_open(row: DraftRow) -> None:
    if row.review is not None:
        raise Conflict("locked", "This draft waits for review: withdraw it, or wait until it comes back.")


def _keep(change: Change, row: DraftRow, spelt: Spelt, summary: str) -> None:
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


def _weigh(row: DraftRow, said: shapes.AnalysisBody, seen: Found) -> None:
    row.blocks, row.warns = said.blocks, said.warns
    row.highest_out, row.held_out = outgoing.of_draft(seen)


def _composed(value: Any) -> Any:
    """A JSON value with every text in NFC: the same to people, one spelling to a signature."""
    if isinstance(value, str):
        return value if value.isascii() else unicodedata.normalize("NFC", value)
    if isinstance(value, dict):
        return {_composed(name): _composed(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_composed(each) for each in value]
    return value


def _draft(
    designer: Designer,
    caller: Caller,
    row: DraftRow,
    document: Mapping[str, Any],
    written: tuple[str, ...],
    asked: shapes.AskedFor | None = None,
) -> shapes.Draft:
    held = designer.pens.of(row.id, designer.clock.now_ms())
    return shapes.Draft(
        id=row.id,
        flow=row.flow,
        name=row.name,
        revision=row.revision,
        document=document,
        environment=row.environment,
        authors=written,
        pen=_holder(held),
        mine=held is not None and held.is_held_by(caller),
        base=row.base,
        changed=differs(designer, row.base, document),
        locked=row.review is not None,
        review=row.review,
        asked_for=asked,
        saved=row.saved_ms,
    )


def _card(
    designer: Designer, row: DraftRow, written: tuple[str, ...], asked: shapes.AskedFor | None
) -> shapes.DraftCard:
    return shapes.DraftCard(
        id=row.id,
        flow=row.flow,
        name=row.name,
        revision=row.revision,
        authors=written,
        pen=_holder(designer.pens.of(row.id, designer.clock.now_ms())),
        blocks=row.blocks,
        warns=row.warns,
        highest_out=row.highest_out,
        held_out=row.held_out,
        locked=row.review is not None,
        asked_for=asked,
        saved=row.saved_ms,
    )


def _holder(held: Pen | None) -> shapes.PenHolder | None:
    if held is None:
        return None
    return shapes.PenHolder(person=held.person, name=held.name, since=held.since_ms, until=held.until_ms)


def _revision(row: Any, called: Mapping[str, str]) -> shapes.RevisionCard:
    return shapes.RevisionCard(
        number=row.number,
        person=row.person,
        name=called[row.person],
        at=row.at_ms,
        summary=row.summary,
        digest=row.digest,
    )
