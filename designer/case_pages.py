"""One case: what failed and where, what the step had before it, what ends it, and closing it with a reason.

Values stay masked: the page names fields, and one is revealed at a time through the message, with a reason.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from designer import causes, exceptions, messages, releases, versions
from designer.asking import answer
from designer.errors import Conflict, DesignerError
from designer.http.models import operations as shapes
from designer.http.models.messages import BodyQuery, PlaceThere
from designer.mending import Mendings
from designer.models.operations import ClosedCaseRow
from designer.people import people
from designer.reasons import words
from designer.words import counted, listed
from flows.effects import Effects, Verb
from flows.paths import PathError, Selector, parse
from flows.release import Manifest
from runtime.questions.cases import AskClose, CaseDetail

if TYPE_CHECKING:
    from designer.context import Caller, Designer

CLOSE = "case.close"
MOST_PLACES = 200


class _Seen(NamedTuple):
    """A case with the version of the flow that held it."""

    detail: CaseDetail
    release: str
    known: Manifest | None


def page(designer: Designer, caller: Caller, number: int) -> shapes.Case:
    """The whole page."""
    seen = _seen(designer, number)
    case = seen.detail.case
    found = exceptions.one(designer, case.group)
    group = exceptions.shown(designer, caller, found)
    matter = exceptions.matter_of(designer, group, case.message is None)._replace(step=case.step)
    if seen.known is not None:
        matter = matter._replace(known=seen.known)
    hint = causes.fix(matter)
    if case.state == "open":
        hint = Mendings(designer).so_far(found, hint)
    held = sum(each.state == "parked" for each in seen.detail.postings)
    with designer.database.reading() as session:
        closed = session.get(ClosedCaseRow, number)
        why = closed.reason if closed is not None and case.state == "resolved" else ""
    return shapes.Case(
        card=exceptions.body(case),
        title=causes.title(matter),
        flow_name=str(seen.known.flow["name"]) if seen.known else case.flow,
        step_title=_titles(seen.known).get(case.step) or _source(seen.known, case.step),
        impact=_impact(seen.detail, matter, held),
        fix=hint,
        key_names=matter.contract.key if matter.contract and group.key else (),
        runbook=causes.runbook(matter, hint) if case.state == "open" else (),
        path=tuple(_path(seen.known, case.step)) if case.message is not None else (),
        passage=_passage(designer, seen),
        postings=tuple(_postings(seen.detail)),
        history=tuple(dict.fromkeys(_history(seen.detail, why, people(designer)))),
        closed=why,
        may_reveal=designer.rights.may(messages.REVEAL, caller.roles, demo=designer.demo),
        may_close=case.state == "open" and designer.rights.may(CLOSE, caller.roles, demo=designer.demo),
    )


def close(designer: Designer, caller: Caller, number: int, body: shapes.Closing) -> shapes.Case:
    """Ends a case without a posting. The runtime's audit has the reason before the page says that it is done."""
    done = answer(lambda: designer.runtime.close(AskClose(actor=caller.person, case=number, reason=body.reason)))
    if done.outcome != "closed":
        raise Conflict(done.outcome, done.sentence)
    with designer.database.change(caller.person) as change:
        row = change.session.get(ClosedCaseRow, number) or ClosedCaseRow(
            number=number, person=caller.person, reason="", at_ms=0
        )
        row.person, row.reason, row.at_ms = caller.person, body.reason, change.at_ms
        change.session.add(row)
        change.record("case.closed", incident=number, reason=body.reason)
    return page(designer, caller, number)


def _impact(detail: CaseDetail, matter: causes.Matter, held: int) -> str:
    if detail.case.state == "open":
        return causes.impact(matter, held, 1)
    return causes.over(matter, sum(each.state == "delivered" for each in detail.postings), 1)


def _seen(designer: Designer, number: int) -> _Seen:
    detail = answer(lambda: designer.runtime.case(number))
    release = ""
    if detail.case.message is not None:
        life = answer(lambda: designer.runtime.timeline(detail.case.message or 0))
        own = [each.release for each in life.postings if each.case == number and each.release]
        release = own[0] if own else life.release
    live = versions.live(designer).get(detail.case.flow)
    release = release or (live.release if live else "")
    return _Seen(detail, release, versions.manifest(designer, release) if release else None)


def _titles(known: Manifest | None) -> dict[str, str]:
    return {str(each["id"]): str(each["title"]) for each in known.flow["steps"]} if known else {}


def _source(known: Manifest | None, step: str) -> str:
    """What refused, where no step did."""
    return (causes.source(known, step) if known else "") or step


def _path(known: Manifest | None, failed: str) -> Iterator[shapes.CaseStep]:
    """The steps before the one that failed, that one, and those after it, in the order of the wires."""
    titles = _titles(known)
    if known is None or failed not in titles:
        return
    wires = [(str(each["from"]).partition(".")[0], str(each["to"]).partition(".")[0]) for each in known.flow["wires"]]
    before, after = _reached(failed, [(end, begin) for begin, end in wires]), _reached(failed, wires)
    for step in _ordered(list(titles), wires):
        if step == failed:
            yield shapes.CaseStep(step=step, title=titles[step], state="failed")
        elif step in before:
            yield shapes.CaseStep(step=step, title=titles[step], state="passed")
        elif step in after:
            yield shapes.CaseStep(step=step, title=titles[step], state="not-reached")


def _reached(start: str, wires: Sequence[tuple[str, str]]) -> set[str]:
    found, edge = set[str](), [start]
    while edge:
        here = edge.pop()
        fresh = {end for begin, end in wires if begin == here} - found
        found |= fresh
        edge += fresh
    return found


def _ordered(steps: list[str], wires: Sequence[tuple[str, str]]) -> list[str]:
    """Sources first: each step after all that lead to it."""
    before = {step: _reached(step, [(end, begin) for begin, end in wires]) for step in steps}
    return sorted(steps, key=lambda step: (len(before[step]), steps.index(step)))


# -- what the step had before it ---------------------------------------------------------------------------------------


def _passage(designer: Designer, seen: _Seen) -> shapes.Passage | None:
    case = seen.detail.case
    if case.message is None or not seen.release:
        return None
    held = next((each for each in seen.detail.postings if each.step == case.step), None)
    try:
        declared = releases.looked(designer, seen.release).analysis.declarations.get(case.step)
        if declared is None:
            return None
        if declared.category == "sink" and held is not None:
            body = messages.fields(designer, case.message, BodyQuery(posting=held.number))
            return shapes.Passage(before=body.fields[:MOST_PLACES], posting=held.number, after=(), sentence=_SENT)
        there = messages.fields(designer, case.message, BodyQuery())
    except DesignerError:
        return None
    items = {each.item for each in seen.detail.postings if each.item}
    read = [place for place in there.fields if _is_read(place, declared.effects, items)]
    made = tuple(dict.fromkeys(each.field for each in declared.effects.named if each.verb is Verb.DERIVE))
    if case.state == "resolved":
        made = ()
        sentence = f"It read {counted(len(read), 'field', 'fields')} of the message." if read else _READ_NOTHING
    else:
        sentence = _told(read, made)
    return shapes.Passage(before=tuple(read[:MOST_PLACES]), posting=None, after=made, sentence=sentence)


_READ_NOTHING = "It reads no field as it came."
_SENT = "This is the body that was to be sent. The values are masked."


def _told(read: Sequence[PlaceThere], made: Sequence[str]) -> str:
    had = f"It reads {counted(len(read), 'field', 'fields')} of the message" if read else "It reads no field as it came"
    wrote = f"; it would have written {listed(list(made))}, and wrote nothing" if made else "; nothing went on from it"
    return f"{had}{wrote}."


def _is_read(place: PlaceThere, effects: Effects, items: set[str]) -> bool:
    here = _parsed(place.path)
    texts = {*effects.control, *(text for each in effects.named for text in each.reads)}
    texts |= {each.field for each in effects.named if each.verb in (Verb.MASK, Verb.DROP)}
    wanted = [each for each in map(_parsed, texts) if each is not None]
    return here is not None and _of_items(place.path, items) and any(_covers(each, here) for each in wanted)


def _of_items(path: str, items: set[str]) -> bool:
    """Not of another line: ``FT1[3]-7.1`` where only ``FT1[2]`` is held."""
    own = {item.partition("[")[0] for item in items}
    begin = path.partition("[")[0]
    return begin not in own or any(path.startswith(item) for item in items)


def _covers(wanted: Selector, here: Selector) -> bool:
    """Whether a field, or a part of it, is meant."""
    if wanted.form != here.form:
        return False
    if wanted.form != "hl7":
        asked, found = wanted.schema_path, here.schema_path
        return found == asked or found.startswith(f"{asked}.")
    pairs = ((wanted.field, here.field), (wanted.component, here.component), (wanted.sub, here.sub))
    return wanted.segment == here.segment and all(ask is None or have in (ask, None) for ask, have in pairs)


def _parsed(path: str) -> Selector | None:
    try:
        return parse(path)
    except PathError:
        return None


# -- lines and history -------------------------------------------------------------------------------------------------


def _postings(detail: CaseDetail) -> Iterator[shapes.CasePosting]:
    for each in detail.postings:
        yield shapes.CasePosting(
            number=each.number,
            item=each.item,
            connection=each.connection,
            operation=each.operation,
            step=each.step,
            state=each.state,
            attempts=each.attempts,
            status=each.status,
            next=each.next_ms,
            snapshots=each.snapshots,
        )


def _history(detail: CaseDetail, why: str, called: dict[str, str]) -> Iterator[shapes.CaseEvent]:
    case = detail.case
    times = f" It happened {case.count} times since." if case.count > 1 else ""
    yield shapes.CaseEvent(at=case.opened_ms, who="", sentence=f"Opened: {words(case.cause)}.{times}")
    by_hand = False
    for each in detail.replays:
        who = each.actor.partition("/")[0]
        by_hand = each.outcome == "closed"
        said = f"closed it without a posting{f': {why}' if why else ''}" if by_hand else _replayed(each.outcome)
        yield shapes.CaseEvent(at=each.asked_ms, who=called.get(who, who), sentence=said)
    if case.resolved_ms is not None and not by_hand:
        yield shapes.CaseEvent(at=case.resolved_ms, who="", sentence="Resolved: nothing of it is held any more.")


def _replayed(outcome: str) -> str:
    return f"had it replayed: {words(outcome)}"
