"""Drafts: what analysts draw before it is sealed. Every save is a revision; whoever saved one is an author for good."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from designer import analysis, beginnings, casebook, outgoing
from designer.draft_pages import differs, draft_body, found_in, holder
from designer.draft_rows import authors_of, check_open, keep, newest, row_of
from designer.drawing import Found
from designer.errors import Conflict, Unfit
from designer.http.models import drafts as shapes
from designer.http.models.live import DraftHint, PenAsked
from designer.models.drafts import DraftRow
from designer.spelling import Spelt, spell

if TYPE_CHECKING:
    from designer.context import Caller, Designer
    from designer.database import Change


def create(designer: Designer, caller: Caller, body: shapes.NewDraft) -> shapes.Draft:
    """A new draft. There is one of a flow at a time: whoever wants to go on, goes on with that one."""
    begun = beginnings.begin(designer, body)
    spelt = spell(begun.document)
    seen = found_in(designer, spelt.document, spelt.digest)
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
        keep(change, row, spelt, f"Began {begun.said}")
        if isinstance(body.source, shapes.FromPattern):
            casebook.begin_with(designer, change, flow, body.source.pattern)
        change.record("draft.created", draft=row.id, flow=flow, revision=1, digest=spelt.digest)
        written = (caller.person,)
        designer.pens.take(row.id, caller, change.at_ms, own=True)
        return draft_body(designer, caller, row, spelt.document, written)


def save(designer: Designer, caller: Caller, name: str, body: shapes.SaveDraft) -> shapes.Saved:
    """A new revision; nothing where nothing differs. Refused where the pen, or the revision, is somebody else's."""
    spelt = spell(body.document)
    with designer.database.reading() as session:
        _check_savable(row_of(session, name), spelt, body.revision)
    pen = designer.pens.take(name, caller, designer.clock.now_ms(), own=False)
    seen = found_in(designer, spelt.document, spelt.digest)
    said = analysis.body(seen, body.revision)
    with designer.database.change(caller.person) as change:
        row = row_of(change.session, name)
        _check_savable(row, spelt, body.revision)
        if newest(change.session, row).digest != spelt.digest:
            row.revision, row.saved_ms = row.revision + 1, change.at_ms
            row.name = seen.flow.name if seen.flow else row.name
            _weigh(row, said, seen)
            keep(change, row, spelt, body.summary)
            change.record("draft.saved", draft=name, flow=row.flow, revision=row.revision, digest=spelt.digest)
            hint = DraftHint(
                id=name, what="saved", revision=row.revision, person=caller.person, pen=holder(pen), tab=caller.tab
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
        check_open(row)
        designer.pens.take(name, caller, change.at_ms, own=True)
        row.done_ms = change.at_ms
        change.record("draft.discarded", draft=name, flow=row.flow, revision=row.revision)
        told(designer, change, row, "discarded")


def pen(designer: Designer, caller: Caller, name: str, *, take: bool) -> shapes.PenState:
    """Takes the pen, keeps it, or lays it down. Where somebody else has it, that person is told who asks."""
    with designer.database.reading() as session:
        row = row_of(session, name)
        if take:
            check_open(row)
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
        hint = DraftHint(id=name, what="pen", revision=number, person=caller.person, pen=holder(now), tab=caller.tab)
        designer.live.draft(hint)
    return shapes.PenState(pen=holder(now), mine=now is not None and now.is_held_by(caller))


def lock(designer: Designer, change: Change, name: str, review: str) -> DraftRow:
    """Locks a draft while it waits for review: nobody writes, and what was sealed stays what it is."""
    row = row_of(change.session, name)
    check_open(row)
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


def _check_savable(row: DraftRow, spelt: Spelt, number: int) -> None:
    check_open(row)
    if spelt.document.get("id") != row.flow:
        raise Unfit("id-changed", f"The id of this flow is '{row.flow}' and stays so.", "/document/id")
    if row.revision != number:
        raise Conflict(
            "stale-revision",
            f"This draft is at revision {row.revision}; your change was made on {number}.",
            "/revision",
        )


def _weigh(row: DraftRow, said: shapes.AnalysisBody, seen: Found) -> None:
    row.blocks, row.warns = said.blocks, said.warns
    row.highest_out, row.held_out = outgoing.of_draft(seen)
