"""Reviews: a draft is handed in, looked at, sent back or signed. Its state follows the release store.

Nobody signs here: authors, approvers and operators do that on the approval desk, with keys of their own. What stands in
the designer's database is what people said; who signed stands in the store, and counts as far as it verifies.
"""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from sqlmodel import Session, col, select

from designer import accounts, draft_rows, drafts, listening, releases, testcases, versions
from designer.errors import Conflict, NotAllowed, NotThere, Unfit
from designer.http.models import reviews as shapes
from designer.http.models.live import InboxHint, ReviewHint
from designer.models.drafts import DraftRow
from designer.models.reviews import CommentRow, ReviewRow
from designer.releases import Standing
from designer.words import counted
from flows.canonical import dumps
from flows.findings import Finding, Severity
from flows.instants import from_ms
from flows.release import Evidence, Manifest, Sealed
from flows.trust import Role
from runtime import objections

if TYPE_CHECKING:
    from designer.context import Caller, Designer
    from designer.database import Change

APPROVERS = frozenset({Role.PRIVACY, Role.ERP_OWNER})
MOST_COMMENTS = 500


# -- submitting --------------------------------------------------------------------------------------------------------


def submit(designer: Designer, caller: Caller, draft: str, body: shapes.Submit) -> shapes.Submitted:
    """Fixes the bytes of a draft and asks for signatures. Refused with what is in the way, nothing changed."""
    with designer.database.reading() as session:
        row = draft_rows.row_of(session, draft)
        _check_free(row)
        spelt = draft_rows.newest(session, row)
        authors = tuple(sorted({*draft_rows.authors_of(session, [draft])[draft], caller.person}))
        revision, flow = row.revision, row.flow
    _check_unblocked(listening.findings(designer, designer.drawing.analysed(spelt.document, spelt.digest)))
    tests, evidence = _tested(designer, flow, spelt.document)
    base = versions.live(designer).get(flow)
    sealed = releases.candidate(designer, spelt.document, authors, base.release if base else None, evidence)
    if not isinstance(sealed, Sealed):
        raise _blocked(sealed)
    with designer.database.change(caller.person) as change:
        row = draft_rows.row_of(change.session, draft)
        if row.revision != revision:
            raise Conflict("stale-revision", "Somebody saved while this was handed in: look at it, then submit again.")
        review = ReviewRow(
            id=f"r{designer.randomness.bytes(8).hex()}",
            draft=draft,
            flow=flow,
            revision=revision,
            release=sealed.digest,
            base=base.release if base else None,
            person=caller.person,
            summary=body.summary,
            reason=body.reason,
            tests=dumps(tests.model_dump(mode="json")),
            at_ms=change.at_ms,
        )
        change.session.add(review)
        releases.take_up(designer, sealed.digest)
        drafts.lock(designer, change, draft, review.id)
        change.record("review.submitted", review=review.id, draft=draft, flow=flow, release=sealed.digest)
        _tell(designer, change, review, f"{caller.name} submitted '{body.summary}'.")
    return shapes.Submitted(
        review=review.id,
        release=sealed.digest,
        sign=releases.desk(designer, sealed.digest, "author", caller.person, review.id),
    )


def _check_unblocked(found: tuple[Finding, ...]) -> None:
    if found:
        raise _blocked(found)


def _blocked(found: tuple[Finding, ...]) -> Unfit:
    hard = [each for each in found if each.severity is Severity.HARD] or list(found)
    more = f" ({len(hard) - 1} more)" if len(hard) > 1 else ""
    return Unfit("findings", f"{hard[0].sentence}{more}", hard[0].address.pointer)


def _check_free(row: DraftRow) -> None:
    if row.review is not None:
        raise Conflict("locked", "This draft waits for review already: withdraw it first.")


def _tested(designer: Designer, flow: str, document: dict[str, Any]) -> tuple[shapes.TestReport, Evidence]:
    """The test cases, run on the document that is about to be sealed."""
    suite = testcases.suite_of(designer, flow, document)
    if not suite.results:
        raise Unfit("no-test-case", "Save at least one sample as a test case: nobody can approve what nobody tried.")
    failed = [each for each in suite.results if not each.passed]
    if failed:
        raise Unfit(
            "tests-fail",
            f"{len(failed)} of {counted(len(suite.results), 'test case fails', 'test cases fail')}, first "
            f"'{failed[0].title}': mend the draft, or accept what it comes to now.",
        )
    steps = [str(step["id"]) for step in document.get("steps", ())]
    tests = shapes.TestReport(
        cases=tuple(shapes.TestLine(**each.model_dump()) for each in suite.results),
        passed=suite.passed,
        failed=0,
        steps=tuple(step for step in steps if step in suite.steps),
        missed=tuple(step for step in steps if step not in suite.steps),
    )
    return tests, Evidence(suite=suite.digest, cases=len(suite.results), passed=suite.passed)


# -- what people say ---------------------------------------------------------------------------------------------------


def comment(designer: Designer, caller: Caller, name: str, body: shapes.NewComment) -> None:
    with designer.database.change(caller.person) as change:
        row = row_of(change.session, name)
        _add_comment(change, row, body.text, body.place, "comment")
        change.record("review.commented", review=name)
        _tell(designer, change, row, f"{caller.name} commented on '{row.summary}'.")


def resolve(designer: Designer, caller: Caller, name: str, number: int) -> None:
    """Marks a comment as dealt with."""
    with designer.database.change(caller.person) as change:
        row = change.session.get(CommentRow, (name, number))
        if row is None:
            raise NotThere("no-comment", "There is no such comment.")
        row.resolved_by = caller.person
        change.record("comment.resolved", review=name, count=number)


def give_back(designer: Designer, caller: Caller, name: str, body: shapes.Return) -> None:
    """Asks for changes: the draft goes back to its analysts, and nothing more is signed for what was handed in."""
    with designer.database.change(caller.person) as change:
        row = _open(change.session, name)
        if caller.person in authors_of(designer, row):
            raise NotAllowed("own-review", "You worked on this draft: withdraw it instead.")
        _add_comment(change, row, body.text, shapes.Place(), "return")
        _close(designer, change, row, "returned", body.text)
        _tell(designer, change, row, f"{caller.name} asks for changes in '{row.summary}'.")


def withdraw(designer: Designer, caller: Caller, name: str) -> None:
    """Takes a submission back."""
    with designer.database.change(caller.person) as change:
        row = _open(change.session, name)
        if caller.person not in {row.person, *authors_of(designer, row)}:
            raise NotAllowed("not-yours", "Whoever worked on a draft withdraws it. An approver asks for changes.")
        _close(designer, change, row, "withdrawn", "")
        _tell(designer, change, row, f"{caller.name} withdrew '{row.summary}'.")


def _close(
    designer: Designer, change: Change, row: ReviewRow, how: Literal["returned", "withdrawn"], words: str
) -> None:
    """The store is written last, before this is committed: a no that the desk does not hear is not taken."""
    _check_not_live(designer, row)
    row.closed, row.closed_by, row.closed_ms = how, change.actor, change.at_ms
    draft = change.session.get(DraftRow, row.draft)
    if draft is not None and draft.done_ms is None and draft.review == row.id:
        drafts.unlock(designer, change, row.draft)
    change.record(f"review.{how}", review=row.id, draft=row.draft, flow=row.flow, release=row.release)
    change.session.flush()
    said = objections.made(row.release, how, change.actor, from_ms(change.at_ms), words, row.id)
    releases.set_aside(designer, said)


def _check_not_live(designer: Designer, row: ReviewRow) -> None:
    known = releases.manifest_of(designer, row.release)
    if releases.standing(designer, row.release, known).sequence is not None:
        raise Conflict("live", "This release was activated meanwhile: only a signed revocation, on the desk, stops it.")


def _add_comment(change: Change, row: ReviewRow, text: str, place: shapes.Place, kind: str) -> None:
    wanted = select(CommentRow.number).where(CommentRow.review == row.id).order_by(col(CommentRow.number).desc())
    last = change.session.exec(wanted.limit(1)).first() or 0
    if last >= MOST_COMMENTS:
        raise Conflict("too-many", f"A review has at most {MOST_COMMENTS} comments.")
    change.session.add(
        CommentRow(
            review=row.id,
            number=last + 1,
            person=change.actor,
            at_ms=change.at_ms,
            text=text,
            step=place.step,
            wire=" ".join(place.wire) if place.wire else None,
            field=place.field,
            kind=kind,
        )
    )


# -- where it stands ---------------------------------------------------------------------------------------------------


def state_of(row: ReviewRow, known: Manifest, standing: Standing, problems: tuple[str, ...]) -> shapes.ReviewState:
    """What has become of a submission. What is live is live, whatever was said before."""
    if standing.revoked_by is not None:
        return "revoked"
    if standing.sequence is not None:
        return "live"
    if row.settled_ms is not None:
        return "replaced"
    if row.closed is not None:
        return "returned" if row.closed == "returned" else "withdrawn"
    if problems:
        return "void"
    if standing.approved:
        return "approved"
    return "waits-for-approval" if standing.authored else "waits-for-author"


def settle(designer: Designer, review: str) -> None:
    """Its release was seen live: the draft is done."""
    with designer.database.change("designer") as change:
        row = row_of(change.session, review)
        if row.settled_ms is not None:
            return
        row.settled_ms = change.at_ms
        draft = change.session.get(DraftRow, row.draft)
        if draft is not None and draft.done_ms is None and draft.review == row.id:
            drafts.finish(designer, change, row.draft)
        change.record("review.settled", review=review, draft=row.draft, flow=row.flow, release=row.release)


def watched(designer: Designer) -> tuple[tuple[str, str, str], ...]:
    """The submissions whose signatures may still change something: (review, release, flow)."""
    with designer.database.reading() as session:
        wanted = select(ReviewRow).where(col(ReviewRow.settled_ms).is_(None)).order_by(col(ReviewRow.at_ms).desc())
        return tuple((row.id, row.release, row.flow) for row in session.exec(wanted.limit(200)))


def without_shadow(designer: Designer) -> str | None:
    """An open submission with a version to compare with, of which no shadow run was made."""
    with designer.database.reading() as session:
        wanted = select(ReviewRow.id).where(
            col(ReviewRow.shadow_ms).is_(None),
            col(ReviewRow.closed).is_(None),
            col(ReviewRow.settled_ms).is_(None),
            col(ReviewRow.base).is_not(None),
        )
        return session.exec(wanted.limit(1)).first()


def row_of(session: Session, name: str) -> ReviewRow:
    row = session.get(ReviewRow, name)
    if row is None:
        raise NotThere("no-review", "There is no such review.")
    return row


def authors_of(designer: Designer, row: ReviewRow) -> tuple[str, ...]:
    """The author set that was sealed."""
    return releases.manifest_of(designer, row.release).authors


def tests_of(row: ReviewRow) -> shapes.TestReport:
    return shapes.TestReport.model_validate_json(json.dumps(json.loads(row.tests)))


def _open(session: Session, name: str) -> ReviewRow:
    row = row_of(session, name)
    if row.closed is not None or row.settled_ms is not None:
        raise Conflict("closed", "This review is closed already.")
    return row


def _tell(designer: Designer, change: Change, row: ReviewRow, sentence: str) -> None:
    """Everybody who may have to do with it, once it is committed."""
    hint = ReviewHint(id=row.id, flow=row.flow, sentence=sentence)
    change.after(lambda: designer.live.everybody("review", hint))
    people = {account.person for account in accounts.everybody(designer) if APPROVERS & set(account.roles)} | {
        row.person
    }
    inbox = InboxHint(what="review", id=row.id, sentence=sentence)
    for person in sorted(people - {change.actor}):
        change.after(partial(designer.live.inbox, person, inbox))
