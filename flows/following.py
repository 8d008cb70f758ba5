"""What only follows from a step that cannot be read yet: it is left out, and said in one line at that step.

Such a step may do anything, so that everything reaches every sink behind it: to mend those findings would be wrong. The
step's own finding blocks the flow as long as anything is left out for it, and the verdict holds all of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from flows.declaration import Declaration
from flows.effects import Effects, Verb
from flows.findings import Finding
from flows.structure import UNREAD, Shape

_TOLD = "Until it can be read, nothing that comes behind it can be judged."


def silenced(declarations: Mapping[str, Declaration]) -> Mapping[str, Declaration]:
    """The declarations as if steps that cannot be read let nothing out: what still arrives follows from others."""
    return _taken_for(Effects(rest=Verb.DROP, produces=UNREAD), declarations)


def passing(declarations: Mapping[str, Declaration]) -> Mapping[str, Declaration]:
    """The declarations as if steps that cannot be read let everything through: what whoever draws on may count on."""
    return _taken_for(Effects(), declarations)


def _taken_for(effects: Effects, declarations: Mapping[str, Declaration]) -> Mapping[str, Declaration]:
    return {
        name: each._replace(effects=effects) if each.kind == UNREAD and each.effects.emits is None else each
        for name, each in declarations.items()
    }


def told(findings: Sequence[Finding], whole: Shape, declarations: Mapping[str, Declaration]) -> Iterator[Finding]:
    """The findings of steps; the first of each that cannot be read and leads on says what that means."""
    left = {name for name, each in declarations.items() if each.kind == UNREAD and whole.out.get(name)}
    for finding in findings:
        step = finding.address.step
        if step not in left:
            yield finding
            continue
        left.discard(step)
        yield finding.model_copy(update={"why": f"{finding.why} {_TOLD}".lstrip()})
