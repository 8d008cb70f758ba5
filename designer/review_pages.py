"""Review pages: what an approver sees, made from the sealed bytes, the store's signatures and what people said."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from sqlmodel import Session, col, select

from designer import (
    accounts,
    answers,
    compared,
    exposures,
    looks,
    policy_report,
    releases,
    reviews,
    shadows,
    versions,
)
from designer.errors import NotThere
from designer.http.models import reviews as shapes
from designer.models.drafts import DraftRow
from designer.models.reviews import CommentRow, ReviewRow
from designer.releases import Signature, Standing
from flows.analysis import loads
from flows.graph import Flow
from flows.instants import to_ms
from flows.merged import merge
from flows.release import Manifest
from flows.render import Marks, WireLoad, svg
from flows.trust import MAY_SIGN, Activation, Approval, Authorship, Root
from flows.trust.statement import Act as AnyAct
from runtime.api import RuntimeTrouble
from runtime.questions.traffic import AskTraffic

if TYPE_CHECKING:
    from designer.context import Caller, Designer

_MEANINGS: dict[str, type[AnyAct]] = {"author": Authorship, "approve": Approval, "activate": Activation}
_COVERS = (
    "the flow: every step, wire and setting",
    "the node kinds with the digests of their code",
    "contracts of systems and of masters, by digest",
    "connections with their destinations, transports, limits and the names of their secrets",
    "the policy set and its verdict, and the waivers",
    "the lineage and the field list of each sink",
    "the environment with its data label, and how long the release may run",
    "the people who worked on it",
    "the results of the test cases",
)


class Case(NamedTuple):
    """A review with everything that is read of it."""

    row: ReviewRow
    known: Manifest
    compared: compared.Compared
    standing: Standing
    problems: tuple[str, ...]
    state: shapes.ReviewState
    comments: tuple[CommentRow, ...]
    called: dict[str, str]


def cards(designer: Designer, caller: Caller, query: shapes.ReviewsQuery) -> shapes.ReviewCards:
    """Reviews, the newest first."""
    with designer.database.reading() as session:
        wanted = select(ReviewRow).order_by(col(ReviewRow.at_ms).desc()).limit(500)
        cases = [_case(designer, session, row) for row in session.exec(wanted)]
    found = [_card(designer, caller, each) for each in cases]
    chosen = [card for card in found if _wanted(card, query.state)]
    return shapes.ReviewCards(reviews=tuple(chosen[: query.limit]), hidden=max(0, len(chosen) - query.limit))


def page(designer: Designer, caller: Caller, name: str) -> shapes.Review:
    """The whole review."""
    with designer.database.reading() as session:
        case = _case(designer, session, reviews.row_of(session, name))
        draft = session.get(DraftRow, case.row.draft)
        draft_there = draft is not None and draft.done_ms is None
        told = _of_others(caller, case)
        since = looks.since(designer, session, caller, case.row, case.known, (told.comments, told.signed))
    row, known = case.row, case.known
    findings = releases.looked(designer, row.release).findings
    rules = policy_report.report(known, findings)
    tests = reviews.tests_of(row)
    live = versions.live(designer).get(row.flow)
    risk = compared.risk(case.compared)
    return shapes.Review(
        card=_card(designer, caller, case),
        draft=row.draft,
        draft_there=draft_there,
        base=row.base,
        base_is_live=(live.release if live else None) in (row.base, row.release),
        behaviour=known.behaviour,
        shown=known.shown,
        expires=known.expires,
        reason=row.reason,
        tier_why=risk.why,
        answers=answers.seven(case.compared, _told(designer, case, tests, rules)),
        exposure=exposures.rows(designer, row.release, case.compared),
        behaviour_changes=compared.bodies(case.compared.difference.behaviour),
        configuration=compared.bodies(case.compared.difference.configuration),
        graph=compared.graph(case.compared),
        findings=findings,
        rules=rules,
        tests=tests,
        shadow=shadows.report(row),
        may_shadow=row.base is not None and designer.rights.may(shadows.ACTION, caller.roles, demo=designer.demo),
        people=_people(designer, caller, case),
        comments=tuple(_comment(each, case.called) for each in case.comments),
        history=tuple(sorted(_history(case), key=lambda each: each.at)),
        problems=case.problems,
        covers=_COVERS,
        since=since,
        looked=told,
        titles=_titles(case.compared.base) | _titles(known),
        verify=f"lockgate export {row.release} --store STORE && lockgate verify {row.release[:12]}.bundle --root ROOT",
    )


def picture(designer: Designer, name: str, side: str) -> str:
    """The candidate, what it is compared with, or both in one, as SVG."""
    with designer.database.reading() as session:
        row = reviews.row_of(session, name)
    if side == "both" and row.base is not None:
        return _both(designer, row.base, row.release)
    release = row.base if side == "before" else row.release
    if release is None:
        raise NotThere("no-base", "This is the first release of the flow: there is nothing before it.")
    return svg(*_drawn(designer, release))


def looked(designer: Designer, caller: Caller, name: str, body: shapes.Looked) -> None:
    """Keeps what somebody saw of a review."""
    with designer.database.reading() as session:
        row = reviews.row_of(session, name)
    looks.looked(designer, caller, row, body)


def _both(designer: Designer, base: str, release: str) -> str:
    before, carried = _drawn(designer, base)
    after, carries = _drawn(designer, release)
    merged = merge(before, after)
    return svg(merged.flow, carries, Marks(merged.steps, merged.wires, carried))


def _drawn(designer: Designer, release: str) -> tuple[Flow, dict[tuple[str, str], WireLoad]]:
    seen = releases.looked(designer, release)
    with seen.lock:
        carried = loads(seen.flow, seen.analysis)
    return seen.flow, {ends: WireLoad(each.sensitivity, each.fields) for ends, each in carried.items()}


def _of_others(caller: Caller, case: Case) -> shapes.Looked:
    signed = (*case.standing.authored, *case.standing.approvals)
    return shapes.Looked(
        comments=sum(each.person != caller.person for each in case.comments),
        signed=sum(each.person != caller.person for each in signed),
    )


def _titles(known: Manifest | None) -> dict[str, str]:
    return {str(step["id"]): str(step["title"]) for step in known.flow["steps"]} if known else {}


def _case(designer: Designer, session: Session, row: ReviewRow) -> Case:
    known = releases.manifest_of(designer, row.release)
    base = versions.manifest(designer, row.base) if row.base else None
    standing = releases.standing(designer, row.release, known)
    problems = tuple(_problems(designer, known, standing))
    wanted = select(CommentRow).where(CommentRow.review == row.id).order_by(col(CommentRow.number))
    comments = tuple(session.exec(wanted).all())
    people = {row.person, *known.authors, *(each.person for each in comments)}
    people |= {each.person for each in (*standing.authored, *standing.approvals)}
    people |= {each for each in (standing.activator, row.closed_by, standing.revoked_by) if each}
    state = reviews.state_of(row, known, standing, problems)
    called = _called(designer, session, people)
    return Case(row, known, compared.compare(base, known), standing, problems, state, comments, called)


def _called(designer: Designer, session: Session, people: set[str]) -> dict[str, str]:
    """What people are called: by their account, else by the trust root."""
    root = designer.trusted.root
    named = accounts.names(session, people)
    return {
        person: root.persons[person].name if name == person and person in root.persons else name
        for person, name in named.items()
    }


def _problems(designer: Designer, known: Manifest, standing: Standing) -> Iterator[str]:
    root = designer.trusted.root
    yield from standing.broken
    if known.epoch < root.epoch:
        yield f"It was handed in under epoch {known.epoch}; the trust root is at {root.epoch}: hand it in again."
    if known.policies not in root.policy_sets:
        yield "The policy set that judged it is not accepted any more: hand it in again."
    if designer.clock.now_ms() >= to_ms(known.expires):
        yield f"It expired at {known.expires}: hand it in again."
    strangers = sorted(set(known.authors) - set(root.persons))
    if strangers:
        yield f"{', '.join(strangers)}, an author, is no person of the trust root any more."


def _card(designer: Designer, caller: Caller, case: Case) -> shapes.ReviewCard:
    row, tests = case.row, reviews.tests_of(case.row)
    acts = tuple(_acts(designer, caller, case))
    return shapes.ReviewCard(
        id=row.id,
        flow=row.flow,
        name=str(case.known.flow["name"]),
        release=row.release,
        state=case.state,
        tier=compared.risk(case.compared).tier,
        sentence=compared.headline(case.compared),
        summary=row.summary,
        submitter=_person(row.person, case.called),
        at=row.at_ms,
        passed=tests.passed,
        cases=len(tests.cases),
        approvals=len(case.standing.approvals),
        needed=designer.trusted.root.thresholds.approval.persons,
        open_comments=sum(each.kind == "comment" and each.resolved_by is None for each in case.comments),
        mine=any(each.may for each in acts),
    )


def _wanted(card: shapes.ReviewCard, which: str) -> bool:
    is_open = card.state in ("waits-for-author", "waits-for-approval", "approved", "void")
    return {"open": is_open, "done": not is_open, "mine": card.mine, "all": True}[which]


def _people(designer: Designer, caller: Caller, case: Case) -> shapes.People:
    standing = case.standing
    return shapes.People(
        submitter=_person(case.row.person, case.called),
        authors=tuple(_person(each, case.called) for each in case.known.authors),
        authored=tuple(_signed(each, case.called) for each in standing.authored),
        approvals=tuple(_signed(each, case.called) for each in standing.approvals),
        missing=standing.missing,
        activator=_person(standing.activator, case.called) if standing.activator else None,
        acts=tuple(_acts(designer, caller, case)),
    )


def _acts(designer: Designer, caller: Caller, case: Case) -> Iterator[shapes.Act]:
    """What the one who asks may sign. The desk and the runtime decide for themselves; this only says it beforehand."""
    root = designer.trusted.root
    own = caller.person in case.known.authors
    for act, meant, why in (
        ("author", own, _not_author(root, caller, case)),
        ("approve", own or not _no_role(root, caller, "approve"), _not_approver(root, caller, case)),
        ("activate", not _no_role(root, caller, "activate"), _not_activator(root, caller, case)),
    ):
        said = (
            why or {"author": "You are an author.", "approve": "You may approve.", "activate": "You may activate."}[act]
        )
        yield shapes.Act.model_validate(
            {
                "act": act,
                "meant": meant,
                "may": not why,
                "why": said,
                "link": releases.desk(designer, case.row.release, act, caller.person, case.row.id),
            }
        )


def _not_author(root: Root, caller: Caller, case: Case) -> str:
    if caller.person not in case.known.authors:
        return "Only somebody who worked on this draft signs as its author."
    if any(each.person == caller.person for each in case.standing.authored):
        return "You have signed as author already."
    return _closed(case) or _no_role(root, caller, "author") or _no_key(root, caller)


def _not_approver(root: Root, caller: Caller, case: Case) -> str:
    if caller.person in case.known.authors:
        return f"{caller.name} worked on this draft, and no author approves: not by any role."
    if any(each.person == caller.person for each in case.standing.approvals):
        return "You have approved it already."
    unsigned = "" if case.standing.authored else "Its author has not signed yet."
    return _closed(case) or _no_role(root, caller, "approve") or unsigned or _no_key(root, caller)


def _not_activator(root: Root, caller: Caller, case: Case) -> str:
    if caller.person in case.known.authors:
        return f"{caller.name} worked on this draft, and no author activates."
    if any(each.person == caller.person for each in case.standing.approvals):
        return "You approved it, and whoever approved does not activate."
    waits = "" if case.standing.approved else "It is not approved yet."
    return _closed(case) or _no_role(root, caller, "activate") or waits or _no_key(root, caller)


def _closed(case: Case) -> str:
    if case.state == "live":
        return "It is live."
    said = {
        "returned": "It was sent back.",
        "withdrawn": "It was withdrawn.",
        "revoked": "It was revoked.",
        "replaced": "Another version took its place.",
    }
    return said.get(case.state, case.problems[0] if case.problems else "")


def _no_role(root: Root, caller: Caller, act: str) -> str:
    allowed = MAY_SIGN[_MEANINGS[act]]
    if root.roles(caller.person) & allowed:
        return ""
    return f"That takes the role {' or '.join(sorted(allowed))}, by the trust root."


def _no_key(root: Root, caller: Caller) -> str:
    if any(key.person == caller.person for key in root.keys.values()):
        return ""
    return "You have no key yet: enrol one on the desk."


def _told(designer: Designer, case: Case, tests: shapes.TestReport, rules: tuple[shapes.RuleLine, ...]) -> answers.Told:
    try:
        traffic = designer.runtime.traffic(AskTraffic(window="day"))
        received = next((each.window.accepted for each in traffic.flows if each.flow == case.row.flow), 0)
    except RuntimeTrouble:
        received = None
    base = case.compared.base
    still = base is not None and designer.clock.now_ms() < to_ms(base.expires)
    return answers.Told(
        submitter=case.called[case.row.person],
        authors=tuple(case.called[person] for person in case.known.authors),
        reason=case.row.reason,
        tests=tests,
        rules=rules,
        received=received,
        shadow=report.sentence if (report := shadows.report(case.row)) else "",
        still_approved=still,
    )


def _history(case: Case) -> Iterator[shapes.Event]:
    row, called = case.row, case.called
    yield shapes.Event(at=row.at_ms, who=called[row.person], sentence=f"submitted it: {row.summary}")
    for each in case.standing.authored:
        yield shapes.Event(at=each.at_ms, who=called[each.person], sentence="signed as author")
    for each in case.standing.approvals:
        yield shapes.Event(at=each.at_ms, who=called[each.person], sentence="approved and signed")
    for comment in case.comments:
        what = "asked for changes" if comment.kind == "return" else "commented"
        yield shapes.Event(at=comment.at_ms, who=called[comment.person], sentence=what)
    if row.closed_ms is not None and row.closed == "withdrawn":
        yield shapes.Event(at=row.closed_ms, who=called[row.closed_by or row.person], sentence="withdrew it")
    if row.settled_ms is not None:
        who = called[case.standing.activator] if case.standing.activator else "An operator"
        yield shapes.Event(at=row.settled_ms, who=who, sentence="activated it: it is live")


def _comment(row: CommentRow, called: dict[str, str]) -> shapes.CommentBody:
    ends = row.wire.split(" ") if row.wire else None
    return shapes.CommentBody(
        number=row.number,
        person=row.person,
        name=called[row.person],
        at=row.at_ms,
        text=row.text,
        place=shapes.Place(step=row.step, wire=(ends[0], ends[1]) if ends else None, field=row.field),
        kind="return" if row.kind == "return" else "comment",
        resolved_by=row.resolved_by,
    )


def _person(person: str, called: dict[str, str]) -> shapes.PersonName:
    return shapes.PersonName(person=person, name=called.get(person, person))


def _signed(each: Signature, called: dict[str, str]) -> shapes.SignedBy:
    return shapes.SignedBy(
        person=each.person, name=called.get(each.person, each.person), roles=each.roles, at=each.at_ms
    )
