"""Field lineage: abstract interpretation of a flow in topological order. For every wire and sink, which atoms arrive.

Only what is declared is read (flows.effects). The state of a wire is a tree of values (flows.trees) and one set of
control atoms; a step that says nothing lets everything through to everywhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple

from flows.atoms import Atom, Atoms, mask
from flows.declaration import Declaration
from flows.effects import Effect, Effects, Origin, Verb
from flows.offers import Match, Offer, UnknownOffer, offer
from flows.paths import PathError, Selector, parse
from flows.trees import ABSENT, ELSEWHERE, STRAY, Folded, Path, Place, Tree, Trees

selector = lru_cache(maxsize=8192)(parse)


class State(NamedTuple):
    """What a record on a wire can hold. ``cursors`` are the groups of which it is one repetition."""

    tree: Tree
    control: int
    cursors: frozenset[Path]
    types: frozenset[str]


NOTHING = State(ABSENT, 0, frozenset(), frozenset())


class Lineage:
    """The states of all steps. ``before`` a step and ``after`` it, by step id."""

    def __init__(self, source: Offer) -> None:
        self.offer = source
        self.atoms = Atoms()
        self.trees = Trees(self.atoms, source.text)
        self.before: dict[str, State] = {}
        self.after: dict[str, State] = {}
        self.effects: dict[str, Effects] = {}
        self.inputs: dict[str, tuple[str, ...]] = {}
        self._matches: dict[str, tuple[Match, ...]] = {}

    def places(self, text: str) -> tuple[Match, ...]:
        """The places that a selector text means, segments out of place included; none for a text that is no path."""
        found = self._matches.get(text)
        if found is None:
            found = self._matches[text] = tuple(self._places(text))
        return found

    def _places(self, text: str) -> Iterator[Match]:
        try:
            wanted = selector(text)
        except PathError:
            return
        if wanted.form == "record":
            yield Match(tuple(part.name for part in wanted.parts), UnknownOffer.root)
            return
        for match in self.offer.matches(wanted):
            if match.path[0] not in self.offer.root.children:
                yield match._replace(path=(ELSEWHERE, *match.path))
                continue
            yield match
            depth = next((i for i, name in enumerate(match.path) if name.isdigit()), len(match.path))
            if not wanted.groups:
                yield match._replace(path=(STRAY, "/".join(match.path[:depth]), *match.path[depth:]))

    def read(self, tree: Tree, text: str) -> int:
        """What a reader of this selector gets."""
        value = 0
        for match in self.places(text):
            value |= self.trees.leaves(self.trees.get(tree, match.path))
        return value

    def emits_up_to(self) -> int:
        """The highest sensitivity that the source can emit. What stands in no table is S4, so only a source whose
        places are all closed comes below that."""
        return self.offer.root.wildcard.sensitivity

    def arrives(self, step: str, path: str) -> tuple[Atom, ...]:
        """The atoms that reach a record path at a step."""
        state = self.before.get(step, NOTHING)
        return self.atoms.members(self.trees.everything(self.trees.get(state.tree, record_path(path))))


def record_path(text: str) -> Path:
    """``lines.material`` and ``message/segments`` as paths."""
    return tuple(text.replace("/", ".").split("."))


def lineage(
    order: tuple[str, ...], inputs: Mapping[str, tuple[str, ...]], declarations: Mapping[str, Declaration]
) -> Lineage:
    """Runs every step of ``order`` (a topological order) on the join of what its ``inputs`` let out."""
    emission = next((d.effects.emits for name in order if (d := declarations[name]).effects.emits), None)
    try:
        line = Lineage(offer(emission) if emission else UnknownOffer())
    except PathError:
        line = Lineage(UnknownOffer())
    for name in order:
        effects = declarations[name].effects
        line.effects[name], line.inputs[name] = effects, inputs.get(name, ())
        if effects.emits is not None:
            line.before[name] = NOTHING
            line.after[name] = _emitted(line, effects)
            continue
        state = _joined(line, [line.after[each] for each in line.inputs[name] if each in line.after])
        line.before[name] = state
        line.after[name] = applied(line, effects, state)
    return line


def _emitted(line: Lineage, effects: Effects) -> State:
    assert effects.emits is not None  # noqa: S101 - the caller asked
    root = Tree(folded=Folded(line.offer.root, (), 0))
    strays = {"/".join(path): Tree(folded=Folded(_place(line, path), path, 0)) for path in line.offer.segments()}
    kids = {**line.trees.kids(root), STRAY: Tree(kids=strays), ELSEWHERE: Tree(root.own | root.wild, root.wild)}
    tree = Tree(kids=kids)
    for origin in effects.emits.added:
        tree = _put(line, tree, record_path(origin.path), _value(line, origin, 0))
    return State(tree, 0, frozenset(), frozenset({effects.produces or effects.emits.format}))


def _place(line: Lineage, path: Path) -> Place:
    here = line.offer.root
    for name in path:
        here = here.children[name]
    return here


def _joined(line: Lineage, states: list[State]) -> State:
    if not states:
        return NOTHING
    first = states[0]
    for other in states[1:]:
        first = State(
            line.trees.join(first.tree, other.tree),
            first.control | other.control,
            first.cursors & other.cursors,
            first.types | other.types,
        )
    return first


def applied(line: Lineage, effects: Effects, state: State) -> State:
    """What leaves a step, given what came in."""
    control = state.control
    for text in effects.control:
        control |= line.read(state.tree, text)
    cursors = state.cursors | frozenset(line.offer.groups(effects.each)) if effects.each else state.cursors
    tree = _rest(line, effects, state)
    seen: set[str] = set()
    for effect in effects.named:
        tree = _named(line, effects, effect, state, tree, effect.field in seen)
        if effect.verb is Verb.DERIVE:
            seen.add(effect.field)
    types = frozenset({effects.produces}) if effects.produces else state.types
    return State(tree, control, cursors, types)


def _rest(line: Lineage, effects: Effects, state: State) -> Tree:
    """What becomes of the fields that no statement names."""
    if effects.rest is Verb.KEEP:
        return state.tree
    if effects.rest is Verb.UNKNOWN or any(effect.verb is Verb.UNKNOWN for effect in effects.named):
        anything = line.trees.everything(state.tree) | state.control
        return Tree(anything, anything)
    tree = ABSENT
    for effect in effects.named:
        if effect.verb in (Verb.KEEP, Verb.MASK):
            for match in line.places(effect.field):
                kept = line.trees.get(state.tree, match.path)
                if line.trees.exists(kept):
                    tree = _put(line, tree, match.path, kept)
    return tree


def _named(line: Lineage, effects: Effects, effect: Effect, state: State, tree: Tree, again: bool) -> Tree:
    """One statement carried out. Where a field is derived ``again`` in one step, its statements join."""
    if effect.verb is Verb.DROP:
        return _changed(line, tree, effect.field, None)
    if effect.verb is Verb.MASK:
        return _changed(line, tree, effect.field, mask({effect.protection} if effect.protection else ()))
    if effect.verb is Verb.DERIVE:
        path = record_path(effect.field)
        value = derived(line, effects, effect, state.tree, tree)
        new = Tree(value, value)
        return _put(line, tree, path, line.trees.join(line.trees.get(tree, path), new) if again else new)
    return tree


def derived(line: Lineage, effects: Effects, effect: Effect, before: Tree, now: Tree) -> int:
    """The value of a DERIVE. A step that makes a new record reads only what came in; another one may read its own
    results too."""
    value = 0
    for text in effect.reads:
        value |= line.read(before, text)
        if effects.rest is not Verb.DROP and now is not before:
            value |= line.read(now, text)
    protection = mask({effect.protection} if effect.protection else ())
    value = line.atoms.protect(value, protection)
    for origin in effect.origins:
        value |= _value(line, origin, protection).own
    return value


def _value(line: Lineage, origin: Origin, protection: int) -> Tree:
    atom = line.atoms.of(origin.path, origin.nature, protection)
    return Tree(atom, atom)


def _put(line: Lineage, tree: Tree, path: Path, value: Tree) -> Tree:
    return line.trees.edit(tree, path, lambda _: value)


def _changed(line: Lineage, tree: Tree, text: str, protection: int | None) -> Tree:
    """``tree`` with a selector's places masked (None: dropped). With an index, what others hold stays as it is."""
    trees = line.trees
    for match in line.places(text):
        here = trees.get(tree, match.path)
        if not trees.exists(here):
            continue
        if protection is not None:
            after = trees.protect_own(here, protection) if match.shallow else trees.protect(here, protection)
        else:
            after = Tree(0, here.wild, here.kids) if match.shallow else ABSENT
        if picks_some(text):
            after = trees.join(here, after)
        tree = _put(line, tree, match.path, after)
    return tree


def picks_some(text: str) -> bool:
    """Whether a selector means one repetition only, so that a mask of it leaves others unmasked."""
    wanted: Selector = selector(text)
    if wanted.form == "hl7":
        return wanted.nth is not None or wanted.rep is not None
    return any(part.at is not None for part in wanted.parts)


def repeats(line: Lineage, text: str, state: State) -> bool:
    """Whether a selector can give several values from this record."""
    wanted = selector(text)
    return any(_repeats(line, wanted, match.path, state.cursors) for match in line.offer.matches(wanted))


def split_by(state: State, group: Path) -> State:
    """The state as it would be of one repetition of a group."""
    return state._replace(cursors=state.cursors | {group})


def _repeats(line: Lineage, wanted: Selector, path: Path, cursors: frozenset[Path]) -> bool:
    place = line.offer.root
    for depth, name in enumerate(path, 1):
        below = place.children.get(name)
        if below is None:
            return place.open and wanted.form == "fhir"
        place = below
        if place.repeats and not _numbered(wanted, depth, name) and path[:depth] not in cursors:
            return True
    return False


def _numbered(wanted: Selector, depth: int, name: str) -> bool:
    """Whether a selector means one repetition only at this depth of a path."""
    if wanted.form == "hl7":
        return wanted.rep is not None if name.isdigit() else wanted.nth is not None
    return wanted.parts[depth - 1].at is not None
