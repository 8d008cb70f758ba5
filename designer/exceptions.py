"""The exception queue, by cause: what happened in business words, and what ends it.

Where cases are, the runtime knows; who works on a cause stands here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from sqlmodel import Session, col, select

from designer import accounts, causes, versions
from designer.asking import answer
from designer.causes import Matter
from designer.errors import NotThere
from designer.http.models import operations as shapes
from designer.mending import Mendings
from designer.models.operations import TakenOnRow
from designer.words import counted, listed
from flows.masters import MasterContract
from flows.release import Manifest
from runtime.questions.cases import Case
from runtime.questions.causes import AskGroups, AskMembers, CauseGroup

if TYPE_CHECKING:
    from designer.context import Caller, Designer

SEES_KEYS = ("case.replay", "master.change")
MOST_MEMBERS = 100


def groups(designer: Designer, caller: Caller, query: shapes.ExceptionsQuery) -> shapes.Exceptions:
    """Everything that waits for a person, by cause: what is overdue first, then the gravest."""
    found = answer(lambda: designer.runtime.groups(AskGroups(state=query.state, flow=query.flow)))
    cards = sorted(_cards(designer, caller, found.groups), key=lambda each: not each.overdue)
    late = sum(each.overdue for each in cards)
    sentence = _over(cards) if query.state == "resolved" else _sentence(found.open_cases, len(cards), late)
    return shapes.Exceptions(groups=tuple(cards), open_cases=found.open_cases, sentence=sentence)


def cause(designer: Designer, caller: Caller, group: str) -> shapes.Cause:
    """The page of one cause."""
    found = one(designer, group)
    members = _members(designer, group, found)
    seen = shown(designer, caller, found)
    matter = matter_of(designer, seen, _is_refused(members))
    (card,) = _cards(designer, caller, (found,), refused=matter.refused)
    return shapes.Cause(
        card=card,
        sentence=found.sentence,
        impact=_impact(designer, matter, found),
        members=tuple(body(each) for each in members),
        more=max(0, found.cases - len(members)),
        runbook=causes.runbook(matter, card.fix) if found.open else (),
    )


def _members(designer: Designer, group: str, found: CauseGroup) -> tuple[Case, ...]:
    """Its newest cases; of many those that are open come first."""

    def asked(state: Literal["open", "all"]) -> tuple[Case, ...]:
        return answer(lambda: designer.runtime.members(AskMembers(group=group, state=state, limit=MOST_MEMBERS))).cases

    if found.cases <= MOST_MEMBERS:
        return asked("all")
    return tuple({each.number: each for each in (*asked("open"), *asked("all"))}.values())[:MOST_MEMBERS]


def _impact(designer: Designer, matter: Matter, found: CauseGroup) -> str:
    """What is not done meanwhile, or what became of it."""
    if not found.open:
        return causes.over(matter, 0, found.cases)
    live = matters(designer)[0]
    others = [live[flow] for flow in found.flows[1:] if flow in live]
    return causes.impact(matter, found.lines, found.open, others)


def assign(designer: Designer, caller: Caller, group: str, body: shapes.Assignment) -> shapes.Cause:
    """Takes a cause on, or gives it up."""
    whole = one(designer, group).group
    with designer.database.change(caller.person) as change:
        row = change.session.get(TakenOnRow, whole)
        if row is not None:
            change.session.delete(row)
            change.session.flush()
        if body.take:
            change.session.add(TakenOnRow(cause=whole, person=caller.person, note=body.note, at_ms=change.at_ms))
        change.record("cause.taken-on" if body.take else "cause.given-up", cause=whole)
    return cause(designer, caller, whole)


def sees_keys(designer: Designer, caller: Caller) -> bool:
    """Whether somebody may see which code a master lacks: who replays, and who keeps masters."""
    return any(designer.rights.may(action, caller.roles, demo=designer.demo) for action in SEES_KEYS)


def matters(designer: Designer) -> tuple[dict[str, Manifest], dict[str, MasterContract]]:
    """What causes are told in words from: the live versions of flows, and the masters of the environment."""
    live = {flow: versions.manifest(designer, each.release) for flow, each in versions.live(designer).items()}
    return {flow: known for flow, known in live.items() if known}, dict(designer.drawing.around().masters)


def one(designer: Designer, group: str) -> CauseGroup:
    """A cause, by its group or the beginning of it."""
    found = answer(lambda: designer.runtime.groups(AskGroups(group=group))).groups
    if not found:
        raise NotThere("no-cause", "There is no such cause.")
    return found[0]


def _cards(
    designer: Designer, caller: Caller, found: tuple[CauseGroup, ...], *, refused: bool | None = None
) -> tuple[shapes.CauseCard, ...]:
    with designer.database.reading() as session:
        taken = _taken(session, [each.group for each in found])
    now_ms = designer.clock.now_ms()
    live, masters = matters(designer)
    mendings = Mendings(designer)
    cards = []
    for each in found:
        group = shown(designer, caller, each)
        known = live.get(group.flows[0])
        is_refused = _at_source(group, known) if refused is None else refused
        matter = _matter_of(group, is_refused, known, masters.get(group.master))
        card = _card(group, matter, live, taken.get(each.group), now_ms)
        cards.append(card.model_copy(update={"fix": mendings.so_far(each, card.fix)}))
    return tuple(cards)


def _at_source(group: CauseGroup, known: Manifest | None) -> bool:
    """A refused frame stands at the connection that it came by, not at a step."""
    connections = known.environment["connections"] if known else ()
    return not group.lines and not group.master and group.steps[0] in connections


def _card(
    group: CauseGroup, matter: Matter, live: dict[str, Manifest], taken: shapes.TakenOn | None, now_ms: int
) -> shapes.CauseCard:
    return shapes.CauseCard(
        group=group.group,
        title=_told_apart(causes.title(matter), group, live),
        cause=group.cause,
        master=group.master,
        key=group.key,
        key_names=matter.contract.key if matter.contract and group.key else (),
        flows=group.flows,
        flow_names=tuple(str(live[flow].flow["name"]) if flow in live else flow for flow in group.flows),
        steps=group.steps,
        step_titles=tuple(_title(step, group.flows, live) for step in group.steps),
        severity=group.severity,
        owner=group.owner,
        cases=group.cases,
        open=group.open,
        lines=group.lines,
        seen=group.seen,
        first=group.first_ms,
        last=group.last_ms,
        due=group.due_ms,
        overdue=bool(group.open) and group.due_ms < now_ms,
        state=_state(group, taken),
        resolved=group.resolved_ms,
        taken=taken,
        fix=causes.fix(matter),
    )


def _told_apart(title: str, group: CauseGroup, live: dict[str, Manifest]) -> str:
    """Causes of one master look the same to whoever may not see which code is missing: what may be shown is added."""
    if group.cause not in causes.KEYED or group.key:
        return title
    names = [str(live[flow].flow["name"]) if flow in live else flow for flow in group.flows]
    return f"{title} ({listed(names)}, cause {group.group[:6]})"


def _title(step: str, flows: tuple[str, ...], live: dict[str, Manifest]) -> str:
    """What a step, or a source that refused, is called in the first flow that has it."""
    known = [live[flow] for flow in flows if flow in live]
    steps = (str(each["title"]) for one in known for each in one.flow["steps"] if each["id"] == step)
    return next(steps, None) or next((called for one in known if (called := causes.source(one, step))), step)


def _state(group: CauseGroup, taken: shapes.TakenOn | None) -> Literal["new", "taken-on", "resolved", "came-back"]:
    if not group.open:
        return "resolved"
    if taken is not None:
        return "taken-on"
    return "came-back" if group.before else "new"


def shown(designer: Designer, caller: Caller, group: CauseGroup) -> CauseGroup:
    """Without the key, for whoever may not see it."""
    return group if sees_keys(designer, caller) else group.model_copy(update={"key": ()})


def matter_of(designer: Designer, group: CauseGroup, refused: bool) -> Matter:
    """What is known of a cause, for its sentences."""
    live, masters = matters(designer)
    return _matter_of(group, refused, live.get(group.flows[0]), masters.get(group.master))


def _matter_of(group: CauseGroup, refused: bool, known: Manifest | None, contract: MasterContract | None) -> Matter:
    return Matter(group.cause, group.master, group.key, group.steps[0], refused, known, contract)


def _is_refused(members: tuple[Case, ...]) -> bool:
    return bool(members) and all(each.message is None for each in members)


def _taken(session: Session, wanted: list[str]) -> dict[str, shapes.TakenOn]:
    rows = session.exec(select(TakenOnRow).where(col(TakenOnRow.cause).in_(wanted))).all()
    called = accounts.names(session, [row.person for row in rows])
    return {
        row.cause: shapes.TakenOn(person=row.person, name=called[row.person], note=row.note, at=row.at_ms)
        for row in rows
    }


def body(each: Case) -> shapes.CaseBody:
    """A case in a list."""
    return shapes.CaseBody(
        number=each.number,
        flow=each.flow,
        message=each.message,
        cause=each.cause,
        group=each.group,
        step=each.step,
        sentence=each.sentence,
        severity=each.severity,
        owner=each.owner,
        opened=each.opened_ms,
        due=each.due_ms,
        count=each.count,
        state=each.state,
        resolved=each.resolved_ms,
    )


def _sentence(open_cases: int, found: int, late: int) -> str:
    if not open_cases:
        return "No open exceptions."
    waits = "waits" if open_cases == 1 else "wait"
    overdue = f" {counted(late, 'cause is', 'causes are')} overdue." if late else ""
    return (
        f"{counted(open_cases, 'case', 'cases')} of {counted(found, 'cause', 'causes')} {waits} for a person.{overdue}"
    )


def _over(cards: list[shapes.CauseCard]) -> str:
    if not cards:
        return "No cause was resolved yet."
    cases = sum(each.cases for each in cards)
    done = counted(len(cards), "cause is", "causes are")
    return f"{done} resolved, with {counted(cases, 'case', 'cases')}: nothing of it waits for a person."
