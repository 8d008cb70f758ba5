"""Replays: what one would do, having it done, and what became of each of its lines.

A replay is carried out by the runtime, once: who asks twice is told that there is nothing to do.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from designer import causes, versions
from designer.asking import answer
from designer.http.models import operations as shapes
from designer.words import counted, listed
from runtime.questions.replay import AskPlan, AskProgress, OnItsWay, Plan, PlannedLine, Progress

if TYPE_CHECKING:
    from designer.context import Caller, Designer


def replay(
    designer: Designer, caller: Caller, *, group: str | None = None, number: int | None = None, dry_run: bool
) -> shapes.ReplayAnswer:
    """Has a cause, or one case, run again; or says what that would do."""
    if dry_run:
        return _planned(designer, group, number)
    with designer.database.change(caller.person) as change:
        if group is not None:
            change.record("replay.asked", cause=group)
        else:
            change.record("replay.asked", incident=number or 0)
    done = answer(lambda: designer.runtime.replay(caller.person, case=number, group=group))
    return shapes.ReplayAnswer(
        dry_run=False,
        outcome=done.outcome,
        sentence=done.sentence,
        cases=len(done.cases),
        post=done.queued,
        park=done.parked,
        end=done.ended,
        left=done.left,
        mark=done.mark,
        lines=(),
        snapshots="",
    )


def _planned(designer: Designer, group: str | None, number: int | None) -> shapes.ReplayAnswer:
    plan = answer(lambda: designer.runtime.plan(AskPlan(case=number, group=group)))
    systems = _systems(designer)
    return shapes.ReplayAnswer(
        dry_run=True,
        outcome="planned",
        sentence=" ".join(said for said in (_foretold(plan), plan.problem) if said),
        cases=len(plan.cases),
        post=plan.post,
        park=plan.park,
        end=plan.end,
        left=(),
        mark=None,
        lines=tuple(_line(each, systems) for each in plan.lines),
        snapshots=plan.snapshots,
    )


def _line(line: PlannedLine, systems: Mapping[str, str]) -> shapes.ReplayLine:
    said = line.model_dump(include={"message", "posting", "item", "outcome", "operation", "sentence"})
    return shapes.ReplayLine(**said, system=systems.get(line.connection, line.connection))


def _foretold(plan: Plan) -> str:
    """What a replay would come to, in a sentence."""
    lines = plan.post + plan.park + plan.end
    if not lines:
        return "" if plan.problem else "Nothing is held there."
    parts = [(plan.post, "posted"), (plan.park, "held again"), (plan.end, "ended on purpose")]
    told = listed([f"{count} would be {what}" for count, what in parts if count])
    beyond = counted(plan.not_looked_at, "more message was", "more messages were")
    more = f" {beyond} not looked at." if plan.not_looked_at else ""
    return f"Of {counted(lines, 'held line', 'held lines')} {told}.{more}"


# -- what became of it -------------------------------------------------------------------------------------------------


def progress(designer: Designer, asked: shapes.ReplayedQuery) -> shapes.ReplayProgress:
    """Each line of a replay as it stands now, and why those are not posted that are not."""
    mark = AskProgress(after=asked.after, through=asked.through, newest=asked.newest, group=asked.group)
    seen = answer(lambda: designer.runtime.progress(mark))
    going = sum(each.lines for each in seen.on_its_way)
    held = sum(each.lines for each in seen.held) + seen.closed
    return shapes.ReplayProgress(
        lines=seen.lines,
        posted=seen.posted,
        going=going,
        held=held,
        ended=seen.ended,
        sentence=_sentence(seen, going, held),
        rest=tuple(_rest(designer, seen)),
        new=seen.new,
    )


def _sentence(seen: Progress, going: int, held: int) -> str:
    if not seen.lines:
        return "Nothing was replayed."
    parts = (
        (seen.posted, "is posted", "are posted"),
        (going, "is on its way", "are on their way"),
        (held, "is held again", "are held again"),
        (seen.ended, "ended on purpose", "ended on purpose"),
    )
    told = listed([counted(count, one, many) for count, one, many in parts if count])
    return f"Of {counted(seen.lines, 'replayed line', 'replayed lines')} {told}."


def _rest(designer: Designer, seen: Progress) -> Iterator[shapes.ReplayRest]:
    """What is not posted, by what it waits for."""
    systems = _systems(designer) if seen.on_its_way else {}
    for each in seen.on_its_way:
        said = _waits_for(each, systems.get(each.connection, each.connection or "the other side"))
        yield shapes.ReplayRest(kind="going", lines=each.lines, sentence=said, group=each.group)
    for held in seen.held:
        yield shapes.ReplayRest(kind="held", lines=held.lines, sentence=held.sentence, group=held.group)
    if seen.closed:
        said = "Held again; somebody closed their cases without a posting."
        yield shapes.ReplayRest(kind="held", lines=seen.closed, sentence=said, group="")
    if seen.ended:
        said = "Ended on purpose: the flow as it runs now does not post them."
        yield shapes.ReplayRest(kind="ended", lines=seen.ended, sentence=said, group="")


def _waits_for(each: OnItsWay, system: str) -> str:
    match each.waits_for:
        case "answer":
            return f"Sent to {system}, which has not answered yet."
        case "next-attempt":
            return f"{system} did not take them at once: the next attempt comes by itself."
        case "file":
            return f"They gather for a file to {system}, which is laid down after {each.seconds} s at the latest."
        case "held-line":
            return "They wait behind a held line of the same key: mend the cause that holds it."


def _systems(designer: Designer) -> dict[str, str]:
    """What people call the systems behind the connections of the live versions."""
    found: dict[str, str] = {}
    for each in versions.live(designer).values():
        known = versions.manifest(designer, each.release)
        if known is not None:
            for connection in known.environment["connections"]:
                found.setdefault(connection, causes.source(known, connection) or connection)
    return found
