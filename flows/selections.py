"""Checks of selectors: each must mean something, in every accepted version, and one value where one is written."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, Literal

from flows.declaration import Declaration
from flows.effects import Effect, Verb
from flows.environment import Surroundings
from flows.findings import Address, AddStep, Finding, Fix, SetConfig, SetFlow, Severity, harmless_first
from flows.graph import Flow, Step
from flows.lineage import Lineage, State, repeats, selector, split_by
from flows.paths import PathError, Selector, is_group
from flows.refusals import pointer

Use = Literal["read", "changed", "group"]


class Selections:
    """The checks of one flow's selectors."""

    def __init__(
        self, flow: Flow, around: Surroundings, line: Lineage, declarations: Mapping[str, Declaration]
    ) -> None:
        self.flow, self.around, self.line, self.declarations = flow, around, line, declarations
        self.source = next((name for name, d in declarations.items() if d.effects.emits is not None), None)

    def findings(self, steps: Mapping[str, Step], order: tuple[str, ...]) -> Iterator[Finding]:
        """Of every step that is reached, and of the flow's own keys."""
        yield from self._keys()
        for name in order:
            state = self.line.before.get(name)
            if state is None or not state.types:
                continue
            done: set[str] = set()
            for text, use in _texts(self.declarations[name]):
                if text not in done:
                    done.add(text)
                    yield from self._text(steps[name], text, use, state)
            yield from self._scalars(steps[name], state)

    def _keys(self) -> Iterator[Finding]:
        keys = [("/ordering/key", self.flow.ordering.key)] if self.flow.ordering.key else []
        keys += [(f"/business_keys/{number}", key) for number, key in enumerate(self.flow.business_keys)]
        state = self.line.after.get(self.source or "")
        for place, key in keys:
            at = partial(Address, pointer=place)
            try:
                wanted = selector(str(key))
            except PathError as error:
                put = (SetFlow(pointer=place, value=error.suggestion),)
                fixes = (Fix(title=f"Write '{error.suggestion}'", edits=put),) if error.suggestion else ()
                yield _misspelt(f"At {place}", error, at(), fixes)
                continue
            if state is not None:
                yield from self._found(f"The key at {place}", str(key), wanted, "read", state, at)

    def _text(self, step: Step, text: str, use: Use, state: State) -> Iterator[Finding]:
        who, at = f"Step '{step.id}'", partial(self._address, step, text)
        if use == "group":
            if not self.line.offer.groups(text):
                yield self._no_group(who, text, step, at())
            elif missing := self.line.offer.without_group(text):
                yield _in_some(who, text, "splits nothing", missing, at(), ())
            return
        try:
            wanted = selector(text)
        except PathError as error:
            yield _misspelt(who, error, at(), _respelt(step.id, config_pointers(step.config, text), error.suggestion))
            return
        yield from self._found(who, text, wanted, use, state, at)

    def _no_group(self, who: str, text: str, step: Step, at: Address) -> Finding:
        """A group that is none; of a segment, the group in which it stands is what was meant."""
        holds = (
            {match.path[-2] for match in self.line.offer.matches(selector(text)) if len(match.path) > 1}
            if (_parses(text))
            else set()
        )
        near = next((name for name in sorted(holds) if self.line.offer.groups(name)), None)
        if near is None:
            return _nothing(who, text, "no accepted message has a group of that name", at, ())
        why = f"{text} is a segment inside the group {near}: write {near}"
        return _nothing(who, text, why, at, _respelt(step.id, config_pointers(step.config, text), near))

    def _address(self, step: Step, text: str) -> Address:
        places = config_pointers(step.config, text)
        pointed = f"{self.flow.pointer(step.id)}/config{places[0]}" if places else None
        return Address(pointer=pointed, step=step.id, field=text)

    def _found(
        self, who: str, text: str, wanted: Selector, use: Use, state: State, at: Callable[[], Address]
    ) -> Iterator[Finding]:
        line = self.line
        if wanted.form != "record" and not line.offer.matches(wanted):
            yield _nothing(who, text, "it stands in no accepted message", at(), ())
            return
        trees = line.trees
        if not any(trees.exists(trees.get(state.tree, match.path)) for match in line.places(text)):
            why = f"nothing of that name reaches this step ({', '.join(sorted(state.types))})"
            yield _nothing(who, text, why, at(), self._near(text, state, at().step))
            return
        if wanted.form == "record" and (whole := self._single(wanted, state)) is not None:
            places = config_pointers(step.config, text) if (step := self.flow.step(at().step or "")) else ()
            fixes = _respelt(at().step, places, whole)
            yield _nothing(who, text, f"'{whole}' is a single value without parts", at(), fixes)
            return
        if use == "read" and wanted.form == "fhir":
            yield from self._whole(who, text, wanted, at)
        missing = line.offer.missing(wanted) if wanted.form != "record" else ()
        if missing:
            does = "changes nothing" if use == "changed" else "reads nothing"
            yield _in_some(who, text, does, missing, at(), self._narrower(wanted))

    def _single(self, wanted: Selector, state: State) -> str | None:
        """The added value that a selector reaches below, as if it had parts."""
        names, trees = [part.name for part in wanted.parts], self.line.trees
        for length in range(1, len(names)):
            held = trees.get(state.tree, tuple(names[:length]))
            if held.own and not trees.kids(held):
                return ".".join(names[:length])
        return None

    def _whole(self, who: str, text: str, wanted: Selector, at: Callable[[], Address]) -> Iterator[Finding]:
        """An element of FHIR with parts has no value of its own."""
        for match in self.line.offer.matches(wanted):
            names = list(match.place.children)
            if names:
                first = next((name for name in ("value", "code", "reference", "coding") if name in names), names[0])
                step = self.flow.step(at().step or "")
                places = config_pointers(step.config, text) if step else ()
                yield Finding(
                    rule="LG-PATH-WHOLE",
                    severity=Severity.HARD,
                    sentence=f"{who}: '{text}' is no single value; it has the parts {', '.join(names)}.",
                    address=at(),
                    why="An element with parts reads as nothing at all, so that no part of it is taken by accident.",
                    fixes=_respelt(at().step, places, f"{text}.{first}"),
                )

    def _near(self, text: str, state: State, name: str | None) -> tuple[Fix, ...]:
        step = self.flow.step(name) if name else None
        names = [name for name in self.line.trees.kids(state.tree) if name[:1].islower()]
        near = difflib.get_close_matches(text, names, 1)
        return _respelt(step.id, config_pointers(step.config, text), near[0]) if near and step else ()

    def _narrower(self, wanted: Selector) -> tuple[Fix, ...]:
        near = self.line.offer.near(wanted)
        step = self.flow.step(self.source) if self.source else None
        emits = self.declarations[step.id].effects.emits if step else None
        if near is None or step is None or emits is None:
            return ()
        places = config_pointers(step.config, emits.types[0])
        if not places:
            return ()
        return (Fix(title=f"Accept {near} only", edits=(SetConfig(step=step.id, pointer=places[0], value=near),)),)

    def _scalars(self, step: Step, state: State) -> Iterator[Finding]:
        """A selector that can give several values, where one value is written."""
        effects = self.declarations[step.id].effects
        for effect in effects.named:
            if effect.verb is not Verb.DERIVE or self._takes_many(effects.produces, effect):
                continue
            for text in effect.reads:
                if _parses(text) and repeats(self.line, text, state):
                    yield self._several(step, text, effect.field, state)

    def _takes_many(self, produces: str | None, effect: Effect) -> bool:
        schema = self.around.schemas.get((produces or "").removeprefix("record/"))
        field = schema.fields.get(effect.field) if schema else None
        return field is not None and field.type == "array"

    def _several(self, step: Step, text: str, target: str, state: State) -> Finding:
        places = config_pointers(step.config, text)
        first = self._first(selector(text), state)
        return Finding(
            rule="LG-PATH-REPEATS",
            severity=Severity.HARD,
            sentence=(
                f"Step '{step.id}': '{text}' can give several values, and '{target}' takes one. "
                f"Write '{first}' for the first, or split the message before."
            ),
            address=Address(
                pointer=f"{self.flow.pointer(step.id)}/config{places[0]}" if places else None, step=step.id, field=text
            ),
            why="All values but the first would be lost without a word.",
            fixes=harmless_first((*self._split(step, text, state), *_first_alone(step.id, places, first))),
        )

    def _split(self, step: Step, text: str, state: State) -> tuple[Fix, ...]:
        """A record of its own for each repetition of a group, where that leaves one value."""
        wanted, line = selector(text), self.line
        into = [wire for wire in self.flow.wires if wire.target.step == step.id]
        for match in line.offer.matches(wanted):
            for depth in range(1, len(match.path)):
                group = match.path[:depth]
                name = group[-1]
                if not is_group(name) or not into or line.offer.groups(name) != (group,):
                    continue
                if repeats(line, text, state) and not repeats(line, text, split_by(state, group)):
                    return (_split_before(self.flow, step, name, [wire.ends for wire in into]),)
        return ()

    def _first(self, wanted: Selector, state: State) -> str:
        """The selector with ``[1]`` (``[0]`` in FHIR) at the level that repeats."""
        if wanted.form == "fhir":
            return self._first_of(wanted, state)
        for segment, field in ((False, True), (True, False), (True, True)):
            text = "/".join((*wanted.groups, wanted.segment))
            text += f"[{wanted.nth or 1}]" if segment or wanted.nth else ""
            if wanted.field is not None:
                text += f"-{wanted.field}" + (f"[{wanted.rep or 1}]" if field or wanted.rep else "")
            for part in (wanted.component, wanted.sub):
                text += f".{part}" if part is not None else ""
            if not repeats(self.line, text, state):
                return text
        return text

    def _first_of(self, wanted: Selector, state: State) -> str:
        texts = [part.name if part.at is None else f"{part.name}[{part.at}]" for part in wanted.parts]
        for number in range(len(texts) - 1, -1, -1):
            if not repeats(self.line, ".".join(texts), state):
                break
            before = texts[number]
            texts[number] = before if before.endswith("]") else f"{before}[0]"
            if not self._needed(texts, number, before, state):
                texts[number] = before
        return ".".join(texts)

    def _needed(self, texts: list[str], number: int, before: str, state: State) -> bool:
        """Whether the place at ``number`` can stand several times, everything else being numbered."""
        others = [text if text.endswith("]") else f"{text}[0]" for text in texts]
        return repeats(self.line, ".".join((*others[:number], before, *others[number + 1 :])), state)


def config_pointers(config: Any, text: str) -> tuple[str, ...]:
    """Where a text stands in a step's config."""
    return tuple(pointer(loc) for loc in _places(config, text, ()))


def _places(value: Any, text: str, loc: tuple[int | str, ...]) -> Iterator[tuple[int | str, ...]]:
    if value == text and isinstance(value, str):
        yield loc
    elif isinstance(value, Mapping):
        for name, each in value.items():
            yield from _places(each, text, (*loc, name))
    elif isinstance(value, list | tuple):
        for number, each in enumerate(value):
            yield from _places(each, text, (*loc, number))


def _texts(declaration: Declaration) -> Iterator[tuple[str, Use]]:
    effects = declaration.effects
    if effects.each:
        yield effects.each, "group"
    for effect in effects.named:
        if effect.verb in (Verb.KEEP, Verb.DROP, Verb.MASK):
            yield effect.field, "changed"
        yield from ((text, "read") for text in effect.reads)
    yield from ((text, "read") for text in effects.control)


def _parses(text: str) -> bool:
    try:
        selector(text)
    except PathError:
        return False
    return True


def _nothing(who: str, text: str, why: str, at: Address, fixes: tuple[Fix, ...]) -> Finding:
    return Finding(
        rule="LG-PATH-NOTHING",
        severity=Severity.HARD,
        sentence=f"{who}: '{text}' matches nothing; {why}.",
        address=at,
        why="A mask that matches nothing protects nothing; a value that is never there is never posted.",
        fixes=fixes,
    )


def _in_some(who: str, text: str, does: str, missing: tuple[str, ...], at: Address, fixes: tuple[Fix, ...]) -> Finding:
    return Finding(
        rule="LG-PATH-VERSIONS",
        severity=Severity.SOFT,
        sentence=f"{who}: '{text}' {does} in {', '.join(missing)}, which the source accepts too.",
        address=at,
        why="A selector that holds in some versions only behaves differently from message to message.",
        fixes=fixes,
    )


def _misspelt(who: str, error: PathError, at: Address, fixes: tuple[Fix, ...]) -> Finding:
    return Finding(
        rule="LG-PATH-SPELLING",
        severity=Severity.HARD,
        sentence=f"{who}: {error.sentence}",
        address=at,
        why="One spelling for each field: rules and lineage know no other.",
        fixes=fixes,
    )


def _first_alone(step: str, places: tuple[str, ...], text: str) -> tuple[Fix, ...]:
    costs = "All values but the first are lost."
    return tuple(
        fix.model_copy(update={"title": f"Take the first alone: '{text}'", "costs": costs})
        for fix in _respelt(step, places, text)
    )


def _split_before(flow: Flow, step: Step, group: str, wires: list[tuple[str, str]]) -> Fix:
    name, number = "split", 1
    while flow.step(name) is not None:
        number += 1
        name = f"split-{number}"
    split = {"id": name, "kind": "split", "version": 1, "title": f"One record for each {group}"}
    added = {**split, "config": {"each": group}}
    return Fix(
        title=f"Make one record for each {group} before '{step.id}'",
        edits=tuple(AddStep(step=added, wire=wire) for wire in wires),
    )


def _respelt(step: str | None, places: tuple[str, ...], text: str | None) -> tuple[Fix, ...]:
    if not text or not places or step is None:
        return ()
    edits = tuple(SetConfig(step=step, pointer=place, value=text) for place in places)
    return (Fix(title=f"Write '{text}'", edits=edits),)
