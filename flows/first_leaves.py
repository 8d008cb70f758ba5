"""The way out of a composite that is read as a whole: its first leaf, which is all that the reader gets of it.

Reading a composite gives its first leaf, but every part of it counts as read. Each way out is tried: it is offered only
where the flow, analysed again with it, has that finding no more and no new one instead.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from flows.declaration import Declaration
from flows.findings import AddStep, Edit, Finding, Fix, SetConfig, harmless_first
from flows.fixes import whole_field
from flows.hl7.tables import field_name
from flows.lineage import Lineage, selector
from flows.paths import PathError
from flows.selections import config_pointers
from flows.structure import Shape
from flows.trees import Path, Place

Again = Callable[[Sequence[Edit]], tuple[Finding, ...] | None]
"""What would be found after some edits; None where they do not fit."""
_TRIED, _LEAST, _STEPS = 24, 3, 600
"""So many ways out are tried in one analysis, fewer of a long flow: no more steps are gone through than these, whatever
its length. A flow with more ways out has others to mend first."""


class _Reading(NamedTuple):
    """A composite as a step's config writes it, and its first leaf."""

    step: str
    text: str
    leaf: str
    name: str

    @property
    def said(self) -> str:
        return f"{self.leaf} ({self.name}) instead of {self.text}"


class FirstLeaves:
    """Adds that way out to the findings of one flow."""

    def __init__(self, line: Lineage, declarations: Mapping[str, Declaration], whole: Shape, again: Again) -> None:
        self.line, self.declarations, self.whole, self._again = line, declarations, whole, again
        self._found: dict[str, tuple[Finding, ...] | None] = {}
        self._most = max(_LEAST, min(_TRIED, _STEPS // max(1, len(whole.steps))))

    def offered(self, findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
        """The findings, with the way out as the first fix of each that it removes."""
        held = Counter(map(_about, findings))
        beside: dict[_About, list[Fix]] = {}
        for each in findings:
            beside.setdefault(_place(each), []).extend(each.fixes)
        return tuple(self._with(finding, held, beside[_place(finding)]) for finding in findings)

    def _with(self, finding: Finding, held: Counter[_About], beside: Sequence[Fix]) -> Finding:
        if not finding.address.path or finding.address.field is None:
            return finding
        for fix in self._ways(finding, beside):
            found = self._after(fix.edits)
            if found is not None and not _left(finding, found) and Counter(map(_about, found)) <= held:
                return finding.model_copy(update={"fixes": harmless_first((fix, *finding.fixes))})
        return finding

    def _after(self, edits: Sequence[Edit]) -> tuple[Finding, ...] | None:
        key = json.dumps([edit.model_dump(mode="json") for edit in edits], sort_keys=True)
        if key not in self._found and len(self._found) < self._most:
            self._found[key] = self._again(edits)
        return self._found.get(key)

    def _ways(self, finding: Finding, beside: Sequence[Fix]) -> Iterator[Fix]:
        """The leaf read by the step that makes the field, then by all steps; then so with the fixes of what else is
        wrong with that field."""
        field = whole_field(finding.address.field or "")
        read = {name: tuple(self._readings(name, field)) for name in self._behind(finding)}
        read = {name: each for name, each in read.items() if each}
        if not read:
            return
        alone = [(name,) for name in read]
        ways = alone if len(read) == 1 else [*alone, tuple(read)]
        for names in ways:
            yield self._fix([each for name in names for each in read[name]])
        everything = [each for found in read.values() for each in found]
        for fix in beside:
            if all(isinstance(edit, AddStep | SetConfig) for edit in fix.edits):
                yield self._joined(fix, everything)

    def _behind(self, finding: Finding) -> tuple[str, ...]:
        """The steps of the way, the nearest to the sink first."""
        return tuple(dict.fromkeys(hop.step for hop in reversed(finding.address.path)))

    def _readings(self, name: str, field: str) -> Iterator[_Reading]:
        declaration, step = self.declarations.get(name), self.whole.steps.get(name)
        if declaration is None or step is None:
            return
        effects = declaration.effects
        texts = (*(text for effect in effects.named for text in effect.reads), *effects.control)
        for text in dict.fromkeys(texts):
            reading = self._reading(name, text)
            if reading is not None and whole_field(text) == field and config_pointers(step.config, text):
                yield reading

    def _reading(self, step: str, text: str) -> _Reading | None:
        try:
            wanted = selector(text)
        except PathError:
            return None
        match = next(iter(self.line.offer.matches(wanted)), None) if wanted.form == "hl7" else None
        if match is None or wanted.field is None or not match.place.children:
            return None
        place, path = _leaf(match.place, match.path)
        below = "".join(f".{part}" for part in path[len(match.path) :])
        return _Reading(step, text, text + below, _name(place, path))

    def _fix(self, readings: Sequence[_Reading]) -> Fix:
        said = list(dict.fromkeys(each.said for each in readings))
        return Fix(title=f"Read {', and '.join(said)}", edits=tuple(self._respelt(readings)))

    def _joined(self, fix: Fix, readings: Sequence[_Reading]) -> Fix:
        """Another fix, done with the leaf, together with the reading of it where that fix does not write there."""
        leaves = {_bare(each.text): _bare(each.leaf) for each in readings}
        edits = tuple(_with_leaf(edit, leaves) for edit in fix.edits)
        title = " ".join(leaves.get(word, word) for word in fix.title.split(" "))
        written = {(edit.step, edit.pointer) for edit in edits if isinstance(edit, SetConfig)}
        reads = [edit for edit in self._respelt(readings) if (edit.step, edit.pointer) not in written]
        if not reads:
            return Fix(title=title, edits=edits, costs=fix.costs)
        said = f"{self._fix(readings).title}; {title[:1].lower()}{title[1:]}"
        return Fix(title=said, edits=(*reads, *edits), costs=fix.costs)

    def _respelt(self, readings: Sequence[_Reading]) -> Iterator[SetConfig]:
        for each in readings:
            for place in config_pointers(self.whole.steps[each.step].config, each.text):
                yield SetConfig(step=each.step, pointer=place, value=each.leaf)


_About = tuple[str, str, str]


def _about(finding: Finding) -> _About:
    """What a finding is about, whatever parts it names and counts."""
    path = finding.address.path
    return (
        finding.rule,
        finding.severity,
        f"{finding.address.sink or finding.address.step}.{path[-1].field if path else ''}",
    )


def _place(finding: Finding) -> _About:
    """Which field of the message comes to which field of which sink."""
    path = finding.address.path
    return finding.address.sink or "", path[-1].field if path else "", whole_field(finding.address.field or "")


def _left(finding: Finding, found: Sequence[Finding]) -> bool:
    field = whole_field(finding.address.field or "")
    return any(_about(each) == _about(finding) and whole_field(each.address.field or "") == field for each in found)


def _leaf(place: Place, path: Path) -> tuple[Place, Path]:
    while place.children:
        name, place = next(iter(place.children.items()))
        path = (*path, name)
    return place, path


def _name(place: Any, path: Path) -> str:
    """What people call the leaf, by the newest version that has it."""
    numbers = [int(part) for part in path if part.isdigit()]
    segment = path[len(path) - len(numbers) - 1].partition("#")[0]
    newest = max(
        (each.rpartition("@")[2] for each in place.versions), key=lambda each: [int(n) for n in each.split(".")]
    )
    return field_name(newest, segment, *numbers).rpartition(": ")[2]


def _bare(text: str) -> str:
    return selector(text).schema_path


def _with_leaf(edit: Edit, leaves: Mapping[str, str]) -> Edit:
    """An edit whose values say the leaf where they said the composite."""
    return edit.model_validate(_replaced(edit.model_dump(), leaves))


def _replaced(value: Any, leaves: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return leaves.get(value, value)
    if isinstance(value, dict):
        return {name: _replaced(each, leaves) for name, each in value.items()}
    return [_replaced(each, leaves) for each in value] if isinstance(value, list | tuple) else value
