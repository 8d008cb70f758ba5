"""Shadow runs of candidates: what they would have made of messages that came, in words.

The condition of a filter asks a question of every message, and a shadow run answers it. So an approver asks for it, who
has read what the candidate does; by itself it is run only where the data are synthetic.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from designer import reviews
from designer.asking import answer
from designer.errors import DesignerError, NotReady
from designer.http.models import reviews as shapes
from designer.models.reviews import ReviewRow
from designer.words import counted
from flows.vocabulary import DataLabel
from runtime.questions.shadow import AskShadow, Shadow, ShadowGroup

if TYPE_CHECKING:
    from designer.context import Caller, Designer

ACTION = "review.shadow"


def run(designer: Designer, caller: Caller, name: str) -> None:
    """Runs a candidate in shadow, for an approver."""
    _run(designer, name, caller.person)


def run_unasked(designer: Designer) -> bool:
    """Runs the next candidate that has not been, where all data are invented; whether there was one."""
    if designer.drawing.around().environment.label is not DataLabel.SYNTHETIC:
        return False
    name = reviews.without_shadow(designer)
    if name is None:
        return False
    try:
        _run(designer, name, "designer")
    except NotReady:
        return False
    except DesignerError:
        _give_up(designer, name)
    return True


def report(row: ReviewRow) -> shapes.ShadowReport | None:
    """What the last run came to."""
    if row.shadow is None or row.shadow_ms is None:
        return None
    found = Shadow.model_validate_json(row.shadow)
    return shapes.ShadowReport(
        at=row.shadow_ms,
        messages=found.messages,
        identical=found.identical,
        sentence=sentence(found),
        lines=tuple(
            shapes.ShadowLine(sentence=_line(each), count=each.count, examples=each.examples) for each in found.groups
        ),
    )


def sentence(found: Shadow) -> str:
    """One line: what would have happened."""
    if not found.messages:
        return "No message came in the last day, so there is nothing to compare."
    if found.identical == found.messages:
        if found.messages == 1:
            return "The one message that came would have come out the same."
        return f"All of the last {found.messages} messages would have come out the same."
    told = "; ".join(f"{each.count} {_line(each).rstrip('.')}" for each in found.groups[:4])
    came = counted(found.messages, "message", "messages")
    return f"Of the last {came} {found.identical} would have come out the same: {told}."


def _run(designer: Designer, name: str, actor: str) -> None:
    with designer.database.reading() as session:
        release = reviews.row_of(session, name).release
    with designer.database.change(actor) as change:
        change.record("review.shadowing", review=name, release=release)
    found = answer(lambda: designer.runtime.shadow(AskShadow(release=release)))
    with designer.database.change(actor) as change:
        row = reviews.row_of(change.session, name)
        row.shadow, row.shadow_ms = found.model_dump_json().encode(), change.at_ms
        change.record("review.shadowed", review=name, count=found.messages)


def _give_up(designer: Designer, name: str) -> None:
    """It cannot be run in shadow, now or later: an approver may still ask, and is told why."""
    with designer.database.change("designer") as change:
        reviews.row_of(change.session, name).shadow_ms = change.at_ms
        change.record("review.unshadowed", review=name)


def _line(each: ShadowGroup) -> str:
    detail = ", ".join(each.detail)
    return {
        "changed": f"would be posted with another {detail}.",
        "now-held": f"would be held that were posted ({detail}).",
        "now-posted": f"would be posted that were held{f' ({detail})' if detail else ''}.",
        "no-longer-posted": "would not be posted any more.",
        "held-otherwise": f"would be held for another reason{f' ({detail})' if detail else ''}, or end on purpose.",
        "no-longer-taken": f"would not be taken any more ({detail}).",
        "newly-taken": f"would be taken that were not ({detail}).",
        "taken-otherwise": f"would end at the source in another way ({detail}).",
    }[each.kind]
