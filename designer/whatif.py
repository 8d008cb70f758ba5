"""What a draft does when something goes wrong, and invented messages to try it with. No sink is contacted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from designer import samples
from designer.http.models import samples as shapes
from designer.reasons import words
from designer.rehearsals import place
from designer.words import counted, plain
from runtime.faults import Fault, FaultRun

if TYPE_CHECKING:
    from designer.context import Designer

_WHEN: dict[Fault, str] = {
    "unreachable": "the other side cannot be reached",
    "timeout": "the other side takes the request and never answers",
    "busy": "the other side says that it is busy (429, again in 30 s)",
    "failing": "the other side fails (500)",
    "refused": "the other side refuses the posting (422)",
    "wrong-answer": "the other side answers with something that its contract does not know",
    "repeated": "the other side says that it has the posting already",
    "unknown-key": "the masters know none of the keys",
}


def invented(designer: Designer, draft: str, body: shapes.InventWish) -> shapes.Invented:
    """A message that the draft's source takes; the same for the same draft, rows and seed."""
    document = samples.document_of(designer, draft)
    question = {"do": "invent", "seed": body.seed, "place": place(designer.drawing, document)}
    return shapes.Invented(text=designer.rehearsals.ask(question)["text"], seed=body.seed)


def faulted(designer: Designer, draft: str, body: shapes.FaultWish) -> shapes.FaultReport:
    """What becomes of a sample under one fault, in words."""
    document = samples.document_of(designer, draft)
    question = {"do": "fault", "fault": body.fault, "given": samples.given(designer, draft, body)}
    said = FaultRun.model_validate(
        designer.rehearsals.ask({**question, "place": place(designer.drawing, document)}), strict=False
    )
    titles = samples.titles_of(document)
    return shapes.FaultReport(
        fault=said.fault,
        sentence=_sentence(said),
        ends=tuple(
            shapes.FaultEnd(
                item=each.item,
                step=each.step,
                title=titles.get(each.step, each.step),
                how=each.how,
                cause=words(each.cause) if each.cause else "",
                sentence=each.sentence,
                attempts=each.attempts,
                moments=each.moments,
                more=each.more,
            )
            for each in said.ends
        ),
        more=said.more,
        after=tuple(_after(said)),
    )


def _sentence(said: FaultRun) -> str:
    held, taken = (sum(each.how == how for each in said.ends) for how in ("held", "delivered"))
    if not held and not taken:
        return f"When {_WHEN[said.fault]}: nothing would have been sent of this message."
    parts = [f"{counted(held, 'line waits', 'lines wait')} for a person"] if held else []
    parts += [f"{counted(taken, 'line counts', 'lines count')} as posted"] if taken else []
    tried = max((each.attempts for each in said.ends), default=0)
    after = f" after {counted(tried, 'attempt', 'attempts')}" if held and tried > 1 else ""
    return f"When {_WHEN[said.fault]}: {' and '.join(parts)}{after}."


def _after(said: FaultRun) -> Iterator[str]:
    """What follows from it for people and for the messages that come after."""
    if not any(each.how == "held" for each in said.ends):
        yield "Nothing is sent twice, and nobody need do anything."
        return
    severity = {"high": "4 hours", "medium": "24 hours", "low": "72 hours"}[said.severity]
    yield f"A case is opened for {plain(said.owner)}, {said.severity} severity, due within {severity}."
    yield (
        "Later messages of the same key wait until it is replayed or closed."
        if said.holds_key
        else "Later messages of the same key are posted meanwhile."
    )
    yield "The message stays stored; a replay sends the line under the same key, so that it is posted once."
