"""Witness paths: how one atom gets to one place. Searched backwards, on demand, only for what is shown.

The search is exact for the protections: each hop is taken only where the atom stands with just the protections that
the steps after it do not add. A path around a mask is found as such.
"""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

from flows.atoms import mask
from flows.effects import Effect, Verb
from flows.findings import Hop
from flows.lineage import Lineage, picks_some, record_path
from flows.trees import ELSEWHERE, STRAY, Path, Tree

_FEW = 8


class Station(NamedTuple):
    """An atom (one bit) at a place as a step lets it out."""

    step: str
    path: Path
    bit: int


def witness(line: Lineage, sink: str, path: Path, bit: int) -> tuple[Hop, ...]:
    """The stations from the atom's origin to ``path`` at ``sink``; empty where it does not arrive there."""
    came: dict[Station, Station | None] = {}
    queue: deque[Station] = deque()
    for start in _feeding(line, sink, path, bit):
        came[start] = None
        queue.append(start)
    while queue:
        station = queue.popleft()
        before = _before(line, station)
        if before is None:
            return (*_hops(line, came, station), Hop(step=sink, field=name_of(line, path)))
        for each_path, each_bit in before:
            for earlier in _feeding(line, station.step, each_path, each_bit):
                if earlier not in came:
                    came[earlier] = station
                    queue.append(earlier)
    return ()


def name_of(line: Lineage, path: Path) -> str:
    """A place of a wire as people write it."""
    if not path:
        return "*"
    if path[0] == STRAY:
        path = (*path[1].split("/"), *path[2:]) if len(path) > 1 else ()
    if path[:1] == (ELSEWHERE,):
        path = path[1:] or path
    if path and path[0][:1].isupper():
        return line.offer.text(path)
    return "/".join(path) if path[:1] == ("message",) else ".".join(path)


def _hops(line: Lineage, came: dict[Station, Station | None], first: Station) -> Iterator[Hop]:
    station: Station | None = first
    while station is not None:
        yield Hop(step=station.step, field=name_of(line, station.path))
        station = came[station]


def _feeding(line: Lineage, step: str, path: Path, bit: int) -> Iterator[Station]:
    """The steps before ``step`` that let the atom out at ``path`` (or below it)."""
    trees = line.trees
    for name in line.inputs.get(step, ()):
        state = line.after.get(name)
        if state is not None:
            for place in trees.holding(trees.get(state.tree, path), bit):
                yield Station(name, (*path, *place), bit)
                break


def _before(line: Lineage, station: Station) -> list[tuple[Path, int]] | None:
    """Where the atom can have stood when it entered the step; None when it begins there."""
    effects = line.effects[station.step]
    if effects.emits is not None:
        return None
    found: list[tuple[Path, int]] = []
    written = [e for e in effects.named if e.verb is Verb.DERIVE and _covers(record_path(e.field), station.path)]
    for effect in written:
        if _begins(line, effect, station.bit):
            return None
        found.extend(_read(line, station, effect))
    if written:
        return found
    if effects.rest is Verb.UNKNOWN or any(effect.verb is Verb.UNKNOWN for effect in effects.named):
        # Wherever it stands there is a way to it: a few places are enough, and there can be thousands.
        places = itertools.islice(_standing(line, line.before[station.step].tree, station.bit), _FEW)
        return [*found, *((place, station.bit) for place in places)]
    return [*found, *((station.path, bit) for bit in _unmasked(line, station))]


def _standing(line: Lineage, tree: Tree, bit: int) -> Iterator[Path]:
    """Where an atom stands: where it came in, if it is there still. Else all is searched, all tables taken apart."""
    came = [match.path for match in line.places(line.atoms.origin(bit))]
    still = [path for path in came if line.trees.leaves(line.trees.get(tree, path)) & bit]
    yield from still or line.trees.holding(tree, bit)


def _begins(line: Lineage, effect: Effect, bit: int) -> bool:
    protection = mask({effect.protection} if effect.protection else ())
    return any(line.atoms.of(origin.path, origin.nature, protection) == bit for origin in effect.origins)


def _read(line: Lineage, station: Station, effect: Effect) -> Iterator[tuple[Path, int]]:
    bits: tuple[int, ...] = (station.bit,)
    if effect.protection is not None:
        bits = line.atoms.without(station.bit, mask({effect.protection}))
    tree = line.before[station.step].tree
    for text in effect.reads:
        for match in line.places(text):
            here = line.trees.get(tree, match.path)
            for bit in bits:
                yield from (((*match.path, *place), bit) for place in line.trees.holding(here, bit))
        own = [e for e in line.effects[station.step].named if e.verb is Verb.DERIVE and e.field == text]
        if own and effect not in own and line.effects[station.step].rest is not Verb.DROP:
            for bit in bits:
                for earlier in own:
                    yield from _read(line, station._replace(bit=bit), earlier)


def _unmasked(line: Lineage, station: Station) -> tuple[int, ...]:
    """What the atom can have been before the masks of this step."""
    bits = {station.bit}
    for effect in reversed(line.effects[station.step].named):
        if effect.verb is not Verb.MASK or effect.protection is None or not _meant(line, effect, station.path):
            continue
        weak = picks_some(effect.field) or any(match.shallow for match in line.places(effect.field))
        before = {each for bit in bits for each in line.atoms.without(bit, mask({effect.protection}))}
        bits = before | bits if weak else before
    return tuple(sorted(bits))


def _meant(line: Lineage, effect: Effect, path: Path) -> bool:
    return any(_covers(match.path, path) for match in line.places(effect.field))


def _covers(above: Path, path: Path) -> bool:
    return path[: len(above)] == above
